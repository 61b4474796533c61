//! `POST /register`

use super::{AppState, Error, client_address::ClientAddress};
use crate::{
    db::users::{self, NewUser},
    domain::{email::Email, password::Password, username::Username},
};
use axum::{extract::State, http::StatusCode};
use common::{
    contract::users::{Registration, Role, User},
    http::{
        extract::Json,
        problem::{FieldError, Problem},
    },
};
use std::str::FromStr;

/// Makes an account. Log in with it to get tokens.
#[utoipa::path(
    post,
    path = "/register",
    tag = "accounts",
    request_body = Registration,
    responses(
        (status = CREATED, description = "The account", body = User),
        (status = BAD_REQUEST, description = "Not JSON", body = Problem, content_type = "application/problem+json"),
        (status = CONFLICT, description = "The name or the address is taken", body = Problem, content_type = "application/problem+json"),
        (status = UNPROCESSABLE_ENTITY, description = "Fields are not valid", body = Problem, content_type = "application/problem+json"),
        (status = TOO_MANY_REQUESTS, description = "Too many from one address", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn register(
    State(state): State<AppState>,
    address: ClientAddress,
    Json(registration): Json<Registration>,
) -> Result<(StatusCode, axum::Json<User>), Error> {
    state.limits.register.check(&address)?;
    let (username, email, password) = parse(&registration)?;
    let password_hash = state.passwords.hash(password).await?;
    let user =
        NewUser { username: &username, email: &email, password_hash: &password_hash, role: Role::Customer };
    let user = users::insert(&state.pool, &user).await?;
    metrics::counter!("registrations_total").increment(1);
    Ok((StatusCode::CREATED, axum::Json(user)))
}

/// Every bad field is named, not only the first.
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
