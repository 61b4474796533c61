//! The sender of a request, as its access token names it.

use crate::problem::Problem;
use chrono::{DateTime, Utc};
use contract::{
    claims::{Claims, LEEWAY},
    ids::UserId,
    users::Role,
};

/// The sender of a valid access token: a person or a service.
#[derive(Clone, Debug)]
pub struct Caller {
    subject: Subject,
    /// The end of the token: its `exp`.
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
    /// Their role.
    pub role: Role,
}

impl Person {
    /// Whether they work for the shop.
    #[must_use]
    pub fn is_staff(self) -> bool {
        self.role == Role::Staff
    }
}

impl Caller {
    /// Reads verified claims. `None` if they belong to neither a person nor a service.
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

    /// The time from which the token is refused: its end plus the leeway for clocks that differ.
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

    /// The person, or 403 for anyone who is not staff.
    pub fn staff(&self) -> Result<Person, Problem> {
        let person = self.person()?;
        if person.is_staff() { Ok(person) } else { Err(Problem::forbidden("This is for staff.")) }
    }

    /// 403 unless the caller is a service with this scope.
    pub fn require_scope(&self, scope: &str) -> Result<(), Problem> {
        match &self.subject {
            Subject::Service { scopes } if scopes.iter().any(|granted| granted == scope) => Ok(()),
            _ => Err(Problem::forbidden(format!("This needs a service token with the scope `{scope}`."))),
        }
    }
}
