//! Hashes passwords with bcrypt, which is slow on purpose. Each password gets a thread of its own with a low
//! priority. These threads rest often and use at most half of the cores.

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

/// The longest time that a request waits for a core before it fails with [`PasswordError::Busy`]. Each
/// request waits a random time between half of this and all of it. Otherwise requests that arrive together
/// would fail together and be repeated together.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// Gives a hashing thread a tenth of the core time of a normal thread. With less, a login would exceed its
/// request's deadline while all cores are busy.
const NICENESS: i32 = 10;

/// A salt and a hash without a known password. A complete hash has the version and the cost before it.
const UNKNOWN_USER: &str = "N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

/// Hashes and verifies passwords. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Passwords {
    cost: u32,
    cores: Arc<Semaphore>,
    max_wait: Duration,
}

/// A permit to use a core for one password.
pub(crate) struct Turn {
    cost: u32,
    // The thread holds the permit until it ends, even if the client cancels the request. There are never more
    // hashing threads than permits.
    core: OwnedSemaphorePermit,
}

/// Why a password could be neither hashed nor verified.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    /// All permits are in use.
    #[error("too many passwords are being hashed")]
    Busy,
    /// The stored hash is not a bcrypt hash.
    #[error("bcrypt: {0}")]
    Bcrypt(#[from] BcryptError),
    /// The system cannot start a thread.
    #[error("cannot start a thread for hashing: {0}")]
    NoThread(#[from] io::Error),
    /// The thread panicked.
    #[error("the hashing thread died")]
    Died(#[from] oneshot::error::RecvError),
}

impl Passwords {
    /// Creates a hasher with this bcrypt cost. Each step doubles the time.
    pub(crate) fn new(cost: u32) -> Self {
        let half = (available_parallelism().map_or(1, NonZero::get) / 2).max(1);
        Self { cost, cores: Arc::new(Semaphore::new(half)), max_wait: MAX_WAIT }
    }

    /// Waits for a permit. A request should read the account only after this, because it may fail here.
    pub(crate) async fn turn(&self) -> Result<Turn, PasswordError> {
        let wait = self.max_wait.mul_f64(rand::random_range(0.5..=1.0));
        match timeout(wait, self.cores.clone().acquire_owned()).await {
            Ok(Ok(core)) => Ok(Turn { cost: self.cost, core }),
            _ => Err(PasswordError::Busy),
        }
    }
}

impl Turn {
    /// Hashes a password for storage.
    pub(crate) async fn hash(self, password: Password) -> Result<String, PasswordError> {
        let cost = self.cost;
        self.run(move || hash::new(&password, cost)).await
    }

    /// Returns whether one of the passwords matches the hash. The candidates are tried one after the other on
    /// one core.
    ///
    /// `None` stands for an unknown user. The result is then `false` and takes as long as for a known user.
    pub(crate) async fn verify(
        self,
        passwords: Vec<Password>,
        hash: Option<String>,
    ) -> Result<bool, PasswordError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| unknown_users_hash(self.cost));
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
        let (sender, result) = oneshot::channel();
        // Each password gets a new thread, because a thread cannot raise its priority again. Starting a
        // thread takes a thousandth of the time of a hash.
        thread::Builder::new().name("bcrypt".to_owned()).spawn(move || {
            let _held = self.core;
            lower_priority();
            // The receiver is gone if the client cancelled the request.
            let _ = sender.send(work());
        })?;
        Ok(result.await??)
    }
}

fn unknown_users_hash(cost: u32) -> String {
    format!("$2b${cost:02}${UNKNOWN_USER}")
}

/// Lowers the priority of this thread. On Linux, nice(2) changes one thread and not its process.
///
/// Niceness has no effect between containers, which share cores by their own weights. There, only the number
/// of permits protects other programs.
fn lower_priority() {
    if let Err(error) = nice(NICENESS) {
        tracing::warn!(%error, "cannot lower the priority of password hashing");
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
    async fn only_the_right_password_matches_a_hash() {
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
    async fn all_72_bytes_of_a_password_count() {
        let passwords = Passwords::new(CHEAP);
        let hash = passwords.turn().await.unwrap().hash(password(&"x".repeat(72))).await.unwrap();
        let other = format!("{}y", "x".repeat(71));
        assert!(!passwords.turn().await.unwrap().verify(vec![password(&other)], Some(hash)).await.unwrap());
    }

    /// bcrypt's time depends only on the cost if the hash is well-formed. bcrypt refuses a malformed hash
    /// immediately.
    #[test]
    fn verifying_an_unknown_user_costs_as_much_as_a_known_one() {
        for cost in [CHEAP, 12] {
            let parts: HashParts = unknown_users_hash(cost).parse().unwrap();
            assert_eq!(parts.get_cost(), cost);
        }
    }

    #[tokio::test]
    async fn fails_as_busy_when_no_core_becomes_free() {
        let passwords =
            Passwords { cost: CHEAP, cores: Arc::new(Semaphore::new(0)), max_wait: Duration::from_millis(1) };
        assert!(matches!(passwords.turn().await, Err(PasswordError::Busy)));
    }

    #[tokio::test]
    async fn only_the_hashing_thread_has_a_lower_priority() {
        let niceness = || nice(0).unwrap();
        let before = niceness();
        let hashing = Passwords::new(CHEAP).turn().await.unwrap().run(move || Ok(niceness())).await.unwrap();
        assert_eq!(hashing, (before + NICENESS).min(19));
        assert_eq!(niceness(), before);
    }

    #[tokio::test]
    async fn a_core_is_free_again_when_its_thread_dies() {
        let passwords =
            Passwords { cost: CHEAP, cores: Arc::new(Semaphore::new(1)), max_wait: Duration::from_secs(5) };
        let died = passwords.turn().await.unwrap().run::<()>(|| panic!("on purpose")).await;
        assert!(matches!(died, Err(PasswordError::Died(_))));
        assert!(passwords.turn().await.is_ok());
    }
}
