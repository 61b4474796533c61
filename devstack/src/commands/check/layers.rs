//! Checks that dependencies point in one direction, between crates and inside a service. See ARCHITECTURE.md.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::cargo_output;
use super::imports::{self, Source};

/// All crates of the workspace, each with the crates that it may depend on. Services communicate only over
/// HTTP and messages.
const CRATES: [(&str, &[&str]); 19] = [
    ("contract", &[]),
    ("runtime", &["contract"]),
    ("storage", &["contract", "runtime"]),
    ("messaging", &["contract", "runtime", "storage"]),
    ("rest", &["contract", "runtime"]),
    ("user-service", &["contract", "runtime", "storage", "rest"]),
    ("catalog-service", &["contract", "runtime", "storage", "rest"]),
    ("discount-service", &["contract", "runtime", "storage", "rest"]),
    ("order-service", &["contract", "runtime", "storage", "messaging", "rest"]),
    ("order-processor", &["contract", "runtime", "messaging", "rest"]),
    ("payment-worker", &["contract", "runtime", "storage", "messaging", "rest"]),
    ("delivery-service", &["contract", "runtime", "storage", "messaging", "rest"]),
    ("payment-simulator", &["runtime", "rest"]),
    ("carrier-simulator", &["runtime", "rest"]),
    ("operations-service", &["contract", "runtime", "storage", "messaging", "rest"]),
    ("orderctl", &["contract", "runtime"]),
    ("devstack", &["contract", "runtime", "storage", "orderctl"]),
    ("bench", &["contract", "runtime", "messaging", "devstack", "orderctl"]),
    ("system-tests", &["contract", "runtime", "storage", "messaging", "rest", "devstack", "orderctl"]),
];

/// The crates that may use SQL anywhere, because they inspect databases from outside. All other crates use
/// SQL only in `db/`. The crate `storage` is SQL as a whole.
const OUTSIDE_SQL: [&str; 3] = ["devstack", "bench", "system-tests"];
/// Folders of a service, each with the crates and modules that it must not use.
const FOLDERS: [(&str, &[&str]); 2] = [
    (
        "domain",
        &[
            "axum::",
            "sqlx::",
            "lapin::",
            "messaging::connection",
            "messaging::consumer",
            "messaging::publisher",
            "rest::",
            "storage::",
            "crate::db",
            "crate::http",
            "crate::handler",
            "crate::push",
            "crate::state",
        ],
    ),
    ("db", &["axum::", "lapin::", "messaging::connection", "crate::http", "crate::handler", "crate::state"]),
];
/// Code that runs SQL.
const SQL: [&str; 6] = ["sqlx::query", "query!(", "query_as!(", "query_scalar!(", "raw_sql(", "QueryBuilder"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// Present only for crates of this workspace.
    path: Option<PathBuf>,
}

pub(super) fn check(checkout: &Path) -> Result<Vec<String>> {
    let json = cargo_output(checkout, &["metadata", "--no-deps", "--format-version", "1", "--locked"])?;
    let metadata: Metadata = serde_json::from_slice(&json).context("read cargo's metadata")?;
    let mut findings = Vec::new();
    for package in &metadata.packages {
        findings.extend(dependency_findings(package));
        let manifest = fs::read_to_string(&package.manifest_path)?;
        if !manifest.contains("[lints]\nworkspace = true") {
            findings.push(format!("{} does not use the workspace's lints", package.name));
        }
        let sources = sources(checkout, &package.manifest_path.with_file_name("src"))?;
        for source in &sources {
            findings.extend(source_findings(&package.name, &source.file, &source.text));
        }
        findings.extend(imports::circles(&sources));
    }
    Ok(findings)
}

fn dependency_findings(package: &Package) -> Vec<String> {
    let Some((_, allowed)) = CRATES.iter().find(|(name, _)| *name == package.name) else {
        return vec![format!("{} has no layer yet; add it to CRATES in layers.rs", package.name)];
    };
    let own = package.dependencies.iter().filter(|dependency| dependency.path.is_some());
    let wrong = own.filter(|dependency| !allowed.contains(&dependency.name.as_str()));
    wrong.map(|dependency| format!("{} must not depend on {}", package.name, dependency.name)).collect()
}

