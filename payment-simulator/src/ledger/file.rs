//! The ledger's file: reading it at start and appending to it.

use super::record::Record;
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};
use tokio::{
    io::AsyncWriteExt,
    sync::{mpsc, watch},
};

/// The most lines that share one fsync.
const GROUP: usize = 1024;

/// Why the ledger cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// Another process has it.
    #[error("the ledger {0} is in use by another process")]
    InUse(PathBuf),
    /// The operating system refuses.
    #[error("the ledger {path} cannot be opened: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A whole line makes no sense: what follows cannot be trusted either.
    #[error("line {line} of the ledger {path} cannot be read: {error}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Why.
        error: serde_json::Error,
    },
}

/// Opens or creates the file, for this process alone, and reads its records.
///
/// A last line without its end was being written when the process was killed. Nobody was told of
/// it, so it is cut off.
pub(super) fn open(path: &Path) -> Result<(File, Vec<Record>), OpenError> {
    let failed = |error| OpenError::Io { path: path.to_owned(), error };
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => OpenError::InUse(path.to_owned()),
        TryLockError::Error(error) => failed(error),
    })?;

    let mut reader = BufReader::new(&mut file);
    let (mut records, mut whole, mut line) = (Vec::new(), 0, Vec::new());
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line).map_err(failed)?;
        let Some(json) = line.strip_suffix(b"\n") else {
            if length > 0 {
                tracing::warn!(
                    ledger = %path.display(),
                    bytes = length,
                    "the ledger's last line is torn: a crash interrupted it before it was answered; it is cut off"
                );
            }
            break;
        };
        let number = records.len() + 1;
        let unreadable = |error| OpenError::Unreadable { path: path.to_owned(), line: number, error };
        records.push(serde_json::from_slice(json).map_err(unreadable)?);
        whole += length as u64;
    }
    file.set_len(whole).and_then(|()| file.sync_all()).map_err(failed)?;
    sync_folder(path).map_err(failed)?;
    Ok((file, records))
}

/// A new file's name must survive a crash as well as its content.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Appends to the file. There is one.
pub(crate) struct Writer {
    file: tokio::fs::File,
    queue: mpsc::UnboundedReceiver<String>,
    synced: watch::Sender<u64>,
}

impl Writer {
    pub(super) fn new(
        file: File,
        queue: mpsc::UnboundedReceiver<String>,
        synced: watch::Sender<u64>,
    ) -> Self {
        Self { file: tokio::fs::File::from_std(file), queue, synced }
    }

    /// Writes what is queued, as long as anybody holds the ledger. What waits while one group is
    /// being synced makes up the next.
    ///
    /// Any failure is final: after a failed fsync nobody knows what the disk holds, and after half a
    /// line nothing may follow it. A restart reads the file anew.
    pub(crate) async fn run(mut self) -> io::Result<()> {
        let mut group = Vec::new();
        let mut text = String::new();
        while self.queue.recv_many(&mut group, GROUP).await > 0 {
            text.clear();
            for line in &group {
                text.push_str(line);
                text.push('\n');
            }
            self.file.write_all(text.as_bytes()).await?;
            self.file.flush().await?;
            self.file.sync_data().await?;
            self.synced.send_modify(|synced| *synced += group.len() as u64);
            group.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;
    use std::fs;

    const LINE: &str = r#"{"at":"2026-01-02T03:04:05Z","saved":{"call":{"key":"k","path":"/v1/refunds","parameters":{}},"answer":{"status":400,"body":{}}}}"#;

    #[test]
    fn a_missing_file_is_created() {
        let folder = Folder::new();
        let (_, records) = open(&folder.ledger_file()).unwrap();
        assert!(records.is_empty());
        assert!(folder.ledger_file().exists());
    }

    #[test]
    fn a_torn_last_line_is_cut_off() {
        let folder = Folder::new();
        let path = folder.ledger_file();
        let whole = format!("{LINE}\n{LINE}\n");
        // Torn anywhere, even where only the line's end is missing.
        for torn in [&LINE[..1], &LINE[..40], LINE] {
            fs::write(&path, format!("{whole}{torn}")).unwrap();
            let (_, records) = open(&path).unwrap();
            assert_eq!(records.len(), 2);
            assert_eq!(fs::read_to_string(&path).unwrap(), whole);
        }
    }

    #[test]
    fn a_line_that_makes_no_sense_is_named() {
        let folder = Folder::new();
        let path = folder.ledger_file();
        fs::write(&path, format!("{LINE}\nnonsense\n{LINE}\n")).unwrap();
        let error = open(&path).unwrap_err();
        assert!(error.to_string().starts_with("line 2 of the ledger "), "{error}");
        assert!(fs::read_to_string(&path).unwrap().contains("nonsense"));
    }

    #[test]
    fn one_process_has_it() {
        let folder = Folder::new();
        let held = open(&folder.ledger_file()).unwrap();
        assert!(matches!(open(&folder.ledger_file()), Err(OpenError::InUse(_))));
        drop(held);
        assert!(open(&folder.ledger_file()).is_ok());
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_the_file() {
        let folder = Folder::new();
        let path = folder.ledger_file().join("deeper");
        let error = open(&path).unwrap_err().to_string();
        assert!(error.contains(&path.display().to_string()), "{error}");
    }
}
