//! `PUT /deliveries/{order_id}/address`

use super::{error::Error, get_delivery::visible};
use crate::{db, state::AppState};
use axum::extract::State;
use contract::{deliveries::Delivery, ids::OrderId, orders::Address};
use rest::{
    auth::caller::Caller,
    extract::{Json, Path},
    problem::Problem,
};

/// Change the address of a delivery
///
/// The owner of the order can change the address until the shop asks the carrier to take the parcel.
/// `address_is_open` shows this. The address in the order does not change.
#[utoipa::path(
    put,
    path = "/deliveries/{order_id}/address",
    tag = "deliveries",
    security(("bearer" = [])),
    params(("order_id" = OrderId, Path, description = "The order", example = "01900000-0000-7000-8000-000000000001")),
    request_body = Address,
    responses(
        (status = 200, body = Delivery),
        (status = 403, body = Problem, description = "A service, not a person"),
        (status = 404, body = Problem, description = "The order has no delivery, or it belongs to another customer"),
        (status = 409, body = Problem, description = "The carrier has the parcel, or is asked to take it"),
        (status = 422, body = Problem, description = "A field is invalid"),
    )
)]
pub(super) async fn change_address(
    State(state): State<AppState>,
    caller: Caller,
    Path(order_id): Path<OrderId>,
    Json(mut address): Json<Address>,
) -> Result<axum::Json<Delivery>, Error> {
    let (pool, person) = (&state.shipments.pool, caller.person()?);
    let delivery = visible(pool, order_id, person).await?;
    if delivery.user_id != person.id {
        return Err(Problem::forbidden("Only the owner of the order can change the address.").into());
    }
    let errors = address.normalise("");
    if !errors.is_empty() {
        return Err(errors.into());
    }
    if !db::addresses::change(pool, order_id, &address).await? {
        return Err(Error::HandedOver);
    }
    Ok(axum::Json(visible(pool, order_id, person).await?))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Service};
    use crate::db::testing::{address, order};
    use contract::orders::Address;
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn the_owner_changes_the_address_until_the_parcel_is_handed_over(pool: PgPool) {
        let service = Service::new(pool);
        let order = order();
        service.ships(&order).await;
        let owner = By::Customer(order.user_id);
        let path = format!("/deliveries/{}/address", order.id);
        let other = Address { street: " 1 Side Street ".into(), ..address() };
        let changed = service.put(owner, &path, json!(other)).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        assert_eq!(changed.body["address"]["street"], "1 Side Street");

        let bad = Address { country: "UK".into(), ..address() };
        let invalid = service.put(owner, &path, json!(bad)).await;
        assert_eq!(
            (invalid.status.as_u16(), &invalid.body["errors"][0]["pointer"]),
            (422, &json!("/country"))
        );

        service.reports(order.id, "P1", &[("accepted", "e1")]).await;
        let late = service.put(owner, &path, json!(address())).await;
        assert_eq!((late.status.as_u16(), &late.body["type"]), (409, &json!("/problems/handed-over")));
        let kept = service.get(owner, &format!("/deliveries/{}", order.id)).await;
        assert_eq!(kept.body["address"], changed.body["address"]);
        assert_eq!(kept.body["address_is_open"], false);
    }

    #[sqlx::test]
    async fn only_the_owner_may_change_the_address(pool: PgPool) {
        let service = Service::new(pool);
        let order = order();
        service.ships(&order).await;
        let path = format!("/deliveries/{}/address", order.id);
        let stranger = By::Customer(order.id.uuid().into());
        for (by, status) in [(By::Nobody, 401), (By::Staff, 403), (stranger, 404)] {
            assert_eq!(service.put(by, &path, json!(address())).await.status, status);
        }
    }
}
