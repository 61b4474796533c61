//! `GET /me`

use super::{AppState, Error};
use crate::db::users;
use axum::{Json, extract::State};
use common::{auth::caller::Caller, contract::users::User, http::problem::Problem};

/// The caller's own account.
#[utoipa::path(
    get,
    path = "/me",
    tag = "accounts",
    security(("bearer" = [])),
    responses(
        (status = OK, description = "The account", body = User),
        (status = UNAUTHORIZED, description = "No good token", body = Problem, content_type = "application/problem+json"),
        (status = FORBIDDEN, description = "A service's token", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn me(State(state): State<AppState>, caller: Caller) -> Result<Json<User>, Error> {
    let person = caller.person()?;
    let user = users::find(&state.pool, person.id).await?.ok_or(Error::NoSuchUser)?;
    Ok(Json(user))
}
