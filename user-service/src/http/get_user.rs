//! `GET /users/{id}`

use super::{AppState, Error};
use crate::db::users;
use axum::{Json, extract::State};
use common::{
    auth::caller::Caller,
    contract::{ids::UserId, users::User},
    http::{extract::Path, problem::Problem},
};

/// An account: one's own, or anybody's for staff. To others it does not exist.
#[utoipa::path(
    get,
    path = "/users/{id}",
    tag = "accounts",
    security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The user's id", example = "01900000-0000-7000-8000-000000000001")),
    responses(
        (status = OK, description = "The account", body = User),
        (status = UNAUTHORIZED, description = "No good token", body = Problem, content_type = "application/problem+json"),
        (status = NOT_FOUND, description = "No such user, or not for the caller", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_user(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<UserId>,
) -> Result<Json<User>, Error> {
    let person = caller.person()?;
    if person.id != id && !person.is_staff() {
        return Err(Error::NoSuchUser);
    }
    let user = users::find(&state.pool, id).await?.ok_or(Error::NoSuchUser)?;
    Ok(Json(user))
}
