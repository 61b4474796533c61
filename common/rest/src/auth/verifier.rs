//! Verifies access tokens with user-service's public keys (RFC 7517). A verifier fetches the keys at
//! intervals, and when a token names an unknown key.

use super::caller::Caller;
use crate::problem::Problem;
use axum::http::{HeaderValue, header};
use contract::claims::{Claims, LEEWAY};
use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation,
    errors::ErrorKind,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet},
};
use moka::sync::Cache;
use reqwest::{Client, Url};
use runtime::{backoff, health::Gate, http_client, lifecycle::TaskResult, outage::Outage};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the keys are fetched in any case. After that time a withdrawn key is no longer accepted.
const REFRESH_INTERVAL: Duration = Duration::from_mins(5);
/// The shortest interval between two fetches that tokens with unknown keys cause.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(5);
/// The most verified tokens that are kept; they take some megabytes. Clients send the same token for minutes,
/// and verifying a signature costs more than the rest of a small request.
const MAX_KNOWN_TOKENS: u64 = 8_192;

/// Verifies tokens. Cheap to clone.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    validation: Validation,
    keys: RwLock<Keys>,
    source: Option<Source>,
    /// The senders of tokens that were verified before.
    known: Cache<String, Caller>,
}

/// By `kid`.
type Keys = HashMap<String, (Jwk, DecodingKey)>;

