//! Access tokens.

use super::mutation::{config, mutated, mutations};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contract::{claims::Claims, ids::UserId, users::Role};
use futures_util::FutureExt;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proptest::prelude::*;
use rest::auth::verifier::Verifier;
use serde_json::json;
use std::sync::LazyLock;

/// A verifier, a token that it accepts, and the public key.
static KNOWN: LazyLock<(Verifier, String, Vec<u8>)> = LazyLock::new(|| {
    let pair = Ed25519KeyPair::generate().unwrap();
    let public = pair.public_key().as_ref().to_vec();
    let keys = json!({ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "k",
        "x": URL_SAFE_NO_PAD.encode(&public),
    }]});
    let verifier = Verifier::with_keys(&serde_json::from_value(keys).unwrap(), "orderflow", "orderflow");
    let (kid, typ) = (Some("k".to_owned()), Some("at+jwt".to_owned()));
    let header = Header { kid, typ, ..Header::new(Algorithm::EdDSA) };
    let key = EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref());
    let token = jsonwebtoken::encode(&header, &claims(), &key).unwrap();
    (verifier, token, public)
});

fn claims() -> Claims {
    let now = jsonwebtoken::get_current_timestamp();
    Claims {
        iss: "orderflow".to_owned(),
        aud: "orderflow".to_owned(),
        sub: UserId::new().to_string(),
        exp: now + 3_600,
        nbf: now,
        iat: now,
        jti: "1".to_owned(),
        role: Some(Role::Staff),
        scope: None,
    }
}

fn is_accepted(token: &str) -> bool {
    // A verifier with its own keys does not wait.
    KNOWN.0.verify(token).now_or_never().unwrap().is_ok()
}

fn part(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn arbitrary_text_is_refused(text in prop_oneof![
        any::<String>(),
        r"[A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,80}){0,4}",
    ]) {
        prop_assert!(!is_accepted(&text));
    }

    #[test]
    fn a_changed_token_is_refused(changes in mutations()) {
        let token = &KNOWN.1;
        let changed = String::from_utf8_lossy(&mutated(token.as_bytes(), changes)).into_owned();
        prop_assume!(changed != *token);
        prop_assert!(!is_accepted(&changed), "{}", changed);
    }

    #[test]
    fn a_changed_key_set_is_decoded_or_refused(changes in mutations()) {
        const KEYS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":"k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
        if let Ok(keys) = serde_json::from_slice(&mutated(KEYS.as_bytes(), changes)) {
            let verifier = Verifier::with_keys(&keys, "orderflow", "orderflow");
            prop_assert!(verifier.verify(&KNOWN.1).now_or_never().unwrap().is_err(), "another's key");
        }
    }

    /// A signature is valid for one header and one set of claims.
    #[test]
    fn a_signature_is_invalid_for_another_token(
        algorithm in prop::sample::select(vec!["none", "None", "HS256", "RS256", "ES256", "EdDSA", ""]),
        role in prop::sample::select(vec!["staff", "customer"]),
        more in 0..100_000_u64,
        sign in prop::sample::select(vec!["kept", "empty", "hmac", "random"]),
        random in prop::collection::vec(any::<u8>(), 64),
    ) {
        let header = part(json!({ "typ": "at+jwt", "alg": algorithm, "kid": "k" }).to_string());
        let mut claims = serde_json::to_value(claims()).unwrap();
        claims["exp"] = json!(claims["exp"].as_u64().unwrap() + 1 + more);
        claims["role"] = json!(role);
        let signed = format!("{header}.{}", part(claims.to_string()));
        let signature = match sign {
            "kept" => KNOWN.1.rsplit('.').next().unwrap().to_owned(),
            "empty" => String::new(),
            // The public key as a shared secret.
            "hmac" => {
                let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &KNOWN.2);
                part(aws_lc_rs::hmac::sign(&key, signed.as_bytes()))
            }
            _ => part(random),
        };
        let token = format!("{signed}.{signature}");
        prop_assert!(!is_accepted(&token), "{}", token);
    }
}

#[test]
fn the_unchanged_token_is_accepted() {
    assert!(is_accepted(&KNOWN.1));
}
