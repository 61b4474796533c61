//! Group commit: concurrent writes share one commit. Used by all services that write for each order.
//!
//! Each commit waits for the disk once, however many writes it contains. Writes that arrive during a commit
//! share the next commit. They also share one statement, and each write gets its own answer. A single write
//! is committed immediately.

use crate::{
    errors::is_temporary,
    pool::{RECHECK_AFTER, accepts_writes, connect, set},
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

/// The most writes in one commit. In a larger batch, the first write would wait longer than it gains.
const MAX_BATCH: usize = 256;
/// The most writes in the queue. Further callers wait for a free place.
const QUEUE_CAPACITY: usize = 1024;
/// The time limit of a commit. It is shorter than the limit of a request, so that callers get an error in
/// time.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(8);
/// Makes PostgreSQL plan each statement once. By default it makes a new plan for each batch. For a batch of
/// one write, the planning takes longer than the rest of the commit.
const GENERIC_PLANS: &str = "SET plan_cache_mode = force_generic_plan";

/// A write that can share a commit with others of its kind.
pub trait Write: Send + Sync + Sized + 'static {
    /// The answer that the caller gets after the commit.
    type Answer: Send + 'static;

    /// How long to wait after a commit, so that more writes share the next one. It is for writes whose
    /// callers do not wait.
    const PAUSE: Duration = Duration::ZERO;

    /// Writes all of `writes` in one commit, or none of them. The answers are in the order of the writes. It
    /// must not wait for a single write, because that would delay the others.
    fn commit(
        writes: &[Self],
        db: &mut PgConnection,
    ) -> impl Future<Output = Result<Vec<Self::Answer>, sqlx::Error>> + Send;
}

/// Why a write failed, or why its result is not known.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// PostgreSQL answered with an error, or the connection failed.
    #[error(transparent)]
    Database(Arc<sqlx::Error>),
    /// PostgreSQL did not answer in time. The write may have been committed.
    #[error("PostgreSQL did not commit within {COMMIT_TIMEOUT:?}")]
    Silent,
    /// The commit panicked, or gave no answer for this write: a fault in the program.
    #[error("the task that commits has failed")]
    Died,
}

/// Commits writes of one kind, on a connection of its own. Cheap to clone.
pub struct GroupCommit<W: Write> {
    queue: mpsc::Sender<Queued<W>>,
    under_way: TaskTracker,
}

impl<W: Write> Clone for GroupCommit<W> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), under_way: self.under_way.clone() }
    }
}

/// A write in the queue.
struct Queued<W: Write> {
    write: W,
    answer: oneshot::Sender<Result<(W, W::Answer), CommitError>>,
    /// Dropped after the answer was sent.
    under_way: TaskTrackerToken,
}

impl<W: Write> GroupCommit<W> {
    /// Starts to commit to the pool's database. The task ends with the last clone of the value.
    #[must_use]
    pub fn to(pool: &PgPool) -> Self {
        Self::reporting(pool, TaskTracker::new(), |_, _| ())
    }

    /// Like [`Self::to`], but also calls `committed` with each committed write and its answer. It does so
    /// even if the caller was cancelled. `under_way` tracks each write until this call.
    #[must_use]
    pub fn reporting(
        pool: &PgPool,
        under_way: TaskTracker,
        committed: impl Fn(&W, &W::Answer) + Send + Sync + 'static,
    ) -> Self {
        let (queue, mut receiver) = mpsc::channel(QUEUE_CAPACITY);
        let mut connection = Connection { pool: pool.clone(), open: None };
        tokio::spawn(async move {
            let mut queued = Vec::with_capacity(MAX_BATCH);
            while receiver.recv_many(&mut queued, MAX_BATCH).await > 0 {
                let batch = std::mem::replace(&mut queued, Vec::with_capacity(MAX_BATCH));
                // After a panic the callers of this batch get `CommitError::Died`. The next batch gets a
                // new connection, because a connection in use is taken out of `Connection`.
                drop(AssertUnwindSafe(commit(batch, &mut connection, &committed)).catch_unwind().await);
                if !W::PAUSE.is_zero() {
                    sleep(W::PAUSE).await;
                }
            }
        });
        Self { queue, under_way }
    }

    /// The number of writes in the queue. Writes in the current commit are not counted.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Queues a write and waits for its commit. Returns the write with its answer. If the caller drops the
    /// future before the commit begins, nothing is written.
    pub async fn write(&self, write: W) -> Result<(W, W::Answer), CommitError> {
        let (answer, answered) = oneshot::channel();
        let sent = self.queue.send(Queued { write, answer, under_way: self.under_way.token() }).await;
        if sent.is_err() {
            return Err(CommitError::Died);
        }
        answered.await.unwrap_or(Err(CommitError::Died))
    }
}

/// The connection of a group commit, which is replaced when it fails. It does not come from a pool, because
/// a pool checks a connection two or three times for each use.
struct Connection {
    /// Knows the server to connect to.
    pool: PgPool,
    /// The open connection and the time of its last use.
    open: Option<(PgConnection, Instant)>,
}

impl Connection {
    async fn commit<W: Write>(&mut self, writes: &[W]) -> Result<Vec<W::Answer>, CommitError> {
        match timeout(COMMIT_TIMEOUT, self.attempt(writes)).await {
            Ok(committed) => committed.map_err(|error| CommitError::Database(Arc::new(error))),
            Err(_) => Err(CommitError::Silent),
        }
    }

