//! The addresses of the broker's nodes, as in `AMQP_URL`.

use lapin::uri::AMQPUri;
use reqwest::Url;
use std::{fmt, str::FromStr};

/// Query parameters that an address may have: those that lapin reads.
const PARAMETERS: [&str; 5] =
    ["heartbeat", "connection_timeout", "frame_max", "channel_max", "auth_mechanism"];
/// Characters that must be percent-encoded in the name of a virtual host. A text with such a character is
/// malformed. For example, it has a second URL after a space.
const ENCODED_IN_VHOST: [char; 4] = ['/', ',', ';', '@'];

/// One URL for each node of the broker, and at least one. All URLs name the same virtual host.
#[derive(Clone, PartialEq, Eq)]
pub struct Addresses(Vec<AMQPUri>);

/// Why a text is not a list of addresses. It never repeats the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}; expected amqp://user:password@host:5672/vhost, several separated by commas")]
pub struct AddressError(&'static str);

impl FromStr for Addresses {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let uris = split(text).into_iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        if uris.iter().any(|uri| uris.first().is_some_and(|first| first.vhost != uri.vhost)) {
            return Err(AddressError("the URLs name different virtual hosts"));
        }
        Ok(Self(uris))
    }
}

impl Addresses {
    /// The nodes' addresses, in the order in which they were written.
    pub fn iter(&self) -> impl Iterator<Item = &AMQPUri> {
        self.0.iter()
    }

    pub(super) fn into_vec(self) -> Vec<AMQPUri> {
        self.0
    }
}

/// Shows hosts and ports, but neither users nor passwords.
impl fmt::Debug for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.0.iter().map(|uri| (&uri.authority.host, uri.authority.port));
        f.debug_list().entries(hosts).finish()
    }
}

/// Splits a list of URLs. A comma separates two URLs only if a URL follows, because a password may have
/// a comma.
fn split(text: &str) -> Vec<&str> {
    let mut urls = Vec::new();
    let mut rest = text;
    while let Some(comma) = rest.match_indices(',').map(|(at, _)| at).find(|at| {
        let next = rest.get(at + 1..).unwrap_or_default().trim_start();
        next.starts_with("amqp://") || next.starts_with("amqps://")
    }) {
        urls.push(rest.get(..comma).unwrap_or_default().trim());
        rest = rest.get(comma + 1..).unwrap_or_default();
    }
    urls.push(rest.trim());
    urls
}

fn parse(text: &str) -> Result<AMQPUri, AddressError> {
    let url = Url::parse(text).map_err(|_| AddressError("not a URL"))?;
    let host = match url.host_str() {
        Some(host) if matches!(url.scheme(), "amqp" | "amqps") && !host.is_empty() => host,
        _ => return Err(AddressError("not the URL of a broker")),
    };
    if host.contains([',', ';']) {
        return Err(AddressError("each host needs a URL of its own"));
    }
    if url.path().get(1..).is_some_and(|vhost| vhost.contains(ENCODED_IN_VHOST)) {
        return Err(AddressError(
            "the virtual host has a character that must be percent-encoded (%2F is a slash)",
        ));
    }
    let is_known = |name: &str| PARAMETERS.contains(&name);
    if url.fragment().is_some() || !url.query_pairs().all(|(name, _)| is_known(&name)) {
        return Err(AddressError("unknown parameters after the virtual host"));
    }
    // lapin's own errors may repeat the text.
    let mut uri: AMQPUri = text.parse().map_err(|_| AddressError("a part of the URL is not valid"))?;
    // lapin does not understand an IPv6 address in brackets (RFC 3986, 3.2.2), and connects to localhost.
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        address.clone_into(&mut uri.authority.host);
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Vec<(String, u16)> {
        let addresses: Addresses = text.parse().unwrap();
        addresses.iter().map(|uri| (uri.authority.host.clone(), uri.authority.port)).collect()
    }

    #[test]
    fn several_urls_are_separated_by_commas() {
        let three = hosts("amqp://u:p@a:5672/v, amqps://u:p@b/v,amqp://u:p@c:1/v");
        assert_eq!(three, [("a".into(), 5672), ("b".into(), 5671), ("c".into(), 1)]);
        assert_eq!(hosts("amqp://u:p,w@a/v"), [("a".into(), 5672)], "a comma in the password");
    }

    #[test]
    fn an_ipv6_address_is_used_without_its_brackets() {
        assert_eq!(hosts("amqp://u:p@[::1]:5673/%2f"), [("::1".into(), 5673)]);
        assert_eq!(hosts("amqp://[2001:db8::7]"), [("2001:db8::7".into(), 5672)]);
    }

    #[test]
    fn a_bad_address_is_refused_without_repeating_it() {
        for bad in [
            "secret",
            "localhost:5672",
            "user:secret@host",
            "http://user:secret@host",
            "amqp:user:secret@host",
            "amqp://user:secret@a:5672/v amqp://user:secret@b:5672/v",
            "amqp://user:secret@a:5672/v;amqp://user:secret@b:5672/v",
            "amqp://user:secret@a:5672/v,user:secret@b:5672",
            "amqp://user:secret@a:5672/v,http://user:secret@b",
            "amqp://user:secret@a:5672,b:5672/v",
            "amqp://user:secret@a,b/v",
            "amqp://user:secret@a:port/v",
            "amqp://user:secret@a/v?heartbeat=secret",
            "amqp://user:secret@a/v?next=amqp://user:secret@b",
            "amqp://user:secret@a/v#amqp://user:secret@b",
            "amqp://user:secret@a/v,amqp://user:secret@b/w",
            "amqp://user:secret@a/v,",
            "",
        ] {
            let error = bad.parse::<Addresses>().unwrap_err().to_string();
            assert!(!error.contains("secret"), "{bad}: {error}");
            assert!(error.contains("expected amqp://user:password@host:5672/vhost"), "{bad}: {error}");
        }
    }

    #[test]
    fn addresses_are_shown_without_their_passwords() {
        let addresses: Addresses = "amqp://user:secret@a,amqp://user:secret@b".parse().unwrap();
        assert_eq!(format!("{addresses:?}"), r#"[("a", 5672), ("b", 5672)]"#);
    }
}
