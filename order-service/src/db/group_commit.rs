//! Group commit: what waits is committed together.
//!
//! A commit waits for the disk, however much is in it. So what came while the last one was on its way is
//! written by the next one: one statement, one commit, and an answer for each. There is no timer; what
//! comes alone is written at once.

use common::database;
use sqlx::PgPool;
use std::{future::Future, slice, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

/// Writes in one commit; with more, the first one waits longer than it gains.
const MOST: usize = 256;
/// Writes that may wait. Further callers wait for a place.
const WAITING: usize = 1024;
/// A commit that takes longer has met a PostgreSQL that is silent. Less than a request may take, so that
/// those who wait are told.
const LIMIT: Duration = Duration::from_secs(8);

/// Something to write.
pub(crate) trait Write: Send + Sync + Sized + 'static {
    /// What its writer is told after the commit.
    type Answer: Send + 'static;

    /// Writes all of them in one commit, or none. The answers are in their order. It must not wait for
    /// one of them: that would hold up the others.
    fn commit(
        writes: &[Self],
        db: &PgPool,
    ) -> impl Future<Output = Result<Vec<Self::Answer>, sqlx::Error>> + Send;
}

/// Why something was not written, or is not known to be.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum CommitError {
    #[error(transparent)]
    Database(Arc<sqlx::Error>),
    #[error("PostgreSQL did not commit within {LIMIT:?}")]
    Silent,
    #[error("the task that commits has died")]
    Died,
}

/// Commits writes of one kind. Cheap to clone.
pub(crate) struct GroupCommit<W: Write>(mpsc::Sender<Waiting<W>>);

impl<W: Write> Clone for GroupCommit<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

struct Waiting<W: Write> {
    write: W,
    answer: oneshot::Sender<Result<W::Answer, CommitError>>,
}

impl<W: Write> GroupCommit<W> {
    /// Commits to this database for as long as there is a clone of the value.
    pub(crate) fn to(db: PgPool) -> Self {
        let (sender, mut receiver) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            let mut waiting = Vec::with_capacity(MOST);
            while receiver.recv_many(&mut waiting, MOST).await > 0 {
                let group = std::mem::replace(&mut waiting, Vec::with_capacity(MOST));
                // A task of its own: should it panic, its writers get no answer, and the next go on.
                drop(tokio::spawn(commit(group, db.clone())).await);
            }
        });
        Self(sender)
    }

    /// Writes, and returns after the commit. A caller that gives up before it began has written nothing.
    pub(crate) async fn write(&self, write: W) -> Result<W::Answer, CommitError> {
        let (answer, answered) = oneshot::channel();
        let sent = self.0.send(Waiting { write, answer }).await;
        if sent.is_err() {
            return Err(CommitError::Died);
        }
        answered.await.unwrap_or(Err(CommitError::Died))
    }
}

async fn commit<W: Write>(group: Vec<Waiting<W>>, db: PgPool) {
    let wanted = group.into_iter().filter(|waiting| !waiting.answer.is_closed());
    let (writes, answers): (Vec<_>, Vec<_>) = wanted.map(|waiting| (waiting.write, waiting.answer)).unzip();
    match bounded(W::commit(&writes, &db)).await {
        Ok(outcomes) => {
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                drop(answer.send(Ok(outcome)));
            }
        }
        // One of them is to blame: each for itself.
        Err(CommitError::Database(error)) if writes.len() > 1 && !database::passes(&error) => {
            for (write, answer) in writes.iter().zip(answers) {
                let outcome = bounded(W::commit(slice::from_ref(write), &db)).await;
                drop(answer.send(outcome.and_then(|mut own| own.pop().ok_or(CommitError::Died))));
            }
        }
        Err(error) => {
            for answer in answers {
                drop(answer.send(Err(error.clone())));
            }
        }
    }
}

async fn bounded<T>(commit: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, CommitError> {
    match timeout(LIMIT, commit).await {
        Ok(committed) => committed.map_err(|error| CommitError::Database(Arc::new(error))),
        Err(_) => Err(CommitError::Silent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;

    /// A row of a table of numbers; told how many were written with it.
    struct Number(i32);

    impl Write for Number {
        type Answer = usize;

        async fn commit(numbers: &[Self], db: &PgPool) -> Result<Vec<usize>, sqlx::Error> {
            let values: Vec<_> = numbers.iter().map(|number| number.0).collect();
            sqlx::query("insert into numbers select unnest($1)").bind(values).execute(db).await?;
            Ok(vec![numbers.len(); numbers.len()])
        }
    }

    async fn numbers(db: &PgPool) -> GroupCommit<Number> {
        sqlx::query("create table numbers (number int primary key check (number >= 0))")
            .execute(db)
            .await
            .unwrap();
        GroupCommit::to(db.clone())
    }

    #[sqlx::test]
    async fn what_comes_meanwhile_is_committed_together(db: PgPool) {
        let numbers = numbers(&db).await;
        let together = join_all((0..100).map(|number| numbers.write(Number(number)))).await;
        let most = together.into_iter().map(Result::unwrap).max();
        assert!(most > Some(1), "{most:?}");
        let count: i64 = sqlx::query_scalar("select count(*) from numbers").fetch_one(&db).await.unwrap();
        assert_eq!(count, 100);
    }

    #[sqlx::test]
    async fn one_that_is_refused_is_alone_with_that(db: PgPool) {
        let numbers = numbers(&db).await;
        let wanted = [1, 2, -3, 4, 2];
        let answers = join_all(wanted.map(|number| numbers.write(Number(number)))).await;
        let written: Vec<_> = answers.iter().map(Result::is_ok).collect();
        assert_eq!(written, [true, true, false, true, false]);
        assert!(matches!(answers[2], Err(CommitError::Database(_))));
    }

    #[sqlx::test]
    async fn without_a_database_all_are_told(db: PgPool) {
        let numbers = numbers(&db).await;
        db.close().await;
        let answers = join_all((0..3).map(|number| numbers.write(Number(number)))).await;
        assert!(answers.iter().all(Result::is_err));
    }
}
