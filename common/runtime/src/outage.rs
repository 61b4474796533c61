//! Logs each reason of an outage once, and not each failed try. Used by code that retries without a limit.

/// The last logged reason of the current outage. `None` while there is no outage.
#[derive(Debug, Default)]
pub struct Outage(Option<String>);

impl Outage {
    /// Whether this reason is new and must be logged. After the first problem is fixed, a second may appear.
    pub fn has_new_reason(&mut self, reason: &str) -> bool {
        let is_new = self.0.as_deref() != Some(reason);
        if is_new {
            self.0 = Some(reason.to_owned());
        }
        is_new
    }

    /// Ends the outage. Returns whether there was one.
    pub fn end(&mut self) -> bool {
        self.0.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_logged_when_it_changes() {
        let mut outage = Outage::default();
        let logged = ["refused", "refused", "no such queue", "no such queue", "refused"]
            .map(|reason| outage.has_new_reason(reason));
        assert_eq!(logged, [true, false, true, false, true]);
        assert!(outage.end());
        assert!(!outage.end());
        assert!(outage.has_new_reason("refused"), "a new outage");
    }
}
