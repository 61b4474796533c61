//! `GET /.well-known/jwks.json`

use super::AppState;
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
    // A verifier that meets an unknown key asks again at once; this is for the others.
    ([(header::CACHE_CONTROL, "public, max-age=300")], Json(state.signer.keys())).into_response()
}
