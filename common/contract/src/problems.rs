//! All problems that a service may answer with. `docs/problems.md` describes the cause and the fix of each.
//! Clients act on the type, so a published type is never renamed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use utoipa::ToSchema;

/// The body of an error answer, `application/problem+json` (RFC 9457).
#[derive(Clone, Debug, thiserror::Error, Serialize, Deserialize, ToSchema)]
#[error("{detail}")]
#[schema(as = Problem)]
pub struct ProblemDetails {
    /// The problem type, for programs: a URI reference that never changes.
    #[serde(rename = "type")]
    #[schema(example = "/problems/validation")]
    pub kind: String,
    /// The problem in general, for people.
    #[schema(example = "Some fields are not valid")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// This occurrence: one sentence that says what is wrong and what to do.
    #[schema(example = "Correct the fields named in `errors` and send the request again.")]
    pub detail: String,
    /// Each invalid field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Extra members of some problems, such as `current_status`.
    #[serde(flatten)]
    #[schema(value_type = Members, inline)]
    pub more: Map<String, Value>,
}

/// Extra members of some problems.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Members {
    /// The present status, with `illegal-transition`, `reservation-released` and `claim-released`.
    #[schema(example = "paid")]
    current_status: Option<String>,
    /// Pieces that are held for orders, with `stock-below-reserved`.
    #[schema(example = 3)]
    reserved: Option<i64>,
    /// The product as it is now, with `product-changed`. It has the form of the answer to `GET /products/{id}`.
    #[schema(value_type = Option<Object>)]
    current_product: Option<Value>,
    /// The promotion as it is now, with `promotion-changed`. It has the form of the answer to
    /// `GET /promotions/{id}`.
    #[schema(value_type = Option<Object>)]
    current_promotion: Option<Value>,
}

/// One invalid field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// RFC 6901 JSON pointer into the body, or the name of a query parameter.
    #[schema(example = "/items/0/quantity")]
    pub pointer: String,
    /// The fault of the field, and the expected value.
    #[schema(example = "a quantity is from 1 to 1,000, not 0")]
    pub detail: String,
}

impl FieldError {
    /// An error of one field.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

impl ProblemDetails {
    /// A problem of this type. `detail` is one sentence about this occurrence.
    pub fn new(kind: ProblemType, detail: impl Into<String>) -> Self {
        Self {
            kind: kind.to_string(),
            title: kind.title().to_owned(),
            status: kind.status(),
            detail: detail.into(),
            errors: Vec::new(),
            more: Map::new(),
        }
    }

    /// 422: the request can be read, but some of its fields are not valid.
    #[must_use]
    pub fn validation(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            // The whole body has no name.
            [only] if only.pointer.is_empty() => format!("{}.", only.detail),
            [only] => format!("`{}`: {}.", only.pointer, only.detail),
            _ => "Correct the fields named in `errors` and send the request again.".to_owned(),
        };
        Self { errors, ..Self::new(ProblemType::Validation, detail) }
    }

    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }
}

