//! Who calls, as a handler sees it: an extractor that answers 401 where nobody known does.

use super::{
    claims::Claims,
    verifier::{LEEWAY, Verifier},
};
use crate::{
    contract::{ids::UserId, users::Role},
    http::problem::Problem,
};
use axum::{
    extract::{FromRef, FromRequestParts},
    http::{header, request::Parts},
};
use chrono::{DateTime, Utc};

/// Somebody with a good token.
#[derive(Clone, Debug)]
pub struct Caller {
    subject: Subject,
    /// When the token ends: its `exp`.
    pub expires_at: DateTime<Utc>,
}

#[derive(Clone, Debug)]
enum Subject {
    Person { id: UserId, role: Role },
    Service { scopes: Vec<String> },
}

/// A person with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// What they may do.
    pub role: Role,
}

impl Person {
    /// Whether they keep the shop.
    #[must_use]
    pub fn is_staff(self) -> bool {
        self.role == Role::Staff
    }
}

impl Caller {
    /// Reads verified claims; `None` where they are neither a person's nor a service's.
    pub(super) fn from_claims(claims: &Claims) -> Option<Self> {
        let subject = match (&claims.role, &claims.scope) {
            (Some(role), None) => Subject::Person { id: claims.sub.parse().ok()?, role: *role },
            (None, Some(scope)) => {
                Subject::Service { scopes: scope.split_whitespace().map(str::to_owned).collect() }
            }
            _ => return None,
        };
        let expires_at = DateTime::from_timestamp(i64::try_from(claims.exp).ok()?, 0)?;
        Some(Self { subject, expires_at })
    }

    /// When the token is no longer accepted: its end plus the leeway for clocks that differ.
    #[must_use]
    pub fn accepted_until(&self) -> DateTime<Utc> {
        self.expires_at + LEEWAY
    }

    /// Whether the token is still accepted.
    pub(super) fn is_accepted(&self) -> bool {
        Utc::now() < self.accepted_until()
    }

    /// The person, or 403 for a service.
    pub fn person(&self) -> Result<Person, Problem> {
        match self.subject {
            Subject::Person { id, role } => Ok(Person { id, role }),
            Subject::Service { .. } => Err(Problem::forbidden("This is for people, not for services.")),
        }
    }

    /// The person, or 403 where they are not staff.
    pub fn staff(&self) -> Result<Person, Problem> {
        let person = self.person()?;
        if person.is_staff() { Ok(person) } else { Err(Problem::forbidden("This is for staff.")) }
    }

    /// 403 unless a service with this scope calls.
    pub fn require_scope(&self, scope: &str) -> Result<(), Problem> {
        match &self.subject {
            Subject::Service { scopes } if scopes.iter().any(|granted| granted == scope) => Ok(()),
            _ => Err(Problem::forbidden(format!("This needs a service token with the scope `{scope}`."))),
        }
    }
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Verifier: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(bearer)
            .ok_or_else(|| Problem::unauthenticated("Send `Authorization: Bearer <access token>`."))?;
        Ok(Verifier::from_ref(state).verify(token).await?)
    }
}

/// The scheme's name has no case (RFC 9110, 11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
