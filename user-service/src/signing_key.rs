//! The files with the keys of tokens: Ed25519 keys, PKCS#8 in PEM, as `openssl genpkey -algorithm
//! ed25519` writes them.

use crate::{
    config::{Config, Environment},
    signing::{Signer, SigningKey},
};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFileError {
    /// In production a key that appears by itself would be one that no other replica has.
    #[error(
        "SIGNING_KEY_FILE: {0} does not exist; make one with `openssl genpkey -algorithm ed25519 -out {0}` \
         (it is made by itself only with APP_ENV=development)"
    )]
    Missing(PathBuf),
    /// The file system said no.
    #[error("SIGNING_KEY_FILE: {0}: {1}")]
    Io(PathBuf, io::Error),
    /// A key to publish cannot be read.
    #[error("PUBLISHED_KEY_FILES: {0}: {1}")]
    Published(PathBuf, io::Error),
    /// The file holds something else.
    #[error("{0}: {1} is not an Ed25519 key in PKCS#8 PEM: {2}")]
    Invalid(&'static str, PathBuf, jsonwebtoken::errors::Error),
    /// No random numbers to be had.
    #[error("cannot make a signing key")]
    Generate(#[from] aws_lc_rs::error::Unspecified),
}

/// The signer with all keys of the settings.
pub(crate) fn signer(config: &Config) -> Result<Signer, KeyFileError> {
    let read = |variable, path: &Path, pem: &[u8]| {
        SigningKey::from_pem(pem).map_err(|error| KeyFileError::Invalid(variable, path.to_owned(), error))
    };
    let path = &config.signing_key_file;
    let active = read("SIGNING_KEY_FILE", path, &load(path, config.app_env)?)?;
    // An empty variable means no files: compose files make one of a variable that is not set.
    let published = config.published_key_files.iter().filter(|path| !path.is_empty());
    let others = published.map(|path| {
        let path = Path::new(path);
        let pem = fs::read(path).map_err(|error| KeyFileError::Published(path.to_owned(), error))?;
        read("PUBLISHED_KEY_FILES", path, &pem)
    });
    Ok(Signer::new(active, others.collect::<Result<Vec<_>, _>>()?, config.tokens()))
}

/// Reads the key, PEM as it is; in development makes it where there is none.
fn load(path: &Path, environment: Environment) -> Result<Vec<u8>, KeyFileError> {
    let io_error = |error| KeyFileError::Io(path.to_owned(), error);
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => match environment {
            Environment::Production => Err(KeyFileError::Missing(path.to_owned())),
            Environment::Development => {
                create(path, &generate()?).map_err(io_error)?;
                fs::read(path).map_err(io_error)
            }
        },
        outcome => outcome.map_err(io_error),
    }
}

/// A new key in PEM.
pub(crate) fn generate() -> Result<String, aws_lc_rs::error::Unspecified> {
    // Version 1, without the public key: the form that OpenSSL writes and `jsonwebtoken` reads.
    let der = Ed25519KeyPair::generate()?.to_pkcs8v1()?;
    let body = STANDARD.encode(der.as_ref());
    Ok(format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"))
}

/// Puts the key where nobody ever sees half of it, and keeps one that another replica has put there
/// in the meantime.
fn create(path: &Path, pem: &str) -> io::Result<()> {
    let draft = path.with_added_extension(std::process::id().to_string());
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()));
    // Unlike a rename, a link does not replace what is there.
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => removed,
        Ok(()) => {
            tracing::warn!(path = %path.display(), "made a new signing key, for development only");
            removed
        }
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn folder() -> PathBuf {
        let folder = std::env::temp_dir().join(format!("signing-key-{}", uuid::Uuid::now_v7()));
        fs::create_dir(&folder).unwrap();
        folder
    }

    #[test]
    fn production_makes_no_key() {
        let folder = folder();
        let path = folder.join("key.pem");
        let error = load(&path, Environment::Production).unwrap_err();
        assert!(matches!(error, KeyFileError::Missing(_)));
        assert!(!path.exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn development_makes_one_for_its_owner_only_and_keeps_it() {
        let folder = folder();
        let path = folder.join("key.pem");
        let first = load(&path, Environment::Development).unwrap();
        assert_eq!(load(&path, Environment::Development).unwrap(), first);
        assert_eq!(load(&path, Environment::Production).unwrap(), first);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no draft is left");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_key_that_another_replica_made_first_stays() {
        let folder = folder();
        let path = folder.join("key.pem");
        create(&path, "theirs").unwrap();
        create(&path, "ours").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = load(Path::new("/nowhere/key.pem"), Environment::Development).unwrap_err();
        assert!(error.to_string().starts_with("SIGNING_KEY_FILE: /nowhere/key.pem: "), "{error}");
    }
}
