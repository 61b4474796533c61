//! Tokens that were verified before: a customer sends the same one for minutes, and to verify its
//! signature costs more than all else that a small request needs.

use super::caller::Caller;
use chrono::Utc;
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

/// Tokens that are known at a time, at most: some megabytes.
const MOST: usize = 8_192;

/// Good tokens with their senders, until they end.
#[derive(Default)]
pub(super) struct KnownTokens(RwLock<HashMap<String, Caller>>);

impl KnownTokens {
    /// Who sends this token, where that is known and the token has not ended.
    pub(super) fn sender(&self, token: &str) -> Option<Caller> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(token).filter(|caller| Utc::now() < caller.expires_at).cloned()
    }

    /// Remembers a token that was just verified.
    pub(super) fn add(&self, token: &str, sender: &Caller) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            let now = Utc::now();
            known.retain(|_, caller| now < caller.expires_at);
        }
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(token.to_owned(), sender.clone());
    }

    /// Forgets all of them: the keys they were signed with may have been withdrawn.
    pub(super) fn forget(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    #[cfg(test)]
    fn count(&self) -> usize {
        self.0.read().unwrap().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{auth::claims::Claims, contract::users::Role};
    use uuid::Uuid;

    /// Somebody whose token ends in so many seconds.
    fn sender(seconds: i64) -> Caller {
        let now = Utc::now().timestamp();
        let claims = Claims {
            iss: "orderflow".into(),
            aud: "orderflow".into(),
            sub: Uuid::now_v7().to_string(),
            iat: now.unsigned_abs(),
            nbf: now.unsigned_abs(),
            exp: (now + seconds).unsigned_abs(),
            jti: Uuid::now_v7().to_string(),
            role: Some(Role::Customer),
            scope: None,
        };
        Caller::from_claims(&claims).unwrap()
    }

    #[test]
    fn a_token_is_known_until_it_ends_or_its_key_may_be_gone() {
        let known = KnownTokens::default();
        assert!(known.sender("good").is_none());
        known.add("good", &sender(60));
        known.add("ended", &sender(-1));
        assert!(known.sender("good").is_some() && known.sender("ended").is_none());
        known.forget();
        assert!(known.sender("good").is_none());
    }

    #[test]
    fn so_many_are_known_and_no_more() {
        let known = KnownTokens::default();
        known.add("kept", &sender(60));
        for number in 1..MOST {
            known.add(&format!("ended {number}"), &sender(-1));
        }
        known.add("one more", &sender(60));
        assert_eq!(known.count(), 2);
        assert!(known.sender("kept").is_some());
        for number in 0..2 * MOST {
            known.add(&format!("good {number}"), &sender(60));
        }
        assert!(known.count() <= MOST);
    }
}
