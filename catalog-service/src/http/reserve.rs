//! `POST /reservations`

use super::{error::Error, stock::carry_out};
use crate::{
    domain::{
        reservation::Demand,
        warehouse::{Request, Standing},
    },
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use contract::{
    catalog::{Reservation, ReservationRefusal, ReservationRequest},
    claims::RESERVATIONS_WRITE,
};
use rest::{auth::caller::Caller, extract::Json, problem::Problem};
use runtime::trace;

/// Reserve stock for an order
///
/// Holds all lines at current prices, or nothing. A repeated request for the same order returns its
/// current reservation. A refusal stores nothing, so a later request may succeed.
#[utoipa::path(
    post,
    path = "/reservations",
    tag = "reservations",
    extensions(("x-internal" = json!(true))),
    security(("bearer" = ["reservations:write"])),
    request_body = ReservationRequest,
    responses(
        (status = 201, body = Reservation, description = "The stock is held"),
        (status = 200, body = Reservation, description = "This order already has a reservation, held or released"),
        (status = 403, body = Problem, description = "Not a service with this scope"),
        (status = 409, body = ReservationRefusal, description = "Nothing is held, with the reason"),
    )
)]
pub(super) async fn reserve(
    State(state): State<AppState>,
    caller: Caller,
    Json(request): Json<ReservationRequest>,
) -> Result<(StatusCode, axum::Json<Reservation>), Error> {
    trace::record_order(request.order_id);
    caller.require_scope(RESERVATIONS_WRITE)?;
    let demand = Demand::parse(request)?;
    let Standing { reservation, is_new } = carry_out(&state, Request::Reserve(demand)).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, axum::Json(reservation)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Answer, By, PROCESSOR, Service, reservation};
    use contract::ids::{OrderId, ProductId};
    use futures_util::future::join_all;
    use serde_json::json;
    use sqlx::PgPool;

    fn assert_refused(answer: &Answer, reason: &str) {
        assert_eq!((answer.status.as_u16(), &answer.body["reason"]), (409, &json!(reason)));
    }

    #[sqlx::test]
    async fn stock_is_held_at_current_prices(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 5).await;
        let cup = service.sells("Cup", 950, 1).await;
        let order = OrderId::new();
        let held = service.reserve(order, &[(cup, 1), (tea, 2)]).await;
        assert_eq!(held.status, 201);
        let eur = |amount: i64| json!({ "amount_minor": amount, "currency": "EUR" });
        let line = |id, name: &str, quantity: i64, price: i64| {
            json!({
                "product_id": id, "name": name, "category": "Tea", "quantity": quantity,
                "unit_price": eur(price), "total": eur(quantity * price),
            })
        };
        assert_eq!(
            held.body,
            json!({
                "order_id": order,
                "status": "held",
                "lines": [line(cup, "Cup", 1, 950), line(tea, "Assam", 2, 840)],
                "total": eur(2_630),
            })
        );
        assert_eq!((service.stock(tea).await, service.stock(cup).await), ((5, 2), (1, 1)));

        let again = service.reserve(order, &[(cup, 1), (tea, 2)]).await;
        assert_eq!((again.status.as_u16(), again.body), (200, held.body));
        assert_eq!((service.stock(tea).await, service.stock(cup).await), ((5, 2), (1, 1)));
    }

    #[sqlx::test]
    async fn a_refusal_holds_nothing(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 5).await;
        let cup = service.sells("Cup", 950, 1).await;
        let order = OrderId::new();

        let short = service.reserve(order, &[(tea, 1), (cup, 2)]).await;
        assert_refused(&short, "out_of_stock");
        assert_eq!(short.body["detail"], "Cup: 1 left, 2 ordered.");
        let unknown = service.reserve(order, &[(tea, 1), (ProductId::new(), 1)]).await;
        assert_refused(&unknown, "unknown_product");
        let mut dearer = reservation(order, &[(tea, 1)]);
        dearer["expected_total"] = json!({ "amount_minor": 800, "currency": "EUR" });
        let changed = service.post(PROCESSOR, "/reservations", dearer.clone()).await;
        assert_refused(&changed, "price_changed");
        assert_eq!((service.stock(tea).await, service.stock(cup).await), ((5, 0), (1, 0)));

        dearer["expected_total"]["amount_minor"] = json!(840);
        let held = service.post(PROCESSOR, "/reservations", dearer).await;
        assert_eq!(held.status, 201);
    }

    #[sqlx::test]
    async fn a_repeated_request_succeeds_after_the_first_took_the_last_piece(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 2).await;
        let order = OrderId::new();
        assert_eq!(service.reserve(order, &[(tea, 2)]).await.status, 201);
        assert_eq!(service.reserve(order, &[(tea, 2)]).await.status, 200);
        assert_refused(&service.reserve(OrderId::new(), &[(tea, 1)]).await, "out_of_stock");
    }

    #[sqlx::test]
    async fn concurrent_orders_do_not_reserve_more_than_the_stock(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 7).await;
        let cup = service.sells("Cup", 950, 100).await;
        let answers =
            join_all((0..40).map(async |_| service.reserve(OrderId::new(), &[(cup, 1), (tea, 1)]).await))
                .await;
        let held = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(held, 7);
        for refused in answers.iter().filter(|answer| answer.status != 201) {
            assert_refused(refused, "out_of_stock");
        }
        assert_eq!((service.stock(tea).await, service.stock(cup).await), ((7, 7), (100, 7)));
    }

    #[sqlx::test]
    async fn requests_that_list_products_in_opposite_sequence_do_not_deadlock(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 1_000).await;
        let cup = service.sells("Cup", 950, 1_000).await;
        let answers = join_all((0..60).map(async |n| {
            let items = if n % 2 == 0 { [(tea, 1), (cup, 1)] } else { [(cup, 1), (tea, 1)] };
            let order = OrderId::new();
            let reserved = service.reserve(order, &items).await.status;
            let settled = if n % 3 == 0 { service.release(order).await } else { service.commit(order).await };
            (reserved.as_u16(), settled.status.as_u16())
        }))
        .await;
        assert_eq!(answers, [(201, 200); 60]);
        assert_eq!((service.stock(tea).await, service.stock(cup).await), ((960, 0), (960, 0)));
    }

    #[sqlx::test]
    async fn concurrent_requests_for_one_order_reserve_once(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 100).await;
        let cup = service.sells("Cup", 950, 100).await;
        let order = OrderId::new();
        // Half of the attempts ask for another product. Otherwise the lock of the one product would serialise
        // all attempts.
        let answers = join_all(
            (0..20).map(async |n| service.reserve(order, &[(if n % 2 == 0 { tea } else { cup }, 1)]).await),
        )
        .await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!((statuses[19], &statuses[..19]), (201, &[200; 19][..]));
        assert!(answers.iter().all(|answer| answer.body == answers[0].body));
        assert_eq!(service.stock(tea).await.1 + service.stock(cup).await.1, 1);
    }

    #[sqlx::test]
    async fn only_a_service_with_the_scope_may_reserve(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 5).await;
        for (by, status) in
            [(By::Nobody, 401), (By::Customer, 403), (By::Staff, 403), (By::Service("orders:stock"), 403)]
        {
            let order = OrderId::new();
            let body = reservation(order, &[(tea, 1)]);
            assert_eq!(service.post(by, "/reservations", body).await.status, status);
            for verb in ["commit", "release"] {
                let path = format!("/reservations/{order}/{verb}");
                assert_eq!(service.post(by, &path, json!({})).await.status, status, "{path}");
            }
        }
        assert_eq!(service.stock(tea).await, (5, 0));
    }

    #[sqlx::test]
    async fn errors_name_the_invalid_lines(pool: PgPool) {
        let service = Service::new(pool);
        let tea = ProductId::new();
        for (items, pointer) in [
            (vec![], "/items"),
            (vec![(tea, 0)], "/items/0/quantity"),
            (vec![(tea, 1), (tea, 1)], "/items/1/product_id"),
        ] {
            let answer = service.reserve(OrderId::new(), &items).await;
            assert_eq!(answer.status, 422);
            assert_eq!(answer.body["errors"][0]["pointer"], pointer);
        }
    }
}
