//! Hashes passwords with bcrypt, which is slow on purpose. The work runs on threads of low priority, on half of the cores at
//! most, so that everything else keeps the others.

use crate::domain::password::Password;
use bcrypt::{BcryptError, HashParts};
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

/// The longest wait for a core. Each request has its own random limit, between half of this time and all of
/// it. So clients that arrive together fail, and retry, at different times.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// A thread of this niceness gets a tenth of the CPU time of a normal one. With a lower share, a log-in on a
/// busy machine would exceed the time limit of a request.
const NICENESS: i32 = 10;
/// The salt and hash of no known password. The version and the cost come before it.
const UNKNOWN_PASSWORD: &str = "N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

/// Hashes and verifies passwords. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Passwords {
    cost: u32,
    cores: Arc<Semaphore>,
    max_wait: Duration,
}

/// A core for one password.
pub(crate) struct Turn {
    cost: u32,
    // The thread holds the permit until it ends, even if its request was dropped. So there are never more
    // threads than permits.
    core: OwnedSemaphorePermit,
}

/// A password that matches the stored hash.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Match {
    /// A new hash to store, if the stored one is outdated. It is outdated if its cost is lower than the
    /// setting, or if it was made from the password before Unicode normalization.
    pub renewed: Option<String>,
}

/// Why a password could be neither hashed nor verified.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    /// All cores for passwords are busy.
    #[error("too many passwords are being hashed")]
    Busy,
    /// The stored hash is not a hash of bcrypt.
    #[error("bcrypt: {0}")]
    Bcrypt(#[from] BcryptError),
    /// The system cannot start a thread.
    #[error("no thread to hash on: {0}")]
    NoThread(#[from] io::Error),
    /// The thread panicked.
    #[error("the hashing thread died")]
    Died(#[from] oneshot::error::RecvError),
}

impl Passwords {
    /// Hashes with this cost of bcrypt. Each step doubles the time.
    pub(crate) fn new(cost: u32) -> Self {
        let half = (available_parallelism().map_or(1, NonZero::get) / 2).max(1);
        Self { cost, cores: Arc::new(Semaphore::new(half)), max_wait: MAX_WAIT }
    }

    /// Waits for a core. This may refuse the request, so a caller should do its other work for the password
    /// later.
    pub(crate) async fn turn(&self) -> Result<Turn, PasswordError> {
        let wait = self.max_wait.mul_f64(rand::random_range(0.5..=1.0));
        match timeout(wait, self.cores.clone().acquire_owned()).await {
            Ok(Ok(core)) => Ok(Turn { cost: self.cost, core }),
            _ => Err(PasswordError::Busy),
        }
    }
}

impl Turn {
    /// Hashes a password with a new salt. The hash names its scheme and its cost.
    pub(crate) async fn hash(self, password: Password) -> Result<String, PasswordError> {
        let cost = self.cost;
        self.run(move || bcrypt::hash(password.as_bytes(), cost)).await
    }

    /// Tries the passwords one after the other until one matches the hash. A renewed hash is made from the
    /// first password. If the account does not exist, there is no hash and no password matches. The check
    /// takes the same time.
    pub(crate) async fn verify(
        self,
        passwords: Vec<Password>,
        hash: Option<String>,
    ) -> Result<Option<Match>, PasswordError> {
        let (cost, account_exists) = (self.cost, hash.is_some());
        let hash = hash.unwrap_or_else(|| unknown_hash(cost));
        let check = |password: &[u8], hash: &str| bcrypt::verify(password, hash);
        let found = self.run(move || find(&passwords, &hash, cost, check)).await?;
        Ok(found.filter(|_| account_exists))
    }

    async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> Result<T, BcryptError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let (sender, receiver) = oneshot::channel();
        // A new thread for each password: a thread cannot raise its priority again. Starting one takes a thousandth of the
        // time of bcrypt.
        thread::Builder::new().name("bcrypt".to_owned()).spawn(move || {
            let _core = self.core;
            lower_priority();
            // The receiver is gone if the request was dropped.
            let _ = sender.send(work());
        })?;
        Ok(receiver.await??)
    }
}

/// Finds the password that matches the hash. `check` compares one password with one hash.
fn find(
    passwords: &[Password],
    hash: &str,
    cost: u32,
    mut check: impl FnMut(&[u8], &str) -> Result<bool, BcryptError>,
) -> Result<Option<Match>, BcryptError> {
    let hash_cost = hash.parse::<HashParts>()?.get_cost();
    for (index, password) in passwords.iter().enumerate() {
        if check(password.as_bytes(), hash)? {
            let is_outdated = hash_cost < cost || index > 0;
            let newest = passwords.first().filter(|_| is_outdated);
            let renewed = newest.map(|password| bcrypt::hash(password.as_bytes(), cost)).transpose()?;
            return Ok(Some(Match { renewed }));
        }
        // A quick refusal would show that the account exists and that its hash is old. Each step of the cost
        // doubles the time. So these checks and the one above take as long as one check of full cost.
        for missing_cost in hash_cost..cost {
            check(password.as_bytes(), &unknown_hash(missing_cost))?;
        }
    }
    Ok(None)
}

fn unknown_hash(cost: u32) -> String {
    format!("$2b${cost:02}${UNKNOWN_PASSWORD}")
}

/// Lowers the priority of this thread. On Linux, nice(2) concerns a thread, not its process. Between containers
/// it has no effect, because the kernel shares the cores among whole containers. There, only the number of
/// threads limits the work.
fn lower_priority() {
    if let Err(error) = nice(NICENESS) {
        tracing::warn!(%error, "hashing passwords at full priority");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bcrypt::Version;

    const CHEAP: u32 = 4;

    fn password(text: &str) -> Password {
        text.parse().unwrap()
    }

    async fn verify(cost: u32, passwords: Vec<Password>, hash: Option<String>) -> Option<Match> {
        Passwords::new(cost).turn().await.unwrap().verify(passwords, hash).await.unwrap()
    }

    #[tokio::test]
    async fn only_the_password_of_the_hash_matches() {
        let turn = Passwords::new(CHEAP).turn().await.unwrap();
        let hash = turn.hash(password("correct horse")).await.unwrap();
        assert!(hash.starts_with("$2b$04$"));
        let (right, wrong) = (password("correct horse"), password("correct house"));
        let found = verify(CHEAP, vec![right.clone()], Some(hash.clone())).await;
        assert_eq!(found, Some(Match { renewed: None }));
        assert_eq!(verify(CHEAP, vec![wrong], Some(hash.clone())).await, None);
        assert_eq!(verify(CHEAP, vec![], Some(hash)).await, None);
        assert_eq!(verify(CHEAP, vec![right], None).await, None);
    }

    #[tokio::test]
    async fn a_hash_of_lower_cost_or_of_another_spelling_is_renewed() {
        let (right, other) = (password("correct horse"), password("correct  horse"));
        let hash = bcrypt::hash(right.as_bytes(), CHEAP).unwrap();
        for (cost, passwords, expected) in
            [(CHEAP + 1, vec![right.clone()], &right), (CHEAP, vec![other.clone(), right.clone()], &other)]
        {
            let renewed = verify(cost, passwords, Some(hash.clone())).await.unwrap().renewed.unwrap();
            assert_eq!(renewed.parse::<HashParts>().unwrap().get_cost(), cost);
            assert!(bcrypt::verify(expected.as_bytes(), &renewed).unwrap());
        }
        assert_eq!(verify(CHEAP - 1, vec![right], Some(hash)).await, Some(Match { renewed: None }));
    }

    #[tokio::test]
    async fn all_72_bytes_count() {
        let hash = bcrypt::hash("x".repeat(72), CHEAP).unwrap();
        let other = password(&format!("{}y", "x".repeat(71)));
        assert_eq!(verify(CHEAP, vec![other], Some(hash)).await, None);
    }

    #[tokio::test]
    async fn hashes_of_every_version_of_bcrypt_are_read() {
        let hash = bcrypt::hash_with_salt("correct horse", CHEAP, [7; 16]).unwrap();
        for version in [Version::TwoA, Version::TwoB, Version::TwoX, Version::TwoY] {
            let hash = Some(hash.format_for_version(version));
            assert!(verify(CHEAP, vec![password("correct horse")], hash.clone()).await.is_some());
            assert!(verify(CHEAP, vec![password("correct house")], hash).await.is_none());
        }
    }

    #[tokio::test]
    async fn a_stored_text_that_is_no_hash_is_an_error() {
        let good = bcrypt::hash("correct horse", CHEAP).unwrap();
        for bad in [String::new(), good.replace("$2b$", "$1b$"), good.replace("$04$", "$xx$")] {
            let turn = Passwords::new(CHEAP).turn().await.unwrap();
            let verified = turn.verify(vec![password("correct horse")], Some(bad.clone())).await;
            assert!(matches!(verified, Err(PasswordError::Bcrypt(_))), "{bad}");
        }
    }

    /// The work of a refusal, in rounds of bcrypt. The time of bcrypt depends on the cost alone.
    fn work_of_refusal(passwords: &[Password], hash: &str, cost: u32) -> u64 {
        let mut work = 0;
        let found = find(passwords, hash, cost, |password, hash| {
            work += 1 << hash.parse::<HashParts>()?.get_cost();
            bcrypt::verify(password, hash)
        });
        assert_eq!(found.unwrap(), None);
        work
    }

    #[test]
    fn a_refusal_takes_the_same_work_for_old_hashes_and_unknown_accounts() {
        let cost = CHEAP + 3;
        let wrong = password("correct house");
        for passwords in [vec![wrong.clone()], vec![wrong.clone(), wrong]] {
            let expected = (1 << cost) * passwords.len() as u64;
            assert_eq!(work_of_refusal(&passwords, &unknown_hash(cost), cost), expected);
            for hash_cost in CHEAP..=cost {
                let hash = bcrypt::hash("correct horse", hash_cost).unwrap();
                assert_eq!(work_of_refusal(&passwords, &hash, cost), expected, "a hash of cost {hash_cost}");
            }
        }
    }

    #[test]
    fn the_hash_of_an_unknown_account_has_the_form_of_bcrypt() {
        // bcrypt refuses a malformed hash before any work.
        assert_eq!(unknown_hash(12).parse::<HashParts>().unwrap().get_cost(), 12);
        assert!(!bcrypt::verify("correct horse", &unknown_hash(CHEAP)).unwrap());
    }

    #[tokio::test]
    async fn a_request_without_a_free_core_is_refused() {
        let passwords =
            Passwords { cost: CHEAP, cores: Arc::new(Semaphore::new(0)), max_wait: Duration::from_millis(1) };
        assert!(matches!(passwords.turn().await, Err(PasswordError::Busy)));
    }

    #[tokio::test]
    async fn only_hashing_threads_have_a_low_priority() {
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
