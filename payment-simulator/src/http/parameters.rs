//! Request parameters. A POST has them form-encoded in its body, a GET in its query. Maps use brackets:
//! `metadata[order_id]=…`.

use super::error::Error;
use crate::{
    domain::{MAX_AMOUNT, Metadata, currency},
    ledger::Call,
};
use axum::{
    Form, RequestPartsExt,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::request::Parts,
};
use std::collections::BTreeMap;

/// The longest idempotency key (<https://docs.stripe.com/api/idempotent_requests>).
const MAX_KEY: usize = 255;

/// The unread parameters. Reading one removes it, and [`Self::finish`] refuses the rest.
pub(super) struct Parameters(BTreeMap<String, String>);

/// A request that changes something.
pub(super) struct Command {
    /// The request for the ledger.
    pub call: Call,
    /// The parameters to read.
    pub parameters: Parameters,
}

impl Parameters {
    /// Reads a required parameter.
    pub(super) fn required(&mut self, name: &str) -> Result<String, Error> {
        self.optional(name)?.ok_or_else(|| missing(name))
    }

    /// Reads an optional parameter. Refuses an empty value.
    pub(super) fn optional(&mut self, name: &str) -> Result<Option<String>, Error> {
        let value = self.0.remove(name);
        if value.as_deref() == Some("") {
            return Err(Error::invalid(format!(
                "You passed an empty string for '{name}'. Please pass a value or leave it out."
            ))
            .with_code("parameter_invalid_empty")
            .about(name));
        }
        Ok(value)
    }

    /// Reads an optional amount: a positive whole number in the currency's smallest unit.
    pub(super) fn amount(&mut self) -> Result<Option<u64>, Error> {
        let Some(text) = self.optional("amount")? else { return Ok(None) };
        let refuse = |message: String, code| Error::invalid(message).with_code(code).about("amount");
        match text.parse::<i128>().map(u64::try_from) {
            Err(_) => Err(refuse(format!("Invalid integer: {text}"), "parameter_invalid_integer")),
            Ok(Err(_) | Ok(0)) => Err(refuse(
                "This value must be greater than or equal to 1.".to_owned(),
                "parameter_invalid_integer",
            )),
            Ok(Ok(amount)) if amount > MAX_AMOUNT => {
                Err(refuse(format!("Amount must be no more than {MAX_AMOUNT}."), "amount_too_large"))
            }
            Ok(Ok(amount)) => Ok(Some(amount)),
        }
    }

    /// Reads a required amount.
    pub(super) fn required_amount(&mut self) -> Result<u64, Error> {
        self.amount()?.ok_or_else(|| missing("amount"))
    }

    /// Reads `created[gte]`, the earliest creation time of a list, in seconds since 1970.
    pub(super) fn created_from(&mut self) -> Result<Option<i64>, Error> {
        let name = "created[gte]";
        let Some(text) = self.optional(name)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            Error::invalid(format!("Invalid integer: {text}"))
                .with_code("parameter_invalid_integer")
                .about(name)
        })
    }

    /// Reads the required currency.
    pub(super) fn currency(&mut self) -> Result<String, Error> {
        let code = self.required("currency")?;
        if currency::is_supported(&code) {
            return Ok(code);
        }
        Err(Error::invalid(format!("Invalid currency: {code}. Give an ISO 4217 code in lower case."))
            .about("currency"))
    }

    /// Reads the merchant's key-value pairs.
    pub(super) fn metadata(&mut self) -> Metadata {
        self.0
            .extract_if(.., |name, _| key_of(name, "metadata").is_some())
            .filter_map(|(name, value)| Some((key_of(&name, "metadata")?.to_owned(), value)))
            .collect()
    }

    /// Refuses the unread parameters, except `expand` and the ignored ones.
    pub(super) fn finish(self, ignored: &[&str]) -> Result<(), Error> {
        let known = |name: &str| {
            name.split('[').next().is_some_and(|stem| stem == "expand" || ignored.contains(&stem))
        };
        self.0.keys().find(|name| !known(name)).map_or(Ok(()), |name| {
            Err(Error::invalid(format!("Received unknown parameter: {name}"))
                .with_code("parameter_unknown")
                .about(name))
        })
    }
}

/// Returns `order_id` for `metadata[order_id]`.
fn key_of<'a>(name: &'a str, map: &str) -> Option<&'a str> {
    name.strip_prefix(map)?.strip_prefix('[')?.strip_suffix(']')
}

fn missing(name: &str) -> Error {
    Error::invalid(format!("Missing required param: {name}.")).with_code("parameter_missing").about(name)
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let Query(pairs) = parts
            .extract::<Query<Vec<(String, String)>>>()
            .await
            .map_err(|rejection| Error::invalid(rejection.body_text()))?;
        Ok(Self(pairs.into_iter().collect()))
    }
}

impl<S: Send + Sync> FromRequest<S> for Command {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let key = idempotency_key(&request)?;
        let path = request.uri().path().to_owned();
        let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request, state)
            .await
            .map_err(|rejection| Error::invalid(rejection.body_text()).with_status(rejection.status()))?;
        let parameters: BTreeMap<_, _> = pairs.into_iter().collect();
        Ok(Self {
            call: Call { key, path, parameters: parameters.clone() },
            parameters: Parameters(parameters),
        })
    }
}

fn idempotency_key(request: &Request) -> Result<Option<String>, Error> {
    let Some(key) = request.headers().get("idempotency-key") else { return Ok(None) };
    match key.to_str() {
        Ok("") => Ok(None),
        Ok(key) if key.len() <= MAX_KEY => Ok(Some(key.to_owned())),
        _ => Err(Error::invalid(format!("An idempotency key may have at most {MAX_KEY} ASCII characters."))),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{CHARGE, Simulator};
    use proptest::{prelude::*, sample::Index, strategy::ValueTree, test_runner::TestRunner};

    /// A charge with a random part replaced, or any text.
    fn forms() -> impl Strategy<Value = String> {
        let piece = prop_oneof![any::<String>(), r"[&=%+\[\]0-9a-z.-]{0,6}"];
        let replaced = (any::<Index>(), any::<Index>(), piece).prop_map(|(from, to, piece)| {
            let (from, to) = (from.index(CHARGE.len() + 1), to.index(CHARGE.len() + 1));
            format!("{}{piece}{}", &CHARGE[..from.min(to)], &CHARGE[from.max(to)..])
        });
        prop_oneof![4 => replaced, 1 => any::<String>()]
    }

    #[tokio::test]
    async fn any_form_is_accepted_or_refused() {
        let simulator = Simulator::start();
        let mut runner = TestRunner::default();
        for _ in 0..200 {
            let form = forms().new_tree(&mut runner).unwrap().current();
            let reply = simulator.post("/v1/payment_intents", &form).await;
            match reply.status {
                200 => assert_eq!(reply.body["status"], "succeeded", "{form}"),
                400 | 402 | 422 => assert!(reply.error().1.ends_with("_error"), "{form}: {reply:?}"),
                other => panic!("{form}: {other} {reply:?}"),
            }
        }
    }
}
