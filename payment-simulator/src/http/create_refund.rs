//! `POST /v1/refunds`: refunds a charge in full or in part.

use super::{
    error::{Error, ErrorBody},
    idempotency,
    parameters::{Command, Parameters},
};
use crate::{
    domain::refund::{Refund, RefundRequest},
    faults::AfterCapture,
    ledger::{Answer, Book, Decision, Entry},
    state::AppState,
};
use axum::{extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, Utc};

/// The reasons that Stripe accepts.
const REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

/// Refunds a charge in full or in part.
///
/// It is idempotent in the same way as a charge.
#[utoipa::path(
    post,
    path = "/v1/refunds",
    tag = "refunds",
    params(("Idempotency-Key" = Option<String>, Header, example = "order-0190-refund")),
    request_body(
        content = RefundRequest,
        content_type = "application/x-www-form-urlencoded",
        example = json!("payment_intent=pi_019a0000000070008000000000000001&reason=requested_by_customer")
    ),
    responses(
        (status = 200, description = "Refunded", body = Refund),
        (status = 400, description = "A parameter is wrong, or a refund is impossible", body = ErrorBody),
        (status = 401, description = "The API key is missing or wrong", body = ErrorBody),
        (status = 409, description = "The first request with this key is in progress", body = ErrorBody),
        (status = 503, description = "Fault `unavailable_percent`", body = ErrorBody),
    ),
    security(("api_key" = [])),
)]
pub(super) async fn create_refund(
    State(state): State<AppState>,
    Command { call, parameters }: Command,
) -> Result<Response, Error> {
    let request = refund_request(parameters)?;
    if let Some(order_id) = request.metadata.get("order_id") {
        runtime::trace::record_order(order_id);
    }
    idempotency::execute(&state, call, |book, now| {
        let decision = match refund(book, request, now) {
            Ok(refund) => {
                let answer = Answer::new(StatusCode::OK, &refund);
                Decision::change(Entry::Refund(refund), answer)
            }
            Err(error) => Decision::refusal(error.into_answer()),
        };
        (decision, AfterCapture::Answer)
    })
    .await
}

fn refund_request(mut parameters: Parameters) -> Result<RefundRequest, Error> {
    let request = RefundRequest {
        payment_intent: parameters.required("payment_intent")?,
        amount: parameters.amount()?,
        reason: parameters.optional("reason")?,
        metadata: parameters.metadata(),
    };
    if let Some(reason) = &request.reason
        && !REASONS.contains(&reason.as_str())
    {
        return Err(
            Error::invalid(format!("Invalid reason: must be one of {}", REASONS.join(", "))).about("reason")
        );
    }
    parameters.finish(&[])?;
    Ok(request)
}

fn refund(book: &Book, request: RefundRequest, now: DateTime<Utc>) -> Result<Refund, Error> {
    let charge = book
        .charge(&request.payment_intent)
        .ok_or_else(|| Error::no_such("payment_intent", "payment_intent", &request.payment_intent))?;
    Ok(Refund::of(&charge.payment, charge.refunded(), request, now)?)
}

#[cfg(test)]
mod tests {
    use crate::testing::{CHARGE, Simulator};
    use futures_util::future::join_all;
    use serde_json::json;

    const PATH: &str = "/v1/refunds";

