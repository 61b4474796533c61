//! `POST /token`: OAuth 2 client credentials (RFC 6749, section 4.4), for services.
//!
//! The one endpoint whose errors are not problem documents: OAuth clients expect those of section 5.2.

use super::{
    AppState, Error,
    token_pair::{NO_STORE, TokenResponse},
};
use axum::{
    Form, Json,
    extract::{State, rejection::FormRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use common::contract::users::{ClientCredentials, ServiceToken};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body, of which a part may be missing; what is unknown is to be ignored (section 3.2).
#[derive(Deserialize)]
pub(super) struct TokenRequest {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    scope: Option<String>,
}

/// An error as section 5.2 has it.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct OAuthError {
    /// Which error it is, for programs.
    #[schema(example = "invalid_client")]
    error: OAuthErrorCode,
    /// What is wrong, for people.
    #[schema(example = "unknown client or wrong secret")]
    error_description: String,
}

/// The codes of section 5.2 that can occur here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum OAuthErrorCode {
    InvalidRequest,
    InvalidClient,
    UnsupportedGrantType,
    InvalidScope,
}

/// Either OAuth's errors or, for faults of ours, everybody's.
pub(super) enum TokenError {
    OAuth(OAuthError),
    Other(Error),
}

/// A service's token, for its id and secret: in the body, or as HTTP Basic.
#[utoipa::path(
    post,
    path = "/token",
    tag = "services",
    request_body(content = ClientCredentials, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = OK, description = "A token", body = ServiceToken),
        (status = BAD_REQUEST, description = "A bad request, grant type or scope", body = OAuthError),
        (status = UNAUTHORIZED, description = "Unknown client or wrong secret", body = OAuthError),
    )
)]
pub(super) async fn token(
    State(state): State<AppState>,
    headers: HeaderMap,
    form: Result<Form<TokenRequest>, FormRejection>,
) -> Result<TokenResponse<ServiceToken>, TokenError> {
    let Form(request) = form.map_err(|rejection| invalid_request(&rejection.body_text()))?;
    let (id, secret) = credentials(&headers, &request)?;
    match request.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => {
            return Err(oauth(OAuthErrorCode::UnsupportedGrantType, "the grant type is client_credentials"));
        }
        None => return Err(invalid_request("grant_type is missing")),
    }
    let client = state.clients.authenticate(&id, &secret).ok_or_else(|| {
        metrics::counter!("service_logins_refused_total").increment(1);
        oauth(OAuthErrorCode::InvalidClient, "unknown client or wrong secret")
    })?;
    let scope = client
        .grant(request.scope.as_deref())
        .map_err(|refused| oauth(OAuthErrorCode::InvalidScope, &refused.to_string()))?;
    let access = state.signer.for_service(&id, &scope).map_err(|error| TokenError::Other(error.into()))?;
    let token = ServiceToken {
        access_token: access.token,
        token_type: "Bearer".to_owned(),
        expires_in: access.expires_in,
        scope,
    };
    Ok((NO_STORE, Json(token)))
}

/// Id and secret, from exactly one of the two places that section 2.3.1 has for them.
fn credentials(headers: &HeaderMap, request: &TokenRequest) -> Result<(String, String), TokenError> {
    let in_body = match (&request.client_id, &request.client_secret) {
        (Some(id), Some(secret)) => Some((id.clone(), secret.clone())),
        _ => None,
    };
    match (headers.get(header::AUTHORIZATION), in_body) {
        (Some(_), Some(_)) => Err(invalid_request("credentials in the header and in the body")),
        (Some(header), None) => basic(header).ok_or_else(|| {
            oauth(OAuthErrorCode::InvalidClient, "the Authorization header is not HTTP Basic")
        }),
        (None, Some(credentials)) => Ok(credentials),
        (None, None) => Err(oauth(OAuthErrorCode::InvalidClient, "no client credentials")),
    }
}

/// RFC 7617, with id and secret form-encoded inside, as RFC 6749 wants it.
fn basic(header: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((form_decoded(id)?, form_decoded(secret)?))
}

fn form_decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(Into::into)
}

fn invalid_request(description: &str) -> TokenError {
    oauth(OAuthErrorCode::InvalidRequest, description)
}

fn oauth(error: OAuthErrorCode, description: &str) -> TokenError {
    TokenError::OAuth(OAuthError { error, error_description: description.to_owned() })
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let error = match self {
            Self::OAuth(error) => error,
            Self::Other(error) => return error.into_response(),
        };
        let status = match error.error {
            OAuthErrorCode::InvalidClient => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        };
        let mut response = (status, NO_STORE, Json(error)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static(r#"Basic realm="orderflow""#);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
