//! Hashing passwords with bcrypt, which is slow on purpose: on threads of its own, which step back for
//! everything else that wants a core, rest often, and are busy on half of the cores at most.

mod hash;

use crate::domain::password::Password;
use bcrypt::BcryptError;
use rustix::process::nice;
use std::{
    io,
    num::NonZero,
    sync::Arc,
    thread::{self, available_parallelism},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::timeout,
};

/// A request waits for a core for this long at most, and half as long at least, then is told to come again. How long is
/// chance: those who came together would leave together, and come again together.
const PATIENCE: Duration = Duration::from_secs(5);

/// A tenth of the share that others have of a core. Not less: where all cores are busy, a log-in must
/// still come through within a request's time.
const NICENESS: i32 = 10;

/// A salt and a hash that no password is known for; the version and the cost come before it.
const NOBODY: &str = "N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

/// Hashes and verifies passwords. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Passwords {
    cost: u32,
    cores: Arc<Semaphore>,
    patience: Duration,
}

/// A core for one password.
pub(crate) struct Turn {
    cost: u32,
    // Held from before a thread starts until it ends, also when its request is given up: there are never more threads at
    // work than permits.
    core: OwnedSemaphorePermit,
}

/// Why a password could be neither hashed nor verified.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    /// All cores for it are busy with other passwords.
    #[error("too many passwords are being hashed")]
    Busy,
    /// The stored hash is not bcrypt's.
    #[error("bcrypt: {0}")]
    Bcrypt(#[from] BcryptError),
    /// The system has no thread left.
    #[error("no thread to hash on: {0}")]
    NoThread(#[from] io::Error),
    /// The thread died.
    #[error("the hashing thread died")]
    Died(#[from] oneshot::error::RecvError),
}

impl Passwords {
    /// With bcrypt's cost: each step doubles the time.
    pub(crate) fn new(cost: u32) -> Self {
        let half = (available_parallelism().map_or(1, NonZero::get) / 2).max(1);
        Self { cost, cores: Arc::new(Semaphore::new(half)), patience: PATIENCE }
    }

    /// Waits for a core. What a request needs for its password alone, it should find out after that: it may be told
    /// to come again.
    pub(crate) async fn turn(&self) -> Result<Turn, PasswordError> {
        let patience = self.patience.mul_f64(rand::random_range(0.5..=1.0));
        match timeout(patience, self.cores.clone().acquire_owned()).await {
            Ok(Ok(core)) => Ok(Turn { cost: self.cost, core }),
            _ => Err(PasswordError::Busy),
        }
    }
}

impl Turn {
    /// What is stored of a password.
    pub(crate) async fn hash(self, password: Password) -> Result<String, PasswordError> {
        let cost = self.cost;
        self.run(move || hash::new(&password, cost)).await
    }

    /// Whether one of the passwords is the one of this hash. Without a hash – there is no such user – none is,
    /// and that takes as long to say. They are tried one after the other on the same core.
    pub(crate) async fn verify(
        self,
        passwords: Vec<Password>,
        hash: Option<String>,
    ) -> Result<bool, PasswordError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| nobodys_hash(self.cost));
        let matches = self.run(move || {
            for password in &passwords {
                if hash::matches(password, &hash)? {
                    return Ok(true);
                }
            }
            Ok(false)
        });
        Ok(matches.await? && known)
    }

    async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> Result<T, BcryptError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let (tell, told) = oneshot::channel();
        // A thread of its own, as priority once given up cannot be taken back; starting one takes a
        // thousandth of the time that bcrypt does.
        thread::Builder::new().name("bcrypt".to_owned()).spawn(move || {
            let _held = self.core;
            step_back();
            // Nobody listens where the request was given up.
            let _ = tell.send(work());
        })?;
        Ok(told.await??)
    }
}

fn nobodys_hash(cost: u32) -> String {
    format!("$2b${cost:02}${NOBODY}")
}

/// Lowers the priority of this thread: on Linux, nice(2) is about a thread and not about its process.
/// It counts for nothing between containers, which share cores as containers; there, the bound does it.
fn step_back() {
    if let Err(error) = nice(NICENESS) {
        tracing::warn!(%error, "hashing passwords at full priority");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bcrypt::HashParts;

    const CHEAP: u32 = 4;

    fn password(text: &str) -> Password {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn knows_its_own_and_no_other() {
        let turn = async || Passwords::new(CHEAP).turn().await.unwrap();
        let hash = turn().await.hash(password("correct horse")).await.unwrap();
        assert!(hash.starts_with("$2b$04$"));
        let verify = async |passwords, hash| turn().await.verify(passwords, hash).await.unwrap();
        let (right, wrong) = (password("correct horse"), password("correct house"));
        assert!(verify(vec![right.clone()], Some(hash.clone())).await);
        assert!(verify(vec![wrong.clone(), right.clone()], Some(hash.clone())).await);
        assert!(!verify(vec![wrong], Some(hash.clone())).await);
        assert!(!verify(vec![], Some(hash)).await);
        assert!(!verify(vec![right], None).await);
    }

    #[tokio::test]
    async fn reads_all_of_72_bytes() {
        let passwords = Passwords::new(CHEAP);
        let hash = passwords.turn().await.unwrap().hash(password(&"x".repeat(72))).await.unwrap();
        let other = format!("{}y", "x".repeat(71));
        assert!(!passwords.turn().await.unwrap().verify(vec![password(&other)], Some(hash)).await.unwrap());
    }

    /// bcrypt's time depends on the cost alone, so long as the hash is a whole one: a malformed hash
    /// would be refused before any work is done.
    #[test]
    fn nobody_takes_as_long_as_somebody() {
        for cost in [CHEAP, 12] {
            let parts: HashParts = nobodys_hash(cost).parse().unwrap();
            assert_eq!(parts.get_cost(), cost);
        }
    }

    #[tokio::test]
    async fn one_too_many_is_told_to_come_again() {
        let passwords =
            Passwords { cost: CHEAP, cores: Arc::new(Semaphore::new(0)), patience: Duration::from_millis(1) };
        assert!(matches!(passwords.turn().await, Err(PasswordError::Busy)));
    }

    #[tokio::test]
    async fn hashing_steps_back_and_nothing_else_does() {
        let niceness = || nice(0).unwrap();
        let before = niceness();
        let hashing = Passwords::new(CHEAP).turn().await.unwrap().run(move || Ok(niceness())).await.unwrap();
        assert_eq!(hashing, (before + NICENESS).min(19));
        assert_eq!(niceness(), before);
    }

    #[tokio::test]
    async fn a_core_is_free_again_when_its_thread_dies() {
        let passwords =
            Passwords { cost: CHEAP, cores: Arc::new(Semaphore::new(1)), patience: Duration::from_secs(5) };
        let died = passwords.turn().await.unwrap().run::<()>(|| panic!("on purpose")).await;
        assert!(matches!(died, Err(PasswordError::Died(_))));
        assert!(passwords.turn().await.is_ok());
    }
}
