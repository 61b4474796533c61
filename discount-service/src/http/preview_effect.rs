//! `POST /promotions/effect`

use super::error::Error;
use crate::{
    db,
    domain::{
        effect::{self, EffectQuery},
        promotion,
    },
    state::AppState,
};
use axum::{Json, extract::State};
use chrono::Utc;
use contract::discounts::{PromotionEffect, PromotionTerms};
use rest::{
    auth::caller::Caller,
    extract::{self, Query},
    problem::{self, Problem},
};
use tokio::task::spawn_blocking;

/// Preview the effect of a promotion
///
/// Prices the latest orders at their list prices, with and without the promotion, under the automatic promotions of
/// today. The window of the promotion is ignored, and every customer is assumed to enter its code. Its limits
/// count, from the oldest of these orders. Nothing is changed. Only for staff.
#[utoipa::path(
    post,
    path = "/promotions/effect",
    tag = "promotions",
    security(("bearer" = [])),
    params(EffectQuery),
    request_body = PromotionTerms,
    responses(
        (status = 200, body = PromotionEffect),
        (status = 403, body = Problem, description = "Not staff"),
        (status = 422, body = Problem, description = "The terms or the number of orders are invalid"),
    )
)]
pub(super) async fn preview_effect(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<EffectQuery>,
    extract::Json(terms): extract::Json<PromotionTerms>,
) -> Result<Json<PromotionEffect>, Error> {
    caller.staff()?;
    let count = query.orders()?;
    let terms = promotion::parse(terms, state.currency)?;
    let at = Utc::now();
    let mut automatic = db::promotions::applicable(&state.pool, &[], at).await?;
    automatic.retain(|promotion| Some(promotion.id) != query.replaces);
    let orders = db::claims::latest_orders(&state.pool, count, state.currency).await?;
    // Pricing so many orders can take seconds of CPU time, which other requests must not wait for.
    let priced = spawn_blocking(move || effect::effect(&orders, &automatic, terms, state.currency, at));
    Ok(Json(priced.await.map_err(|error| problem::internal(&error))?))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Service, terms};
    use contract::ids::OrderId;
    use serde_json::json;
    use sqlx::PgPool;

    const PATH: &str = "/promotions/effect";

    #[sqlx::test]
    async fn staff_see_the_effect_on_the_latest_orders(pool: PgPool) {
        let service = Service::new(pool).await;
        let sale = service.promotes(json!({ "name": "Sale" })).await;
        let orders: Vec<_> = (0..3).map(|_| OrderId::new()).collect();
        for order in &orders {
            service.claim(*order, &[]).await;
        }
        service.settle(orders[1], "commit").await;
        service.settle(orders[2], "release").await;

        let cups = json!({ "kind": "categories", "categories": ["Cups"] });
        let tea = json!({ "kind": "categories", "categories": ["Tea"] });
        let replacing = format!("?replaces={sale}");
        for (query, scope, expected) in [
            // Two pieces at 10.00 EUR and 10 % off the whole order.
            ("", &cups, [2, 0, 3_600, 3_600]),
            ("", &tea, [2, 2, 3_600, 3_240]),
            ("?orders=1", &tea, [1, 1, 1_800, 1_620]),
            (&replacing, &tea, [2, 2, 4_000, 3_600]),
        ] {
            let path = format!("{PATH}{query}");
            let answer = service.post(By::Staff, &path, terms(json!({ "scope": scope }))).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            let seen = &answer.body;
            let amount = |field: &str| &seen[field]["amount_minor"];
            let counts = [&seen["orders"], &seen["orders_with_promotion"]];
            let all = [counts[0], counts[1], amount("total_without"), amount("total_with")];
            assert_eq!(all.map(|value| value.as_i64().unwrap()), expected);
        }
        assert_eq!(service.uses().await, (2, 2), "a preview changes nothing");
    }

    #[sqlx::test]
    async fn a_preview_is_for_staff_and_its_errors_name_the_fields(pool: PgPool) {
        let service = Service::new(pool).await;
        for (by, status) in [(By::Nobody, 401), (By::Customer, 403)] {
            assert_eq!(service.post(by, PATH, terms(json!({}))).await.status, status);
        }
        for (query, changes, pointer) in
            [("", json!({ "name": " " }), "/name"), ("?orders=0", json!({}), "orders")]
        {
            let answer = service.post(By::Staff, &format!("{PATH}{query}"), terms(changes)).await;
            assert_eq!(answer.status, 422, "{}", answer.body);
            assert_eq!(answer.body["errors"][0]["pointer"], pointer);
        }
        let empty = service.post(By::Staff, PATH, terms(json!({}))).await;
        assert_eq!(
            (&empty.body["orders"], &empty.body["total_with"]["amount_minor"]),
            (&json!(0), &json!(0))
        );
    }
}
