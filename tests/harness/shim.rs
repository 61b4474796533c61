//! A preloaded library (`LD_PRELOAD`) that replaces functions of the C library, to simulate system faults.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The environment variable that names the library to preload.
pub const LD_PRELOAD: &str = "LD_PRELOAD";

/// A compiled library in its own folder, which every user can read. Dropping this removes both.
pub struct Shim {
    folder: PathBuf,
    library: PathBuf,
}

impl Shim {
    /// Compiles a library from C source.
    #[must_use]
    pub fn of(source: &str) -> Self {
        let folder = std::env::temp_dir().join(crate::unique("orderflow-shim"));
        std::fs::create_dir(&folder).expect("create a folder");
        let (code, library) = (folder.join("shim.c"), folder.join("shim.so"));
        std::fs::write(&code, source).expect("write the source");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .args([&library, &code])
            .arg("-ldl")
            .stdin(Stdio::null())
            .status()
            .expect("a C compiler, which the build needs too");
        assert!(compiled.success(), "the shim does not compile");
        Self { folder, library }
    }

    /// The path of the library, for [`LD_PRELOAD`].
    #[must_use]
    pub fn library(&self) -> &str {
        self.library.to_str().expect("a path in UTF-8")
    }

    /// The folder of the library. A test controls the library with files in it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Shim {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}