    #[tokio::test]
    async fn a_charge_is_refunded_once() {
        let simulator = Simulator::start();
        let payment = simulator.charge(CHARGE).await;
        let form = format!("payment_intent={payment}&reason=requested_by_customer&metadata[order_id]=7");
        let first = simulator.post_with_key("r", PATH, &form).await;
        assert_eq!(first.status, 200, "{first:?}");
        assert!(first.body["id"].as_str().unwrap().starts_with("re_"));
        for (field, value) in [
            ("object", json!("refund")),
            ("amount", json!(1999)),
            ("currency", json!("eur")),
            ("payment_intent", json!(payment)),
            ("reason", json!("requested_by_customer")),
            ("metadata", json!({"order_id": "7"})),
            ("status", json!("succeeded")),
        ] {
            assert_eq!(first.body[field], value, "{field}");
        }
        let again = simulator.post_with_key("r", PATH, &form).await;
        assert_eq!((again.is_replayed(), &again.body), (true, &first.body));
        let other = simulator.post_with_key("s", PATH, &form).await;
        assert_eq!(other.error(), (400, "invalid_request_error", Some("charge_already_refunded"), None));

        let simulator = simulator.restart().await;
        let order = simulator.get("/simulator/orders/7").await.body;
        assert_eq!(order["captured"], 1999);
        assert_eq!(order["refunded"], 1999);
        assert_eq!(order["standing_charges"], 0);
        let read = simulator.get(&format!("{PATH}/{}", first.body["id"].as_str().unwrap())).await;
        assert_eq!(read.body, first.body);
    }

    #[tokio::test]
    async fn partial_refunds_are_listed_newest_first() {
        let simulator = Simulator::start();
        let payment = simulator.charge(CHARGE).await;
        let part = |amount: u64| format!("payment_intent={payment}&amount={amount}");
        assert_eq!(simulator.post(PATH, &part(500)).await.status, 200);
        assert_eq!(simulator.post(PATH, &part(499)).await.status, 200);
        let too_much = simulator.post(PATH, &part(1001)).await;
        assert_eq!(too_much.error(), (400, "invalid_request_error", None, Some("amount")));
        assert_eq!(simulator.get("/simulator/orders/7").await.body["standing_charges"], 1);
        assert_eq!(simulator.post(PATH, &part(1000)).await.status, 200);

        let list = simulator.get(&format!("{PATH}?payment_intent={payment}&limit=2")).await.body;
        let amounts = |list: &serde_json::Value| {
            list["data"].as_array().unwrap().iter().map(|refund| refund["amount"].clone()).collect::<Vec<_>>()
        };
        assert_eq!((amounts(&list), &list["has_more"]), (vec![json!(1000), json!(499)], &json!(true)));
        let last = list["data"][1]["id"].as_str().unwrap();
        let rest =
            simulator.get(&format!("{PATH}?payment_intent={payment}&starting_after={last}")).await.body;
        assert_eq!((amounts(&rest), &rest["has_more"]), (vec![json!(500)], &json!(false)));
    }

    #[tokio::test]
    async fn a_refused_refund_has_a_reason() {
        let simulator = Simulator::start();
        let refused = CHARGE.replace("pm_card_visa", "pm_card_chargeDeclined");
        let refused = simulator.post("/v1/payment_intents", &refused).await.body;
        let refused = refused["error"]["payment_intent"]["id"].as_str().unwrap();
        let golden = [
            (String::new(), Some("parameter_missing"), "payment_intent"),
            ("payment_intent=pi_1".into(), Some("resource_missing"), "payment_intent"),
            (format!("payment_intent={refused}"), None, "payment_intent"),
            ("payment_intent=pi_1&amount=0".into(), Some("parameter_invalid_integer"), "amount"),
            ("payment_intent=pi_1&reason=rain".into(), None, "reason"),
        ];
        for (form, code, param) in golden {
            let reply = simulator.post(PATH, &form).await;
            assert_eq!(reply.error(), (400, "invalid_request_error", code, Some(param)), "{form}");
        }
        let unknown = simulator.get("/v1/refunds/re_1").await;
        assert_eq!(unknown.error(), (404, "invalid_request_error", Some("resource_missing"), Some("id")));
        let unknown = simulator.get("/v1/refunds?payment_intent=pi_1").await;
        assert_eq!(unknown.status, 400);
    }

    #[tokio::test]
    async fn concurrent_refunds_never_exceed_the_captured_amount() {
        let simulator = Simulator::start();
        let payment = simulator.charge(CHARGE).await;
        let form = format!("payment_intent={payment}");
        let replies = join_all((0..20).map(|_| simulator.post(PATH, &form))).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
        assert_eq!(simulator.get("/simulator/orders/7").await.body["refunded"], 1999);
    }
}
