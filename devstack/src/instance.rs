//! The data folder of a checkout. Each kind of run has its own instance folder with a lock, secrets, logs and
//! data.
//!
//! `up`, `demo`, `test` and `prepare` are different instances, so they can run concurrently. Two runs of the
//! same kind cannot.

use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::leftovers;
use crate::progress::say;

/// Returns the checkout that contains the current directory.
pub fn checkout() -> Result<PathBuf> {
    let here = std::env::current_dir().context("current directory")?;
    let found =
        here.ancestors().find(|folder| folder.join("Cargo.lock").exists() && folder.join("dev").exists());
    found.map(Path::to_owned).with_context(|| format!("{} is not in a checkout", here.display()))
}

/// The variable with the folder of the services' programs. By default, this is the folder of the running
/// program.
pub const SERVICE_PROGRAMS: &str = "SERVICE_PROGRAMS";

/// Finds a built program of this workspace. It may be in [`SERVICE_PROGRAMS`], in the folder of the running
/// program, or in the folder above. The programs are above if the running program is a test.
pub fn program(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe().context("own program")?;
    let beside = own.ancestors().skip(1).take(2).map(Path::to_owned);
    let folders = std::env::var_os(SERVICE_PROGRAMS).map(PathBuf::from).into_iter().chain(beside);
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    found.with_context(|| format!("{name} is not built; `cargo build --workspace --bins` builds it"))
}

/// The folder of one kind of run.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    /// The records of processes. Inner folders share it, so that one sweep of the instance finds all leftover
    /// processes.
    records: PathBuf,
}

impl Folder {
    /// Returns the folder of the named instance in this checkout.
    pub fn of(instance: &str) -> Result<Self> {
        let path = checkout()?.join(".data").join(instance);
        Ok(Self { records: path.join("run"), path })
    }

    /// Returns an inner folder, for one isolated stack.
    #[must_use]
    pub fn inner(&self, name: &str) -> Self {
        Self { path: self.path.join(name), records: self.records.clone() }
    }

    /// Returns a path in the folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Creates the folder. Only its owner can read it.
    pub fn create(&self) -> Result<()> {
        use std::os::unix::fs::DirBuilderExt as _;
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(&self.path).with_context(|| format!("create {}", self.path.display()))
    }

    /// Returns the log file of a process.
    #[must_use]
    pub fn log(&self, process: &str) -> PathBuf {
        self.path.join("logs").join(format!("{process}.log"))
    }

    /// Returns the folder with the records of running processes.
    #[must_use]
    pub fn records(&self) -> PathBuf {
        self.records.clone()
    }
}

/// An instance that only this process uses until the value is dropped.
#[derive(Debug)]
pub struct Instance {
    folder: Folder,
    /// The locked file. The kernel releases the lock even if the process is killed.
    _lock: File,
}

impl Instance {
    /// Locks the instance, and ends processes that a killed run left behind.
    pub fn take(name: &str) -> Result<Self> {
        let folder = Folder::of(name)?;
        folder.create()?;
        let lock = lock(&folder.path("lock"), name)?;
        for process in leftovers::sweep(&folder.records()) {
            say!("Ended {process}, left behind by a killed run");
        }
        let logs = folder.path("logs");
        if logs.exists() {
            fs::remove_dir_all(&logs).context("remove the logs of the previous run")?;
        }
        Ok(Self { folder, _lock: lock })
    }

    /// Locks the instance, and removes all its files.
    pub fn take_empty(name: &str) -> Result<Self> {
        let instance = Self::take(name)?;
        let everything = fs::read_dir(&instance.folder.path)?.flatten();
        for entry in everything.filter(|entry| entry.file_name() != "lock") {
            let path = entry.path();
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.with_context(|| format!("remove {}", path.display()))?;
        }
        Ok(instance)
    }

    /// The folder of the instance.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // The remaining records belong to processes whose owner has ended, for example a killed test.
        leftovers::sweep(&self.folder.records());
    }
}

fn lock(path: &Path, name: &str) -> Result<File> {
    let mut file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .with_context(|| format!("open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder)?;
            // The message does not name the command, because `test`, `bench` and `chaos` share an instance.
            bail!(
                ".data/{name} is in use by another `./dev`; wait until process {} has ended",
                holder.trim()
            );
        }
        Err(TryLockError::Error(error)) => return Err(error).context("lock the data folder"),
    }
    file.set_len(0)?;
    write!(file, "{}", std::process::id())?;
    Ok(file)
}

/// Returns the id of the process that uses this instance, or `None`.
pub(crate) fn holder(folder: &Folder) -> Result<Option<String>> {
    let Ok(mut file) = File::open(folder.path("lock")) else {
        return Ok(None); // The instance was never used.
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder)?;
            Ok(Some(holder.trim().to_owned()))
        }
        Err(TryLockError::Error(error)) => Err(error).context("test the lock of the data folder"),
    }
}

/// Writes a file atomically. Only its owner can read it.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut options = File::options();
    let file = options.create(true).truncate(true).write(true).mode(0o600).open(&unfinished);
    let written =
        file.and_then(|mut file| file.write_all(content)).and_then(|()| fs::rename(&unfinished, path));
    written.with_context(|| format!("write {}", path.display()))
}
