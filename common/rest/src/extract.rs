//! Extractors whose errors name the bad field. Every service uses them in place of axum's extractors of the
//! same names.

use crate::{
    json::{self, JsonError},
    problem::Problem,
};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, header, request::Parts},
};
use contract::problems::FieldError;
use contract::problems::ProblemType;
use serde::de::DeserializeOwned;

/// A JSON body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(&request) {
            return Err(Problem::new(
                ProblemType::UnsupportedMediaType,
                "Send the body as JSON with `Content-Type: application/json`.",
            ));
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::new(
                    ProblemType::BodyTooLarge,
                    format!("A body may have {} KiB at most.", super::server::BODY_LIMIT / 1024),
                )
            } else {
                Problem::bad_request("The body is incomplete or wrongly encoded. Send the request again.")
            }
        })?;
        parse(&body).map(Self)
    }
}

/// Reads a JSON body. Fails with 400 if it is not JSON, and with 422 and the field if it does not have the
/// form of `T`.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    json::read_object(body).map_err(|error| match error {
        JsonError::Syntax(detail) => Problem::bad_request(format!("The body is not valid JSON: {detail}.")),
        JsonError::Form { pointer, detail } => Problem::validation(vec![FieldError::new(pointer, detail)]),
    })
}

fn is_json(request: &Request) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// The parameters in the path.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let axum::extract::Path(value) =
            axum::extract::Path::<T>::from_request_parts(parts, state).await.map_err(|_| {
                Problem::bad_request("The id in the path is not valid. Use an id as the API returned it.")
            })?;
        Ok(Self(value))
    }
}

/// The query string. Fails with 422 and the parameter if it does not have the form of `T`.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> Query<T> {
    /// Reads a query string.
    pub fn parse(query: &str) -> Result<Self, Problem> {
        let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        let value = serde_path_to_error::deserialize(reader).map_err(|error| {
            let detail = json::sentence(&error.inner().to_string());
            Problem::validation(vec![FieldError::new(error.path().to_string(), detail)])
        })?;
        Ok(Self(value))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::orders::PlaceOrder;

    fn problem(body: &str) -> Problem {
        parse::<PlaceOrder>(body.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_body_that_is_not_json_is_a_bad_request() {
        for body in ["", "{", "{\"items\":[}", "{} x"] {
            assert_eq!(problem(body).details.status, if body == "{} x" { 422 } else { 400 }, "{body}");
        }
    }

    #[test]
    fn a_wrong_type_names_its_field() {
        let id = "01900000-0000-7000-8000-000000000004";
        let body = format!(r#"{{"items":[{{"product_id":"{id}","quantity":"two"}}],"payment_method":"x"}}"#);
        let problem = problem(&body);
        assert_eq!(problem.details.status, 422);
        assert_eq!(problem.details.errors[0].pointer, "/items/0/quantity");
        assert_eq!(
            problem.details.errors[0].detail,
            "expected a whole number from 0 to 4294967295, not \"two\""
        );
    }

    #[test]
    fn an_unknown_field_is_named() {
        let problem = problem(r#"{"items":[],"payment_method":"x","colour":"red"}"#);
        assert_eq!(problem.details.status, 422);
        assert_eq!(problem.details.errors[0].pointer, "/colour");
        assert!(problem.details.errors[0].detail.starts_with("unknown field `colour`"), "{problem:?}");
    }

    #[test]
    fn a_missing_field_is_named() {
        let problem = problem(r#"{"items":[{"quantity":1}],"payment_method":"x"}"#);
        assert_eq!(problem.details.status, 422);
        assert_eq!(
            problem.details.errors,
            [FieldError::new("/items/0/product_id", "missing field `product_id`")]
        );
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its errors are used")]
    struct Filter {
        limit: Option<u32>,
        status: Option<contract::orders::OrderStatus>,
        user_id: Option<contract::ids::UserId>,
    }

    #[test]
    fn a_bad_parameter_is_named_in_plain_words() {
        for (query, name, detail) in [
            ("limit=-1", "limit", "expected a whole number"),
            ("limit=", "limit", "expected a whole number"),
            ("limit=99999999999", "limit", "this number is too large"),
            ("user_id=x", "user_id", "expected an id (a UUID)"),
            ("colour=red", "colour", "unknown field `colour`, expected one of `limit`, `status`, `user_id`"),
        ] {
            let Err(problem) = Query::<Filter>::parse(query) else { panic!("{query} was accepted") };
            assert_eq!(problem.details.status, 422, "{query}");
            assert_eq!(problem.details.errors, [FieldError::new(name, detail)]);
        }
        let Err(problem) = Query::<Filter>::parse("status=lost") else { panic!("it was accepted") };
        assert!(
            problem.details.errors[0].detail.starts_with("expected one of `new`, `reserved`"),
            "{problem:?}"
        );
        assert!(problem.details.errors[0].detail.ends_with("not `lost`"), "{problem:?}");
    }
}
