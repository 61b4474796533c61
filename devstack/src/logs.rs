//! Reads the last lines of log files, and follows several log files at once.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// The number of bytes at the end of a log file that are searched for its last lines.
const TAIL_BYTES: u64 = 64 * 1024;
/// ANSI foreground colours that are readable on light and dark backgrounds.
const COLOURS: [u8; 10] = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

/// Returns the last `lines` lines of a log file, or an empty text if the file is missing.
#[must_use]
pub fn tail(path: &Path, lines: usize) -> String {
    let read = || -> std::io::Result<String> {
        let mut file = File::open(path)?;
        let start = file.metadata()?.len().saturating_sub(TAIL_BYTES);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    all.get(all.len().saturating_sub(lines)..).unwrap_or_default().join("\n")
}

/// Prints lines that are appended to several log files. Each line starts with the name of its process.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    files: Vec<Followed>,
}

#[derive(Debug)]
struct Followed {
    prefix: String,
    path: PathBuf,
    offset: u64,
    /// The start of an incomplete line.
    partial: Vec<u8>,
}

impl Follower {
    /// Follows these files from their current end.
    pub(crate) fn new(files: impl IntoIterator<Item = (String, PathBuf)>) -> Self {
        let files: Vec<_> = files.into_iter().collect();
        let width = files.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        let colourful = std::io::stdout().is_terminal();
        let followed = files.into_iter().zip(COLOURS.iter().cycle()).map(|((name, path), colour)| Followed {
            prefix: if colourful {
                format!("\x1b[{colour}m{name:width$} |\x1b[0m ")
            } else {
                format!("{name:width$} | ")
            },
            offset: path.metadata().map(|file| file.len()).unwrap_or_default(),
            path,
            partial: Vec::new(),
        });
        Self { files: followed.collect() }
    }

    /// Prints new complete lines.
    pub(crate) fn print_new_lines(&mut self) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        for file in &mut self.files {
            for line in file.new_lines()? {
                writeln!(out, "{}{line}", file.prefix)?;
            }
        }
        out.flush()
    }
}

impl Followed {
    fn new_lines(&mut self) -> std::io::Result<Vec<String>> {
        let Ok(mut file) = File::open(&self.path) else {
            return Ok(Vec::new()); // The process has not started yet.
        };
        file.seek(SeekFrom::Start(self.offset))?;
        let read = file.read_to_end(&mut self.partial)?;
        self.offset += u64::try_from(read).unwrap_or_default();
        let Some(end) = self.partial.iter().rposition(|&byte| byte == b'\n') else {
            return Ok(Vec::new());
        };
        let rest = self.partial.split_off(end + 1);
        let whole = std::mem::replace(&mut self.partial, rest);
        Ok(String::from_utf8_lossy(&whole).lines().map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_tail_is_the_last_lines() {
        let path = std::env::temp_dir().join(format!("tail-{}", std::process::id()));
        fs::write(&path, "one\ntwo\nthree\n").unwrap();
        assert_eq!(tail(&path, 2), "two\nthree");
        assert_eq!(tail(&path, 9), "one\ntwo\nthree");
        fs::remove_file(&path).unwrap();
        assert_eq!(tail(&path, 2), "");
    }

    #[test]
    fn only_complete_lines_are_shown() {
        let path = std::env::temp_dir().join(format!("follow-{}", std::process::id()));
        fs::write(&path, "before\n").unwrap();
        let mut follower = Follower::new([("a".to_owned(), path.clone())]);
        let file = follower.files.first_mut().unwrap();
        fs::write(&path, "before\nwhole\nhalf").unwrap();
        assert_eq!(file.new_lines().unwrap(), ["whole"]);
        fs::write(&path, "before\nwhole\nhalf and half\n").unwrap();
        assert_eq!(file.new_lines().unwrap(), ["half and half"]);
        fs::remove_file(&path).unwrap();
    }
}
