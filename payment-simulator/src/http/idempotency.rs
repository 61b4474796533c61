//! Stripe's idempotency (<https://docs.stripe.com/api/idempotent_requests>): the first answer to a
//! key is saved, whatever it says, and given again. What fails before anything was carried out, such
//! as a missing parameter, is not saved.

use super::error::ApiError;
use crate::{
    app::App,
    ledger::{Answer, Book, Call, Claim, Decision},
};
use axum::{
    Json,
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};

/// On an answer that was saved before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Carries a request out, or answers it as before.
pub(super) async fn carry_out(
    app: &App,
    call: Call,
    decide: impl FnOnce(&Book, DateTime<Utc>) -> Decision,
) -> Result<Response, ApiError> {
    let key = call.key.clone().unwrap_or_default();
    let path = call.path.clone();
    match app.ledger.claim(call, Utc::now()).await? {
        Claim::Granted(permit) => {
            tokio::time::sleep(app.faults.delay()).await;
            let now = Utc::now();
            Ok(permit.carry_out(now, |book| decide(book, now)).await?.into_response())
        }
        Claim::Answered(answer) => Ok(([(REPLAYED, "true")], answer).into_response()),
        Claim::UsedFor(first_path) => Err(ApiError::key_reused(&key, &path, &first_path)),
        Claim::InProgress => Err(ApiError::key_in_use(&key)),
    }
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
    use futures_util::future::join_all;

    const PATH: &str = "/v1/payment_intents";

    #[tokio::test]
    async fn the_same_request_gets_the_same_answer() {
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
    async fn answers_survive_a_restart_refusals_too() {
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
        let dearer = simulator.post_with_key("k", PATH, &CHARGE.replace("1999", "2999")).await;
        assert_eq!(dearer.error(), (400, "idempotency_error", None, None));
        let elsewhere = simulator.post_with_key("k", "/v1/refunds", "payment_intent=pi_1").await;
        assert_eq!(elsewhere.error(), (400, "idempotency_error", None, None));
        let long = simulator.post_with_key(&"k".repeat(256), PATH, CHARGE).await;
        assert_eq!(long.error(), (400, "invalid_request_error", None, None));
    }

    #[tokio::test]
    async fn what_was_not_carried_out_is_not_saved() {
        let simulator = Simulator::start();
        let bad = simulator.post_with_key("k", PATH, &CHARGE.replace("1999", "0")).await;
        assert_eq!(bad.status, 400);
        let mended = simulator.post_with_key("k", PATH, CHARGE).await;
        assert_eq!((mended.status, mended.is_replayed()), (200, false));
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
    async fn a_key_in_progress_is_in_use_until_its_client_goes_away() {
        let simulator = Simulator::start();
        let first = simulator.app.ledger.claim(call(), Utc::now()).await.unwrap();
        assert!(matches!(first, Claim::Granted(_)));
        let second = simulator.post_with_key("k", PATH, CHARGE).await;
        assert_eq!(second.error(), (409, "idempotency_error", Some("idempotency_key_in_use"), None));
        drop(first);
        let third = simulator.post_with_key("k", PATH, CHARGE).await;
        assert_eq!((third.status, third.is_replayed()), (200, false));
    }

    #[tokio::test]
    async fn a_key_is_forgotten_after_a_day() {
        let simulator = Simulator::start();
        simulator.post_with_key("k", PATH, CHARGE).await;
        let claim = async |hours| {
            simulator.app.ledger.claim(call(), Utc::now() + TimeDelta::hours(hours)).await.unwrap()
        };
        assert!(matches!(claim(23).await, Claim::Answered(_)));
        assert!(matches!(claim(25).await, Claim::Granted(_)));
    }

    #[tokio::test]
    async fn of_many_at_once_one_charges() {
        let simulator = Simulator::start();
        let replies = join_all((0..50).map(|_| simulator.post_with_key("k", PATH, CHARGE))).await;
        let fresh = replies.iter().filter(|reply| reply.status == 200 && !reply.is_replayed()).count();
        assert_eq!(fresh, 1);
        assert!(replies.iter().all(|reply| matches!(reply.status, 200 | 409)));
        assert_eq!(simulator.get("/simulator/orders/7").await.body["standing_charges"], 1);
    }
}
