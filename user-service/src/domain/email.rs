//! E-mail addresses of users.

use contract::folding::folded;
use std::str::FromStr;

/// The longest address that fits into an SMTP path (RFC 5321, 4.5.3.1.3).
const MAX_LENGTH: usize = 254;
/// RFC 5321, 4.5.3.1.1.
const MAX_LOCAL_PART: usize = 64;
/// RFC 1035, 2.3.4.
const MAX_LABEL: usize = 63;

/// A well-formed e-mail address as its owner wrote it. Addresses that differ only in case are the same
/// address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Email(String);

/// The error for a text that is not an e-mail address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an e-mail address such as ada@example.com")]
pub(crate) struct InvalidEmail;

impl Email {
    /// The address as its owner wrote it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The lower-case form for comparisons. The index in the database uses the same form.
    pub(crate) fn folded(&self) -> String {
        folded(&self.0)
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    /// Accepts the dot-atom form of RFC 5322 at a domain name with at least two labels. Quoted local
    /// parts, comments and address literals are refused, because customers do not use them.
    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let (local, domain) = text.split_once('@').ok_or(InvalidEmail)?;
        let good = text.len() <= MAX_LENGTH
            && local.len() <= MAX_LOCAL_PART
            && local.split('.').all(is_atom)
            && domain.contains('.')
            && domain.split('.').all(is_label)
            // An IPv4 address ends in a number; a top-level domain never is one.
            && domain.rsplit('.').next().is_some_and(|top| !top.bytes().all(|byte| byte.is_ascii_digit()));
        if good { Ok(Self(text.to_owned())) } else { Err(InvalidEmail) }
    }
}

/// RFC 5322, 3.2.3.
fn is_atom(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte))
}

/// RFC 1123, 2.1. Internationalised names must be in their ASCII form.
fn is_label(text: &str) -> bool {
    (1..=MAX_LABEL).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_common_addresses() {
        for good in [
            "ada@example.com",
            "Ada.Lovelace+orders@mail.example.co.uk",
            "o'brien@example.ie",
            "x@xn--bcher-kva.example",
            &format!("{}@example.com", "x".repeat(64)),
        ] {
            assert_eq!(good.parse::<Email>().unwrap().as_str(), good);
        }
    }

    #[test]
    fn refuses_malformed_addresses() {
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@localhost",
            "ada@example..com",
            "ada@.com",
            "ada@example.com.",
            "ada@-example.com",
            "ada@192.0.2.1",
            ".ada@example.com",
            "a..da@example.com",
            "ada@@example.com",
            "ada lovelace@example.com",
            "ada@example.com\r\nBcc: all@example.com",
            "ada@exa mple.com",
            "ada\0@example.com",
            &format!("{}@example.com", "x".repeat(65)),
            &format!("ada@{}.com", "x".repeat(64)),
            &format!("ada@{}com", "abcdefg.".repeat(40)),
        ] {
            assert_eq!(bad.parse::<Email>(), Err(InvalidEmail), "{bad:?}");
        }
    }
}
