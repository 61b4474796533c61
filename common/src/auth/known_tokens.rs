//! Tokens that were verified before. A customer sends the same token for minutes, and verifying its signature costs more
//! than the rest of a small request.

use super::caller::Caller;
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

/// The most tokens that are kept, some megabytes. Only tokens with a good signature are kept.
const CAPACITY: usize = 8_192;

/// Good tokens with their senders, until they end.
#[derive(Default)]
pub(super) struct KnownTokens(RwLock<HashMap<String, Known>>);

struct Known {
    sender: Caller,
    /// The key that the token was verified with.
    kid: String,
}

impl KnownTokens {
    /// The sender of this token, where it is known and has not ended.
    pub(super) fn sender(&self, token: &str) -> Option<Caller> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(token).map(|known| &known.sender).filter(|sender| sender.is_accepted()).cloned()
    }

    /// Remembers a token that was just verified with this key.
    pub(super) fn add(&self, token: &str, kid: &str, sender: &Caller) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CAPACITY {
            known.retain(|_, known| known.sender.is_accepted());
        }
        if known.len() >= CAPACITY {
            // Every other one, so that a client with many tokens cannot make all others unknown.
            let mut is_kept = false;
            known.retain(|_, _| {
                is_kept = !is_kept;
                is_kept
            });
        }
        known.insert(token.to_owned(), Known { sender: sender.clone(), kid: kid.to_owned() });
    }

    /// Forgets the tokens whose key is not kept.
    pub(super) fn keep_those_of(&self, is_kept: impl Fn(&str) -> bool) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).retain(|_, known| is_kept(&known.kid));
    }

    #[cfg(test)]
    fn count(&self) -> usize {
        self.0.read().unwrap().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::verifier::LEEWAY;
    use crate::{auth::claims::Claims, contract::users::Role};
    use chrono::Utc;
    use uuid::Uuid;

    /// The sender of a token that is accepted for so many seconds.
    fn sender(seconds: i64) -> Caller {
        let now = Utc::now().timestamp();
        let claims = Claims {
            iss: "orderflow".into(),
            aud: "orderflow".into(),
            sub: Uuid::now_v7().to_string(),
            iat: now.unsigned_abs(),
            nbf: now.unsigned_abs(),
            exp: (now + seconds).unsigned_abs() - LEEWAY.as_secs(),
            jti: Uuid::now_v7().to_string(),
            role: Some(Role::Customer),
            scope: None,
        };
        Caller::from_claims(&claims).unwrap()
    }

    #[test]
    fn a_token_is_known_until_it_ends_or_its_key_is_withdrawn() {
        let known = KnownTokens::default();
        assert!(known.sender("good").is_none());
        known.add("good", "old key", &sender(60));
        known.add("ended", "old key", &sender(-1));
        known.add("newer", "new key", &sender(60));
        assert!(known.sender("good").is_some() && known.sender("ended").is_none());
        known.keep_those_of(|kid| kid == "new key");
        assert!(known.sender("good").is_none() && known.sender("newer").is_some());
    }

    #[test]
    fn ended_tokens_make_room_first_and_a_flood_leaves_half() {
        let known = KnownTokens::default();
        known.add("kept", "key", &sender(60));
        for number in 1..CAPACITY {
            known.add(&format!("ended {number}"), "key", &sender(-1));
        }
        known.add("one more", "key", &sender(60));
        assert_eq!(known.count(), 2);
        assert!(known.sender("kept").is_some());
        for number in 2..CAPACITY {
            known.add(&format!("good {number}"), "key", &sender(60));
        }
        assert_eq!(known.count(), CAPACITY);
        known.add("another", "key", &sender(60));
        assert_eq!(known.count(), CAPACITY / 2 + 1);
    }
}
