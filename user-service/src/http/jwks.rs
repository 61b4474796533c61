//! `GET /.well-known/jwks.json`

use crate::state::AppState;
use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

/// The public keys that verify this service's tokens (RFC 7517).
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "services",
    responses((
        status = OK,
        description = "The keys",
        body = serde_json::Value,
        example = json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "alg": "EdDSA", "use": "sig",
        }] }),
    ))
)]
pub(super) async fn jwks(State(state): State<AppState>) -> Response {
    // A verifier that meets an unknown key fetches the keys immediately. `max-age` is for all other fetches.
    ([(header::CACHE_CONTROL, "public, max-age=300")], Json(state.signer.keys())).into_response()
}

#[cfg(test)]
mod tests {
    use super::super::testing::Service;
    use rest::auth::verifier::Verifier;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "./migrations")]
    async fn the_published_keys_verify_tokens(pool: PgPool) {
        let service = Service::new(pool);
        let ada = service.register("ada").await;
        let token = service.login("ada").await.access_token;

        let answer = service.get("/.well-known/jwks.json", None).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["cache-control"], "public, max-age=300");
        assert_eq!(answer.body["keys"][0].get("d"), None, "the private part is not published");
        let keys = serde_json::from_value(answer.body).unwrap();
        let verifier = Verifier::with_keys(&keys, "orderflow", "orderflow");
        assert_eq!(verifier.verify(&token).await.unwrap().person().unwrap().id, ada.id);
    }
}
