//! `POST /reservations/{order_id}/release`

use super::{error::Error, stock::carry_out};
use crate::{domain::warehouse::Request, state::AppState};
use axum::{Json, extract::State};
use contract::{catalog::Reservation, claims::RESERVATIONS_WRITE, ids::OrderId};
use rest::{auth::caller::Caller, extract::Path, problem::Problem};
use runtime::trace;

/// Release a reservation
///
/// Its pieces can be sold to other customers. Pieces that have left the warehouse are put back.
/// An order without a reservation cannot reserve afterwards, because a cancellation may overtake the
/// reservation. A repeated request changes nothing.
#[utoipa::path(
    post,
    path = "/reservations/{order_id}/release",
    tag = "reservations",
    extensions(("x-internal" = json!(true))),
    security(("bearer" = ["reservations:write"])),
    params(("order_id" = OrderId, Path, description = "The order", example = "01900000-0000-7000-8000-000000000002")),
    responses(
        (status = 200, body = Reservation, description = "The reservation is released"),
        (status = 403, body = Problem, description = "Not a service with this scope"),
    )
)]
pub(super) async fn release_reservation(
    State(state): State<AppState>,
    caller: Caller,
    Path(order_id): Path<OrderId>,
) -> Result<Json<Reservation>, Error> {
    trace::record_order(order_id);
    caller.require_scope(RESERVATIONS_WRITE)?;
    Ok(Json(carry_out(&state, Request::Release(order_id)).await?.reservation))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Service;
    use contract::ids::OrderId;
    use futures_util::future::{join, join_all};
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn held_pieces_are_released_once(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 5).await;
        let order = OrderId::new();
        service.reserve(order, &[(tea, 2)]).await;
        let answers = join_all((0..5).map(async |_| service.release(order).await)).await;
        for answer in &answers {
            assert_eq!((answer.status.as_u16(), &answer.body["status"]), (200, &json!("released")));
        }
        assert_eq!(service.stock(tea).await, (5, 0));
    }

    #[sqlx::test]
    async fn committed_pieces_are_put_back_once(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 5).await;
        let order = OrderId::new();
        service.reserve(order, &[(tea, 2)]).await;
        service.commit(order).await;
        assert_eq!(service.stock(tea).await, (3, 0));
        for _ in 0..2 {
            assert_eq!(service.release(order).await.body["status"], "released");
            assert_eq!(service.stock(tea).await, (5, 0));
        }
    }

    #[sqlx::test]
    async fn a_release_that_overtakes_the_reservation_prevents_it(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 5).await;
        let order = OrderId::new();
        let released = json!({ "order_id": order, "status": "released", "lines": [], "total": null });
        assert_eq!(service.release(order).await.body, released);
        let late = service.reserve(order, &[(tea, 2)]).await;
        assert_eq!((late.status.as_u16(), late.body), (200, released));
        assert_eq!(service.stock(tea).await, (5, 0));
    }

    #[sqlx::test]
    async fn a_release_that_races_with_the_reservation_leaves_nothing_held(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 100).await;
        join_all((0..30).map(async |_| {
            let order = OrderId::new();
            let items = [(tea, 1)];
            let (reserved, released) = join(service.reserve(order, &items), service.release(order)).await;
            assert!(reserved.status.is_success(), "{}", reserved.body);
            assert_eq!(released.body["status"], "released");
        }))
        .await;
        assert_eq!(service.stock(tea).await, (100, 0));
    }
}