struct Source {
    http: Client,
    url: Url,
    last_fetch: Mutex<Option<Instant>>,
}

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The token has expired.
    #[error("the token has expired; log in or refresh it")]
    Expired,
    /// The token is not valid yet, or one of two clocks is wrong.
    #[error("the token is not valid yet; the clock of this server or of the one that signed it is wrong")]
    NotYetValid,
    /// Another system issued the token, or it was issued for another system.
    #[error("the token is not for this system (`iss` or `aud`)")]
    WrongAudience,
    /// user-service does not have the key of the signature.
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    /// The token is not valid for another reason.
    #[error("the token is not valid")]
    Invalid,
    /// The keys have not been fetched yet.
    #[error("the keys for tokens could not be fetched yet")]
    NoKeys,
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        if matches!(error, TokenError::NoKeys) {
            return Self::unavailable("The user service");
        }
        let problem = Self::unauthenticated(sentence(&error.to_string()));
        // RFC 6750, section 3.1.
        let challenge = format!(r#"Bearer error="invalid_token", error_description="{}""#, ascii(&error));
        match HeaderValue::from_str(&challenge) {
            Ok(value) => problem.with_header(header::WWW_AUTHENTICATE, value),
            Err(_) => problem,
        }
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn ascii(error: &TokenError) -> String {
    error.to_string().replace('"', "'")
}

impl Verifier {
    /// A verifier that fetches its keys from `url`; [`Self::keep_keys`] must run beside it.
    pub fn fetching(url: Url, issuer: &str, audience: &str) -> Result<Self, reqwest::Error> {
        let source = Source { http: http_client::client(FETCH_TIMEOUT)?, url, last_fetch: Mutex::new(None) };
        Ok(Self::build(HashMap::new(), Some(source), issuer, audience))
    }

    /// A verifier of a service that has the keys itself: user-service.
    #[must_use]
    pub fn with_keys(keys: &JwkSet, issuer: &str, audience: &str) -> Self {
        Self::build(decoding_keys(keys), None, issuer, audience)
    }

    fn build(keys: Keys, source: Option<Source>, issuer: &str, audience: &str) -> Self {
        // The verifier chooses the algorithm, not the token. So tokens with `none` and HS256 are refused.
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY.as_secs();
        let keys = RwLock::new(keys);
        Self(Arc::new(Inner { validation, keys, source, known: Cache::new(MAX_KNOWN_TOKENS) }))
    }

    /// Verifies a token and returns its sender.
    pub async fn verify(&self, token: &str) -> Result<Caller, TokenError> {
        if let Some(caller) = self.0.known.get(token).filter(Caller::is_accepted) {
            return Ok(caller);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        let kid = access_token_key(header).ok_or(TokenError::Invalid)?;
        let key = match self.key(&kid) {
            Some(key) => key,
            None => self.key_after_fetch(&kid).await?,
        };
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &self.0.validation)
            .map_err(|error| match error.kind() {
                ErrorKind::ExpiredSignature => TokenError::Expired,
                ErrorKind::ImmatureSignature => TokenError::NotYetValid,
                ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => TokenError::WrongAudience,
                _ => TokenError::Invalid,
            })?
            .claims;
        let caller = Caller::from_claims(&claims).ok_or(TokenError::Invalid)?;
        self.remember(token, &kid, &caller);
        Ok(caller)
    }

    /// Stores a token that was just verified, unless its key was withdrawn during the verification.
    fn remember(&self, token: &str, kid: &str, caller: &Caller) {
        // `replace_keys` forgets the tokens of withdrawn keys. The lock makes it wait until this token is
        // stored.
        let keys = self.0.keys.read().unwrap_or_else(PoisonError::into_inner);
        if keys.contains_key(kid) {
            self.0.known.insert(token.to_owned(), caller.clone());
        }
    }

    fn key(&self, kid: &str) -> Option<DecodingKey> {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).get(kid).map(|(_, key)| key.clone())
    }

    async fn key_after_fetch(&self, kid: &str) -> Result<DecodingKey, TokenError> {
        if let Some(source) = &self.0.source
            && let Err(error) = self.fetch(source, MIN_REFRESH_INTERVAL).await
        {
            tracing::warn!(%error, "cannot fetch the keys for tokens");
        }
        self.key(kid).ok_or_else(|| {
            let none = self.0.keys.read().unwrap_or_else(PoisonError::into_inner).is_empty();
            if none { TokenError::NoKeys } else { TokenError::UnknownKey }
        })
    }

    /// Fetches the keys unless that was done within `at_most_every`.
    async fn fetch(&self, source: &Source, at_most_every: Duration) -> Result<(), reqwest::Error> {
        // The lock is held during the fetch. A task that waits for it then finds the new keys.
        let mut last_fetch = source.last_fetch.lock().await;
        if last_fetch.is_some_and(|last| last.elapsed() < at_most_every) {
            return Ok(());
        }
        *last_fetch = Some(Instant::now());
        let set: JwkSet =
            source.http.get(source.url.clone()).send().await?.error_for_status()?.json().await?;
        self.replace_keys(decoding_keys(&set));
        Ok(())
    }

    /// Replaces the keys. If a key is gone or changed, forgets all known tokens. Otherwise it keeps them,
    /// because any client can cause a fetch by naming an unknown key.
    fn replace_keys(&self, new: Keys) {
        let mut keys = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *keys, new);
        let is_kept = |(kid, (jwk, _)): (&String, &(Jwk, DecodingKey))| {
            keys.get(kid).is_some_and(|(current, _)| current == jwk)
        };
        if !old.iter().all(is_kept) {
            self.0.known.invalidate_all();
        }
    }

    /// Waits for user-service, fetches the keys and opens the gate. Then fetches the keys at intervals until
    /// shutdown.
    pub async fn keep_keys(self, gate: Gate, shutdown: CancellationToken) -> TaskResult {
        let Some(source) = &self.0.source else {
            return Err("a verifier with its own keys fetches none".into());
        };
        let mut delays = backoff::reconnecting();
        let mut outage = Outage::default();
        loop {
            let delay = match self.fetch(source, Duration::ZERO).await {
                Ok(()) => {
                    gate.open();
                    delays = backoff::reconnecting();
                    outage.end();
                    REFRESH_INTERVAL
                }
                Err(error) => {
                    let reason = error.to_string();
                    if outage.has_new_reason(&reason) {
                        tracing::warn!(error = reason, "waiting for user-service's keys");
                    }
                    delays.next().unwrap_or(REFRESH_INTERVAL)
                }
            };
            tokio::select! {
                () = sleep(delay) => {}
                () = shutdown.cancelled() => return Ok(()),
            }
        }
    }
}

/// The key that an access token names. `None` if the header belongs to another kind of JWT (RFC 9068, 4).
/// `None` also if it lists a critical extension (RFC 7515, 4.1.11), because none is supported.
fn access_token_key(header: Header) -> Option<String> {
    let kind = header.typ?.to_ascii_lowercase();
    let is_access_token = matches!(kind.as_str(), "at+jwt" | "application/at+jwt");
    header.kid.filter(|_| is_access_token && header.crit.is_none())
}

