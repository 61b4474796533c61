//! Group commit: what waits is committed together. Used by all services that write to a database at the pace of
//! orders.
//!
//! A commit waits for the disk, however much is in it. Writes that come during a commit share the next one: one statement,
//! one commit, and an answer for each. A write that comes alone does not wait for others.

use crate::{
    errors::is_temporary,
    pool::{FRESH, accepts_writes, connect, set},
};
use futures_util::FutureExt as _;
use sqlx::{PgConnection, PgPool};
use std::{
    future::Future,
    panic::AssertUnwindSafe,
    slice,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

/// Writes in one commit; with more, the first one waits longer than it gains.
const MOST: usize = 256;
/// Writes that may wait. Further callers wait for a place.
const WAITING: usize = 1024;
/// A commit that takes longer has met a PostgreSQL that is silent. Less than a request may take, so that
/// those who wait are told.
const LIMIT: Duration = Duration::from_secs(8);
/// PostgreSQL plans a statement once. By default it would make a new plan for each group, which takes longer than all the
/// rest for a group of one.
const PLANNED_ONCE: &str = "SET plan_cache_mode = force_generic_plan";

/// Something to write.
pub trait Write: Send + Sync + Sized + 'static {
    /// The answer to its writer after the commit.
    type Answer: Send + 'static;

    /// How long to wait after a commit, so that more goes with the next. For writes whose callers do not wait.
    const PAUSE: Duration = Duration::ZERO;

    /// Writes all of them in one commit, or none. The answers are in their order. It must not wait for
    /// one of them: that would hold up the others.
    fn commit(
        writes: &[Self],
        db: &mut PgConnection,
    ) -> impl Future<Output = Result<Vec<Self::Answer>, sqlx::Error>> + Send;
}

/// Why something was not written, or is not known to be.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// PostgreSQL's answer, or that there is none.
    #[error(transparent)]
    Database(Arc<sqlx::Error>),
    /// No answer in time.
    #[error("PostgreSQL did not commit within {LIMIT:?}")]
    Silent,
    /// A fault in the program.
    #[error("what commits has died")]
    Died,
}

/// Commits writes of one kind, on a connection of its own. Cheap to clone.
pub struct GroupCommit<W: Write> {
    line: mpsc::Sender<Waiting<W>>,
    under_way: TaskTracker,
}

impl<W: Write> Clone for GroupCommit<W> {
    fn clone(&self) -> Self {
        Self { line: self.line.clone(), under_way: self.under_way.clone() }
    }
}

struct Waiting<W: Write> {
    write: W,
    answer: oneshot::Sender<Result<(W, W::Answer), CommitError>>,
    /// Dropped after the answer was sent.
    under_way: TaskTrackerToken,
}

impl<W: Write> GroupCommit<W> {
    /// Commits to this pool's database for as long as there is a clone of the value.
    #[must_use]
    pub fn to(pool: &PgPool) -> Self {
        Self::reporting(pool, TaskTracker::new(), |_, _| ())
    }

    /// The same, and calls `committed` with each write that was committed and its answer, also when its writer no longer waits
    /// for it. `under_way` tracks each write until then.
    #[must_use]
    pub fn reporting(
        pool: &PgPool,
        under_way: TaskTracker,
        committed: impl Fn(&W, &W::Answer) + Send + Sync + 'static,
    ) -> Self {
        let (sender, mut receiver) = mpsc::channel(WAITING);
        let mut line = Line { pool: pool.clone(), standing: None };
        tokio::spawn(async move {
            let mut waiting = Vec::with_capacity(MOST);
            while receiver.recv_many(&mut waiting, MOST).await > 0 {
                let group = std::mem::replace(&mut waiting, Vec::with_capacity(MOST));
                // Should it panic, its writers get no answer, and the next a new connection: this one is out of the line
                // while it is in use.
                drop(AssertUnwindSafe(commit(group, &mut line, &committed)).catch_unwind().await);
                if !W::PAUSE.is_zero() {
                    sleep(W::PAUSE).await;
                }
            }
        });
        Self { line: sender, under_way }
    }

    /// How many wait at this moment; those that are being written are not counted.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.line.max_capacity() - self.line.capacity()
    }

    /// Writes, and returns after the commit, with what was written. A caller that gives up before it began has
    /// written nothing.
    pub async fn write(&self, write: W) -> Result<(W, W::Answer), CommitError> {
        let (answer, answered) = oneshot::channel();
        let sent = self.line.send(Waiting { write, answer, under_way: self.under_way.token() }).await;
        if sent.is_err() {
            return Err(CommitError::Died);
        }
        answered.await.unwrap_or(Err(CommitError::Died))
    }
}

/// The connection, which is replaced when it fails. Not one of a pool: that asks PostgreSQL twice or three
/// times whether it is there for each use.
struct Line {
    /// Knows the server to connect to.
    pool: PgPool,
    standing: Option<(PgConnection, Instant)>,
}

impl Line {
    async fn commit<W: Write>(&mut self, writes: &[W]) -> Result<Vec<W::Answer>, CommitError> {
        match timeout(LIMIT, self.attempt(writes)).await {
            Ok(committed) => committed.map_err(|error| CommitError::Database(Arc::new(error))),
            Err(_) => Err(CommitError::Silent),
        }
    }

