//! `PATCH /claims`

use super::error::Error;
use crate::{
    domain::{
        basket::Basket,
        ledger::{Refusal, Request, Standing},
    },
    state::AppState,
};
use axum::{Json, extract::State};
use contract::{
    claims::DISCOUNTS_CLAIM,
    discounts::{ClaimAnswer, ClaimAnswers, ClaimUpdate, ClaimUpdates, UsageUpdate},
    ids::OrderId,
    problems::FieldError,
};
use futures_util::future::join_all;
use rest::{auth::caller::Caller, extract, problem::Problem};
use runtime::trace;

/// In bytes. Enough for the largest number of orders with the largest number of lines.
pub(super) const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Update the claims of several orders
///
/// A claim prices an order and uses each promotion that applies once. Claimed and committed uses never exceed
/// a limit. Each update is idempotent and gets its own answer. A refused update does not affect the others.
#[utoipa::path(
    patch,
    path = "/claims",
    tag = "claims",
    extensions(("x-internal" = json!(true))),
    security(("bearer" = ["discounts:claim"])),
    request_body = ClaimUpdates,
    responses(
        (status = 200, body = ClaimAnswers, description = "Each update has its own answer"),
        (status = 403, body = Problem, description = "Not a service with this scope"),
        (status = 422, body = Problem, description = "Fields are invalid, or there are too many updates"),
    )
)]
pub(super) async fn patch_claims(
    State(state): State<AppState>,
    caller: Caller,
    extract::Json(ClaimUpdates { updates }): extract::Json<ClaimUpdates>,
) -> Result<Json<ClaimAnswers>, Error> {
    caller.require_scope(DISCOUNTS_CLAIM)?;
    let most = ClaimUpdates::MAX_BATCH;
    if updates.len() > most {
        let detail = format!("a request has at most {most} updates, not {}", updates.len());
        return Err(vec![FieldError::new("/updates", detail)].into());
    }
    let answers = join_all(updates.into_iter().map(|update| answer(&state, update))).await;
    Ok(Json(ClaimAnswers { answers }))
}

async fn answer(state: &AppState, update: ClaimUpdate) -> ClaimAnswer {
    let ClaimUpdate { order_id, update, traceparent } = update;
    let carried_out = trace::part(traceparent.as_deref(), carry_out(state, order_id, update)).await;
    carried_out.unwrap_or_else(|error| ClaimAnswer::Problem(Problem::from(error).into()))
}

async fn carry_out(state: &AppState, order_id: OrderId, update: UsageUpdate) -> Result<ClaimAnswer, Error> {
    trace::record_order(order_id);
    let request = match update {
        UsageUpdate::Claim { user_id, lines, codes } => {
            Request::Claim { order_id, user_id, basket: Basket::of_order(lines, &codes)? }
        }
        UsageUpdate::Commit {} => Request::Commit(order_id),
        UsageUpdate::Release {} => Request::Release(order_id),
    };
    let (request, answer) = state.claims.write(request).await?;
    if matches!(request, Request::Claim { .. }) {
        metrics::counter!("claims_total", "outcome" => outcome(&answer)).increment(1);
    }
    match answer {
        Ok(standing) => Ok(ClaimAnswer::Claim(standing.claim)),
        Err(Refusal::Unusable(refusal)) => Ok(ClaimAnswer::Refusal(refusal)),
        Err(Refusal::NotClaimed(order_id)) => Err(Error::NotClaimed(order_id)),
        Err(Refusal::AlreadyReleased) => Err(Error::ClaimReleased),
    }
}

