//! What a request carries, with errors that name the field. Used in place of axum's extractors of
//! the same names by every service.

use super::problem::{FieldError, Problem};
use crate::contract::problems::ProblemType;
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path as ErrorPath, Segment};

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
                Problem::bad_request(rejection.body_text())
            }
        })?;
        parse(&body).map(Self)
    }
}

/// Reads JSON; a body that is no JSON is a 400, one of another form than `T` a 422 with the field.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let inner = error.inner();
        if inner.is_data() {
            let detail = sentence(inner);
            Problem::validation(vec![FieldError::new(pointer(error.path(), &detail), detail)])
        } else {
            Problem::bad_request(format!("The body is not valid JSON: {inner}."))
        }
    })?;
    reader.end().map_err(|error| Problem::bad_request(format!("The body is not valid JSON: {error}.")))?;
    Ok(value)
}

/// serde's message without the position, which the pointer tells better.
fn sentence(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(sentence, _)| sentence.to_owned())
}

/// RFC 6901. The path ends at what encloses a missing field; its name is only in serde's message.
fn pointer(path: &ErrorPath, detail: &str) -> String {
    let missing = detail.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .chain(missing.map(|field| format!("/{field}")))
        .collect()
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
        let axum::extract::Path(value) = axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| Problem::bad_request(format!("{}.", rejection.body_text())))?;
        Ok(Self(value))
    }
}

/// The query string.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let axum::extract::Query(value) =
            axum::extract::Query::<T>::from_request_parts(parts, state)
                .await
                .map_err(|rejection| Problem::bad_request(format!("{}.", rejection.body_text())))?;
        Ok(Self(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::orders::PlaceOrder;

    fn problem(body: &str) -> Problem {
        parse::<PlaceOrder>(body.as_bytes()).unwrap_err()
    }

    #[test]
    fn no_json_is_a_bad_request() {
        for body in ["", "{", "{\"items\":[}", "{} x"] {
            assert_eq!(problem(body).status, if body == "{} x" { 422 } else { 400 }, "{body}");
        }
    }

    #[test]
    fn a_wrong_type_names_its_field() {
        let id = "01900000-0000-7000-8000-000000000004";
        let body = format!(r#"{{"items":[{{"product_id":"{id}","quantity":"two"}}],"payment_method":"x"}}"#);
        let problem = problem(&body);
        assert_eq!(problem.status, 422);
        assert_eq!(problem.errors[0].pointer, "/items/0/quantity");
        assert_eq!(problem.errors[0].detail, "invalid type: string \"two\", expected u32");
    }

    #[test]
    fn an_unknown_field_is_named() {
        let problem = problem(r#"{"items":[],"payment_method":"x","colour":"red"}"#);
        assert_eq!(problem.status, 422);
        assert_eq!(problem.errors[0].pointer, "/colour");
        assert!(problem.errors[0].detail.starts_with("unknown field `colour`"), "{problem:?}");
    }

    #[test]
    fn a_missing_field_is_named() {
        let problem = problem(r#"{"items":[{"quantity":1}],"payment_method":"x"}"#);
        assert_eq!(problem.status, 422);
        assert_eq!(problem.errors, [FieldError::new("/items/0/product_id", "missing field `product_id`")]);
    }
}
