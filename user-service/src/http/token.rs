//! `POST /token`: OAuth 2 client credentials (RFC 6749, section 4.4), for services.
//!
//! This is the only endpoint whose errors are not problem documents. OAuth clients expect the errors of
//! section 5.2.

use super::{
    error::Error,
    token_pair::{NO_STORE, TokenResponse},
};
use crate::state::AppState;
use axum::{
    Form, Json,
    extract::{State, rejection::FormRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use contract::users::{ClientCredentials, ServiceToken};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body. Any field may be missing, and unknown fields are ignored (section 3.2).
#[derive(Deserialize)]
pub(super) struct TokenRequest {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    scope: Option<String>,
}

/// An OAuth error (RFC 6749, section 5.2).
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct OAuthError {
    /// The code of the error, for programs.
    #[schema(example = "invalid_client")]
    error: OAuthErrorCode,
    /// The explanation of the error, for people.
    #[schema(example = "unknown client or wrong secret")]
    error_description: String,
}

/// The codes of section 5.2 that this endpoint uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum OAuthErrorCode {
    InvalidRequest,
    InvalidClient,
    UnsupportedGrantType,
    InvalidScope,
}

/// An OAuth error or, for internal faults, a problem document.
pub(super) enum TokenError {
    OAuth(OAuthError),
    Other(Error),
}

/// Issues a token to a service. The id and the secret are in the body or in HTTP Basic.
#[utoipa::path(
    post,
    path = "/token",
    tag = "services",
    extensions(("x-internal" = json!(true))),
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

/// Reads the id and the secret from the header or from the body, but not from both (section 2.3.1).
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

/// Parses HTTP Basic (RFC 7617). RFC 6749 requires that the id and the secret in it are form-encoded.
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

#[cfg(test)]
mod tests {
    use super::super::testing::{Answer, Service};
    use axum::http::Request;
    use base64::{Engine, engine::general_purpose::STANDARD};
    use contract::claims::{ORDERS_STOCK, RESERVATIONS_WRITE};
    use sqlx::PgPool;

    const FORM: &str = "application/x-www-form-urlencoded";
    const GOOD: &str = "grant_type=client_credentials&client_id=order-processor&client_secret=one";

    async fn basic(service: &Service, credentials: &str, body: &str) -> Answer {
        let request = Request::post("/token")
            .header("content-type", FORM)
            .header("authorization", format!("Basic {}", STANDARD.encode(credentials)))
            .body(body.to_owned().into())
            .unwrap();
        service.send(request).await
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn grants_all_scopes_or_the_requested_ones(pool: PgPool) {
        let service = Service::new(pool);
        let all = service.post_text("/token", FORM, GOOD).await;
        assert_eq!(all.status, 200);
        assert_eq!(all.headers["cache-control"], "no-store");
        assert_eq!(all.body["scope"], "orders:stock reservations:write");
        let caller = service.state.verifier.verify(all.body["access_token"].as_str().unwrap()).await.unwrap();
        caller.require_scope(ORDERS_STOCK).unwrap();
        caller.require_scope(RESERVATIONS_WRITE).unwrap();

        let fewer = service.post_text("/token", FORM, format!("{GOOD}&scope=orders%3Astock")).await;
        assert_eq!(fewer.body["scope"], ORDERS_STOCK);
        let caller =
            service.state.verifier.verify(fewer.body["access_token"].as_str().unwrap()).await.unwrap();
        caller.require_scope(RESERVATIONS_WRITE).unwrap_err();
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn accepts_http_basic_with_encoded_parts(pool: PgPool) {
        let service = Service::new(pool);
        for credentials in ["order-processor:one", "a+client:50%25+%2B+%3A", "a%20client:50%25%20%2B%20:"] {
            let answer = basic(&service, credentials, "grant_type=client_credentials").await;
            assert_eq!(answer.status, 200, "{credentials}: {}", answer.body);
        }
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn answers_with_oauth_errors(pool: PgPool) {
        let service = Service::new(pool);
        let grant = "grant_type=client_credentials";
        for (body, status, error) in [
            (format!("{GOOD}&scope=users:write"), 400, "invalid_scope"),
            (format!("{GOOD}&scope=orders:stock+users:write"), 400, "invalid_scope"),
            (format!("{grant}&client_id=order-processor&client_secret=two"), 401, "invalid_client"),
            (format!("{grant}&client_id=order-processor&client_secret="), 401, "invalid_client"),
            (format!("{grant}&client_id=order-processor"), 401, "invalid_client"),
            (format!("{grant}&client_id=nobody&client_secret=one"), 401, "invalid_client"),
            (grant.to_owned(), 401, "invalid_client"),
            (GOOD.replace("client_credentials", "password"), 400, "unsupported_grant_type"),
            (GOOD.replace("grant_type", "grant"), 400, "invalid_request"),
            (format!("{GOOD}&client_id=order-processor"), 400, "invalid_request"),
            (String::new(), 401, "invalid_client"),
        ] {
            let answer = service.post_text("/token", FORM, body.clone()).await;
            assert_eq!(answer.status, status, "{body}");
            assert_eq!(answer.body["error"], error, "{body}");
            assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401, "{body}");
            assert_eq!(answer.headers["cache-control"], "no-store");
        }
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn refuses_credentials_in_two_places_and_other_bodies(pool: PgPool) {
        let service = Service::new(pool);
        assert_eq!(basic(&service, "order-processor:one", GOOD).await.body["error"], "invalid_request");
        for credentials in ["order-processor:two", "order-processor", ""] {
            let answer = basic(&service, credentials, "grant_type=client_credentials").await;
            assert_eq!(answer.body["error"], "invalid_client", "{credentials}");
        }
        let json = service.post_text("/token", "application/json", "{}").await;
        assert_eq!((json.status.as_u16(), &json.body["error"]), (400, &"invalid_request".into()));
    }
}
