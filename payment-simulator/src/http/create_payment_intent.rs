//! `POST /v1/payment_intents`: charges a card.

use super::{
    error::{Error, ErrorBody},
    idempotency,
    parameters::{Command, Parameters},
};
use crate::{
    domain::{
        currency,
        payment_intent::{ChargeRequest, PaymentIntent},
        payment_method,
    },
    faults::{AfterCapture, Faults},
    ledger::{Answer, Decision, Entry},
    state::AppState,
};
use axum::{extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// Parameters that have no effect here. Every card is charged immediately, without an action of its owner.
const IGNORED: [&str; 9] = [
    "automatic_payment_methods",
    "error_on_requires_action",
    "off_session",
    "payment_method_types",
    "receipt_email",
    "return_url",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
];

/// Charges a card.
///
/// With an `Idempotency-Key`, the first answer is saved, even a 402 or a 500. The same request gets it again
/// with the header `Idempotent-Replayed: true`.
#[utoipa::path(
    post,
    path = "/v1/payment_intents",
    tag = "payment intents",
    params(("Idempotency-Key" = Option<String>, Header, example = "order-0190-attempt-1")),
    request_body(
        content = ChargeRequest,
        content_type = "application/x-www-form-urlencoded",
        description = "Requires `confirm=true`. Metadata is sent as `metadata[order_id]=…`.",
        example = json!("amount=1999&currency=eur&payment_method=pm_card_visa&confirm=true&metadata[order_id]=0190")
    ),
    responses(
        (status = 200, description = "Captured", body = PaymentIntent),
        (status = 400, description = "A parameter is wrong, or the key belongs to another request", body = ErrorBody),
        (status = 401, description = "The API key is missing or wrong", body = ErrorBody),
        (status = 402, description = "The card was declined", body = ErrorBody),
        (status = 409, description = "The first request with this key is in progress", body = ErrorBody),
        (status = 500, description = "Fault `error_after_capture`", body = ErrorBody),
        (status = 503, description = "Fault `unavailable_percent`", body = ErrorBody),
    ),
    security(("api_key" = [])),
)]
pub(super) async fn create_payment_intent(
    State(state): State<AppState>,
    Command { call, parameters }: Command,
) -> Result<Response, Error> {
    let payment = payment(parameters)?;
    if let Some(order_id) = payment.metadata.get("order_id") {
        runtime::trace::record_order(order_id);
    }

    let faults = Arc::clone(&state.faults);
    idempotency::execute(&state, call, move |_, now| charge(&faults, payment, now)).await
}

fn payment(mut parameters: Parameters) -> Result<ChargeRequest, Error> {
    let payment = ChargeRequest {
        amount: parameters.required_amount()?,
        currency: parameters.currency()?,
        payment_method: parameters.required("payment_method")?,
        description: parameters.optional("description")?,
        metadata: parameters.metadata(),
    };
    currency::check_amount(&payment.currency, payment.amount)?;
    // Stripe's defaults: a payment is not confirmed, and a confirmed payment is captured.
    for (name, default, only) in [("confirm", "false", "true"), ("capture_method", "automatic", "automatic")]
    {
        if parameters.optional(name)?.as_deref().unwrap_or(default) != only {
            return Err(Error::invalid(format!("This simulator captures immediately: send {name}={only}."))
                .about(name));
        }
    }
    parameters.finish(&IGNORED)?;
    Ok(payment)
}

fn charge(faults: &Faults, payment: ChargeRequest, now: DateTime<Utc>) -> (Decision, AfterCapture) {
    let Some(outcome) = payment_method::outcome(&payment.payment_method) else {
        let error = Error::no_such("PaymentMethod", "payment_method", &payment.payment_method);
        return (Decision::refusal(error.into_answer()), AfterCapture::Answer);
    };
    let payment = PaymentIntent::tried(payment, faults.decline_at_random(outcome), now);
    let (answer, after) = match &payment.last_payment_error {
        Some(error) => (Error::declined(error.clone(), payment.clone()).into_answer(), AfterCapture::Answer),
        None => match faults.after_capture() {
            AfterCapture::Fail => (Error::broken().into_answer(), AfterCapture::Fail),
            after => (Answer::new(StatusCode::OK, &faults.shown(payment.clone())), after),
        },
    };
    (Decision::change(Entry::PaymentIntent(payment), answer), after)
}

