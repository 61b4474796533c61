//! A session in a file. Processes with the same file share it.

use crate::{error::FileError, tokens::Tokens};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// Longer than a refresh may take, because the lock is held during one.
const LOCK_TIMEOUT: Duration = Duration::from_secs(15);
const LOCK_POLL: Duration = Duration::from_millis(20);

/// The file of a session. Its directory is created at the first write.
#[derive(Clone, Debug)]
pub struct SessionFile {
    path: PathBuf,
}

/// The content of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The user name.
    pub username: String,
    /// The address of user-service. The tokens must not be sent to another one.
    pub users: String,
    /// The tokens.
    pub tokens: Tokens,
}

/// An exclusive lock on the file. No other process changes it meanwhile.
pub(crate) struct Lock<'a> {
    file: &'a SessionFile,
    // Closing this file releases the lock.
    _held: File,
}

impl SessionFile {
    /// The session file at this path.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the session. Returns `None` if no user is logged in.
    pub fn load(&self) -> Result<Option<Saved>, FileError> {
        match fs::read(&self.path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| FileError::Malformed { path: self.path.clone(), error }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Writes a session. It replaces the previous one.
    pub async fn save(&self, saved: &Saved) -> Result<(), FileError> {
        self.lock().await?.write(saved)
    }

    /// Deletes the session and returns it, if there was one.
    pub async fn remove(&self) -> Result<Option<Saved>, FileError> {
        let _lock = self.lock().await?;
        // A malformed file is removed, too.
        let saved = self.load().ok().flatten();
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed(error)),
            _ => Ok(saved),
        }
    }

    /// Waits for the lock.
    pub(crate) async fn lock(&self) -> Result<Lock<'_>, FileError> {
        self.make_directory().map_err(|error| self.failed(error))?;
        // The lock is a separate file, because each write replaces the session file.
        let held = private()
            .create(true)
            .truncate(false)
            .open(self.path.with_extension("lock"))
            .map_err(|error| self.failed(error))?;
        let deadline = Instant::now() + LOCK_TIMEOUT;
        loop {
            match held.try_lock() {
                Ok(()) => return Ok(Lock { file: self, _held: held }),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(LOCK_POLL).await,
                Err(error) => return Err(self.failed(error.into())),
            }
        }
    }

    fn make_directory(&self) -> io::Result<()> {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => {
                fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)
            }
            _ => Ok(()),
        }
    }

    fn failed(&self, error: io::Error) -> FileError {
        FileError::Io { path: self.path.clone(), error }
    }
}

impl Lock<'_> {
    pub(crate) fn load(&self) -> Result<Option<Saved>, FileError> {
        self.file.load()
    }

    pub(crate) fn replace_tokens(&self, tokens: &Tokens) -> Result<(), FileError> {
        match self.load()? {
            Some(saved) => self.write(&Saved { tokens: tokens.clone(), ..saved }),
            None => Ok(()),
        }
    }

    /// Writes to a temporary file and renames it, so that readers never see a partial file, even after a
    /// crash.
    fn write(&self, saved: &Saved) -> Result<(), FileError> {
        let SessionFile { path } = self.file;
        let json = serde_json::to_vec_pretty(saved)
            .map_err(|error| FileError::Malformed { path: path.clone(), error })?;
        let next = path.with_extension("next");
        let write = || -> io::Result<()> {
            let mut file = private().create(true).truncate(true).open(&next)?;
            file.write_all(&json)?;
            file.sync_all()?;
            fs::rename(&next, path)
        };
        write().map_err(|error| self.file.failed(error))
    }
}

/// Options for a file that only its owner can read. The file is as sensitive as a password.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::users::TokenPair;
    use std::{env, os::unix::fs::PermissionsExt};
    use tokio::time::timeout;
    use uuid::Uuid;

    /// A temporary directory. It does not exist at first and is removed at the end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new() -> Self {
            Self(env::temp_dir().join(format!("orderctl-{}", Uuid::now_v7())))
        }

        fn file(&self) -> SessionFile {
            SessionFile::at(self.0.join("state/session.json"))
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn saved() -> Saved {
        let pair = TokenPair {
            access_token: "a".into(),
            token_type: "Bearer".into(),
            expires_in: 900,
            refresh_token: "r".into(),
        };
        Saved { username: "ada".into(), users: "http://127.0.0.1:8081/".into(), tokens: pair.into() }
    }

    #[tokio::test]
    async fn only_the_owner_can_read_the_session_file() {
        let scratch = Scratch::new();
        let file = scratch.file();
        assert_eq!(file.load().unwrap(), None);
        file.save(&saved()).await.unwrap();
        let kept = file.load().unwrap().unwrap();
        assert_eq!((kept.username.as_str(), kept.tokens.refresh_token.as_deref()), ("ada", Some("r")));
        assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(file.path().parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);

        assert_eq!(file.remove().await.unwrap(), Some(kept));
        assert_eq!(file.load().unwrap(), None);
        assert_eq!(file.remove().await.unwrap(), None);
    }

    #[tokio::test]
    async fn the_lock_prevents_concurrent_changes() {
        let scratch = Scratch::new();
        let file = scratch.file();
        file.save(&saved()).await.unwrap();
        let lock = file.lock().await.unwrap();
        assert!(timeout(LOCK_POLL * 3, file.save(&saved())).await.is_err());
        lock.replace_tokens(&Tokens { access_token: "b".into(), ..saved().tokens }).unwrap();
        drop(lock);
        let lock = file.lock().await.unwrap();
        assert_eq!(lock.load().unwrap().unwrap().tokens.access_token, "b");
    }

    #[tokio::test]
    async fn a_malformed_file_is_refused_but_can_be_removed() {
        let scratch = Scratch::new();
        let file = scratch.file();
        file.save(&saved()).await.unwrap();
        fs::write(file.path(), "{").unwrap();
        assert!(matches!(file.load(), Err(FileError::Malformed { .. })));
        assert_eq!(file.remove().await.unwrap(), None);
        assert_eq!(file.load().unwrap(), None);
    }
}
