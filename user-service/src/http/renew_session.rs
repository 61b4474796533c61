//! `POST /session/refresh`

use super::{
    error::Error,
    refresh,
    same_origin::SameOrigin,
    session_cookie::{BrowserSession, session, token_of, without_session},
};
use crate::state::AppState;
use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use rest::problem::Problem;

/// The time during which a used token still works. A page that is reloaded may lose the answer with its
/// next token, and then sends the old token again. The time is longer than such an answer takes, and too
/// short to be of use to a thief.
const LEEWAY: TimeDelta = TimeDelta::seconds(10);

/// Exchanges the cookie for an access token, and replaces the cookie.
///
/// Works like `POST /refresh`, but the previous cookie remains valid for a few seconds.
#[utoipa::path(
    post,
    path = "/session/refresh",
    tag = "browser sessions",
    params(("__Secure-session" = Option<String>, Cookie, description = "Set by `POST /session`")),
    responses(
        (status = OK, description = "An access token, and the next cookie", body = BrowserSession, headers(("Set-Cookie" = String, description = "`__Secure-session`: the next refresh token"))),
        (status = UNAUTHORIZED, description = "There is no session, or it has ended", body = Problem),
        (status = FORBIDDEN, description = "From a page of another site", body = Problem),
    )
)]
pub(super) async fn renew_session(
    State(state): State<AppState>,
    _: SameOrigin,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let token = token_of(&headers, &state.session_cookie_name).unwrap_or_default();
    match refresh::renew_session(&state, token, Some(LEEWAY)).await {
        Ok((owner, next)) => session(&state, &owner, &next),
        Err(ended @ Error::RefreshToken) => Ok(without_session(&state, ended.into_response())),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Browser, Service};
    use sqlx::PgPool;

    #[sqlx::test(migrations = "./migrations")]
    async fn each_cookie_leads_to_the_next(pool: PgPool) {
        let service = Service::new(pool);
        service.register("ada").await;
        let mut browser = Browser::default();
        browser.log_in(&service, "ada").await;
        for _ in 0..3 {
            let before = browser.cookie.clone();
            let answer = browser.renew(&service).await;
            assert_eq!(answer.status, 200);
            assert_ne!(browser.cookie, before);
            assert_eq!(service.get("/me", answer.body["access_token"].as_str()).await.status, 200);
        }
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_page_that_lost_an_answer_can_renew_again(pool: PgPool) {
        let service = Service::new(pool);
        service.register("ada").await;
        let mut browser = Browser::default();
        browser.log_in(&service, "ada").await;
        let mut reloaded = browser.clone();
        browser.renew(&service).await;
        assert_eq!(reloaded.renew(&service).await.status, 200);
        assert_eq!(reloaded.renew(&service).await.status, 200);
        // A token from two generations ago cannot come from a reload.
        assert_eq!(browser.renew(&service).await.status, 401);
        assert_eq!(reloaded.renew(&service).await.status, 401, "the session has ended");
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_failed_renewal_deletes_the_cookie(pool: PgPool) {
        let service = Service::new(pool);
        let none = Browser::default().renew(&service).await;
        assert_eq!(none.status, 401);
        let cookie = none.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.starts_with("__Secure-session=; Path=/api/session; Max-Age=0;"), "{cookie}");
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn another_site_cannot_renew_a_session(pool: PgPool) {
        let service = Service::new(pool);
        service.register("ada").await;
        let mut browser = Browser::default();
        browser.log_in(&service, "ada").await;
        let mut elsewhere = Browser { site: "cross-site", ..browser.clone() };
        assert_eq!(elsewhere.renew(&service).await.status, 403);
        assert_eq!(browser.renew(&service).await.status, 200);
    }
}
