//! A library that comes between a process and the system's (`LD_PRELOAD`), to have the system lie.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The variable that names such a library.
pub const LD_PRELOAD: &str = "LD_PRELOAD";

/// A library in a folder of its own, where every user can read it. Both go with the value.
pub struct Shim {
    folder: PathBuf,
    library: PathBuf,
}

impl Shim {
    /// Compiles one from C, the language that such a library has to speak.
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

    /// The library, for [`LD_PRELOAD`].
    #[must_use]
    pub fn library(&self) -> &str {
        self.library.to_str().expect("a path in UTF-8")
    }

    /// Its folder, for what it is told through files.
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
