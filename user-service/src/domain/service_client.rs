//! The services that may request tokens for themselves, and the scopes of each service.

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};
use serde::Deserialize;
use std::collections::HashMap;

/// The known clients, by id.
#[derive(Default)]
pub(crate) struct ServiceClients(HashMap<String, ServiceClient>);

/// One client.
pub(crate) struct ServiceClient {
    secret_hash: Vec<u8>,
    scopes: Vec<String>,
}

/// Why a list of clients is invalid. The messages never show the list, because it contains secrets.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidClients {
    /// The JSON does not have the expected form.
    #[error(
        r#"not JSON of the form [{{"id":"…","secret":"…","scopes":["…"]}}] (line {line}, column {column})"#
    )]
    Form {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// An empty id or secret, which anyone could guess.
    #[error("client {0} of the list has an empty id or secret")]
    Empty(usize),
    /// Two entries with the same id.
    #[error("the client `{0}` is in the list twice")]
    Twice(String),
    /// An empty scope or one with a space. Spaces separate the scopes of a token (RFC 6749, 3.3).
    #[error("the client `{0}` has a scope that is empty or contains a space")]
    Scope(String),
}

/// The client asked for a scope that it may not use.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client may not have the scope `{0}`")]
pub(crate) struct ScopeNotGranted(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    secret: String,
    scopes: Vec<String>,
}

impl ServiceClients {
    /// Reads `[{"id":"…","secret":"…","scopes":["…"]}]`.
    pub(crate) fn from_json(json: &str) -> Result<Self, InvalidClients> {
        let entries: Vec<Entry> = serde_json::from_str(json)
            .map_err(|error| InvalidClients::Form { line: error.line(), column: error.column() })?;
        let mut clients = HashMap::new();
        for (index, Entry { id, secret, scopes }) in entries.into_iter().enumerate() {
            if id.is_empty() || secret.is_empty() {
                return Err(InvalidClients::Empty(index + 1));
            }
            if scopes.iter().any(|scope| scope.is_empty() || scope.contains(char::is_whitespace)) {
                return Err(InvalidClients::Scope(id));
            }
            let client = ServiceClient { secret_hash: hash(&secret), scopes };
            if clients.insert(id.clone(), client).is_some() {
                return Err(InvalidClients::Twice(id));
            }
        }
        Ok(Self(clients))
    }

    /// Returns the client with this id if the secret is right.
    pub(crate) fn authenticate(&self, id: &str, secret: &str) -> Option<&ServiceClient> {
        let client = self.0.get(id)?;
        // All hashes have the same length. So the duration does not even reveal the length of the secret.
        verify_slices_are_equal(&client.secret_hash, &hash(secret)).ok().map(|()| client)
    }
}

impl ServiceClient {
    /// Returns the scopes for a token: the requested ones, or all scopes of the client if none is requested.
    pub(crate) fn grant(&self, asked: Option<&str>) -> Result<String, ScopeNotGranted> {
        let asked: Vec<_> = asked.unwrap_or_default().split_whitespace().collect();
        if asked.is_empty() {
            return Ok(self.scopes.join(" "));
        }
        match asked.iter().find(|scope| !self.scopes.iter().any(|granted| granted == *scope)) {
            Some(refused) => Err(ScopeNotGranted((*refused).to_owned())),
            None => Ok(asked.join(" ")),
        }
    }
}

fn hash(secret: &str) -> Vec<u8> {
    digest(&SHA256, secret.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"[
        {"id":"order-processor","secret":"one","scopes":["orders:stock","reservations:write"]},
        {"id":"payment-worker","secret":"two","scopes":["orders:payment"]}
    ]"#;

    fn error(json: &str) -> InvalidClients {
        ServiceClients::from_json(json).err().unwrap()
    }

    #[test]
    fn only_the_right_secret_authenticates() {
        let clients = ServiceClients::from_json(TWO).unwrap();
        assert!(clients.authenticate("order-processor", "one").is_some());
        for (id, secret) in [
            ("order-processor", "two"),
            ("order-processor", ""),
            ("nobody", "one"),
            ("payment-worker", "twoo"),
        ] {
            assert!(clients.authenticate(id, secret).is_none(), "{id} {secret}");
        }
    }

    #[test]
    fn grants_the_requested_scopes_or_all() {
        let clients = ServiceClients::from_json(TWO).unwrap();
        let client = clients.authenticate("order-processor", "one").unwrap();
        for everything in [None, Some(""), Some(" ")] {
            assert_eq!(client.grant(everything).unwrap(), "orders:stock reservations:write");
        }
        assert_eq!(client.grant(Some("reservations:write")).unwrap(), "reservations:write");
        assert_eq!(
            client.grant(Some("orders:stock users:write")).unwrap_err(),
            ScopeNotGranted("users:write".to_owned())
        );
    }

    #[test]
    fn an_error_names_the_fault_and_shows_no_secret() {
        for json in [
            "",
            "{}",
            r#"[{"id":"a","secret":"s3cret"}]"#,
            r#"[{"id":"a","secret":"s3cret","scopes":"s3cret"}]"#,
            r#"[{"id":"a","secret":"s3cret","scopes":[],"scope":"s3cret"}]"#,
        ] {
            let error = error(json);
            assert!(matches!(error, InvalidClients::Form { .. }), "{json}: {error}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
        assert_eq!(error(r#"[{"id":"a","secret":"","scopes":[]}]"#), InvalidClients::Empty(1));
        assert_eq!(
            error(r#"[{"id":"a","secret":"s","scopes":[]},{"id":"a","secret":"t","scopes":[]}]"#),
            InvalidClients::Twice("a".to_owned())
        );
        assert_eq!(
            error(r#"[{"id":"a","secret":"s","scopes":["b c"]}]"#),
            InvalidClients::Scope("a".to_owned())
        );
    }
}
