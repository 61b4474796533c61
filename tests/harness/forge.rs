//! Access tokens that user-service would sign, and tokens that it would never sign.

use crate::{answer::answer, shop::Shop};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contract::{claims::Claims, ids::UserId, users::Role};
use jsonwebtoken::{Algorithm, EncodingKey, Header, get_current_timestamp};
use reqwest::Method;

/// Signs tokens with the signing key of a shop.
pub struct Forge {
    key: EncodingKey,
    /// The public key, as the JWKS publishes it.
    public_x: String,
    kid: String,
}

impl Forge {
    /// Reads the key of this shop.
    pub async fn of(shop: &Shop) -> Self {
        let pem = std::fs::read(shop.stack().folder().path("signing-key.pem")).expect("the signing key");
        let keys = answer(shop.request(Method::GET, "user-service", "/.well-known/jwks.json")).await.body;
        let text = |name: &str| keys["keys"][0][name].as_str().expect("a key").to_owned();
        Self {
            key: EncodingKey::from_ed_pem(&pem).expect("an Ed25519 key"),
            public_x: text("x"),
            kid: text("kid"),
        }
    }

    /// The claims of a valid token of this customer.
    #[must_use]
    pub fn claims(&self, user: UserId) -> Claims {
        let now = get_current_timestamp();
        Claims {
            iss: "orderflow".to_owned(),
            aud: "orderflow".to_owned(),
            sub: user.to_string(),
            exp: now + 300,
            nbf: now,
            iat: now,
            jti: uuid::Uuid::now_v7().to_string(),
            role: Some(Role::Customer),
            scope: None,
        }
    }

    /// Signs with the right key.
    #[must_use]
    pub fn sign(&self, claims: &Claims) -> String {
        self.sign_as(&self.kid, claims)
    }

    /// Signs with the right key, but names it by this `kid`.
    #[must_use]
    pub fn sign_as(&self, kid: &str, claims: &Claims) -> String {
        self.sign_under(&Header { kid: Some(kid.to_owned()), ..self.header() }, claims)
    }

    /// The header of a valid token.
    #[must_use]
    pub fn header(&self) -> Header {
        let (kid, typ) = (Some(self.kid.clone()), Some("at+jwt".to_owned()));
        Header { kid, typ, ..Header::new(Algorithm::EdDSA) }
    }

    /// Signs with the right key, under this header.
    #[must_use]
    pub fn sign_under(&self, header: &Header, claims: &Claims) -> String {
        jsonwebtoken::encode(header, claims, &self.key).expect("sign")
    }

    /// An unsigned token: `alg: none` (RFC 7519, 6.1).
    #[must_use]
    pub fn unsigned(&self, claims: &Claims) -> String {
        let header = serde_json::json!({ "alg": "none", "typ": "at+jwt", "kid": self.kid });
        let claims = serde_json::to_vec(claims).expect("claims");
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims))
    }

    /// Signs with HS256 and the public key as the secret. A verifier that lets the token choose the algorithm
    /// would accept it.
    #[must_use]
    pub fn signed_with_public_key(&self, claims: &Claims) -> String {
        let secret = URL_SAFE_NO_PAD.decode(&self.public_x).expect("the public key");
        let header = Header { alg: Algorithm::HS256, ..self.header() };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(&secret)).expect("sign")
    }
}
