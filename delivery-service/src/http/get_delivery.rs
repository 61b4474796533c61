//! `GET /deliveries/{order_id}`

use super::error::Error;
use crate::{db, state::AppState};
use axum::{Json, extract::State};
use contract::{deliveries::Delivery, ids::OrderId};
use rest::{
    auth::caller::{Caller, Person},
    extract::Path,
    problem::Problem,
};
use runtime::trace;
use sqlx::PgPool;

/// Get the delivery of an order
///
/// For the owner of the order and for staff.
#[utoipa::path(
    get,
    path = "/deliveries/{order_id}",
    tag = "deliveries",
    security(("bearer" = [])),
    params(("order_id" = OrderId, Path, description = "The order", example = "01900000-0000-7000-8000-000000000001")),
    responses(
        (status = 200, body = Delivery),
        (status = 403, body = Problem, description = "A service, not a person"),
        (status = 404, body = Problem, description = "The order has no delivery, or it belongs to another customer"),
    )
)]
pub(super) async fn get_delivery(
    State(state): State<AppState>,
    caller: Caller,
    Path(order_id): Path<OrderId>,
) -> Result<Json<Delivery>, Error> {
    Ok(Json(visible(&state.shipments.pool, order_id, caller.person()?).await?))
}

/// Finds a delivery that this person may see.
pub(super) async fn visible(pool: &PgPool, order_id: OrderId, person: Person) -> Result<Delivery, Error> {
    trace::record_order(order_id);
    let found = db::deliveries::find(pool, order_id).await?;
    found
        .filter(|delivery| person.is_staff() || delivery.user_id == person.id)
        .ok_or(Error::NoDelivery(order_id))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Service};
    use crate::db::testing::order;
    use contract::ids::OrderId;
    use serde_json::{Value, json};
    use sqlx::PgPool;

    #[sqlx::test]
    async fn the_owner_and_staff_see_a_delivery(pool: PgPool) {
        let service = Service::new(pool);
        let order = order();
        service.ships(&order).await;
        service.reports(order.id, "P1", &[("accepted", "e1")]).await;
        let path = format!("/deliveries/{}", order.id);
        for by in [By::Customer(order.user_id), By::Staff] {
            let answer = service.get(by, &path).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert_eq!((&answer.body["status"], &answer.body["parcel"]), (&json!("shipped"), &json!("P1")));
            assert_eq!(answer.body["reports"][0]["status"], "accepted");
            assert_eq!(
                (&answer.body["delivered_at"], &answer.body["is_late"]),
                (&Value::Null, &json!(false))
            );
        }
        for (by, status) in [(By::Nobody, 401), (By::Customer(order.id.uuid().into()), 404)] {
            assert_eq!(service.get(by, &path).await.status, status);
        }
        let unknown = format!("/deliveries/{}", OrderId::new());
        assert_eq!(service.get(By::Staff, &unknown).await.status, 404);
    }
}
