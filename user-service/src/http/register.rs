//! `POST /register`

use super::error::Error;
use crate::{
    db::users::{self, NewUser},
    domain::{client_address::ClientAddress, email::Email, password::Password, username::Username},
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use contract::{
    problems::FieldError,
    users::{Registration, Role, User},
};
use rest::{extract::Json, problem::Problem};
use std::str::FromStr;

/// Creates an account. Log in with it to get tokens.
#[utoipa::path(
    post,
    path = "/register",
    tag = "accounts",
    request_body = Registration,
    responses(
        (status = CREATED, description = "The account", body = User),
        (status = CONFLICT, description = "The name or the address is taken", body = Problem),
        (status = TOO_MANY_REQUESTS, description = "Too many from one address", body = Problem),
    )
)]
pub(super) async fn register(
    State(state): State<AppState>,
    address: ClientAddress,
    Json(registration): Json<Registration>,
) -> Result<(StatusCode, axum::Json<User>), Error> {
    state.limits.register.check(&address)?;
    let (username, email, password) = parse(&registration)?;
    let password_hash = state.passwords.turn().await?.hash(password).await?;
    let user =
        NewUser { username: &username, email: &email, password_hash: &password_hash, role: Role::Customer };
    let user = users::insert(&state.pool, &user).await?;
    metrics::counter!("registrations_total").increment(1);
    Ok((StatusCode::CREATED, axum::Json(user)))
}

/// Parses all fields. The error names every invalid field, not only the first.
fn parse(registration: &Registration) -> Result<(Username, Email, Password), Error> {
    let mut errors = Vec::new();
    let username = field(&mut errors, "/username", &registration.username);
    let email = field(&mut errors, "/email", &registration.email);
    let password = field(&mut errors, "/password", &registration.password);
    match (username, email, password) {
        (Some(username), Some(email), Some(password)) => Ok((username, email, password)),
        _ => Err(Error::Invalid(errors)),
    }
}

fn field<T>(errors: &mut Vec<FieldError>, pointer: &str, text: &str) -> Option<T>
where
    T: FromStr<Err: std::error::Error>,
{
    text.parse().map_err(|error: T::Err| errors.push(FieldError::new(pointer, error.to_string()))).ok()
}

#[cfg(test)]
mod tests {
    use super::super::testing::Service;
    use crate::state::Limits;
    use serde_json::{Value, json};
    use sqlx::PgPool;
    use std::{num::NonZeroU32, sync::Arc};

    fn ada() -> Value {
        json!({ "username": "Ada", "email": "Ada@example.com", "password": "correct horse" })
    }

    fn ada_with(field: &str, value: impl Into<Value>) -> Value {
        let mut body = ada();
        body[field] = value.into();
        body
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn answers_with_the_account_and_without_the_password(pool: PgPool) {
        let service = Service::new(pool);
        let answer = service.post("/register", &ada()).await;
        assert_eq!(answer.status, 201);
        assert_eq!(answer.body["username"], "Ada");
        assert_eq!(answer.body["email"], "Ada@example.com");
        assert_eq!(answer.body["role"], "customer");
        assert!(!answer.body.to_string().contains("password"), "{}", answer.body);
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn names_each_invalid_field(pool: PgPool) {
        let service = Service::new(pool);
        for (body, pointers) in [
            (ada_with("password", "1234567"), vec!["/password"]),
            (ada_with("password", "x".repeat(73)), vec!["/password"]),
            (ada_with("password", "ñ".repeat(37)), vec!["/password"]),
            (ada_with("password", "e\u{301}".repeat(7)), vec!["/password"]),
            (ada_with("password", "correct\0horse"), vec!["/password"]),
            (ada_with("password", 12_345_678), vec!["/password"]),
            (ada_with("email", "ada"), vec!["/email"]),
            (ada_with("email", "ada@example.com\0"), vec!["/email"]),
            (ada_with("username", "a"), vec!["/username"]),
            (ada_with("username", "ada lovelace"), vec!["/username"]),
            (ada_with("username", "\u{200b}\u{200b}\u{200b}"), vec!["/username"]),
            (ada_with("username", "ada\u{202e}"), vec!["/username"]),
            (ada_with("role", "staff"), vec!["/role"]),
            (
                json!({ "username": "", "email": "", "password": "" }),
                vec!["/username", "/email", "/password"],
            ),
        ] {
            let answer = service.post("/register", &body).await;
            assert_eq!(answer.status, 422, "{body}");
            assert_eq!(answer.bad_fields(), pointers, "{body}");
            assert_eq!(answer.headers["content-type"], "application/problem+json");
        }
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn refuses_a_body_that_is_not_json(pool: PgPool) {
        let service = Service::new(pool);
        for (content_type, body, status) in [
            ("application/json", "{".to_owned(), 400),
            ("application/json", String::new(), 400),
            ("application/json", "\u{1}".to_owned(), 400),
            ("application/json", "x".repeat(70_000), 413),
            ("text/plain", ada().to_string(), 415),
        ] {
            let answer = service.post_text("/register", content_type, body.clone()).await;
            assert_eq!(answer.status, status, "{content_type} {body:.20}");
            assert_eq!(answer.headers["content-type"], "application/problem+json");
        }
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn names_the_field_that_is_taken(pool: PgPool) {
        let service = Service::new(pool);
        service.post("/register", &ada()).await;
        for (body, pointer) in [
            (
                json!({ "username": "aDA", "email": "x@example.com", "password": "correct horse" }),
                "/username",
            ),
            (
                json!({ "username": "grace", "email": "aDA@EXAMPLE.com", "password": "correct horse" }),
                "/email",
            ),
        ] {
            let answer = service.post("/register", &body).await;
            assert_eq!(answer.status, 409);
            assert_eq!(answer.bad_fields(), [pointer]);
        }
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn limits_the_registrations_of_one_address(pool: PgPool) {
        let mut service = Service::new(pool);
        let two = NonZeroU32::new(2).unwrap();
        service.state.limits = Arc::new(Limits::new(two, two));
        for expected in [201, 409, 429] {
            let answer = service.post("/register", &ada()).await;
            assert_eq!(answer.status, expected);
            assert_eq!(answer.headers.contains_key("retry-after"), expected == 429);
        }
        let request = axum::http::Request::post("/register")
            .header("content-type", "application/json")
            .header("x-forwarded-for", "198.51.100.7")
            .body(ada().to_string().into())
            .unwrap();
        assert_eq!(service.send(request).await.status, 409);
    }
}