#[cfg(test)]
mod tests {
    use crate::testing::{CHARGE, Simulator};
    use futures_util::FutureExt;
    use serde_json::json;

    const PATH: &str = "/v1/payment_intents";

    #[tokio::test]
    async fn a_good_card_is_captured() {
        let simulator = Simulator::start();
        let reply = simulator.post(PATH, &format!("{CHARGE}&description=Tea&expand[]=latest_charge")).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let payment = &reply.body;
        assert!(payment["id"].as_str().unwrap().starts_with("pi_"));
        assert!(payment["latest_charge"].as_str().unwrap().starts_with("ch_"));
        assert!(payment["created"].is_i64());
        for (field, value) in [
            ("object", json!("payment_intent")),
            ("amount", json!(1999)),
            ("amount_received", json!(1999)),
            ("currency", json!("eur")),
            ("description", json!("Tea")),
            ("metadata", json!({"attempt": "1", "order_id": "7"})),
            ("payment_method", json!("pm_card_visa")),
            ("status", json!("succeeded")),
            ("livemode", json!(false)),
        ] {
            assert_eq!(payment[field], value, "{field}");
        }
        let read = simulator.get(&format!("{PATH}/{}", payment["id"].as_str().unwrap())).await;
        assert_eq!(read.body, reply.body);
    }

    #[tokio::test]
    async fn a_declined_card_is_a_402_and_captures_nothing() {
        let simulator = Simulator::start();
        let form = CHARGE.replace("pm_card_visa", "pm_card_chargeDeclinedInsufficientFunds");
        let reply = simulator.post(PATH, &form).await;
        assert_eq!(reply.error(), (402, "card_error", Some("card_declined"), None));
        let error = &reply.body["error"];
        assert_eq!(error["decline_code"], "insufficient_funds");
        assert_eq!(error["message"], "Your card has insufficient funds.");
        assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
        assert_eq!(error["payment_intent"]["amount_received"], 0);
        assert_eq!(error["payment_intent"]["last_payment_error"]["charge"], error["charge"]);

        let order = simulator.get("/simulator/orders/7").await.body;
        assert_eq!((&order["captured"], &order["standing_charges"]), (&json!(0), &json!(0)));
        assert_eq!(order["charges"][0]["decline_code"], "insufficient_funds");
    }

    #[tokio::test]
    async fn a_bad_parameter_is_named() {
        let golden = [
            ("amount=1999", "amount=0", "parameter_invalid_integer", "amount"),
            ("amount=1999", "amount=-5", "parameter_invalid_integer", "amount"),
            ("amount=1999", "amount=19.99", "parameter_invalid_integer", "amount"),
            ("amount=1999", "amount=much", "parameter_invalid_integer", "amount"),
            ("amount=1999", "amount=100000000", "amount_too_large", "amount"),
            ("amount=1999", "amount=", "parameter_invalid_empty", "amount"),
            ("amount=1999&", "", "parameter_missing", "amount"),
            ("currency=eur", "currency=EUR", "", "currency"),
            ("currency=eur", "currency=xyz", "", "currency"),
            ("currency=eur&", "", "parameter_missing", "currency"),
            ("payment_method=pm_card_visa&", "", "parameter_missing", "payment_method"),
            ("pm_card_visa", "pm_card_gold", "resource_missing", "payment_method"),
            ("confirm=true", "confirm=false", "", "confirm"),
            ("confirm=true&", "", "", "confirm"),
            ("confirm=true", "confirm=true&capture_method=manual", "", "capture_method"),
            ("confirm=true", "confirm=true&colour=red", "parameter_unknown", "colour"),
            ("currency=eur", "currency=kwd", "invalid_charge_amount", "amount"),
            ("currency=eur", "currency=ugx", "invalid_charge_amount_no_decimal_compatible", "amount"),
        ];
        let simulator = Simulator::start();
        for (right, wrong, code, param) in golden {
            let reply = simulator.post(PATH, &CHARGE.replace(right, wrong)).await;
            let code = Some(code).filter(|code| !code.is_empty());
            assert_eq!(
                reply.error(),
                (400, "invalid_request_error", code, Some(param)),
                "{wrong}: {reply:?}"
            );
        }
        assert_eq!(simulator.get("/simulator/ledger").await.body["orders"], 0);
    }

