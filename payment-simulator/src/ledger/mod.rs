//! All charges, refunds and answers, in an append-only file with one JSON [`Record`] per line.
//!
//! One line has a decision and the answer to it. Later requests with the same idempotency key get this
//! answer. A crash keeps both or neither.
//!
//! The simulator holds the lock of the [`Book`] while it decides a request, applies the decision, and queues
//! it for the file. So the file has the decisions in the right sequence. An answer that depends on a decision
//! is sent only after the file is synced.

mod book;
mod file;
mod record;

pub(crate) use book::{Book, Charge};
pub(crate) use file::{OpenError, Writer};
pub(crate) use record::{Answer, Call, Entry, Record, SavedAnswer};

use chrono::{DateTime, TimeDelta, Utc};
use std::{
    collections::HashSet,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{mpsc, watch};

/// The ledger. Clones share it.
#[derive(Clone)]
pub(crate) struct Ledger {
    shared: Arc<Mutex<Shared>>,
    /// The number of synced lines of this run.
    synced: watch::Receiver<u64>,
    /// How long an idempotency key is remembered.
    retention: TimeDelta,
}

struct Shared {
    book: Book,
    /// Idempotency keys whose first request is still in progress.
    in_progress: HashSet<String>,
    lines: mpsc::UnboundedSender<String>,
    /// The number of queued lines of this run.
    queued: u64,
}

/// The state of an idempotency key.
pub(crate) enum Claim {
    /// The key is new. The holder of the permit executes the request.
    Granted(Permit),
    /// The same request already has this answer.
    Answered(Answer),
    /// Another request used the key. This is its path.
    UsedFor(String),
    /// The first request with the key is still in progress.
    InProgress,
}

/// The right to execute one request. Dropping it releases the idempotency key. A request that was not
/// executed has changed nothing.
pub(crate) struct Permit {
    ledger: Ledger,
    call: Call,
}

/// The decision about a request.
pub(crate) struct Decision {
    /// The change, if there is one.
    entry: Option<Entry>,
    /// The answer, now and for later requests with the same key.
    answer: Answer,
}

impl Decision {
    /// A decision with a change.
    pub(crate) fn change(entry: Entry, answer: Answer) -> Self {
        Self { entry: Some(entry), answer }
    }

    /// A decision without a change.
    pub(crate) fn refusal(answer: Answer) -> Self {
        Self { entry: None, answer }
    }
}

/// The ledger's file can no longer be written.
#[derive(Debug, thiserror::Error)]
#[error("the ledger cannot be written")]
pub(crate) struct Closed;

impl Ledger {
    /// Opens or creates the file and reads it. Requests are answered only while [`Writer::run`] runs.
    pub(crate) fn open(path: &Path, retention: TimeDelta) -> Result<(Self, Writer), OpenError> {
        let (file, records) = file::open(path)?;
        let mut book = Book::default();
        for record in records {
            book.enter(record);
        }
        let (lines, queue) = mpsc::unbounded_channel();
        let (written, synced) = watch::channel(0);
        let shared = Shared { book, in_progress: HashSet::new(), lines, queued: 0 };
        let ledger = Self { shared: Arc::new(Mutex::new(shared)), synced, retention };
        Ok((ledger, Writer::new(file, queue, written)))
    }

    /// Reads the book. Returns after the file has everything that was read.
    pub(crate) async fn read<T>(&self, look: impl FnOnce(&Book) -> T) -> Result<T, Closed> {
        let (seen, line) = {
            let shared = self.lock();
            (look(&shared.book), shared.queued)
        };
        self.synced_up_to(line).await?;
        Ok(seen)
    }

    /// Claims the idempotency key of `call`. Returns a saved answer only after the file has it.
    pub(crate) async fn claim(&self, call: Call, now: DateTime<Utc>) -> Result<Claim, Closed> {
        let (claim, line) = {
            let mut shared = self.lock();
            (shared.claim(call, now - self.retention).map_err(|call| self.permit(call)), shared.queued)
        };
        match claim {
            Ok(known) => {
                self.synced_up_to(line).await?;
                Ok(known)
            }
            Err(permit) => Ok(Claim::Granted(permit)),
        }
    }

    fn permit(&self, call: Call) -> Permit {
        Permit { ledger: self.clone(), call }
    }

    async fn synced_up_to(&self, line: u64) -> Result<(), Closed> {
        self.synced.clone().wait_for(|synced| *synced >= line).await.map(drop).map_err(|_| Closed)
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // A panic under the lock does not leave the book in an inconsistent state.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// The state of the key of `call`. Returns `call` as the error if the key is new.
    fn claim(&mut self, call: Call, oldest: DateTime<Utc>) -> Result<Claim, Call> {
        let Some(key) = &call.key else { return Err(call) };
        if let Some(saved) = self.book.answer(key, oldest) {
            return Ok(if saved.call == call {
                Claim::Answered(saved.answer.clone())
            } else {
                Claim::UsedFor(saved.call.path.clone())
            });
        }
        if self.in_progress.insert(key.clone()) { Err(call) } else { Ok(Claim::InProgress) }
    }

    fn enter(&mut self, record: Record) -> Result<(), serde_json::Error> {
        let line = serde_json::to_string(&record)?;
        self.book.enter(record);
        self.queued += 1;
        // If the writer has ended, the later wait for the line fails, and the request is not answered.
        let _ = self.lines.send(line);
        Ok(())
    }
}

impl Permit {
    /// Decides the request. Returns after the decision is on disk.
    ///
    /// There is no await between the decision and the queue. Dropping this future never leaves a request half
    /// executed.
    pub(crate) async fn execute(
        self,
        now: DateTime<Utc>,
        decide: impl FnOnce(&Book) -> Decision,
    ) -> Result<Answer, Closed> {
        let (answer, line) = {
            let mut shared = self.ledger.lock();
            let Decision { entry, answer } = decide(&shared.book);
            let saved = self.call.key.is_some().then(|| SavedAnswer::new(self.call.clone(), answer.clone()));
            if entry.is_some() || saved.is_some() {
                shared.enter(Record { at: now, entry, saved }).map_err(|_| Closed)?;
            }
            (answer, shared.queued)
        };
        self.ledger.synced_up_to(line).await?;
        Ok(answer)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(key) = &self.call.key {
            self.ledger.lock().in_progress.remove(key);
        }
    }
}