fn source_findings(package: &str, file: &Path, text: &str) -> Vec<String> {
    let is_in = |folder: &str| file.components().any(|part| part.as_os_str() == folder);
    let mut banned: Vec<(&str, String)> = Vec::new();
    for (folder, words) in FOLDERS {
        if is_in(folder) {
            banned.extend(words.iter().map(|word| (*word, format!("does not belong in {folder}/"))));
        }
    }
    if !is_in("db") && package != "storage" && !OUTSIDE_SQL.contains(&package) {
        banned.extend(SQL.map(|word| (word, "belongs in db/".to_owned())));
    }
    // Tests may prepare their database with SQL.
    let tests = text.lines().position(|line| line == "mod tests {").unwrap_or(usize::MAX);
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines
        .filter_map(|(index, line)| {
            let is_banned = |word: &str| line.contains(word) && (index < tests || !SQL.contains(&word));
            let (word, rule) = banned.iter().find(|(word, _)| is_banned(word))?;
            Some(format!("{}:{}: `{word}` {rule}", file.display(), index + 1))
        })
        .collect()
}

fn sources(checkout: &Path, folder: &Path) -> Result<Vec<Source>> {
    let read = |file: PathBuf| -> Result<Source> {
        Ok(Source {
            inner: file.strip_prefix(folder)?.to_owned(),
            text: fs::read_to_string(&file)?,
            file: file.strip_prefix(checkout).unwrap_or(&file).to_owned(),
        })
    };
    rust_files(folder)?.into_iter().map(read).collect()
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[&str]) -> Package {
        let dependency = |name: &&str| Dependency { name: (*name).to_owned(), path: Some("/here".into()) };
        Package {
            name: name.to_owned(),
            manifest_path: "/here/Cargo.toml".into(),
            dependencies: dependencies.iter().map(dependency).collect(),
        }
    }

    #[test]
    fn a_service_must_not_depend_on_another() {
        assert!(dependency_findings(&package("order-service", &["contract"])).is_empty());
        assert_eq!(
            dependency_findings(&package("order-service", &["contract", "catalog-service"])),
            ["order-service must not depend on catalog-service"]
        );
        assert_eq!(
            dependency_findings(&package("contract", &["runtime"])),
            ["contract must not depend on runtime"]
        );
        assert_eq!(dependency_findings(&package("new", &[])).len(), 1);
    }

    #[test]
    fn a_folder_must_not_use_http_sql_or_the_broker() {
        let domain = Path::new("order-service/src/domain/status.rs");
        for line in ["use axum::Json;", "#[derive(sqlx::Type)]", "fn f(_: lapin::Channel) {}"] {
            assert_eq!(source_findings("order-service", domain, line).len(), 1, "{line}");
        }
        assert!(source_findings("order-service", domain, "// axum:: is not for here").is_empty());
        let db = Path::new("order-service/src/db/orders.rs");
        assert_eq!(
            source_findings("order-service", db, "use crate::http::Error;"),
            ["order-service/src/db/orders.rs:1: `crate::http` does not belong in db/"]
        );
    }

    #[test]
    fn sql_is_allowed_only_in_db() {
        let line = "let row = query_as!(Row, \"SELECT 1\");";
        let at = |path: &str| source_findings("order-service", Path::new(path), line);
        assert_eq!(
            at("order-service/src/http/show.rs"),
            ["order-service/src/http/show.rs:1: `query_as!(` belongs in db/"]
        );
        assert!(at("order-service/src/db/orders.rs").is_empty());
        let test = format!("#[cfg(test)]\nmod tests {{\n    {line}");
        assert!(source_findings("order-service", Path::new("order-service/src/app.rs"), &test).is_empty());
    }
}
