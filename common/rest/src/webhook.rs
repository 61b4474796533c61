//! Signatures of webhooks. The sender signs the time and the raw body with a shared secret. The receiver then
//! notices a forged, altered or old request.
//!
//! The header has the form `t=1767323045,v1=5257a8…`: seconds since 1970, and the HMAC-SHA256 of
//! `<seconds>.<body>` in hexadecimal digits. Stripe's webhooks have the same form.

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use chrono::{DateTime, TimeDelta, Utc};
use std::{fmt::Write as _, str::FromStr};

/// The largest accepted difference between the time of a signature and now.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// A secret that signs webhooks. Cheap to clone.
#[derive(Clone)]
pub struct WebhookSecret(hmac::Key);

/// Why a signature is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no signature, or it has another form.
    #[error("the signature is missing or cannot be read")]
    Unreadable,
    /// The signature belongs to another body, time or secret.
    #[error("the signature does not fit the body")]
    Wrong,
    /// The signature is too old, or its time is in the future.
    #[error("the signature is not of the last five minutes")]
    Old,
}

/// The secret is too short to be safe.
#[derive(Debug, thiserror::Error)]
#[error("a webhook secret has at least {} characters", WebhookSecret::MIN_LENGTH)]
pub struct ShortSecret;

impl FromStr for WebhookSecret {
    type Err = ShortSecret;

    fn from_str(secret: &str) -> Result<Self, ShortSecret> {
        if secret.len() < Self::MIN_LENGTH {
            return Err(ShortSecret);
        }
        Ok(Self(hmac::Key::new(HMAC_SHA256, secret.as_bytes())))
    }
}

impl WebhookSecret {
    /// The smallest number of characters of a secret.
    pub const MIN_LENGTH: usize = 16;

    /// Signs a body at this time.
    #[must_use]
    pub fn sign(&self, at: DateTime<Utc>, body: &[u8]) -> String {
        let seconds = at.timestamp();
        let tag = hmac::sign(&self.0, &signed(seconds, body));
        let mut header = format!("t={seconds},v1=");
        for byte in tag.as_ref() {
            // Writing to a string cannot fail.
            let _ = write!(header, "{byte:02x}");
        }
        header
    }

    /// Checks a signature. Compares in constant time, so that the time of the answer reveals nothing.
    pub fn verify(
        &self,
        signature: Option<&str>,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), SignatureError> {
        let (seconds, tag) = signature.and_then(read).ok_or(SignatureError::Unreadable)?;
        hmac::verify(&self.0, &signed(seconds, body), &tag).map_err(|_| SignatureError::Wrong)?;
        let at = DateTime::from_timestamp(seconds, 0).ok_or(SignatureError::Old)?;
        if (now - at).abs() > TOLERANCE { Err(SignatureError::Old) } else { Ok(()) }
    }
}

fn signed(seconds: i64, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{seconds}.").into_bytes();
    text.extend_from_slice(body);
    text
}

fn read(signature: &str) -> Option<(i64, Vec<u8>)> {
    let (time, tag) = signature.split_once(',')?;
    let seconds = time.strip_prefix("t=")?.parse().ok()?;
    let digits = tag.strip_prefix("v1=")?;
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let tag = digits.as_bytes().chunks(2).map(byte).collect::<Option<Vec<_>>>()?;
    Some((seconds, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> WebhookSecret {
        text.parse().unwrap()
    }

    fn time(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_323_045 + seconds, 0).unwrap()
    }

    #[test]
    fn only_the_signed_body_is_accepted() {
        let key = secret("a secret of the carrier");
        let signature = key.sign(time(0), b"{\"id\":1}");
        let verify = |key: &WebhookSecret, signature: &str, body: &str| {
            key.verify(Some(signature), body.as_bytes(), time(0))
        };
        assert_eq!(verify(&key, &signature, "{\"id\":1}"), Ok(()));
        assert_eq!(verify(&key, &signature, "{\"id\":2}"), Err(SignatureError::Wrong));
        let other = secret("a secret of a forger");
        assert_eq!(verify(&other, &signature, "{\"id\":1}"), Err(SignatureError::Wrong));
        // Another time was not signed.
        let later = signature.replace("t=1767323045", "t=1767323046");
        assert_eq!(verify(&key, &later, "{\"id\":1}"), Err(SignatureError::Wrong));
        let shorter = &signature[..signature.len() - 2];
        assert_eq!(verify(&key, shorter, "{\"id\":1}"), Err(SignatureError::Wrong));
    }

    #[test]
    fn a_signature_is_accepted_for_five_minutes() {
        let key = secret("a secret of the carrier");
        let signature = key.sign(time(0), b"{}");
        for (seconds, accepted) in [(300, true), (301, false), (-300, true), (-301, false)] {
            let verified = key.verify(Some(&signature), b"{}", time(seconds));
            assert_eq!(verified, if accepted { Ok(()) } else { Err(SignatureError::Old) }, "{seconds} s");
        }
    }

    #[test]
    fn a_missing_or_malformed_signature_is_unreadable() {
        let key = secret("a secret of the carrier");
        for signature in
            [None, Some(""), Some("v1=00,t=1"), Some("t=x,v1=00"), Some("t=1,v1=0g"), Some("t=1")]
        {
            assert_eq!(
                key.verify(signature, b"{}", time(0)),
                Err(SignatureError::Unreadable),
                "{signature:?}"
            );
        }
        assert!("short".parse::<WebhookSecret>().is_err());
    }

    #[test]
    fn the_signature_is_an_hmac_of_time_and_body() {
        // Computed with: printf '1767323045.{}' | openssl dgst -sha256 -hmac 'a secret of the carrier'
        let signature = secret("a secret of the carrier").sign(time(0), b"{}");
        assert_eq!(
            signature,
            concat!("t=1767323045,v1=", "f81c9dccb9183f2fc725b731df65c0a50bd63f89d70cdf95a7e062c6b3de2ba5")
        );
    }
}
