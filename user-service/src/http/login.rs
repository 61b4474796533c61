//! `POST /login`

use super::{
    AppState, Error,
    client_address::ClientAddress,
    token_pair::{TokenResponse, token_pair},
};
use crate::{
    db::{
        sessions::{self, Owner},
        users,
    },
    domain::{password::Password, refresh_token::RefreshToken, username::Username},
};
use axum::extract::State;
use common::{
    contract::users::{Login, TokenPair},
    http::{extract::Json, problem::Problem},
};

/// Begins a session.
///
/// A wrong password and an unknown user have the same answer, after the same time.
#[utoipa::path(
    post,
    path = "/login",
    tag = "sessions",
    request_body = Login,
    responses(
        (status = OK, description = "Tokens", body = TokenPair),
        (status = BAD_REQUEST, description = "Not JSON", body = Problem, content_type = "application/problem+json"),
        (status = UNAUTHORIZED, description = "Wrong user name or password", body = Problem, content_type = "application/problem+json"),
        (status = UNPROCESSABLE_ENTITY, description = "Fields are missing or unknown", body = Problem, content_type = "application/problem+json"),
        (status = TOO_MANY_REQUESTS, description = "Too many from one address", body = Problem, content_type = "application/problem+json"),
        (status = SERVICE_UNAVAILABLE, description = "Too many at once", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn login(
    State(state): State<AppState>,
    address: ClientAddress,
    Json(login): Json<Login>,
) -> Result<TokenResponse<TokenPair>, Error> {
    state.limits.login.check(&address)?;
    let owner = authenticate(&state, &login).await?;
    let refresh_token = RefreshToken::new();
    sessions::begin(&state.pool, owner.id, &refresh_token, state.session_lifetime).await?;
    token_pair(&state, &owner, &refresh_token)
}

async fn authenticate(state: &AppState, login: &Login) -> Result<Owner, Error> {
    // What nobody could register with is nobody's. This depends on the input alone, so the short way
    // out tells nothing about accounts.
    let (Ok(name), Ok(password)) = (login.username.parse::<Username>(), login.password.parse::<Password>())
    else {
        return Err(refused());
    };
    let account = users::find_by_name(&state.pool, &name).await?;
    let (user, hash) = account.map(|account| (account.user, account.password_hash)).unzip();
    let matches = state.passwords.verify(password, hash).await?;
    match user {
        Some(user) if matches => Ok(Owner { id: user.id, role: user.role }),
        _ => Err(refused()),
    }
}

fn refused() -> Error {
    metrics::counter!("logins_refused_total").increment(1);
    Error::WrongCredentials
}
