//! Files must not import each other in a circle. Inside a folder, a file may use the items of its own `mod.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The path of a module in its crate, such as `["http", "error"]`. The crate's root is empty.
type Module = Vec<String>;

/// A file of a crate.
pub(super) struct Source {
    /// The path below the checkout.
    pub(super) file: PathBuf,
    /// The path below `src`.
    pub(super) inner: PathBuf,
    pub(super) text: String,
}

/// Returns one finding for each circle of imports in a crate.
pub(super) fn circles(sources: &[Source]) -> Vec<String> {
    // A package may have a library and a program. The modules then belong to the library.
    let has_library = sources.iter().any(|source| source.inner == Path::new("lib.rs"));
    let of_crate = sources.iter().filter(|source| !has_library || source.inner != Path::new("main.rs"));
    let files: BTreeMap<Module, &Source> =
        of_crate.map(|source| (module_of(&source.inner), source)).collect();
    let mut imports: BTreeMap<&Module, BTreeMap<&Module, usize>> = BTreeMap::new();
    for (module, source) in &files {
        let found = imports.entry(module).or_default();
        for (line, path) in paths(&production_code(&source.text), module) {
            let imported = (0..=path.len()).rev().find_map(|end| files.get_key_value(path.get(..end)?));
            if let Some((imported, _)) = imported
                && !is_own_folder(module, imported)
            {
                found.entry(imported).or_insert(line);
            }
        }
    }
    let mut findings = Vec::new();
    while let Some(circle) = find_circle(&imports) {
        let [first, second, ..] = circle.as_slice() else { break };
        let line = imports.get_mut(first).and_then(|found| found.remove(second)).unwrap_or_default();
        let names: Vec<_> = circle.iter().chain([first]).map(|module| name(module)).collect();
        let file = files.get(*first).map(|source| source.file.display().to_string()).unwrap_or_default();
        findings.push(format!("{file}:{line}: imports in a circle: {}", names.join(" -> ")));
    }
    findings
}

/// `http/mod.rs` is the module `http`, and `http/error.rs` is `http::error`.
fn module_of(file: &Path) -> Module {
    let mut module: Module = file
        .with_extension("")
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        module.pop();
    }
    module
}

fn name(module: &Module) -> String {
    if module.is_empty() { "the crate's root".to_owned() } else { module.join("::") }
}

fn is_own_folder(module: &Module, imported: &Module) -> bool {
    module == imported || (!imported.is_empty() && module.starts_with(imported))
}

/// The text without comments and test modules. The number of lines stays the same.
fn production_code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut lines = text.lines().peekable();
    let mut is_test = false;
    while let Some(line) = lines.next() {
        // rustfmt puts the end of a module at the start of a line.
        let opens_module = |next: &&str| next.contains("mod ") && next.ends_with('{');
        is_test |= line == "#[cfg(test)]" && lines.peek().is_some_and(opens_module);
        if !is_test {
            code.push_str(line.split("//").next().unwrap_or_default());
        }
        code.push('\n');
        is_test &= line != "}";
    }
    code
}

/// Returns the paths to modules and items of the crate with the lines that they start in.
fn paths(code: &str, module: &Module) -> Vec<(usize, Module)> {
    let parent = module.split_last().map(|(_, parent)| parent.to_vec()).unwrap_or_default();
    let mut starts = vec![("crate".to_owned(), Vec::new()), ("super".to_owned(), parent)];
    for line in code.lines() {
        if let Some(child) = line.split("mod ").nth(1).and_then(|rest| rest.strip_suffix(';')) {
            let path = module.iter().cloned().chain([child.to_owned()]).collect();
            starts.push((child.to_owned(), path));
        }
    }
    let mut found = Vec::new();
    for (word, path) in starts {
        let pattern = format!("{word}::");
        for (at, _) in code.match_indices(&pattern) {
            let before = code[..at].chars().next_back();
            if before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':') {
                let line = code[..at].matches('\n').count() + 1;
                let mut rest = &code[at + pattern.len()..];
                let mut tree = Vec::new();
                read_tree(&mut rest, path.clone(), &mut tree);
                found.extend(tree.into_iter().map(|path| (line, path)));
            }
        }
    }
    found
}

/// Reads a tree of imports below `prefix`. For example, `a::{b, c::d}` gives `prefix::a::b` and
/// `prefix::a::c::d`.
fn read_tree(rest: &mut &str, prefix: Module, found: &mut Vec<Module>) {
    *rest = rest.trim_start();
    if let Some(group) = rest.strip_prefix('{') {
        *rest = group;
        while !rest.is_empty() && !rest.starts_with('}') {
            read_tree(rest, prefix.clone(), found);
            // Skip `as name` and the comma.
            let end = rest.find([',', '}']).unwrap_or(rest.len());
            *rest = rest[end..].strip_prefix(',').unwrap_or(&rest[end..]).trim_start();
        }
        *rest = rest.strip_prefix('}').unwrap_or(rest);
        return;
    }
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let mut path = prefix;
    if end > 0 && &rest[..end] != "self" {
        path.push(rest[..end].to_owned());
    }
    *rest = &rest[end..];
    match rest.strip_prefix("::") {
        Some(next) => {
            *rest = next;
            read_tree(rest, path, found);
        }
        None => found.push(path),
    }
}

/// Finds a circle of imports. Each module in the circle imports the next one, and the last imports the first.
fn find_circle<'a>(imports: &BTreeMap<&'a Module, BTreeMap<&'a Module, usize>>) -> Option<Vec<&'a Module>> {
    let mut left: BTreeSet<&Module> = imports.keys().copied().collect();
    // A module that imports none of the others is in no circle.
    loop {
        let end =
            left.iter().copied().find(|module| imports[*module].keys().all(|next| !left.contains(next)));
        match end {
            Some(end) => left.remove(end),
            None => break,
        };
    }
    let mut walk = vec![*left.first()?];
    loop {
        let next = imports[walk.last()?].keys().copied().find(|next| left.contains(next))?;
        if let Some(start) = walk.iter().position(|module| *module == next) {
            return Some(walk.split_off(start));
        }
        walk.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(inner: &str, text: &str) -> Source {
        Source { file: Path::new("shop/src").join(inner), inner: inner.into(), text: text.to_owned() }
    }

    #[test]
    fn a_circle_is_named_with_a_file_and_a_line() {
        let sources = [
            source("main.rs", "mod http;\nmod push;\n"),
            source("http/mod.rs", "mod follow;\n\nfn routes() { follow::follow() }\npub struct State;\n"),
            source("http/follow.rs", "use super::State;\nuse crate::{\n    push::{self, Socket},\n};\n"),
            source("push.rs", "use std::io;\nuse crate::http::State;\n"),
        ];
        let expected = "shop/src/http/mod.rs:3: imports in a circle: http -> http::follow -> push -> http";
        assert_eq!(circles(&sources), [expected]);
    }

    #[test]
    fn a_file_may_use_its_own_folder_and_tests_may_use_everything() {
        let sources = [
            source("http/mod.rs", "mod get;\nfn routes() { get::get() }\npub struct State;\n"),
            source("http/get.rs", "use super::State;\nuse crate::db;\n// crate::http::other\n"),
            source("db.rs", "#[cfg(test)]\nmod testing {\n    use crate::http::get;\n}\n"),
        ];
        assert_eq!(circles(&sources), [""; 0]);
    }
}
