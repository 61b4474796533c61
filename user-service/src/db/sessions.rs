//! Sessions: the latest refresh token of each login. All times are PostgreSQL's, because the clocks of
//! replicas may differ.

use super::users::RoleColumn;
use crate::domain::refresh_token::{RefreshToken, SessionId};
use chrono::TimeDelta;
use contract::{ids::UserId, users::Role};
use sqlx::PgPool;
use storage::prune::in_batches;

/// The user of a session.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// The user's id.
    pub id: UserId,
    /// The user's current role. It may have changed since the login.
    pub role: Role,
}

/// Stores a new session with its first token.
pub(crate) async fn begin(
    pool: &PgPool,
    owner: UserId,
    token: &RefreshToken,
    lifetime: TimeDelta,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO sessions (id, user_id, token_hash, expires_at) VALUES ($1, $2, $3, now() + $4)",
        token.session().0,
        owner.uuid(),
        token.hash(),
        lifetime as TimeDelta,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Replaces the latest token of a session with the next one. Returns `None` if `token` is not the
/// latest or has expired. With `leeway`, the previous token stays valid for that long after its first use.
///
/// One statement compares and sets the hash. Of two concurrent uses of a token, the second waits for
/// the row lock of the first and then finds another hash.
pub(crate) async fn rotate(
    pool: &PgPool,
    token: &RefreshToken,
    next: &RefreshToken,
    lifetime: TimeDelta,
    leeway: Option<TimeDelta>,
) -> Result<Option<Owner>, sqlx::Error> {
    // The right-hand sides see the old row. So `rotated_at` remains the time of the first use.
    let row = sqlx::query!(
        r#"
        UPDATE sessions SET
            token_hash = $3,
            previous_hash = $2,
            rotated_at = CASE WHEN token_hash = $2 THEN now() ELSE rotated_at END,
            expires_at = now() + $4
        FROM users
        WHERE sessions.id = $1
            AND (token_hash = $2 OR (previous_hash = $2 AND rotated_at > now() - $5::interval))
            AND expires_at > now()
            AND users.id = sessions.user_id
        RETURNING users.id, users.role AS "role: RoleColumn"
        "#,
        token.session().0,
        token.hash(),
        next.hash(),
        lifetime as TimeDelta,
        leeway as Option<TimeDelta>,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Owner { id: row.id.into(), role: row.role.into() }))
}

/// Ends a session, so that none of its tokens works. Returns whether the session existed.
pub(crate) async fn end(pool: &PgPool, session: SessionId) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!("DELETE FROM sessions WHERE id = $1", session.0).execute(pool).await?;
    Ok(done.rows_affected() > 0)
}

/// Ends all sessions of a user.
pub(crate) async fn end_all_of(pool: &PgPool, user: UserId) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM sessions WHERE user_id = $1", user.uuid()).execute(pool).await?;
    Ok(())
}

/// Deletes expired sessions, and returns their number.
pub(crate) async fn prune(pool: &PgPool) -> Result<u64, sqlx::Error> {
    in_batches(|limit| async move {
        let pruned = sqlx::query!(
            "DELETE FROM sessions WHERE ctid = ANY(ARRAY(
                 SELECT ctid FROM sessions WHERE expires_at <= now()
                 ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
             ))",
            limit
        );
        pruned.execute(pool).await.map(|done| done.rows_affected())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::users::{self, NewUser};

    const HOUR: TimeDelta = TimeDelta::hours(1);
    const PAST: TimeDelta = TimeDelta::seconds(-1);

    async fn user(pool: &PgPool, name: &str) -> UserId {
        let user = NewUser {
            username: &name.parse().unwrap(),
            email: &format!("{name}@example.com").parse().unwrap(),
            password_hash: "",
            role: Role::Customer,
        };
        users::insert(pool, &user).await.unwrap().id
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn only_the_latest_token_rotates(pool: PgPool) {
        let ada = user(&pool, "ada").await;
        let first = RefreshToken::new();
        let (second, third) = (first.next(), first.next());
        begin(&pool, ada, &first, HOUR).await.unwrap();
        let owner = Owner { id: ada, role: Role::Customer };
        assert_eq!(rotate(&pool, &first, &second, HOUR, None).await.unwrap(), Some(owner));
        assert_eq!(rotate(&pool, &first, &third, HOUR, None).await.unwrap(), None);
        assert_eq!(rotate(&pool, &third, &first, HOUR, None).await.unwrap(), None);
        assert!(rotate(&pool, &second, &third, PAST, None).await.unwrap().is_some());
        assert_eq!(rotate(&pool, &third, &first, HOUR, None).await.unwrap(), None, "expired");
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn with_leeway_the_previous_token_rotates_for_a_limited_time(pool: PgPool) {
        let ada = user(&pool, "ada").await;
        let first = RefreshToken::new();
        let (lost, lost_too, third) = (first.next(), first.next(), first.next());
        begin(&pool, ada, &first, HOUR).await.unwrap();
        for next in [&lost, &lost_too, &third] {
            assert!(rotate(&pool, &first, next, HOUR, Some(HOUR)).await.unwrap().is_some());
        }
        assert_eq!(rotate(&pool, &lost, &third, HOUR, Some(HOUR)).await.unwrap(), None, "never the latest");
        assert_eq!(rotate(&pool, &first, &third, HOUR, Some(PAST)).await.unwrap(), None, "too late");
        assert_eq!(rotate(&pool, &first, &third, HOUR, None).await.unwrap(), None);
        assert!(rotate(&pool, &third, &third.next(), HOUR, None).await.unwrap().is_some());
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn pruning_deletes_only_expired_sessions(pool: PgPool) {
        let ada = user(&pool, "ada").await;
        let (live, expired) = (RefreshToken::new(), RefreshToken::new());
        begin(&pool, ada, &live, HOUR).await.unwrap();
        begin(&pool, ada, &expired, PAST).await.unwrap();
        assert_eq!(prune(&pool).await.unwrap(), 1);
        assert_eq!(prune(&pool).await.unwrap(), 0);
        assert!(end(&pool, live.session()).await.unwrap());
        assert!(!end(&pool, live.session()).await.unwrap());
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn ends_all_sessions_of_one_user_only(pool: PgPool) {
        let (ada, grace) = (user(&pool, "ada").await, user(&pool, "grace").await);
        let tokens = [RefreshToken::new(), RefreshToken::new(), RefreshToken::new()];
        for (owner, token) in [ada, ada, grace].into_iter().zip(&tokens) {
            begin(&pool, owner, token, HOUR).await.unwrap();
        }
        end_all_of(&pool, ada).await.unwrap();
        let mut left = Vec::new();
        for token in &tokens {
            left.push(end(&pool, token.session()).await.unwrap());
        }
        assert_eq!(left, [false, false, true]);
    }
}
