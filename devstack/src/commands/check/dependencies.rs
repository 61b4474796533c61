//! Licences, bans and sources of every crate that is built, from `cargo tree`, which Cargo itself brings.
//!
//! `cargo deny` knows more, but would have to be compiled first: several minutes on two cores, on every fresh machine,
//! for what are three short lists here.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::cargo_output;

/// Licences that ask no more of a user than to keep their text.
const LICENCES: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0", // The list of root certificates.
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

/// One TLS stack in the whole tree: rustls with aws-lc-rs.
const BANNED: [&str; 4] = ["native-tls", "openssl", "openssl-sys", "ring"];

pub(super) fn check(checkout: &Path) -> Result<Vec<String>> {
    let tree = cargo_output(
        checkout,
        &["tree", "--workspace", "--target", "all", "--prefix", "none", "--format", "{p}\t{l}", "--locked"],
    )?;
    let text = String::from_utf8_lossy(&tree);
    // A crate is printed once for each crate that needs it, marked when its own needs were printed before.
    let crates: BTreeSet<&str> = text.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    let checkout = checkout.to_string_lossy();
    Ok(crates
        .into_iter()
        .filter(|line| !line.is_empty())
        .filter_map(|line| finding(line, &checkout))
        .collect())
}

/// What is wrong with one crate, printed as `name v1.2.3 (source)`, a tab, and its licences.
fn finding(line: &str, checkout: &str) -> Option<String> {
    let (package, licences) = line.split_once('\t')?;
    let name = package.split(' ').next()?;
    if BANNED.contains(&name) {
        return Some(format!("{package} is banned"));
    }
    // Cargo names a source only where it is not crates.io.
    let source = package.split_once(" (").map(|(_, source)| source.trim_end_matches(')'));
    let source = source.filter(|source| *source != "proc-macro");
    if source.is_some_and(|source| !source.starts_with(checkout)) {
        return Some(format!("{package} does not come from crates.io"));
    }
    (!is_allowed(licences))
        .then(|| format!("{package} has the licence \"{licences}\", which is not on the list"))
}

/// Whether an SPDX expression leaves a choice that is on the list. Older crates write `/` for `OR`.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = expression.split_whitespace().collect();
    let mut rest = tokens.as_slice();
    matches!(any(&mut rest), Some(true)) && rest.is_empty()
}

fn any(rest: &mut &[&str]) -> Option<bool> {
    let mut allowed = all(rest)?;
    while let ["OR", tail @ ..] = rest {
        *rest = tail;
        allowed |= all(rest)?;
    }
    Some(allowed)
}

fn all(rest: &mut &[&str]) -> Option<bool> {
    let mut allowed = one(rest)?;
    while let ["AND", tail @ ..] = rest {
        *rest = tail;
        allowed &= one(rest)?;
    }
    Some(allowed)
}

fn one(rest: &mut &[&str]) -> Option<bool> {
    let (licence, tail) = match rest {
        ["(", tail @ ..] => {
            *rest = tail;
            let allowed = any(rest)?;
            let (&")", tail) = rest.split_first()? else { return None };
            *rest = tail;
            return Some(allowed);
        }
        [licence, "WITH", exception, tail @ ..] => (format!("{licence} WITH {exception}"), tail),
        [licence, tail @ ..] => ((*licence).to_owned(), tail),
        [] => return None,
    };
    *rest = tail;
    Some(LICENCES.contains(&licence.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_expression_is_read_as_spdx_means_it() {
        for allowed in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0-only OR MIT",
            "(MIT OR GPL-3.0-only) AND Unicode-3.0",
            "ISC AND (Apache-2.0 OR GPL-3.0-only)",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0-only",
        ] {
            assert!(is_allowed(allowed), "{allowed}");
        }
        for refused in
            ["", "GPL-3.0-only", "MIT AND GPL-3.0-only", "(MIT", "MIT)", "MIT OR", "MIT WITH Something"]
        {
            assert!(!is_allowed(refused), "{refused}");
        }
    }

    #[test]
    fn what_must_not_be_there_is_found() {
        for (line, expected) in [
            ("serde v1.0.0\tMIT OR Apache-2.0", None),
            ("serde_derive v1.0.0 (proc-macro)\tMIT OR Apache-2.0", None),
            ("contract v0.1.0 (/here/common/contract)\tMIT", None),
            ("ring v0.17.0\tApache-2.0 AND ISC", Some("ring v0.17.0 is banned")),
            (
                "serde v1.0.0 (https://github.com/x/serde#12345678)\tMIT",
                Some("serde v1.0.0 (https://github.com/x/serde#12345678) does not come from crates.io"),
            ),
            (
                "copy v1.0.0\tGPL-3.0-only",
                Some("copy v1.0.0 has the licence \"GPL-3.0-only\", which is not on the list"),
            ),
        ] {
            assert_eq!(finding(line, "/here").as_deref(), expected);
        }
    }
}
