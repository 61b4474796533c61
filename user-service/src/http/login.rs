//! `POST /login`

use super::{
    error::Error,
    token_pair::{TokenResponse, token_pair},
};
use crate::{
    db::{
        sessions::{self, Owner},
        users,
    },
    domain::{
        client_address::ClientAddress, password::Password, refresh_token::RefreshToken, username::Username,
    },
    state::AppState,
};
use axum::extract::State;
use contract::users::{Login, TokenPair};
use rest::{extract::Json, problem::Problem};

/// Begins a session.
///
/// A wrong password and an unknown user get the same answer after the same time.
#[utoipa::path(
    post,
    path = "/login",
    tag = "sessions",
    request_body = Login,
    responses(
        (status = OK, description = "Tokens", body = TokenPair),
        (status = UNAUTHORIZED, description = "Wrong user name or password", body = Problem),
        (status = TOO_MANY_REQUESTS, description = "Too many from one address", body = Problem),
        (status = SERVICE_UNAVAILABLE, description = "Too many at once", body = Problem),
    )
)]
pub(super) async fn login(
    State(state): State<AppState>,
    address: ClientAddress,
    Json(login): Json<Login>,
) -> Result<TokenResponse<TokenPair>, Error> {
    let (owner, refresh_token) = begin_session(&state, &address, &login).await?;
    token_pair(&state, &owner, &refresh_token)
}

/// Checks the credentials and begins a session for their user.
pub(super) async fn begin_session(
    state: &AppState,
    address: &ClientAddress,
    login: &Login,
) -> Result<(Owner, RefreshToken), Error> {
    state.limits.login.check(address)?;
    let owner = authenticate(state, login).await?;
    let refresh_token = RefreshToken::new();
    sessions::begin(&state.pool, owner.id, &refresh_token, state.session_lifetime).await?;
    Ok((owner, refresh_token))
}

async fn authenticate(state: &AppState, login: &Login) -> Result<Owner, Error> {
    // No account has a malformed name or password. The early return depends only on the input, so it
    // reveals nothing about accounts.
    let Ok(name) = login.username.parse::<Username>() else { return Err(refused()) };
    let passwords = Password::candidates(&login.password);
    if passwords.is_empty() {
        return Err(refused());
    }
    let turn = state.passwords.turn().await?;
    let account = users::find_by_name(&state.pool, &name).await?;
    let (user, hash) = account.map(|account| (account.user, account.password_hash)).unzip();
    let found = turn.verify(passwords, hash.clone()).await?;
    let (Some(user), Some(old_hash), Some(found)) = (user, hash, found) else { return Err(refused()) };
    if let Some(renewed) = found.renewed {
        users::renew_hash(&state.pool, user.id, &old_hash, &renewed).await?;
    }
    Ok(Owner { id: user.id, role: user.role })
}

fn refused() -> Error {
    metrics::counter!("logins_refused_total").increment(1);
    Error::WrongCredentials
}

#[cfg(test)]
mod tests {
    use super::super::testing::{PASSWORD, Service};
    use crate::{
        db::users::{self, NewUser},
        domain::password::Password,
        passwords::Passwords,
        state::Limits,
    };
    use contract::users::Role;
    use serde_json::json;
    use sqlx::PgPool;
    use std::{num::NonZeroU32, sync::Arc};

