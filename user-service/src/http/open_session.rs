//! `POST /session`

use super::{
    error::Error,
    login::begin_session,
    same_origin::SameOrigin,
    session_cookie::{BrowserSession, session},
};
use crate::{domain::client_address::ClientAddress, state::AppState};
use axum::{extract::State, response::Response};
use contract::users::Login;
use rest::{extract::Json, problem::Problem};

/// Begins a browser's session.
///
/// Works like `POST /login`, but returns the refresh token in a cookie that scripts cannot read.
#[utoipa::path(
    post,
    path = "/session",
    tag = "browser sessions",
    request_body = Login,
    responses(
        (status = OK, description = "An access token, and the cookie", body = BrowserSession, headers(("Set-Cookie" = String, description = "`__Secure-session`: the refresh token"))),
        (status = UNAUTHORIZED, description = "Wrong user name or password", body = Problem),
        (status = FORBIDDEN, description = "From a page of another site", body = Problem),
        (status = TOO_MANY_REQUESTS, description = "Too many from one address", body = Problem),
        (status = SERVICE_UNAVAILABLE, description = "Too many at once", body = Problem),
    )
)]
pub(super) async fn open_session(
    State(state): State<AppState>,
    _: SameOrigin,
    address: ClientAddress,
    Json(login): Json<Login>,
) -> Result<Response, Error> {
    let (owner, refresh_token) = begin_session(&state, &address, &login).await?;
    session(&state, &owner, &refresh_token)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Browser, PASSWORD, Service};
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "./migrations")]
    async fn returns_the_refresh_token_only_in_the_cookie(pool: PgPool) {
        let service = Service::new(pool);
        service.register("ada").await;
        let mut browser = Browser::default();
        let answer = browser.log_in(&service, "ada").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["cache-control"], "no-store");
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(attributes, "Path=/api/session; Max-Age=3600; HttpOnly; Secure; SameSite=Strict");
        assert!(!answer.body.to_string().contains(pair.strip_prefix("__Secure-session=").unwrap()));
        assert_eq!(service.get("/me", answer.body["access_token"].as_str()).await.status, 200);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_wrong_password_sets_no_cookie(pool: PgPool) {
        let service = Service::new(pool);
        service.register("ada").await;
        let answer = service.post("/session", &json!({ "username": "ada", "password": "wrong horse" })).await;
        assert_eq!(answer.status, 401);
        assert!(!answer.headers.contains_key("set-cookie"));
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn another_site_cannot_log_a_user_in(pool: PgPool) {
        let service = Service::new(pool);
        service.register("ada").await;
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let request = axum::http::Request::post("/session")
                .header("content-type", "application/json")
                .header("host", "shop.example")
                .header(name, value)
                .body(json!({ "username": "ada", "password": PASSWORD }).to_string().into())
                .unwrap();
            let answer = service.send(request).await;
            assert_eq!(answer.status, 403, "{name}");
            assert!(!answer.headers.contains_key("set-cookie"));
        }
    }
}
