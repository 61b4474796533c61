//! The file of the ledger. It is read at start and then only appended to.

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

/// The largest number of lines that share one fsync.
const MAX_BATCH: usize = 1024;

/// The reason why the ledger cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// Another process has locked the file.
    #[error("the ledger {0} is in use by another process")]
    InUse(PathBuf),
    /// The operating system returned an error.
    #[error("the ledger {path} cannot be opened: {error}; its folder must exist and be writable")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        error: io::Error,
    },
    /// A complete line is invalid, so the following lines cannot be trusted either.
    #[error("line {line} of the ledger {path} cannot be read: {error}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The line number, counted from 1.
        line: usize,
        /// The cause.
        error: serde_json::Error,
    },
}

/// Opens or creates the file, locks it, and reads its records.
///
/// A last line without a line end was interrupted by a crash. Its request was not answered, so the line is
/// removed.
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
                    "the last line of the ledger is incomplete, because a crash interrupted it; it is removed"
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

/// Syncs the folder, so that the name of a new file survives a crash.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// The only writer of the file.
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

    /// Writes queued lines until the last handle of the ledger is dropped. Lines that are queued during an
    /// fsync form the next batch.
    ///
    /// Every error is final. After a failed fsync the content of the disk is unknown, and no line may follow
    /// a partial one. A restart reads the file again.
    pub(crate) async fn run(mut self) -> io::Result<()> {
        let mut batch = Vec::new();
        let mut text = String::new();
        while self.queue.recv_many(&mut batch, MAX_BATCH).await > 0 {
            text.clear();
            for line in &batch {
                text.push_str(line);
                text.push('\n');
            }
            self.file.write_all(text.as_bytes()).await?;
            self.file.flush().await?;
            self.file.sync_data().await?;
            self.synced.send_modify(|synced| *synced += batch.len() as u64);
            batch.clear();
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
    fn an_incomplete_last_line_is_removed() {
        let folder = Folder::new();
        let path = folder.ledger_file();
        let whole = format!("{LINE}\n{LINE}\n");
        // The line may end anywhere. In the last case only the line end is missing.
        for incomplete in [&LINE[..1], &LINE[..40], LINE] {
            fs::write(&path, format!("{whole}{incomplete}")).unwrap();
            let (_, records) = open(&path).unwrap();
            assert_eq!(records.len(), 2);
            assert_eq!(fs::read_to_string(&path).unwrap(), whole);
        }
    }

    #[test]
    fn an_invalid_line_is_an_error_with_its_number() {
        let folder = Folder::new();
        let path = folder.ledger_file();
        fs::write(&path, format!("{LINE}\nnonsense\n{LINE}\n")).unwrap();
        let error = open(&path).unwrap_err();
        assert!(error.to_string().starts_with("line 2 of the ledger "), "{error}");
        assert!(fs::read_to_string(&path).unwrap().contains("nonsense"));
    }

    #[test]
    fn only_one_process_can_open_the_file() {
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
