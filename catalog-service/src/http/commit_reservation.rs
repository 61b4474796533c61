//! `POST /reservations/{order_id}/commit`

use super::{error::Error, stock::carry_out};
use crate::{domain::warehouse::Request, state::AppState};
use axum::{Json, extract::State};
use contract::{catalog::Reservation, claims::RESERVATIONS_WRITE, ids::OrderId};
use rest::{auth::caller::Caller, extract::Path, problem::Problem};
use runtime::trace;

/// Commit a reservation
///
/// Its pieces leave the warehouse. A repeated request changes nothing.
#[utoipa::path(
    post,
    path = "/reservations/{order_id}/commit",
    tag = "reservations",
    extensions(("x-internal" = json!(true))),
    security(("bearer" = ["reservations:write"])),
    params(("order_id" = OrderId, Path, description = "The order", example = "01900000-0000-7000-8000-000000000002")),
    responses(
        (status = 200, body = Reservation, description = "The reservation is committed"),
        (status = 403, body = Problem, description = "Not a service with this scope"),
        (status = 404, body = Problem, description = "This order has no reservation"),
        (status = 409, body = Problem, description = "The reservation was released"),
    )
)]
pub(super) async fn commit_reservation(
    State(state): State<AppState>,
    caller: Caller,
    Path(order_id): Path<OrderId>,
) -> Result<Json<Reservation>, Error> {
    trace::record_order(order_id);
    caller.require_scope(RESERVATIONS_WRITE)?;
    Ok(Json(carry_out(&state, Request::Commit(order_id)).await?.reservation))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Service;
    use contract::ids::OrderId;
    use futures_util::future::join_all;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn the_pieces_leave_once(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 5).await;
        let order = OrderId::new();
        service.reserve(order, &[(tea, 2)]).await;
        let answers = join_all((0..5).map(async |_| service.commit(order).await)).await;
        for answer in &answers {
            assert_eq!((answer.status.as_u16(), &answer.body["status"]), (200, &"committed".into()));
            assert_eq!(answer.body["total"]["amount_minor"], 1_680);
        }
        assert_eq!(service.stock(tea).await, (3, 0));
        assert_eq!(service.reserve(order, &[(tea, 2)]).await.body, answers[0].body);
    }

    #[sqlx::test]
    async fn an_order_without_held_stock_cannot_be_committed(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 5).await;
        let order = OrderId::new();
        assert_eq!(service.commit(order).await.status, 404);
        service.reserve(order, &[(tea, 2)]).await;
        service.release(order).await;
        let answer = service.commit(order).await;
        assert_eq!((answer.status.as_u16(), &answer.body["current_status"]), (409, &"released".into()));
        assert_eq!(service.stock(tea).await, (5, 0));
    }
}