/// The type of a problem (RFC 9457, 3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemType {
    /// The request cannot be read at all.
    BadRequest,
    /// Some fields or query parameters are not valid.
    Validation,
    /// The body is not JSON.
    UnsupportedMediaType,
    /// The client did not send its body in time.
    RequestTimeout,
    /// The body is too large.
    BodyTooLarge,
    /// The resource does not exist, or the caller must not see it.
    NotFound,
    /// The route does not have this method.
    MethodNotAllowed,
    /// The route is a WebSocket, but the request does not ask for one.
    UpgradeRequired,
    /// The access token is missing or not valid.
    Unauthenticated,
    /// The name or the password is wrong.
    WrongCredentials,
    /// The refresh token is not valid.
    RefreshToken,
    /// The caller is known, but may not do this.
    Forbidden,
    /// A page of another site made a browser send this request.
    CrossSite,
    /// Another account has this user name.
    UsernameTaken,
    /// Another account has this e-mail address.
    EmailTaken,
    /// Another product has this code.
    SkuTaken,
    /// The product has another version than the `If-Match` of the request.
    ProductChanged,
    /// The new stock would be smaller than the number of pieces that are held for orders.
    StockBelowReserved,
    /// The stock of the order was released.
    ReservationReleased,
    /// Another promotion has this code.
    CodeTaken,
    /// The promotion has another version than the `If-Match` of the request.
    PromotionChanged,
    /// The claim of the order was released.
    ClaimReleased,
    /// The carrier may have the parcel, so its address cannot change.
    HandedOver,
    /// A webhook has no valid signature.
    BadSignature,
    /// The status of the order does not allow this change.
    IllegalTransition,
    /// The `Idempotency-Key` was used for another request.
    IdempotencyKeyReused,
    /// A parked message does not say which queue it came from.
    UnknownOrigin,
    /// The queue that a parked message came from is gone.
    NoQueue,
    /// A parked message was replayed or discarded before, or another request is replaying it.
    NotParked,
    /// The client exceeded a rate limit.
    TooManyRequests,
    /// A customer's unpaid orders have too many pieces.
    TooManyUnpaidPieces,
    /// An order, or an account, has had too many payment attempts.
    TooManyPaymentAttempts,
    /// The service has too much work of this kind. It has changed nothing.
    Busy,
    /// The process waits for a dependency.
    NotReady,
    /// A dependency of the request does not answer.
    Unavailable,
    /// A fault of the service.
    Internal,
}

impl ProblemType {
    /// All of them, in the order of their pages.
    pub const ALL: [Self; 36] = [
        Self::BadRequest,
        Self::Validation,
        Self::UnsupportedMediaType,
        Self::RequestTimeout,
        Self::BodyTooLarge,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::UpgradeRequired,
        Self::Unauthenticated,
        Self::WrongCredentials,
        Self::RefreshToken,
        Self::Forbidden,
        Self::CrossSite,
        Self::UsernameTaken,
        Self::EmailTaken,
        Self::SkuTaken,
        Self::ProductChanged,
        Self::StockBelowReserved,
        Self::ReservationReleased,
        Self::CodeTaken,
        Self::PromotionChanged,
        Self::ClaimReleased,
        Self::HandedOver,
        Self::BadSignature,
        Self::IllegalTransition,
        Self::IdempotencyKeyReused,
        Self::UnknownOrigin,
        Self::NoQueue,
        Self::NotParked,
        Self::TooManyRequests,
        Self::TooManyUnpaidPieces,
        Self::TooManyPaymentAttempts,
        Self::Busy,
        Self::NotReady,
        Self::Unavailable,
        Self::Internal,
    ];

