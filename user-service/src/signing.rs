//! Signs access tokens, and publishes the public keys that verify them. docs/KEYS.md describes key rotation.

use contract::{claims::Claims, ids::UserId, users::Role};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    errors::Error,
    get_current_timestamp,
    jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
};
use uuid::Uuid;

/// The claims and the lifetime that all tokens share.
#[derive(Clone, Debug)]
pub(crate) struct TokenSettings {
    /// The claim `iss`.
    pub issuer: String,
    /// The claim `aud`.
    pub audience: String,
    /// The lifetime of a token in seconds.
    pub lifetime: u64,
}

/// An Ed25519 key with its public half.
pub(crate) struct SigningKey {
    key: EncodingKey,
    public: Jwk,
    kid: String,
}

impl SigningKey {
    /// Reads a key in PKCS#8 PEM.
    pub(crate) fn from_pem(pem: &[u8]) -> Result<Self, Error> {
        let key = EncodingKey::from_ed_pem(pem)?;
        let mut public = Jwk::from_encoding_key(&key, Algorithm::EdDSA)?;
        // RFC 7638: a key has the same id in every replica and after every restart.
        let kid = public.thumbprint(ThumbprintHash::SHA256)?;
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { key, public, kid })
    }
}

/// Signs access tokens with one key, and publishes that key and others.
pub(crate) struct Signer {
    key: EncodingKey,
    header: Header,
    keys: JwkSet,
    settings: TokenSettings,
}

/// A token with its lifetime.
pub(crate) struct AccessToken {
    /// The JWT.
    pub token: String,
    /// The lifetime in seconds.
    pub expires_in: u64,
}

impl Signer {
    /// Creates a signer with the `active` key. The other keys only verify: the previous key or the next one.
    pub(crate) fn new(
        active: SigningKey,
        others: impl IntoIterator<Item = SigningKey>,
        settings: TokenSettings,
    ) -> Self {
        let header = Header {
            kid: Some(active.kid),
            // RFC 9068, 2.1: verifiers must not accept another kind of JWT as an access token.
            typ: Some("at+jwt".to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        let mut keys = vec![active.public];
        for SigningKey { public, .. } in others {
            // The file of the active key may be in both lists during a rotation.
            if !keys.contains(&public) {
                keys.push(public);
            }
        }
        Self { key: active.key, header, keys: JwkSet { keys }, settings }
    }

    /// The public keys (RFC 7517).
    pub(crate) fn keys(&self) -> &JwkSet {
        &self.keys
    }

    /// Signs a token for a person.
    pub(crate) fn for_person(&self, id: UserId, role: Role) -> Result<AccessToken, Error> {
        self.sign(&Claims { role: Some(role), ..self.claims(id.to_string()) })
    }

    /// Signs a token for a service. `scope` has the scopes, separated by spaces.
    pub(crate) fn for_service(&self, client_id: &str, scope: &str) -> Result<AccessToken, Error> {
        self.sign(&Claims { scope: Some(scope.to_owned()), ..self.claims(client_id.to_owned()) })
    }

    fn claims(&self, sub: String) -> Claims {
        let now = get_current_timestamp();
        Claims {
            iss: self.settings.issuer.clone(),
            aud: self.settings.audience.clone(),
            sub,
            exp: now + self.settings.lifetime,
            nbf: now,
            iat: now,
            jti: Uuid::now_v7().to_string(),
            role: None,
            scope: None,
        }
    }

    fn sign(&self, claims: &Claims) -> Result<AccessToken, Error> {
        let token = jsonwebtoken::encode(&self.header, claims, &self.key)?;
        Ok(AccessToken { token, expires_in: self.settings.lifetime })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing_key;
    use rest::auth::verifier::Verifier;

    fn settings() -> TokenSettings {
        TokenSettings { issuer: "here".to_owned(), audience: "there".to_owned(), lifetime: 60 }
    }

    fn key() -> String {
        signing_key::generate().unwrap()
    }

    fn signer(active: &str, others: &[&String]) -> Signer {
        let read = |pem: &str| SigningKey::from_pem(pem.as_bytes()).unwrap();
        Signer::new(read(active), others.iter().map(|pem| read(pem)), settings())
    }

    #[tokio::test]
    async fn all_tokens_are_valid_during_a_key_rotation() {
        let (old, new) = (key(), key());
        let steps = [
            signer(&old, &[]),
            signer(&old, &[&new]),       // 1. The new key is published.
            signer(&new, &[&old, &new]), // 2. The new key signs.
            signer(&new, &[]),           // 3. The old tokens have expired.
        ];
        for (number, pair) in steps.windows(2).enumerate() {
            // During a step some replicas use the old settings and some the new ones. A verifier may have the
            // keys of either.
            let is_last = number + 2 == steps.len();
            for signer in pair.iter().skip(usize::from(is_last)) {
                let token = signer.for_person(UserId::new(), Role::Customer).unwrap().token;
                for publisher in pair {
                    let verifier = Verifier::with_keys(publisher.keys(), "here", "there");
                    verifier.verify(&token).await.unwrap();
                }
            }
        }
        assert_eq!(steps[2].keys().keys.len(), 2, "a key that is given twice is published once");
        let old_token = steps[0].for_person(UserId::new(), Role::Customer).unwrap().token;
        let verifier = Verifier::with_keys(steps[3].keys(), "here", "there");
        verifier.verify(&old_token).await.unwrap_err();
    }

    #[tokio::test]
    async fn the_published_keys_verify_signed_tokens() {
        let signer = signer(&key(), &[]);
        let verifier = Verifier::with_keys(signer.keys(), "here", "there");
        let id = UserId::new();
        let token = signer.for_person(id, Role::Staff).unwrap();
        let person = verifier.verify(&token.token).await.unwrap().person().unwrap();
        assert_eq!((person.id, person.role), (id, Role::Staff));

        let token = signer.for_service("order-processor", "orders:stock").unwrap();
        let caller = verifier.verify(&token.token).await.unwrap();
        caller.require_scope("orders:stock").unwrap();
        caller.require_scope("reservations:write").unwrap_err();
        caller.person().unwrap_err();
    }

    /// Uses the key of RFC 8037, appendix A. Its thumbprint is in A.3.
    #[test]
    fn publishes_the_key_in_the_form_of_the_rfc() {
        let pem = "-----BEGIN PRIVATE KEY-----\n\
                   MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
                   -----END PRIVATE KEY-----\n";
        let signer = signer(pem, &[]);
        let keys = serde_json::to_value(signer.keys()).unwrap();
        assert_eq!(
            keys,
            serde_json::json!({ "keys": [{
                "kty": "OKP",
                "crv": "Ed25519",
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
                "alg": "EdDSA",
                "use": "sig",
            }] })
        );
    }

    #[test]
    fn refuses_a_file_that_is_not_a_key() {
        for pem in ["", "no pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            assert!(SigningKey::from_pem(pem.as_bytes()).is_err(), "{pem}");
        }
    }
}
