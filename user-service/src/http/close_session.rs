//! `DELETE /session`

use super::{
    error::Error,
    logout::end_session,
    same_origin::SameOrigin,
    session_cookie::{token_of, without_session},
};
use crate::state::AppState;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use rest::problem::Problem;

/// Ends a browser's session and deletes its cookie.
#[utoipa::path(
    delete,
    path = "/session",
    tag = "browser sessions",
    params(("__Secure-session" = Option<String>, Cookie, description = "Set by `POST /session`")),
    responses(
        (status = NO_CONTENT, description = "The browser is logged out"),
        (status = FORBIDDEN, description = "From a page of another site", body = Problem),
    )
)]
pub(super) async fn close_session(
    State(state): State<AppState>,
    _: SameOrigin,
    headers: HeaderMap,
) -> Result<Response, Error> {
    if let Some(token) = token_of(&headers, &state.session_cookie_name) {
        end_session(&state, token).await?;
    }
    Ok(without_session(&state, StatusCode::NO_CONTENT))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Browser, Service};
    use sqlx::PgPool;

    #[sqlx::test(migrations = "./migrations")]
    async fn ends_the_session_and_can_be_repeated(pool: PgPool) {
        let service = Service::new(pool);
        service.register("ada").await;
        let mut browser = Browser::default();
        browser.log_in(&service, "ada").await;
        let mut kept = browser.clone();
        for _ in 0..2 {
            assert_eq!(browser.log_out(&service).await.status, 204);
            assert_eq!(browser.cookie, "");
        }
        assert_eq!(kept.renew(&service).await.status, 401);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn another_site_cannot_log_a_user_out(pool: PgPool) {
        let service = Service::new(pool);
        service.register("ada").await;
        let mut browser = Browser::default();
        browser.log_in(&service, "ada").await;
        let mut elsewhere = Browser { site: "same-site", ..browser.clone() };
        assert_eq!(elsewhere.log_out(&service).await.status, 403);
        assert_eq!(browser.renew(&service).await.status, 200);
    }
}
