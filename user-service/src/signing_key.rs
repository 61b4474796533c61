//! Reads and creates the files with the signing keys. They hold Ed25519 keys, PKCS#8 in PEM, as
//! `openssl genpkey -algorithm ed25519` writes them.

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

/// Why a key cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFileError {
    /// The file is missing in production. A key that the service creates would differ in every replica.
    #[error(
        "SIGNING_KEY_FILE: {0} does not exist; create it with `openssl genpkey -algorithm ed25519 -out {0}` \
         (the service creates it only with APP_ENV=development)"
    )]
    Missing(PathBuf),
    /// The signing key cannot be read or written.
    #[error("SIGNING_KEY_FILE: {0}: {1}")]
    Io(PathBuf, io::Error),
    /// A key to publish cannot be read.
    #[error("PUBLISHED_KEY_FILES: {0}: {1}")]
    Published(PathBuf, io::Error),
    /// The file does not hold an Ed25519 key.
    #[error(
        "{0}: {1} is not an Ed25519 key in PKCS#8 PEM, as `openssl genpkey -algorithm ed25519` writes it: {2}"
    )]
    Invalid(&'static str, PathBuf, jsonwebtoken::errors::Error),
    /// The system has no random numbers.
    #[error("cannot create a signing key")]
    Generate(#[from] aws_lc_rs::error::Unspecified),
}

/// Creates the signer with all keys of the settings.
pub(crate) fn signer(config: &Config) -> Result<Signer, KeyFileError> {
    let read = |variable, path: &Path, pem: &[u8]| {
        SigningKey::from_pem(pem).map_err(|error| KeyFileError::Invalid(variable, path.to_owned(), error))
    };
    let path = &config.signing_key_file;
    let active = read("SIGNING_KEY_FILE", path, &load(path, config.app_env)?)?;
    // An empty variable means no files, because a Compose file passes an unset variable as an empty one.
    let published = config.published_key_files.iter().filter(|path| !path.is_empty());
    let others = published.map(|path| {
        let path = Path::new(path);
        let pem = fs::read(path).map_err(|error| KeyFileError::Published(path.to_owned(), error))?;
        read("PUBLISHED_KEY_FILES", path, &pem)
    });
    Ok(Signer::new(active, others.collect::<Result<Vec<_>, _>>()?, config.tokens()))
}

/// Reads the PEM text of the key. In development, creates a missing key first.
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

/// Generates a new key in PEM.
pub(crate) fn generate() -> Result<String, aws_lc_rs::error::Unspecified> {
    // Version 1 of PKCS#8 lacks the public key. OpenSSL writes this form and `jsonwebtoken` reads it.
    let der = Ed25519KeyPair::generate()?.to_pkcs8v1()?;
    let body = STANDARD.encode(der.as_ref());
    Ok(format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"))
}

/// Writes the key to its file. The complete file appears in one step, so no process reads half a key.
/// If another replica created the file first, that key remains.
fn create(path: &Path, pem: &str) -> io::Result<()> {
    let draft = path.with_added_extension(std::process::id().to_string());
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()));
    // Unlike a rename, a link never replaces an existing file.
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => removed,
        Ok(()) => {
            tracing::warn!(path = %path.display(), "created a new signing key, for development only");
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
    fn production_does_not_create_a_key() {
        let folder = folder();
        let path = folder.join("key.pem");
        let error = load(&path, Environment::Production).unwrap_err();
        assert!(matches!(error, KeyFileError::Missing(_)));
        assert!(!path.exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn development_creates_a_private_file_once() {
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
    fn a_key_of_another_replica_is_not_replaced() {
        let folder = folder();
        let path = folder.join("key.pem");
        create(&path, "theirs").unwrap();
        create(&path, "ours").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_error_names_a_missing_folder() {
        let error = load(Path::new("/nowhere/key.pem"), Environment::Development).unwrap_err();
        assert!(error.to_string().starts_with("SIGNING_KEY_FILE: /nowhere/key.pem: "), "{error}");
    }
}
