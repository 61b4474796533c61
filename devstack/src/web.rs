//! Installs the packages of the web client and builds it. Both steps run only if their inputs have changed.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use crate::instance;
use crate::progress::Progress;

/// The files that determine the packages.
const PACKAGES: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];
/// The folders that the build does not read.
const NOT_BUILT: [&str; 3] = ["node_modules", "dist", "tests"];

/// The folder of the web client.
pub fn folder() -> Result<PathBuf> {
    Ok(instance::checkout()?.join("web"))
}

/// Installs the packages of the lock file.
pub(crate) async fn install(progress: Progress) -> Result<()> {
    let web = folder()?;
    let _lock = lock().await?;
    install_in(&web, progress).await
}

/// Builds the web client, which the gateway serves. Needs Node.js, which `./dev` installs.
pub async fn build() -> Result<()> {
    build_showing(Progress::Hidden).await
}

pub(crate) async fn build_showing(progress: Progress) -> Result<()> {
    let web = folder()?;
    let _lock = lock().await?;
    install_in(&web, progress).await?;
    // The stamp is in `node_modules`, so a new installation of the packages causes a new build.
    let stamp = web.join("node_modules/.built");
    let sources = fingerprint(&web, &files_to_build(&web)?)?;
    if !web.join("dist/index.html").exists() || !is_stamped(&stamp, &sources) {
        let begun = Instant::now();
        progress.begin("Building the web client");
        npm(&web, &["run", "build"]).await?;
        fs::write(&stamp, &sources)?;
        progress.done("web client", "", begun);
    }
    Ok(())
}

async fn install_in(web: &Path, progress: Progress) -> Result<()> {
    // `npm ci` first deletes the folder, including the stamp.
    let stamp = web.join("node_modules/.installed");
    let wanted = fingerprint(web, &PACKAGES.map(|name| web.join(name)))?;
    if !is_stamped(&stamp, &wanted) {
        let begun = Instant::now();
        progress.begin("Installing the packages of the web client");
        npm(web, &["ci", "--no-audit", "--no-fund"]).await?;
        fs::write(&stamp, &wanted)?;
        progress.done("packages", "", begun);
    }
    Ok(())
}

/// Runs npm to its end. The error contains its output.
async fn npm(web: &Path, args: &[&str]) -> Result<()> {
    let mut command = Command::new("npm");
    command.args(args).current_dir(web).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.context("cannot start npm; `./dev` installs Node.js with it")?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!(
            "npm {} failed in {}:\n{}",
            args.join(" "),
            web.display(),
            String::from_utf8_lossy(&said).trim()
        );
    }
    Ok(())
}

/// Takes a lock, so that concurrent commands do not install into the same folder. Dropping the file releases
/// it.
async fn lock() -> Result<File> {
    let data = instance::checkout()?.join(".data");
    fs::create_dir_all(&data).with_context(|| format!("create {}", data.display()))?;
    let file = File::create(data.join("web.lock")).context("create .data/web.lock")?;
    tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await?.context("lock .data/web.lock")
}

fn is_stamped(stamp: &Path, fingerprint: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|stamped| stamped == fingerprint)
}

/// Returns a hash of the names and contents of these files. It does not depend on the folder of the checkout.
fn fingerprint(web: &Path, files: &[PathBuf]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.strip_prefix(web).unwrap_or(file).hash(&mut hasher);
        fs::read(file).with_context(|| format!("read {}", file.display()))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn files_to_build(web: &Path) -> Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![web.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("read {}", folder.display()))? {
            let entry = entry?;
            if folder == web && NOT_BUILT.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            let list = if entry.file_type()?.is_dir() { &mut folders } else { &mut files };
            list.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_covers_sources_but_not_build_output() {
        let web = std::env::temp_dir().join(format!("web-{}", std::process::id()));
        fs::create_dir_all(web.join("src/dist")).unwrap();
        fs::create_dir_all(web.join("dist")).unwrap();
        let seen = || fingerprint(&web, &files_to_build(&web).unwrap()).unwrap();
        let mut before = seen();
        for (file, is_source) in [
            ("src/main.ts", true),
            ("src/dist/deep.ts", true),
            ("index.html", true),
            ("dist/index.html", false),
        ] {
            for content in ["one", "two"] {
                fs::write(web.join(file), content).unwrap();
                let now = seen();
                assert_eq!(now != before, is_source, "{file}");
                before = now;
            }
        }
        fs::remove_dir_all(web).unwrap();
    }
}
