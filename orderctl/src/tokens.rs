//! The tokens of a session.

use chrono::{DateTime, TimeDelta, Utc};
use contract::users::TokenPair;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An access token is renewed this long before it expires. A token with a short lifetime is renewed at half
/// of its lifetime.
const RENEW_BEFORE: TimeDelta = TimeDelta::seconds(30);

/// The tokens from a login or a renewal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// The JWT for requests.
    pub access_token: String,
    /// Works once, to get the next pair. Without it the session ends with its access token.
    pub refresh_token: Option<String>,
    /// The time to renew the tokens, by this machine's clock. It is computed from their arrival, so the
    /// service's clock may differ.
    pub renew_at: DateTime<Utc>,
}

impl From<TokenPair> for Tokens {
    fn from(pair: TokenPair) -> Self {
        let lifetime =
            i64::try_from(pair.expires_in).ok().and_then(TimeDelta::try_seconds).unwrap_or(RENEW_BEFORE);
        Self {
            access_token: pair.access_token,
            refresh_token: Some(pair.refresh_token),
            renew_at: Utc::now() + lifetime - RENEW_BEFORE.min(lifetime / 2),
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("renew_at", &self.renew_at).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(expires_in: u64) -> TokenPair {
        TokenPair {
            access_token: "a".into(),
            token_type: "Bearer".into(),
            expires_in,
            refresh_token: "r".into(),
        }
    }

    fn seconds_until_renewal(expires_in: u64) -> i64 {
        let before = Utc::now();
        let left = Tokens::from(pair(expires_in)).renew_at - before;
        left.num_seconds()
    }

    #[test]
    fn tokens_are_renewed_before_they_expire() {
        assert_eq!(seconds_until_renewal(900), 870);
        assert_eq!(seconds_until_renewal(10), 5);
        assert_eq!(seconds_until_renewal(0), 0);
    }

    #[test]
    fn tokens_do_not_show_in_logs() {
        let text = format!("{:?}", Tokens { access_token: "secret".into(), ..pair(900).into() });
        assert!(!text.contains("secret"), "{text}");
    }
}
