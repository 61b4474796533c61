//! `GET /v1/charges`: lists all charges, each with its refunded amount.

use super::{
    error::{Error, ErrorBody},
    page::{Page, Window},
    parameters::Parameters,
};
use crate::{
    domain::{
        Metadata,
        payment_intent::{PaymentIntent, Status},
    },
    faults::Faults,
    ledger::{self, Book},
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

/// Stripe's `Charge` (<https://docs.stripe.com/api/charges/object>).
#[derive(Serialize, ToSchema)]
struct Charge {
    /// `ch_…`
    id: String,
    /// Always `charge`.
    object: &'static str,
    /// The requested amount in the currency's smallest unit.
    amount: u64,
    /// The captured amount.
    amount_captured: u64,
    /// The refunded amount.
    amount_refunded: u64,
    /// The creation time, in seconds since 1970.
    created: i64,
    /// ISO 4217, in lower case.
    currency: String,
    /// The issuer's reason for a decline.
    failure_code: Option<String>,
    /// The metadata of the payment.
    metadata: Metadata,
    /// The payment: `pi_…`.
    payment_intent: String,
    /// Whether the whole charge is refunded.
    refunded: bool,
    /// `succeeded`, `pending` or `failed`.
    status: &'static str,
}

/// Charges, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct ChargeList {
    /// Always `list`.
    object: &'static str,
    /// The request's path.
    url: &'static str,
    /// Whether there are more entries.
    has_more: bool,
    /// The charges.
    data: Vec<Charge>,
}

/// Lists all charges, newest first.
#[utoipa::path(
    get,
    path = "/v1/charges",
    tag = "charges",
    params(
        ("created[gte]" = Option<i64>, Query, description = "Only charges since this time, in seconds since 1970."),
        ("limit" = Option<u8>, Query, description = "1 to 100, by default 10."),
        ("starting_after" = Option<String>, Query, description = "The last charge of the previous page."),
    ),
    responses(
        (status = 200, description = "The charges", body = ChargeList),
        (status = 400, description = "A parameter is wrong", body = ErrorBody),
    ),
    security(("api_key" = [])),
)]
pub(super) async fn list_charges(
    State(state): State<AppState>,
    mut parameters: Parameters,
) -> Result<Json<ChargeList>, Error> {
    let from = parameters.created_from()?;
    let window = Window::of(&mut parameters, "starting_after")?;
    parameters.finish(&[])?;

    let Page { items, has_more } =
        state.ledger.read(|book| window.cut(charges(book, &state.faults, from), |charge| &charge.id)).await?;
    Ok(Json(ChargeList { object: "list", url: "/v1/charges", has_more, data: items }))
}

/// The charges since the time `from`, newest first.
fn charges(book: &Book, faults: &Faults, from: Option<i64>) -> impl Iterator<Item = Charge> {
    let in_time = move |charge: &&ledger::Charge| from.is_none_or(|from| charge.payment.created >= from);
    book.charges().rev().take_while(in_time).map(|charge| Charge::of(charge, faults))
}

impl Charge {
    fn of(charge: &ledger::Charge, faults: &Faults) -> Self {
        let payment = faults.shown(charge.payment.clone());
        let (refunded, captured) = (charge.refunded(), payment.amount_received);
        let PaymentIntent {
            id,
            amount,
            created,
            currency,
            last_payment_error,
            latest_charge,
            metadata,
            status,
            ..
        } = payment;
        Self {
            id: latest_charge,
            object: "charge",
            amount,
            amount_captured: captured,
            amount_refunded: refunded,
            created,
            currency,
            failure_code: last_payment_error.map(|error| error.decline_code),
            metadata,
            payment_intent: id,
            refunded: captured > 0 && refunded == captured,
            status: match status {
                Status::Succeeded => "succeeded",
                Status::Processing => "pending",
                Status::RequiresPaymentMethod => "failed",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{CHARGE, Simulator};
    use serde_json::json;

    #[tokio::test]
    async fn charges_are_listed_newest_first_with_their_refunds() {
        let simulator = Simulator::start();
        let first = simulator.charge(CHARGE).await;
        simulator.post("/v1/payment_intents", &CHARGE.replace("visa", "chargeDeclined")).await;
        let refund = format!("payment_intent={first}&amount=500");
        assert_eq!(simulator.post("/v1/refunds", &refund).await.status, 200);

        let page = simulator.get("/v1/charges?limit=1").await.body;
        let declined = &page["data"][0];
        assert_eq!((&declined["status"], &page["has_more"]), (&json!("failed"), &json!(true)));
        assert_eq!(
            (&declined["amount_captured"], &declined["failure_code"]),
            (&json!(0), &json!("generic_decline"))
        );

        let after = declined["id"].as_str().unwrap();
        let page = simulator.get(&format!("/v1/charges?starting_after={after}")).await.body;
        let captured = &page["data"][0];
        assert_eq!((&captured["payment_intent"], &captured["status"]), (&json!(first), &json!("succeeded")));
        assert_eq!((&captured["amount_captured"], &captured["amount_refunded"]), (&json!(1999), &json!(500)));
        assert_eq!((&captured["metadata"]["order_id"], &captured["refunded"]), (&json!("7"), &json!(false)));
        assert_eq!(page["data"].as_array().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn charges_are_filtered_by_creation_time() {
        let simulator = Simulator::start();
        simulator.charge(CHARGE).await;
        let count = async |from: i64| {
            let page = simulator.get(&format!("/v1/charges?created[gte]={from}")).await.body;
            page["data"].as_array().unwrap().len()
        };
        let now = chrono::Utc::now().timestamp();
        assert_eq!((count(now - 60).await, count(now + 60).await), (1, 0));
        let bad = simulator.get("/v1/charges?created[gte]=today").await;
        assert_eq!(
            bad.error(),
            (400, "invalid_request_error", Some("parameter_invalid_integer"), Some("created[gte]"))
        );
    }
}