/// The Ed25519 keys of a set. Other keys are ignored.
fn decoding_keys(set: &JwkSet) -> Keys {
    set.keys
        .iter()
        .filter(|key| {
            matches!(&key.algorithm, AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519)
        })
        .filter_map(|key| Some((key.common.key_id.clone()?, (key.clone(), DecodingKey::from_jwk(key).ok()?))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Json, Router, routing::get};
    use contract::users::Role;
    use jsonwebtoken::{EncodingKey, get_current_timestamp};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::net::TcpListener;

    /// The key of RFC 8037, appendix A.
    const PEM: &str = "-----BEGIN PRIVATE KEY-----\n\
                       MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
                       -----END PRIVATE KEY-----\n";
    const PUBLIC: &str = r#"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":"known",
                             "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    fn header(kid: &str) -> Header {
        let typ = Some("at+jwt".to_owned());
        Header { kid: Some(kid.to_owned()), typ, ..Header::new(Algorithm::EdDSA) }
    }

    /// A token that expired so many seconds ago.
    fn token_expired(header: &Header, seconds_ago: u64) -> String {
        let now = get_current_timestamp();
        let claims = Claims {
            iss: "here".into(),
            aud: "there".into(),
            sub: uuid::Uuid::now_v7().to_string(),
            exp: now - seconds_ago,
            nbf: now - 900,
            iat: now - 900,
            jti: "x".into(),
            role: Some(Role::Customer),
            scope: None,
        };
        let key = EncodingKey::from_ed_pem(PEM.as_bytes()).unwrap();
        jsonwebtoken::encode(header, &claims, &key).unwrap()
    }

    fn token(header: &Header) -> String {
        token_expired(header, 0)
    }

    fn keys() -> JwkSet {
        JwkSet { keys: vec![serde_json::from_str(PUBLIC).unwrap()] }
    }

    #[tokio::test]
    async fn only_access_tokens_without_critical_extensions_are_accepted() {
        let verifier = Verifier::with_keys(&keys(), "here", "there");
        let typed = |typ: Option<&str>| Header { typ: typ.map(str::to_owned), ..header("known") };
        for good in ["at+jwt", "AT+JWT", "application/at+jwt"] {
            verifier.verify(&token(&typed(Some(good)))).await.unwrap();
        }
        for bad in [Some("JWT"), Some("at+jwt+x"), Some(""), None] {
            let refused = verifier.verify(&token(&typed(bad))).await;
            assert!(matches!(refused, Err(TokenError::Invalid)), "{bad:?}");
        }
        for crit in [vec![], vec!["exp".to_owned()], vec!["urn:x".to_owned()]] {
            let refused = verifier.verify(&token(&Header { crit: Some(crit), ..header("known") })).await;
            assert!(matches!(refused, Err(TokenError::Invalid)));
        }
    }

    #[tokio::test]
    async fn a_known_token_is_accepted_as_long_as_an_unknown_one() {
        let verifier = Verifier::with_keys(&keys(), "here", "there");
        let token = token_expired(&header("known"), 20);
        let caller = verifier.verify(&token).await.unwrap();
        assert!(verifier.0.known.contains_key(&token), "the leeway holds for a known token, too");
        assert_eq!(caller.accepted_until() - caller.expires_at, chrono::TimeDelta::seconds(30));
        assert!(matches!(
            verifier.verify(&token_expired(&header("known"), 31)).await,
            Err(TokenError::Expired)
        ));
    }

    #[tokio::test]
    async fn unknown_keys_cause_one_fetch_and_forget_no_known_token() {
        static FETCHES: AtomicUsize = AtomicUsize::new(0);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let serve_keys = get(async || {
            FETCHES.fetch_add(1, Ordering::Relaxed);
            Json(keys())
        });
        tokio::spawn(async { axum::serve(listener, Router::new().route("/", serve_keys)).await });
        let verifier = Verifier::fetching(url, "here", "there").unwrap();
        let good = token(&header("known"));
        verifier.verify(&good).await.unwrap();
        assert_eq!(FETCHES.load(Ordering::Relaxed), 1);

        for number in 0..100 {
            let refused = verifier.verify(&token(&header(&format!("unknown {number}")))).await;
            assert!(matches!(refused, Err(TokenError::UnknownKey)));
        }
        assert_eq!(FETCHES.load(Ordering::Relaxed), 1, "fetched a moment ago");
        verifier.replace_keys(decoding_keys(&keys()));
        assert!(verifier.0.known.contains_key(&good), "a fetch of the same keys forgets no token");
        verifier.replace_keys(HashMap::new());
        assert!(!verifier.0.known.contains_key(&good), "a withdrawn key ends its tokens");
    }
}
