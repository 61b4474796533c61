//! A checkout's data folder: one instance folder for each kind of run, with its lock, secrets, logs and data.
//!
//! `up`, `demo`, `test` and `prepare` each have their own, so they run side by side; two of a kind do not.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rand::RngExt as _;
use rand::distr::Alphanumeric;
use serde::{Deserialize, Serialize};

use crate::leftovers;
use crate::progress::say;
use crate::services::SERVICES;

/// The checkout that the current directory is in.
pub fn checkout() -> Result<PathBuf> {
    let here = std::env::current_dir().context("current directory")?;
    let found =
        here.ancestors().find(|folder| folder.join("Cargo.lock").exists() && folder.join("dev").exists());
    found.map(Path::to_owned).with_context(|| format!("{} is not in a checkout", here.display()))
}

/// Names the folder with the services' programs, where they are not those beside the running one.
pub const SERVICE_PROGRAMS: &str = "SERVICE_PROGRAMS";

/// A built program of this workspace: one of [`SERVICE_PROGRAMS`], or else one that lies beside the running one, or above
/// a test's.
pub fn program(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe().context("own program")?;
    let beside = own.ancestors().skip(1).take(2).map(Path::to_owned);
    let folders = std::env::var_os(SERVICE_PROGRAMS).map(PathBuf::from).into_iter().chain(beside);
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    found.with_context(|| format!("{name} is not built; `cargo build --workspace --bins` builds it"))
}

/// Where one kind of run keeps everything.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    /// Shared with the folders inside, so that one sweep of the instance finds every process that was left behind.
    records: PathBuf,
}

impl Folder {
    /// The folder of the named instance in this checkout.
    pub fn of(instance: &str) -> Result<Self> {
        let path = checkout()?.join(".data").join(instance);
        Ok(Self { records: path.join("run"), path })
    }

    /// A folder inside, for one isolated stack.
    #[must_use]
    pub fn inner(&self, name: &str) -> Self {
        Self { path: self.path.join(name), records: self.records.clone() }
    }

    /// A path inside.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Creates it; only its user can look inside.
    pub fn create(&self) -> Result<()> {
        use std::os::unix::fs::DirBuilderExt as _;
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(&self.path).with_context(|| format!("create {}", self.path.display()))
    }

    /// The log file of one process.
    #[must_use]
    pub fn log(&self, process: &str) -> PathBuf {
        self.path.join("logs").join(format!("{process}.log"))
    }

    /// Where the records of running processes are.
    #[must_use]
    pub fn records(&self) -> PathBuf {
        self.records.clone()
    }
}

/// An instance that this process alone uses, until the value is dropped.
#[derive(Debug)]
pub struct Instance {
    folder: Folder,
    /// Held for its lock, which the kernel takes back even from a killed process.
    _lock: File,
}

impl Instance {
    /// Takes the instance and ends what a killed run has left behind in it.
    pub fn take(name: &str) -> Result<Self> {
        let folder = Folder::of(name)?;
        folder.create()?;
        let lock = lock(&folder.path("lock"), name)?;
        for process in leftovers::sweep(&folder.records()) {
            say!("Ended {process}, left behind by a killed run");
        }
        let logs = folder.path("logs");
        if logs.exists() {
            fs::remove_dir_all(&logs).context("remove the logs of the run before")?;
        }
        Ok(Self { folder, _lock: lock })
    }

    /// Takes the instance with nothing in it.
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

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // What is still recorded was started by a process that is gone: a test that was killed, say.
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
            // Not which command: `test`, `bench` and `chaos` have one in common.
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

/// The process that uses this instance; `None` where it is not in use.
pub(crate) fn holder(folder: &Folder) -> Result<Option<String>> {
    let Ok(mut file) = File::open(folder.path("lock")) else {
        return Ok(None); // It was never used.
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder)?;
            Ok(Some(holder.trim().to_owned()))
        }
        Err(TryLockError::Error(error)) => Err(error).context("look at the lock of the data folder"),
    }
}

/// Writes a file that only its user can read. A reader finds the old content or the new one.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut options = File::options();
    let file = options.create(true).truncate(true).write(true).mode(0o600).open(&unfinished);
    let written =
        file.and_then(|mut file| file.write_all(content)).and_then(|()| fs::rename(&unfinished, path));
    written.with_context(|| format!("write {}", path.display()))
}

/// The passwords and keys of one instance: random, made on first use, never in the repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
// A folder from before there was some secret gets one.
#[serde(default)]
pub(crate) struct Secrets {
    pub postgres: String,
    /// Of the owner of each service's database.
    pub databases: BTreeMap<String, String>,
    pub rabbitmq: String,
    pub staff: String,
    pub customer: String,
    pub order_processor: String,
    pub payment_worker: String,
    pub payment_provider: String,
    pub order_service_broker: String,
    pub order_processor_broker: String,
    pub payment_worker_broker: String,
    pub operations_service_broker: String,
}

impl Secrets {
    /// New ones, known to nobody.
    pub(crate) fn random() -> Self {
        Self {
            postgres: word(),
            databases: BTreeMap::new(),
            rabbitmq: word(),
            staff: word(),
            customer: word(),
            order_processor: word(),
            payment_worker: word(),
            payment_provider: word(),
            order_service_broker: word(),
            order_processor_broker: word(),
            payment_worker_broker: word(),
            operations_service_broker: word(),
        }
    }

    /// Those kept in the folder; what is not there yet is new, and kept from now on.
    pub(crate) fn of(folder: &Folder) -> Result<Self> {
        let path = folder.path("secrets.json");
        let kept = if path.exists() {
            fs::read(&path).with_context(|| format!("read {}", path.display()))?
        } else {
            b"{}".to_vec()
        };
        let mut secrets: Self =
            serde_json::from_slice(&kept).with_context(|| format!("{} is damaged", path.display()))?;
        for (database, _) in SERVICES.iter().filter_map(|service| service.database) {
            secrets.databases.entry(database.to_owned()).or_insert_with(word);
        }
        let all = serde_json::to_vec_pretty(&secrets)?;
        if all != kept {
            write_private(&path, &all)?;
        }
        Ok(secrets)
    }
}

impl Default for Secrets {
    fn default() -> Self {
        Self::random()
    }
}

/// 24 random letters and digits: nothing that a URL, a shell or a configuration file has to quote.
pub(crate) fn word() -> String {
    rand::rng().sample_iter(Alphanumeric).take(24).map(char::from).collect()
}