    #[sqlx::test(migrations = "./migrations")]
    async fn answers_with_a_valid_access_token(pool: PgPool) {
        let service = Service::new(pool);
        let ada = service.register("Ada").await;
        let answer = service.post("/login", &json!({ "username": "aDA", "password": PASSWORD })).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.body["token_type"], "Bearer");
        assert_eq!(answer.body["expires_in"], 900);
        let me = service.get("/me", answer.body["access_token"].as_str()).await;
        assert_eq!(me.body["id"], ada.id.to_string());
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn does_not_reveal_whether_a_user_exists(pool: PgPool) {
        let service = Service::new(pool);
        service.register("ada").await;
        let wrong_password =
            service.post("/login", &json!({ "username": "ada", "password": "wrong horse" })).await;
        assert_eq!(wrong_password.status, 401);
        assert!(wrong_password.headers.contains_key("www-authenticate"));
        for (username, password) in [
            ("grace", "wrong horse"),
            ("grace", PASSWORD),
            ("ada", "short"),
            ("ada", &"x".repeat(100)),
            ("ada\0", PASSWORD),
            ("ada' OR 1=1 --", PASSWORD),
            ("", ""),
        ] {
            let answer = service.post("/login", &json!({ "username": username, "password": password })).await;
            assert_eq!(answer.status, 401, "{username} {password}");
            assert_eq!(answer.body, wrong_password.body);
            assert_eq!(answer.headers, wrong_password.headers);
        }
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_password_matches_in_every_unicode_normalisation(pool: PgPool) {
        let service = Service::new(pool);
        let ada = json!({ "username": "ada", "email": "ada@example.com", "password": "café au lait" });
        assert_eq!(service.post("/register", &ada).await.status, 201);
        let log_in = async |password: &str| {
            service.post("/login", &json!({ "username": "ada", "password": password })).await.status
        };
        for same in ["café au lait", "cafe\u{301} au lait", "café\u{a0}au\u{3000}lait"] {
            assert_eq!(log_in(same).await, 200, "{same}");
        }
        for other in ["Café au lait", "cafe au lait", "café au lait\0", " café au lait"] {
            assert_eq!(log_in(other).await, 401, "{other}");
        }
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_password_that_an_older_release_hashed_unprepared_still_works(pool: PgPool) {
        let service = Service::new(pool.clone());
        service.register("ada").await;
        for typed in ["cafe\u{301} au lait", "four\u{a0}spaces\u{2003}in all", &"e\u{301}".repeat(4)] {
            let older = NewUser {
                username: &"ada".parse().unwrap(),
                email: &"ada@example.com".parse().unwrap(),
                password_hash: &bcrypt::hash(typed, 4).unwrap(),
                role: Role::Customer,
            };
            users::upsert(&pool, &older).await.unwrap();
            let log_in = async || {
                let body = json!({ "username": "ada", "password": typed });
                assert_eq!(service.post("/login", &body).await.status, 200, "{typed}");
                users::find_by_name(&pool, older.username).await.unwrap().unwrap().password_hash
            };
            log_in().await;
            // A text that is too short for today's rules has no prepared form to renew the hash with.
            let newest = Password::candidates(typed).remove(0);
            let stored = log_in().await;
            assert!(bcrypt::verify(newest.as_bytes(), &stored).unwrap(), "{typed}");
        }
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_log_in_renews_a_hash_of_lower_cost(pool: PgPool) {
        let mut service = Service::new(pool.clone());
        service.register("ada").await;
        service.state.passwords = Passwords::new(5);
        service.login("ada").await;
        let stored = users::find_by_name(&pool, &"ada".parse().unwrap()).await.unwrap().unwrap();
        assert!(stored.password_hash.starts_with("$2b$05$"));
        service.login("ada").await;
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn names_a_bad_field(pool: PgPool) {
        let service = Service::new(pool);
        for (body, pointer) in [
            (json!({ "username": "ada", "password": PASSWORD, "remember": true }), "/remember"),
            (json!({ "username": 1, "password": PASSWORD }), "/username"),
            (json!({ "username": "ada" }), "/password"),
        ] {
            let answer = service.post("/login", &body).await;
            assert_eq!(answer.status, 422, "{body}");
            assert_eq!(answer.bad_fields(), [pointer], "{body}");
        }
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn limits_the_logins_of_one_address(pool: PgPool) {
        let mut service = Service::new(pool);
        let two = NonZeroU32::new(2).unwrap();
        service.state.limits = Arc::new(Limits::new(two, two));
        for expected in [401, 401, 429] {
            let answer =
                service.post("/login", &json!({ "username": "ada", "password": "no idea at all" })).await;
            assert_eq!(answer.status, expected);
        }
    }
}