    async fn attempt<W: Write>(&mut self, writes: &[W]) -> Result<Vec<W::Answer>, sqlx::Error> {
        // The connection is taken out while it is in use. If this future is dropped, the connection is
        // dropped too, and no later commit uses it.
        let mut connection = match self.open.take() {
            Some((connection, used)) if used.elapsed() < RECHECK_AFTER => connection,
            Some((mut connection, _)) => match accepts_writes(&mut connection).await {
                Ok(true) => connection,
                Ok(false) | Err(_) => self.connect().await?,
            },
            None => self.connect().await?,
        };
        let committed = W::commit(writes, &mut connection).await;
        if committed.as_ref().err().is_none_or(|error| !is_temporary(error)) {
            self.open = Some((connection, Instant::now()));
        }
        committed
    }

    async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        let mut connection = connect(&self.pool).await?;
        set(&mut connection, GENERIC_PLANS).await?;
        Ok(connection)
    }
}

async fn commit<W: Write>(
    batch: Vec<Queued<W>>,
    connection: &mut Connection,
    committed: &(impl Fn(&W, &W::Answer) + Sync),
) {
    let wanted = batch.into_iter().filter(|queued| !queued.answer.is_closed());
    let (writes, callers): (Vec<_>, Vec<_>) =
        wanted.map(|queued| (queued.write, (queued.answer, queued.under_way))).unzip();
    if writes.is_empty() {
        return;
    }
    match connection.commit(&writes).await {
        Ok(outcomes) => {
            for ((write, (answer, _under_way)), outcome) in writes.into_iter().zip(callers).zip(outcomes) {
                committed(&write, &outcome);
                drop(answer.send(Ok((write, outcome))));
            }
        }
        // One of the writes caused the error. Each write is committed separately.
        Err(CommitError::Database(error)) if writes.len() > 1 && !is_temporary(&error) => {
            for (write, (answer, _under_way)) in writes.into_iter().zip(callers) {
                let outcome = connection.commit(slice::from_ref(&write)).await;
                let own = outcome.and_then(|mut own| own.pop().ok_or(CommitError::Died));
                if let Ok(own) = &own {
                    committed(&write, own);
                }
                drop(answer.send(own.map(|own| (write, own))));
            }
        }
        Err(error) => {
            for (answer, _) in callers {
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

    /// A row of a table of numbers. Its answer is the number of writes in the same commit.
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
    async fn writes_that_arrive_during_a_commit_share_the_next_one(db: PgPool) {
        let numbers = numbers(&db).await;
        let answers = join_all((0..100).map(|number| numbers.write(Number(number)))).await;
        let largest = answers.into_iter().map(|written| written.unwrap().1).max();
        assert!(largest > Some(1), "{largest:?}");
        let count: i64 = sqlx::query_scalar("select count(*) from numbers").fetch_one(&db).await.unwrap();
        assert_eq!(count, 100);
    }

    #[sqlx::test]
    async fn a_committed_write_is_reported_when_its_caller_is_gone(db: PgPool) {
        drop(numbers(&db).await);
        let (report, mut reports) = mpsc::unbounded_channel();
        let under_way = TaskTracker::new();
        let numbers = GroupCommit::reporting(&db, under_way.clone(), move |number: &Number, _| {
            report.send(number.0).unwrap();
        });
        let mut writing = Box::pin(numbers.write(Number(1)));
        // Waits until the commit has begun. A write that is dropped before that is not written.
        while under_way.is_empty() || numbers.waiting() > 0 {
            assert!((&mut writing).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        drop(writing);
        under_way.close();
        timeout(COMMIT_TIMEOUT, under_way.wait()).await.unwrap();
        assert_eq!(reports.try_recv(), Ok(1), "reported before it is no longer under way");
    }

    #[sqlx::test]
    async fn a_refused_write_does_not_fail_the_others(db: PgPool) {
        let numbers = numbers(&db).await;
        let wanted = [1, 2, -3, 4, 2];
        let answers = join_all(wanted.map(|number| numbers.write(Number(number)))).await;
        let written: Vec<_> = answers.iter().map(Result::is_ok).collect();
        assert_eq!(written, [true, true, false, true, false]);
        assert!(matches!(answers[2], Err(CommitError::Database(_))));
    }

    #[sqlx::test]
    async fn a_lost_connection_is_replaced(db: PgPool) {
        let numbers = numbers(&db).await;
        numbers.write(Number(1)).await.unwrap();
        let others = "select pg_terminate_backend(pid) from pg_stat_activity \
                      where datname = current_database() and pid <> pg_backend_pid()";
        sqlx::query(others).execute(&db).await.unwrap();
        // The first write after the loss may fail. All later writes succeed.
        drop(numbers.write(Number(2)).await);
        numbers.write(Number(3)).await.unwrap();
    }

    #[sqlx::test]
    async fn a_batch_that_panics_does_not_fail_the_next(db: PgPool) {
        let numbers = numbers(&db).await;
        assert!(matches!(numbers.write(Number(FATAL)).await, Err(CommitError::Died)));
        numbers.write(Number(1)).await.unwrap();
    }

    #[sqlx::test]
    async fn without_a_database_every_write_gets_an_error(db: PgPool) {
        let nowhere = PgConnectOptions::clone(&db.connect_options()).port(1);
        let numbers = GroupCommit::<Number>::to(&PgPoolOptions::new().connect_lazy_with(nowhere));
        let answers = join_all((0..3).map(|number| numbers.write(Number(number)))).await;
        assert!(answers.iter().all(Result::is_err));
    }
}
