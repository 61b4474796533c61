//! `GET /users`

use super::error::Error;
use crate::{
    db::users,
    domain::{email::Email, username::Username},
    state::AppState,
};
use axum::{Json, extract::State};
use contract::{page::Page, users::User};
use rest::{auth::caller::Caller, extract::Query, problem::Problem};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    /// A complete user name or e-mail address, in any case.
    #[param(example = "ada")]
    name: String,
}

/// Find an account by name
///
/// The name is a user name or an e-mail address. The answer has one account or none. Only for staff.
#[utoipa::path(
    get,
    path = "/users",
    tag = "accounts",
    security(("bearer" = [])),
    params(Search),
    responses(
        (status = OK, description = "The account, if there is one", body = Page<User>),
        (status = FORBIDDEN, description = "Not staff", body = Problem),
    )
)]
pub(super) async fn find_users(
    State(state): State<AppState>,
    caller: Caller,
    Query(Search { name }): Query<Search>,
) -> Result<Json<Page<User>>, Error> {
    caller.staff()?;
    // A user name has no `@`. Text that is neither a name nor an address belongs to no account.
    let user = match (name.parse::<Email>(), name.parse::<Username>()) {
        (Ok(email), _) => users::find_by_email(&state.pool, &email).await?,
        (_, Ok(username)) => users::find_by_username(&state.pool, &username).await?,
        _ => None,
    };
    Ok(Json(Page { items: user.into_iter().collect(), next_cursor: None }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Service;
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test(migrations = "./migrations")]
    async fn staff_find_an_account_by_its_name_or_its_address(pool: PgPool) {
        let service = Service::new(pool);
        let ada = service.register("ada").await;
        service.register("adam").await;
        service.staff("root").await;
        let token = service.login("root").await.access_token;
        let found = async |name: &str| {
            let answer = service.get(&format!("/users?name={name}"), Some(&token)).await;
            assert_eq!(answer.status, 200, "{name}");
            answer.body["items"].clone()
        };
        for name in ["ada", "ADA", &ada.email, &ada.email.to_uppercase()] {
            assert_eq!(found(name).await, json!([ada]), "{name}");
        }
        for name in ["ad", "grace", "grace@example.com", "", "%25", "%00"] {
            assert_eq!(found(name).await, json!([]), "{name}");
        }
        assert_eq!(service.get("/users", Some(&token)).await.status, 422);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn only_staff_may_find_accounts(pool: PgPool) {
        let service = Service::new(pool);
        service.register("ada").await;
        let token = service.login("ada").await.access_token;
        for name in ["ada", "grace"] {
            let path = format!("/users?name={name}");
            assert_eq!(service.get(&path, Some(&token)).await.status, 403);
            assert_eq!(service.get(&path, None).await.status, 401);
        }
    }
}
