//! The routes, with one file for each route.

mod client_address;
mod close_session;
mod error;
mod find_users;
mod get_user;
mod jwks;
mod login;
mod logout;
mod me;
mod open_session;
mod refresh;
mod register;
mod renew_session;
mod same_origin;
mod session_cookie;
#[cfg(test)]
mod testing;
mod token;
mod token_pair;

use crate::state::AppState;
use rest::openapi::BearerToken;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(OpenApi)]
#[openapi(
    info(title = "Orderflow: users", description = "Accounts, logins and tokens."),
    tags(
        (name = "accounts", description = "People and their roles."),
        (name = "sessions", description = "Logging in, staying logged in, logging out."),
        (name = "browser sessions", description = "Sessions for pages in a browser. The refresh token is in a cookie that scripts cannot read."),
        (name = "services", description = "Tokens for services, and the keys that verify all tokens."),
    ),
    modifiers(&BearerToken)
)]
struct Document;

/// All routes.
pub(crate) fn routes(state: AppState) -> OpenApiRouter {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(register::register))
        .routes(routes!(login::login))
        .routes(routes!(refresh::refresh))
        .routes(routes!(logout::logout))
        .routes(routes!(open_session::open_session, close_session::close_session))
        .routes(routes!(renew_session::renew_session))
        .routes(routes!(me::me))
        .routes(routes!(find_users::find_users))
        .routes(routes!(get_user::get_user))
        .routes(routes!(token::token))
        .routes(routes!(jwks::jwks))
        .with_state(state)
}

#[cfg(test)]
mod tests {
    use super::testing::Service;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "./migrations")]
    async fn documents_every_route(pool: PgPool) {
        let answer = Service::new(pool).get("/openapi.json", None).await;
        let paths: Vec<_> = answer.body["paths"].as_object().unwrap().keys().cloned().collect();
        let mut expected = [
            "/.well-known/jwks.json",
            "/login",
            "/logout",
            "/me",
            "/refresh",
            "/register",
            "/session",
            "/session/refresh",
            "/token",
            "/users",
            "/users/{id}",
        ];
        expected.sort_unstable();
        assert_eq!(paths, expected);
        assert!(answer.body["components"]["securitySchemes"]["bearer"].is_object(), "{}", answer.body);
    }
}
