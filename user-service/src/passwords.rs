//! Hashing passwords with bcrypt, which is slow on purpose: on threads of its own, so that other
//! requests are answered meanwhile, and only as many at once as there are cores.

use crate::domain::password::Password;
use bcrypt::BcryptError;
use std::{num::NonZero, sync::Arc, thread::available_parallelism, time::Duration};
use tokio::{
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
    time::timeout,
};

/// A request waits this long for a core, then is told to come again.
const PATIENCE: Duration = Duration::from_secs(5);

/// A salt and a hash that no password is known for; the version and the cost come before it.
const NOBODY: &str = "N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

/// Hashes and verifies passwords. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Passwords {
    cost: u32,
    // A permit is held from before a thread starts until it ends, also when its request is given up:
    // there are never more threads at work than permits.
    cores: Arc<Semaphore>,
    patience: Duration,
}

/// Why a password could be neither hashed nor verified.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    /// All cores are busy with other passwords.
    #[error("too many passwords are being hashed")]
    Busy,
    /// The stored hash is not bcrypt's.
    #[error("bcrypt: {0}")]
    Bcrypt(#[from] BcryptError),
    /// The thread died.
    #[error("the hashing thread died: {0}")]
    Thread(#[from] JoinError),
}

impl Passwords {
    /// With bcrypt's cost: each step doubles the time.
    pub(crate) fn new(cost: u32) -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        Self { cost, cores: Arc::new(Semaphore::new(cores)), patience: PATIENCE }
    }

    /// What is stored of a password.
    pub(crate) async fn hash(&self, password: Password) -> Result<String, PasswordError> {
        let cost = self.cost;
        self.run(move || bcrypt::hash(password.as_bytes(), cost)).await
    }

    /// Whether the password is the one of this hash. Without a hash – there is no such user – it is
    /// not, and that takes as long to say.
    pub(crate) async fn verify(
        &self,
        password: Password,
        hash: Option<String>,
    ) -> Result<bool, PasswordError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobodys_hash());
        let matches = self.run(move || bcrypt::verify(password.as_bytes(), &hash)).await?;
        Ok(known && matches)
    }

    fn nobodys_hash(&self) -> String {
        format!("$2b${:02}${NOBODY}", self.cost)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, BcryptError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let Ok(Ok(permit)) = timeout(self.patience, self.cores.clone().acquire_owned()).await else {
            return Err(PasswordError::Busy);
        };
        let work = spawn_blocking(move || {
            let _held = permit;
            work()
        });
        Ok(work.await??)
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
        let passwords = Passwords::new(CHEAP);
        let hash = passwords.hash(password("correct horse")).await.unwrap();
        assert!(hash.starts_with("$2b$04$"));
        assert!(passwords.verify(password("correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify(password("correct house"), Some(hash)).await.unwrap());
        assert!(!passwords.verify(password("correct horse"), None).await.unwrap());
    }

    #[tokio::test]
    async fn reads_all_of_72_bytes() {
        let passwords = Passwords::new(CHEAP);
        let hash = passwords.hash(password(&"x".repeat(72))).await.unwrap();
        let other = format!("{}y", "x".repeat(71));
        assert!(!passwords.verify(password(&other), Some(hash)).await.unwrap());
    }

    /// bcrypt's time depends on the cost alone, so long as the hash is a whole one: a malformed hash
    /// would be refused before any work is done.
    #[test]
    fn nobody_takes_as_long_as_somebody() {
        for cost in [CHEAP, 12] {
            let parts: HashParts = Passwords::new(cost).nobodys_hash().parse().unwrap();
            assert_eq!(parts.get_cost(), cost);
        }
    }

    #[tokio::test]
    async fn one_too_many_is_told_to_come_again() {
        let passwords =
            Passwords { cost: CHEAP, cores: Arc::new(Semaphore::new(0)), patience: Duration::from_millis(1) };
        let refused = passwords.hash(password("correct horse")).await;
        assert!(matches!(refused, Err(PasswordError::Busy)));
    }
}