fn outcome(answer: &Result<Standing, Refusal>) -> &'static str {
    match answer {
        Ok(Standing { is_new: true, .. }) => "claimed",
        Ok(Standing { is_new: false, .. }) => "repeated",
        Err(Refusal::Unusable(refusal)) => refusal.reason.as_str(),
        // A request to claim never gets these.
        Err(Refusal::NotClaimed(_) | Refusal::AlreadyReleased) => "refused",
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, CLAIMANT, Service};
    use contract::ids::{OrderId, UserId};
    use futures_util::future::join_all;
    use serde_json::{Value, json};
    use sqlx::PgPool;

    #[sqlx::test]
    async fn each_update_has_its_own_answer(pool: PgPool) {
        let service = Service::new(pool).await;
        service.promotes(json!({ "code": "TEN" })).await;
        let [priced, plain, paid, returned, unknown] = std::array::from_fn(|_| OrderId::new());
        service.claim(paid, &["ten"]).await;
        service.settle(returned, "release").await;
        let mut invalid = Service::claim_of(plain, UserId::new(), &[]);
        invalid["update"]["lines"][0]["quantity"] = json!(0);
        let to = |order: OrderId, to: &str| json!({ "order_id": order, "update": { "to": to } });
        let answers = service
            .update(vec![
                Service::claim_of(priced, UserId::new(), &["TEN"]),
                Service::claim_of(plain, UserId::new(), &["NOPE"]),
                invalid,
                Service::claim_of(plain, UserId::new(), &[]),
                to(paid, "commit"),
                to(unknown, "commit"),
                to(returned, "commit"),
                Service::claim_of(returned, UserId::new(), &["TEN"]),
            ])
            .await;
        let pricing = &answers[0]["claim"]["pricing"];
        assert_eq!(pricing["list_total"], json!({ "amount_minor": 2_000, "currency": "EUR" }));
        assert_eq!(
            (&pricing["total"]["amount_minor"], &pricing["lines"][0]["total"]["amount_minor"]),
            (&json!(1_800), &json!(1_800))
        );
        assert_eq!(answers[1]["refusal"]["reason"], "unknown_code");
        assert_eq!(answers[2]["problem"]["errors"][0]["pointer"], "/lines/0/quantity");
        assert_eq!(answers[3]["claim"]["pricing"]["total"]["amount_minor"], 2_000);
        assert_eq!(answers[4]["claim"]["status"], "committed");
        assert_eq!(answers[5]["problem"]["status"], 404);
        let released = &answers[6]["problem"];
        assert_eq!(
            (&released["type"], &released["current_status"]),
            (&json!("/problems/claim-released"), &json!("released"))
        );
        assert_eq!(
            answers[7]["claim"],
            json!({ "order_id": returned, "status": "released", "pricing": null })
        );
        assert_eq!(service.uses().await, (2, 2));
    }

    #[sqlx::test]
    async fn a_repeated_claim_gets_the_first_answer(pool: PgPool) {
        let service = Service::new(pool).await;
        service.promotes(json!({ "total_limit": 1 })).await;
        let order = OrderId::new();
        let first = service.claim(order, &[]).await;
        assert_eq!(first["claim"]["pricing"]["total"]["amount_minor"], 1_800);
        assert_eq!(service.claim(order, &[]).await, first);
        let at_once = join_all((0..20).map(async |_| service.claim(order, &[]).await)).await;
        assert!(at_once.iter().all(|answer| *answer == first));
        let other = service.claim(OrderId::new(), &[]).await;
        assert_eq!(other["claim"]["pricing"]["total"]["amount_minor"], 2_000, "the promotion is used up");
        assert_eq!(service.uses().await, (1, 1));
    }

    #[sqlx::test]
    async fn concurrent_orders_use_a_promotion_up_to_its_limit(pool: PgPool) {
        let service = Service::new(pool).await;
        service.promotes(json!({ "code": "TEN", "total_limit": 7 })).await;
        let orders: Vec<_> = (0..60).map(|_| OrderId::new()).collect();
        let answers = join_all(orders.iter().map(|order| service.claim(*order, &["TEN"]))).await;
        let (claimed, refused): (Vec<_>, Vec<_>) =
            orders.iter().zip(&answers).partition(|(_, answer)| answer["claim"]["status"] == "claimed");
        assert_eq!((claimed.len(), service.uses().await), (7, (7, 7)));
        assert!(refused.iter().all(|(_, answer)| answer["refusal"]["reason"] == "used_up"));

        // The released uses are free again, the committed ones are not.
        for ((order, _), to) in claimed.iter().zip(["release", "release", "commit"]) {
            service.settle(**order, to).await;
        }
        let again = join_all(refused.iter().map(|(order, _)| service.claim(**order, &["TEN"]))).await;
        assert_eq!(again.iter().filter(|answer| answer["claim"]["status"] == "claimed").count(), 2);
        assert_eq!(service.uses().await, (7, 7));
    }

    #[sqlx::test]
    async fn concurrent_orders_of_a_customer_use_a_promotion_up_to_the_limit(pool: PgPool) {
        let service = Service::new(pool).await;
        service.promotes(json!({ "code": "TEN", "customer_limit": 2 })).await;
        let (ada, grace) = (UserId::new(), UserId::new());
        let answers = join_all((0..40).map(async |number| {
            let user = if number % 2 == 0 { ada } else { grace };
            service.update(vec![Service::claim_of(OrderId::new(), user, &["TEN"])]).await.remove(0)
        }))
        .await;
        let claimed = answers.iter().filter(|answer| answer["claim"]["status"] == "claimed").count();
        assert_eq!((claimed, service.uses().await), (4, (4, 4)));
        let reasons = answers.iter().filter(|answer| answer["refusal"]["reason"] == "used_up_by_customer");
        assert_eq!(reasons.count(), 36);
    }

    #[sqlx::test]
    async fn concurrent_claims_and_releases_of_orders_do_not_deadlock(pool: PgPool) {
        let service = Service::new(pool).await;
        for code in ["A", "B", "C"] {
            service.promotes(json!({ "code": code })).await;
        }
        let orders: Vec<_> = (0..10).map(|_| OrderId::new()).collect();
        let answers = join_all((0..120_usize).map(|number| {
            let (service, order) = (service.clone(), orders[number * 7 % 10]);
            async move {
                match number % 3 {
                    0 => service.claim(order, &["A", "C"]).await,
                    1 => service.claim(order, &["C", "B"]).await,
                    _ => service.settle(order, "release").await,
                }
            }
        }))
        .await;
        for answer in &answers {
            assert!(answer["claim"].is_object(), "{answer}");
        }
        for order in orders {
            service.settle(order, "release").await;
        }
        assert_eq!(service.uses().await, (0, 0), "nothing stays claimed");
    }

    #[sqlx::test]
    async fn the_number_of_updates_is_limited_and_only_services_may_send_them(pool: PgPool) {
        let service = Service::new(pool).await;
        let updates = |count: usize| {
            let update = |_| json!({ "order_id": OrderId::new(), "update": { "to": "release" } });
            json!({ "updates": (0..count).map(update).collect::<Vec<Value>>() })
        };
        let other_scope = By::Service("orders:stock");
        for (by, count, status) in [
            (CLAIMANT, 64, 200),
            (CLAIMANT, 65, 422),
            (By::Staff, 1, 403),
            (other_scope, 1, 403),
            (By::Nobody, 1, 401),
        ] {
            assert_eq!(service.patch(by, "/claims", updates(count)).await.status, status, "{count}");
        }
    }
}
