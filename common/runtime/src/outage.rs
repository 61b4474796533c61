//! One line in the log for each reason of an outage, instead of one for each try. Used by everything that tries
//! again until it succeeds.

/// The reason of an outage that was logged last.
#[derive(Debug, Default)]
pub struct Outage(Option<String>);

impl Outage {
    /// Whether this reason is new, and so goes into the log. The second problem often hides behind the first.
    pub fn has_new_reason(&mut self, reason: &str) -> bool {
        let is_new = self.0.as_deref() != Some(reason);
        if is_new {
            self.0 = Some(reason.to_owned());
        }
        is_new
    }

    /// Ends the outage. Whether there was one.
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
