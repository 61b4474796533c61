//! Stripe's idempotency (<https://docs.stripe.com/api/idempotent_requests>): the first answer to a key is
//! saved and returned again, even if it is an error. An error before the execution, such as a missing
//! parameter, is not saved.

use super::error::Error;
use crate::{
    faults::AfterCapture,
    ledger::{Answer, Book, Call, Claim, Closed, Decision, Permit},
    state::AppState,
};
use axum::{
    Json,
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// The header of a saved answer that is returned again.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Executes a request, or returns its saved answer.
///
/// A started request is executed even if the client disconnects. A retry with the same key finds its answer.
pub(super) async fn execute(
    state: &AppState,
    call: Call,
    decide: impl FnOnce(&Book, DateTime<Utc>) -> (Decision, AfterCapture) + Send + 'static,
) -> Result<Response, Error> {
    let key = call.key.clone().unwrap_or_default();
    let path = call.path.clone();
    match state.ledger.claim(call, Utc::now()).await? {
        Claim::Granted(permit) => {
            let begun = tokio::spawn(begin(permit, state.faults.delay(), decide));
            let (answer, then) = begun.await.map_err(|panic| {
                tracing::error!(%panic, "request failed");
                Error::broken()
            })??;
            if then == AfterCapture::Hold {
                tracing::info!("captured; the answer is withheld");
                // Waits until the client gives up, which drops this future, or until the simulator ends.
                state.shutdown.cancelled().await;
                return Err(Error::broken());
            }
            Ok(answer.into_response())
        }
        Claim::Answered(answer) => Ok(([(REPLAYED, "true")], answer).into_response()),
        Claim::UsedFor(first_path) => Err(Error::key_reused(&key, &path, &first_path)),
        Claim::InProgress => Err(Error::key_in_use(&key)),
    }
}

async fn begin(
    permit: Permit,
    delay: Duration,
    decide: impl FnOnce(&Book, DateTime<Utc>) -> (Decision, AfterCapture),
) -> Result<(Answer, AfterCapture), Closed> {
    tokio::time::sleep(delay).await;
    let now = Utc::now();
    let mut then = AfterCapture::Answer;
    let answer = permit.execute(now, |book| {
        let (decision, after) = decide(book, now);
        then = after;
        decision
    });
    Ok((answer.await?, then))
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(self.body)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        ledger::{Call, Claim},
        testing::{CHARGE, Simulator},
    };
    use chrono::{TimeDelta, Utc};
    use futures_util::{FutureExt, future::join_all};

    const PATH: &str = "/v1/payment_intents";

    #[tokio::test]
    async fn the_same_request_gets_the_saved_answer() {
        let simulator = Simulator::start();
        let first = simulator.post_with_key("k", PATH, CHARGE).await;
        let again = simulator.post_with_key("k", PATH, CHARGE).await;
        assert!(!first.is_replayed() && again.is_replayed());
        assert_eq!((first.status, first.body), (again.status, again.body));
        assert_eq!(simulator.get("/simulator/orders/7").await.body["captured"], 1999);

        let other_key = simulator.post_with_key("l", PATH, CHARGE).await;
        assert!(!other_key.is_replayed());
        assert_eq!(simulator.get("/simulator/orders/7").await.body["standing_charges"], 2);
        assert_eq!(simulator.get("/simulator/ledger").await.body["charged_twice"][0], "7");
    }

    #[tokio::test]
    async fn answers_and_refusals_survive_a_restart() {
        let simulator = Simulator::start();
        let refused = CHARGE.replace("pm_card_visa", "pm_card_chargeDeclined");
        let missing = CHARGE.replace("pm_card_visa", "pm_card_gold");
        let requests = [("good", CHARGE, 200), ("refused", &refused, 402), ("missing", &missing, 400)];
        let mut before = Vec::new();
        for (key, form, status) in requests {
            let reply = simulator.post_with_key(key, PATH, form).await;
            assert_eq!(reply.status, status);
            before.push(reply.body);
        }
        let simulator = simulator.restart().await;
        for ((key, form, status), before) in requests.into_iter().zip(before) {
            let after = simulator.post_with_key(key, PATH, form).await;
            assert_eq!((after.status, after.is_replayed(), after.body), (status, true, before));
        }
        assert_eq!(simulator.get("/simulator/orders/7").await.body["captured"], 1999);
    }

    #[tokio::test]
    async fn a_key_belongs_to_one_request() {
        let simulator = Simulator::start();
        simulator.post_with_key("k", PATH, CHARGE).await;
        let other_amount = simulator.post_with_key("k", PATH, &CHARGE.replace("1999", "2999")).await;
        assert_eq!(other_amount.error(), (400, "idempotency_error", None, None));
        let other_path = simulator.post_with_key("k", "/v1/refunds", "payment_intent=pi_1").await;
        assert_eq!(other_path.error(), (400, "idempotency_error", None, None));
        let long = simulator.post_with_key(&"k".repeat(256), PATH, CHARGE).await;
        assert_eq!(long.error(), (400, "invalid_request_error", None, None));
    }

    #[tokio::test]
    async fn the_answer_to_an_invalid_request_is_not_saved() {
        let simulator = Simulator::start();
        let bad = simulator.post_with_key("k", PATH, &CHARGE.replace("1999", "0")).await;
        assert_eq!(bad.status, 400);
        let fixed = simulator.post_with_key("k", PATH, CHARGE).await;
        assert_eq!((fixed.status, fixed.is_replayed()), (200, false));
    }

    fn call() -> Call {
        let parameters = CHARGE.split('&').filter_map(|pair| pair.split_once('='));
        Call {
            key: Some("k".into()),
            path: PATH.into(),
            parameters: parameters.map(|(name, value)| (name.into(), value.into())).collect(),
        }
    }

    #[tokio::test]
    async fn a_started_request_is_executed_after_the_client_disconnects() {
        let simulator = Simulator::start();
        assert!(simulator.post_with_key("k", PATH, CHARGE).now_or_never().is_none());
        while simulator.get("/simulator/orders/7").await.body["captured"] == 0 {}
        let again = simulator.post_with_key("k", PATH, CHARGE).await;
        assert_eq!((again.status, again.is_replayed()), (200, true));
    }

    #[tokio::test]
    async fn a_key_is_in_use_until_its_request_ends() {
        let simulator = Simulator::start();
        let first = simulator.state.ledger.claim(call(), Utc::now()).await.unwrap();
        assert!(matches!(first, Claim::Granted(_)));
        let second = simulator.post_with_key("k", PATH, CHARGE).await;
        assert_eq!(second.error(), (409, "idempotency_error", Some("idempotency_key_in_use"), None));
        drop(first);
        let third = simulator.post_with_key("k", PATH, CHARGE).await;
        assert_eq!((third.status, third.is_replayed()), (200, false));
    }

    #[tokio::test]
    async fn a_key_expires_after_a_day() {
        let simulator = Simulator::start();
        simulator.post_with_key("k", PATH, CHARGE).await;
        let claim = async |hours| {
            simulator.state.ledger.claim(call(), Utc::now() + TimeDelta::hours(hours)).await.unwrap()
        };
        assert!(matches!(claim(23).await, Claim::Answered(_)));
        assert!(matches!(claim(25).await, Claim::Granted(_)));
    }

    #[tokio::test]
    async fn concurrent_requests_with_one_key_charge_once() {
        let simulator = Simulator::start();
        let replies = join_all((0..50).map(|_| simulator.post_with_key("k", PATH, CHARGE))).await;
        let fresh = replies.iter().filter(|reply| reply.status == 200 && !reply.is_replayed()).count();
        assert_eq!(fresh, 1);
        assert!(replies.iter().all(|reply| matches!(reply.status, 200 | 409)));
        assert_eq!(simulator.get("/simulator/orders/7").await.body["standing_charges"], 1);
    }
}