    #[tokio::test]
    async fn a_random_decline_is_a_402() {
        let simulator = Simulator::start();
        simulator.faults(r#"{"decline_percent":100}"#);
        let reply = simulator.post(PATH, CHARGE).await;
        assert_eq!(reply.error(), (402, "card_error", Some("card_declined"), None));
    }

    #[tokio::test]
    async fn a_500_after_capture_is_saved_and_the_payment_succeeded() {
        let simulator = Simulator::start();
        simulator.faults(r#"{"error_after_capture":1}"#);
        let first = simulator.post_with_key("k", PATH, CHARGE).await;
        assert_eq!((first.error(), first.is_replayed()), ((500, "api_error", None, None), false));
        let again = simulator.post_with_key("k", PATH, CHARGE).await;
        assert_eq!((again.error(), again.is_replayed()), ((500, "api_error", None, None), true));

        let found = simulator.get(&format!("{PATH}/search?query=metadata['order_id']:'7'")).await.body;
        assert_eq!(found["data"].as_array().unwrap().len(), 1);
        assert_eq!(found["data"][0]["status"], "succeeded");
    }

    #[tokio::test]
    async fn a_capture_without_an_answer_is_a_success_on_retry() {
        let simulator = Simulator::start();
        simulator.faults(r#"{"timeout_after_capture":1}"#);
        let mut held = Box::pin(simulator.post_with_key("k", PATH, CHARGE));
        while simulator.get("/simulator/orders/7").await.body["captured"] == 0 {
            assert!((&mut held).now_or_never().is_none());
        }
        assert!((&mut held).now_or_never().is_none());
        // The client gives up.
        drop(held);

        let again = simulator.post_with_key("k", PATH, CHARGE).await;
        assert_eq!((again.status, again.is_replayed()), (200, true));
        assert_eq!(simulator.get("/simulator/orders/7").await.body["captured"], 1999);
    }

    #[tokio::test]
    async fn a_held_request_ends_when_the_simulator_shuts_down() {
        let simulator = Simulator::start();
        simulator.faults(r#"{"timeout_after_capture":"all"}"#);
        simulator.state.shutdown.cancel();
        assert_eq!(simulator.post(PATH, CHARGE).await.status, 500);
    }

    #[tokio::test]
    async fn a_payment_is_shown_as_processing_while_the_fault_is_on() {
        let simulator = Simulator::start();
        simulator.faults(r#"{"processing":true}"#);
        let reply = simulator.post_with_key("k", PATH, CHARGE).await;
        assert_eq!((reply.status, &reply.body["status"]), (200, &json!("processing")));
        assert_eq!(reply.body["amount_received"], 0);
        let search = format!("{PATH}/search?query=metadata['order_id']:'7'");
        assert_eq!(simulator.get(&search).await.body["data"][0]["status"], "processing");
        assert_eq!(simulator.get("/v1/charges").await.body["data"][0]["status"], "pending");

        simulator.faults("{}");
        assert_eq!(simulator.get(&search).await.body["data"][0]["status"], "succeeded");
        let again = simulator.post_with_key("k", PATH, CHARGE).await;
        assert_eq!((&again.body["status"], again.is_replayed()), (&json!("processing"), true));
    }

    #[tokio::test]
    async fn an_unavailable_provider_executes_nothing() {
        let simulator = Simulator::start();
        simulator.faults(r#"{"unavailable_percent":100}"#);
        let reply = simulator.post_with_key("k", PATH, CHARGE).await;
        assert_eq!(reply.error(), (503, "api_error", None, None));
        assert_eq!(simulator.get("/simulator/orders/7").await.body["captured"], 0);
        simulator.faults("{}");
        let reply = simulator.post_with_key("k", PATH, CHARGE).await;
        assert_eq!((reply.status, reply.is_replayed()), (200, false));
    }
}
