//! What the provider did, kept in a file that survives it.
//!
//! The file is append-only, one JSON [`Record`] a line. What was decided, and the answer that its
//! idempotency key will get for ever after, are one line: a crash keeps both or neither.
//!
//! A decision is taken against the [`Book`] under its lock, where it is also entered and queued for
//! the file, so that the file has the order of the decisions. Nobody is told of it until the file
//! is synced: neither who asked, nor who reads the book meanwhile.

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
    /// How many lines of this run are synced.
    synced: watch::Receiver<u64>,
    /// How long an idempotency key is remembered.
    retention: TimeDelta,
}

struct Shared {
    book: Book,
    /// Idempotency keys whose first request is still being carried out.
    in_progress: HashSet<String>,
    lines: mpsc::UnboundedSender<String>,
    /// How many lines of this run are queued.
    queued: u64,
}

/// What is known of an idempotency key.
pub(crate) enum Claim {
    /// Nothing: whoever holds the permit carries the request out.
    Granted(Permit),
    /// The same request was answered before.
    Answered(Answer),
    /// Another request has used it; its path.
    UsedFor(String),
    /// Its first request is still being carried out.
    InProgress,
}

/// The right to carry out one request. Dropped unused, it frees the idempotency key and nothing has
/// happened.
pub(crate) struct Permit {
    ledger: Ledger,
    call: Call,
}

/// What was decided about a request.
pub(crate) struct Decision {
    /// What it changes, if anything.
    entry: Option<Entry>,
    /// What to answer, now and whenever the key comes again.
    answer: Answer,
}

impl Decision {
    /// Something happens.
    pub(crate) fn change(entry: Entry, answer: Answer) -> Self {
        Self { entry: Some(entry), answer }
    }

    /// Nothing happens.
    pub(crate) fn refusal(answer: Answer) -> Self {
        Self { entry: None, answer }
    }
}

/// The ledger's file can no longer be written.
#[derive(Debug, thiserror::Error)]
#[error("the ledger cannot be written")]
pub(crate) struct Closed;

impl Ledger {
    /// Opens the file, or creates it, and reads what is there. [`Writer::run`] must run for anything
    /// to be answered.
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

    /// Looks at the book, as the file has it.
    pub(crate) async fn read<T>(&self, look: impl FnOnce(&Book) -> T) -> Result<T, Closed> {
        let (seen, line) = {
            let shared = self.lock();
            (look(&shared.book), shared.queued)
        };
        self.synced_up_to(line).await?;
        Ok(seen)
    }

    /// Asks to carry out `call`. What was answered before is told only once the file has it.
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
        // Nothing that runs under the lock leaves the book half changed.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// What is known of the call's key; gives the call back where that is nothing.
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
        // Where the writer is gone, waiting for the line fails: nobody is told of it.
        let _ = self.lines.send(line);
        Ok(())
    }
}

impl Permit {
    /// Decides, and returns once the decision is on disk.
    ///
    /// There is no await between deciding and queueing: whatever is dropped in the middle, a request
    /// was carried out or was not, never half of it.
    pub(crate) async fn carry_out(
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