    /// Its HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.parts().0
    }

    /// Its name: the last part of its URI.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        self.parts().1
    }

    /// The problem in general, for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.parts().2
    }

    const fn parts(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::BadRequest => (400, "bad-request", "The request cannot be read"),
            Self::Validation => (422, "validation", "Some fields are not valid"),
            Self::UnsupportedMediaType => (415, "unsupported-media-type", "The body is not JSON"),
            Self::RequestTimeout => (408, "request-timeout", "The body did not arrive in time"),
            Self::BodyTooLarge => (413, "body-too-large", "The body is too large"),
            Self::NotFound => (404, "not-found", "Not found"),
            Self::MethodNotAllowed => (405, "method-not-allowed", "The route has no such method"),
            Self::UpgradeRequired => (426, "upgrade-required", "This route is a WebSocket"),
            Self::Unauthenticated => (401, "unauthenticated", "A valid access token is needed"),
            Self::WrongCredentials => (401, "wrong-credentials", "The login failed"),
            Self::RefreshToken => (401, "refresh-token", "The session has ended"),
            Self::Forbidden => (403, "forbidden", "This is not allowed"),
            Self::CrossSite => (403, "cross-site", "Cross-site requests are not allowed"),
            Self::UsernameTaken => (409, "username-taken", "The user name is taken"),
            Self::EmailTaken => (409, "email-taken", "The e-mail address is taken"),
            Self::SkuTaken => (409, "sku-taken", "Another product has this code"),
            Self::ProductChanged => (412, "product-changed", "The product was changed"),
            Self::StockBelowReserved => (409, "stock-below-reserved", "More pieces are reserved"),
            Self::ReservationReleased => (409, "reservation-released", "The reservation was released"),
            Self::CodeTaken => (409, "code-taken", "Another promotion has this code"),
            Self::PromotionChanged => (412, "promotion-changed", "The promotion was changed"),
            Self::ClaimReleased => (409, "claim-released", "The claim was released"),
            Self::HandedOver => (409, "handed-over", "The carrier has the parcel"),
            Self::BadSignature => (401, "bad-signature", "The signature is not valid"),
            Self::IllegalTransition => (409, "illegal-transition", "The order does not allow this"),
            Self::IdempotencyKeyReused => {
                (422, "idempotency-key-reused", "The Idempotency-Key was used for another request")
            }
            Self::UnknownOrigin => (409, "unknown-origin", "The message has no known origin"),
            Self::NoQueue => (409, "no-queue", "The message's queue is gone"),
            Self::NotParked => (409, "not-parked", "The message is no longer parked"),
            Self::TooManyRequests => (429, "too-many-requests", "Too many requests"),
            Self::TooManyUnpaidPieces => {
                (429, "too-many-unpaid-pieces", "Your unpaid orders have too many pieces")
            }
            Self::TooManyPaymentAttempts => (429, "too-many-payment-attempts", "Too many payment attempts"),
            Self::Busy => (503, "busy", "The service is busy"),
            Self::NotReady => (503, "not-ready", "The service is not ready"),
            Self::Unavailable => (503, "unavailable", "The service cannot do this now"),
            Self::Internal => (500, "internal", "Internal error"),
        }
    }
}

/// The URI reference that is sent as `type`. The gateway serves a page with this path.
impl fmt::Display for ProblemType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/problems/{}", self.slug())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const PAGES: &str = include_str!("../../../docs/problems.md");
    const GATEWAY: &str = include_str!("../../../deploy/Caddyfile");

    /// Each page's heading and the text below it.
    fn pages() -> Vec<(&'static str, &'static str)> {
        let sections = PAGES.split("\n## ").skip(1);
        sections.map(|section| section.split_once('\n').unwrap()).collect()
    }

    #[test]
    fn every_type_has_its_page_and_every_page_its_type() {
        let pages = pages();
        let slugs: Vec<_> = pages.iter().map(|(slug, _)| *slug).collect();
        assert_eq!(slugs, ProblemType::ALL.map(ProblemType::slug));
        for (kind, (slug, text)) in ProblemType::ALL.into_iter().zip(pages) {
            assert!(text.starts_with(&format!("\n`{}` {}\n", kind.status(), kind.title())), "{slug}: {text}");
            for part in ["**Cause.** ", "**Fix.** "] {
                assert_eq!(text.matches(part).count(), 1, "{slug} has one {part}");
            }
        }
    }

    #[test]
    fn the_gateway_sends_the_same_titles_and_statuses() {
        let written =
            GATEWAY.lines().filter_map(|line| line.trim().strip_prefix("respond `{")?.rsplit_once('`'));
        let mut count = 0;
        for (json, status) in written {
            let problem: Value = serde_json::from_str(&format!("{{{json}")).unwrap();
            let kind = ProblemType::ALL.into_iter().find(|kind| problem["type"] == kind.to_string()).unwrap();
            assert_eq!(problem["title"], kind.title());
            assert_eq!(problem["status"], kind.status());
            assert_eq!(status.trim(), kind.status().to_string());
            count += 1;
        }
        assert_eq!(count, GATEWAY.matches("\"/problems/").count(), "every problem of the gateway is checked");
    }
}