    async fn attempt<W: Write>(&mut self, writes: &[W]) -> Result<Vec<W::Answer>, sqlx::Error> {
        // Taken out for as long as it is in use: one that this future is dropped with is not used again.
        let mut connection = match self.standing.take() {
            Some((connection, used)) if used.elapsed() < FRESH => connection,
            Some((mut connection, _)) => match accepts_writes(&mut connection).await {
                Ok(true) => connection,
                Ok(false) | Err(_) => self.connect().await?,
            },
            None => self.connect().await?,
        };
        let committed = W::commit(writes, &mut connection).await;
        if committed.as_ref().err().is_none_or(|error| !is_temporary(error)) {
            self.standing = Some((connection, Instant::now()));
        }
        committed
    }

    async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        let mut connection = connect(&self.pool).await?;
        set(&mut connection, PLANNED_ONCE).await?;
        Ok(connection)
    }
}

async fn commit<W: Write>(
    group: Vec<Waiting<W>>,
    line: &mut Line,
    committed: &(impl Fn(&W, &W::Answer) + Sync),
) {
    let wanted = group.into_iter().filter(|waiting| !waiting.answer.is_closed());
    let (writes, writers): (Vec<_>, Vec<_>) =
        wanted.map(|waiting| (waiting.write, (waiting.answer, waiting.under_way))).unzip();
    if writes.is_empty() {
        return;
    }
    match line.commit(&writes).await {
        Ok(outcomes) => {
            for ((write, (answer, _under_way)), outcome) in writes.into_iter().zip(writers).zip(outcomes) {
                committed(&write, &outcome);
                drop(answer.send(Ok((write, outcome))));
            }
        }
        // One of them is to blame: each for itself.
        Err(CommitError::Database(error)) if writes.len() > 1 && !is_temporary(&error) => {
            for (write, (answer, _under_way)) in writes.into_iter().zip(writers) {
                let outcome = line.commit(slice::from_ref(&write)).await;
                let own = outcome.and_then(|mut own| own.pop().ok_or(CommitError::Died));
                if let Ok(own) = &own {
                    committed(&write, own);
                }
                drop(answer.send(own.map(|own| (write, own))));
            }
        }
        Err(error) => {
            for (answer, _) in writers {
                drop(answer.send(Err(error.clone())));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

    /// A row of a table of numbers; told how many were written with it.
    struct Number(i32);

    const FATAL: i32 = 666;

    impl Write for Number {
        type Answer = usize;

        async fn commit(numbers: &[Self], db: &mut PgConnection) -> Result<Vec<usize>, sqlx::Error> {
            let values: Vec<_> = numbers.iter().map(|number| number.0).collect();
            assert!(!values.contains(&FATAL), "a fault in the program");
            sqlx::query("insert into numbers select unnest($1)").bind(values).execute(db).await?;
            Ok(vec![numbers.len(); numbers.len()])
        }
    }

    async fn numbers(db: &PgPool) -> GroupCommit<Number> {
        sqlx::query("create table numbers (number int primary key check (number >= 0))")
            .execute(db)
            .await
            .unwrap();
        GroupCommit::to(db)
    }

    #[sqlx::test]
    async fn what_comes_meanwhile_is_committed_together(db: PgPool) {
        let numbers = numbers(&db).await;
        let together = join_all((0..100).map(|number| numbers.write(Number(number)))).await;
        let most = together.into_iter().map(|written| written.unwrap().1).max();
        assert!(most > Some(1), "{most:?}");
        let count: i64 = sqlx::query_scalar("select count(*) from numbers").fetch_one(&db).await.unwrap();
        assert_eq!(count, 100);
    }

    #[sqlx::test]
    async fn a_write_is_reported_when_its_writer_is_gone(db: PgPool) {
        drop(numbers(&db).await);
        let (report, mut reports) = mpsc::unbounded_channel();
        let under_way = TaskTracker::new();
        let numbers = GroupCommit::reporting(&db, under_way.clone(), move |number: &Number, _| {
            report.send(number.0).unwrap();
        });
        let mut writing = Box::pin(numbers.write(Number(1)));
        // Until the transaction has begun: what is dropped before that is not written.
        while under_way.is_empty() || numbers.waiting() > 0 {
            assert!((&mut writing).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        drop(writing);
        under_way.close();
        timeout(LIMIT, under_way.wait()).await.unwrap();
        assert_eq!(reports.try_recv(), Ok(1), "reported before it is no longer under way");
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
    async fn a_connection_that_is_lost_is_replaced(db: PgPool) {
        let numbers = numbers(&db).await;
        numbers.write(Number(1)).await.unwrap();
        let others = "select pg_terminate_backend(pid) from pg_stat_activity \
                      where datname = current_database() and pid <> pg_backend_pid()";
        sqlx::query(others).execute(&db).await.unwrap();
        // The write that meets the lost connection may have been written or not. All others are written.
        drop(numbers.write(Number(2)).await);
        numbers.write(Number(3)).await.unwrap();
    }

    #[sqlx::test]
    async fn a_group_that_panics_ends_no_other(db: PgPool) {
        let numbers = numbers(&db).await;
        assert!(matches!(numbers.write(Number(FATAL)).await, Err(CommitError::Died)));
        numbers.write(Number(1)).await.unwrap();
    }

    #[sqlx::test]
    async fn without_a_database_all_are_told(db: PgPool) {
        let nowhere = PgConnectOptions::clone(&db.connect_options()).port(1);
        let numbers = GroupCommit::<Number>::to(&PgPoolOptions::new().connect_lazy_with(nowhere));
        let answers = join_all((0..3).map(|number| numbers.write(Number(number)))).await;
        assert!(answers.iter().all(Result::is_err));
    }
}
