//! A path without characters that some programs cannot handle. It is the folder's own path or a link to it.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::io::ErrorKind;
use std::ops::Deref;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

/// The path of a folder. It consists of ASCII letters, digits and punctuation without a meaning in shells.
#[derive(Debug)]
pub(crate) enum PlainPath {
    /// The folder's own path.
    Own(PathBuf),
    /// A link. Dropping the value removes it. The same folder always gets the same link.
    Link(PathBuf),
}

impl PlainPath {
    /// Creates the folder if it is missing, and returns a plain path to it.
    pub(crate) fn to(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
        if is_plain(folder) {
            return Ok(Self::Own(folder.to_owned()));
        }
        let mut hasher = DefaultHasher::new();
        folder.hash(&mut hasher);
        let temporary = [std::env::temp_dir(), PathBuf::from("/tmp")];
        let temporary =
            temporary.into_iter().find(|folder| is_plain(folder)).context("no temporary folder")?;
        let link = temporary.join(format!("orderflow-{:016x}", hasher.finish()));
        match symlink(folder, &link) {
            Ok(()) => {}
            // A killed run may have left the link. A link to another folder is refused. Otherwise the data
            // would be written to that folder.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let leads_here = fs::read_link(&link).is_ok_and(|target| target == folder);
                ensure!(leads_here, "{} is in the way; remove it and try again", link.display());
            }
            Err(error) => return Err(error).with_context(|| format!("create {}", link.display())),
        }
        Ok(Self::Link(link))
    }
}

fn is_plain(path: &Path) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@".contains(c);
    path.to_str().is_some_and(|path| path.chars().all(is_plain))
}

impl Deref for PlainPath {
    type Target = Path;

    fn deref(&self) -> &Path {
        match self {
            Self::Own(path) | Self::Link(path) => path,
        }
    }
}

impl Drop for PlainPath {
    fn drop(&mut self) {
        if let Self::Link(link) = self {
            let _ = fs::remove_file(link); // The next run can use a remaining link.
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_an_odd_name_is_reached_by_a_link() {
        let folder = std::env::temp_dir().join(format!("it's (odd) \u{e9}-{}", std::process::id()));
        let plain = PlainPath::to(&folder).unwrap();
        let link = plain.to_owned();
        assert!(is_plain(&link) && !is_plain(&folder));
        fs::write(plain.join("file"), "text").unwrap();
        assert_eq!(fs::read_to_string(folder.join("file")).unwrap(), "text");

        let again = PlainPath::to(&folder).unwrap();
        assert_eq!(*again, *link, "the link is always the same");
        drop((plain, again));
        assert!(!link.exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_link_that_leads_elsewhere_is_not_followed() {
        let folder = std::env::temp_dir().join(format!("it's-{}", std::process::id()));
        let link = PlainPath::to(&folder).unwrap().to_owned();
        symlink("/", &link).unwrap();
        let error = PlainPath::to(&folder).unwrap_err().to_string();
        assert!(error.contains("is in the way"), "{error}");
        fs::remove_file(link).unwrap();
        fs::remove_dir_all(folder).unwrap();
    }
}
