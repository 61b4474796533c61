//! `GET /users/{id}`

use super::error::Error;
use crate::{db::users, state::AppState};
use axum::{Json, extract::State};
use contract::{ids::UserId, users::User};
use rest::{auth::caller::Caller, extract::Path, problem::Problem};

/// Returns an account. Customers see only their own account, and staff see all.
#[utoipa::path(
    get,
    path = "/users/{id}",
    tag = "accounts",
    security(("bearer" = [])),
    params(("id" = UserId, Path, description = "The user's id", example = "01900000-0000-7000-8000-000000000001")),
    responses(
        (status = OK, description = "The account", body = User),
        (status = NOT_FOUND, description = "No such user, or hidden from the caller", body = Problem),
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

#[cfg(test)]
mod tests {
    use super::super::testing::Service;
    use contract::ids::UserId;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "./migrations")]
    async fn customers_see_their_own_account_and_staff_see_all(pool: PgPool) {
        let service = Service::new(pool);
        let (ada, grace) = (service.register("ada").await, service.register("grace").await);
        let root = service.staff("root").await;
        let mut tokens = Vec::new();
        for name in ["ada", "root"] {
            tokens.push(service.login(name).await.access_token);
        }
        for (token, id, status) in [
            (&tokens[0], ada.id, 200),
            (&tokens[0], grace.id, 404),
            (&tokens[0], root.id, 404),
            (&tokens[0], UserId::new(), 404),
            (&tokens[1], ada.id, 200),
            (&tokens[1], root.id, 200),
            (&tokens[1], UserId::new(), 404),
        ] {
            let answer = service.get(&format!("/users/{id}"), Some(token)).await;
            assert_eq!(answer.status, status);
            assert!(status == 404 || answer.body["id"] == id.to_string());
        }
        assert_eq!(service.get(&format!("/users/{}", ada.id), None).await.status, 401);
        assert_eq!(service.get("/users/ada", Some(&tokens[0])).await.status, 400);
    }
}
