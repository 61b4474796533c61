//! `GET /me`

use super::error::Error;
use crate::{db::users, state::AppState};
use axum::{Json, extract::State};
use contract::users::User;
use rest::auth::caller::Caller;

/// Returns the caller's own account.
#[utoipa::path(
    get,
    path = "/me",
    tag = "accounts",
    security(("bearer" = [])),
    responses(
        (status = OK, description = "The account", body = User),
    )
)]
pub(super) async fn me(State(state): State<AppState>, caller: Caller) -> Result<Json<User>, Error> {
    let person = caller.person()?;
    let user = users::find(&state.pool, person.id).await?.ok_or(Error::NoSuchUser)?;
    Ok(Json(user))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Service;
    use crate::signing_key;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use contract::{claims::Claims, ids::UserId, users::Role};
    use jsonwebtoken::{Algorithm, EncodingKey, Header, get_current_timestamp};
    use sqlx::PgPool;

    fn claims(id: UserId) -> Claims {
        let now = get_current_timestamp();
        Claims {
            iss: "orderflow".to_owned(),
            aud: "orderflow".to_owned(),
            sub: id.to_string(),
            exp: now + 60,
            nbf: now,
            iat: now,
            jti: "1".to_owned(),
            role: Some(Role::Customer),
            scope: None,
        }
    }

    fn base64(text: &str) -> String {
        URL_SAFE_NO_PAD.encode(text)
    }

    /// Signs tokens with any header and claims. It uses the service's own key.
    struct Forger<'a>(&'a Service);

    impl Forger<'_> {
        fn kid(&self) -> String {
            self.0.state.signer.keys().keys[0].common.key_id.clone().unwrap()
        }

        fn header(&self, algorithm: Algorithm) -> Header {
            let typ = Some("at+jwt".to_owned());
            Header { kid: Some(self.kid()), typ, ..Header::new(algorithm) }
        }

        fn sign(&self, kid: Option<String>, claims: &Claims) -> String {
            let header = Header { kid, ..self.header(Algorithm::EdDSA) };
            let key = EncodingKey::from_ed_pem(self.0.pem.as_bytes()).unwrap();
            jsonwebtoken::encode(&header, claims, &key).unwrap()
        }

        fn with_own_key(&self, claims: &Claims) -> String {
            self.sign(Some(self.kid()), claims)
        }

        /// Signs with HS256 and the public key as the secret. A verifier that lets the token choose the
        /// algorithm would accept this.
        fn hs256(&self, claims: &Claims) -> String {
            let keys = serde_json::to_value(self.0.state.signer.keys()).unwrap();
            let public = URL_SAFE_NO_PAD.decode(keys["keys"][0]["x"].as_str().unwrap()).unwrap();
            jsonwebtoken::encode(&self.header(Algorithm::HS256), claims, &EncodingKey::from_secret(&public))
                .unwrap()
        }

        fn unsigned(&self, claims: &Claims) -> String {
            let header = format!(r#"{{"alg":"none","typ":"at+jwt","kid":"{}"}}"#, self.kid());
            format!("{}.{}.", base64(&header), base64(&serde_json::to_string(claims).unwrap()))
        }

        fn with_other_key(&self, claims: &Claims) -> String {
            let key = signing_key::generate().unwrap();
            let header = self.header(Algorithm::EdDSA);
            jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_pem(key.as_bytes()).unwrap()).unwrap()
        }
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn accepts_only_valid_tokens(pool: PgPool) {
        let service = Service::new(pool);
        let id = service.register("ada").await.id;
        let forger = Forger(&service);
        let now = get_current_timestamp();
        let good = forger.with_own_key(&claims(id));
        assert_eq!(service.get("/me", Some(&good)).await.status, 200);

        let (head, signature) = good.rsplit_once('.').unwrap();
        let altered = Claims { role: Some(Role::Staff), ..claims(id) };
        let (header, _) = head.split_once('.').unwrap();
        let altered = format!("{header}.{}.{signature}", base64(&serde_json::to_string(&altered).unwrap()));

        for (what, token) in [
            ("expired", forger.with_own_key(&Claims { exp: now - 60, ..claims(id) })),
            ("not yet", forger.with_own_key(&Claims { nbf: now + 120, ..claims(id) })),
            ("other audience", forger.with_own_key(&Claims { aud: "shop".to_owned(), ..claims(id) })),
            ("other issuer", forger.with_own_key(&Claims { iss: "shop".to_owned(), ..claims(id) })),
            ("no role", forger.with_own_key(&Claims { role: None, ..claims(id) })),
            ("no id", forger.with_own_key(&Claims { sub: "ada".to_owned(), ..claims(id) })),
            ("alg none", forger.unsigned(&claims(id))),
            ("HS256 with the public key", forger.hs256(&claims(id))),
            ("other key, our kid", forger.with_other_key(&claims(id))),
            ("unknown kid", forger.sign(Some("other".to_owned()), &claims(id))),
            ("no kid", forger.sign(None, &claims(id))),
            ("altered", altered),
            ("no signature", format!("{head}.")),
            ("no token", "x".to_owned()),
            ("empty", String::new()),
        ] {
            let answer = service.get("/me", Some(&token)).await;
            assert_eq!(answer.status, 401, "{what}");
            assert!(answer.headers.contains_key("www-authenticate"), "{what}");
            assert_eq!(answer.headers["content-type"], "application/problem+json", "{what}");
        }
        let answer = service.get("/me", None).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_service_has_no_account(pool: PgPool) {
        let service = Service::new(pool);
        let token = service.state.signer.for_service("order-processor", "orders:stock").unwrap().token;
        assert_eq!(service.get("/me", Some(&token)).await.status, 403);
    }
}
