//! `PUT /products/{id}/stock`

use super::error::Error;
use crate::{db, domain::product, state::AppState};
use axum::extract::State;
use contract::{
    catalog::{Stock, StockCount},
    ids::ProductId,
};
use rest::{
    auth::caller::Caller,
    extract::{Json, Path},
    problem::Problem,
};

/// Set a product's stock
///
/// Sets the number of pieces in the warehouse, including those held for orders. Only for staff.
#[utoipa::path(
    put,
    path = "/products/{id}/stock",
    tag = "products",
    security(("bearer" = [])),
    params(("id" = ProductId, Path, description = "The product", example = "01900000-0000-7000-8000-000000000001")),
    request_body = StockCount,
    responses(
        (status = 200, body = Stock),
        (status = 403, body = Problem, description = "Not staff"),
        (status = 404, body = Problem, description = "No such product, or it was deleted"),
        (status = 409, body = Problem, description = "More pieces are held for orders; `reserved` has their number"),
    )
)]
pub(super) async fn set_stock(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ProductId>,
    Json(count): Json<StockCount>,
) -> Result<axum::Json<Stock>, Error> {
    caller.staff()?;
    let on_hand = product::parse_on_hand(count)?;

    let mut transaction = state.pool.begin().await?;
    let Stock { reserved, .. } =
        db::products::lock_stock(&mut transaction, id).await?.ok_or(Error::NoProduct(id))?;
    if on_hand < reserved {
        return Err(Error::BelowReserved { reserved });
    }
    db::products::set_on_hand(&mut transaction, id, on_hand).await?;
    transaction.commit().await?;

    Ok(axum::Json(Stock { product_id: id, on_hand, reserved, available: on_hand - reserved }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Service};
    use contract::ids::{OrderId, ProductId};
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn a_count_below_the_reserved_pieces_is_refused(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 5).await;
        service.reserve(OrderId::new(), &[(tea, 3)]).await;
        let path = format!("/products/{tea}/stock");

        let below = service.put(By::Staff, &path, json!({ "on_hand": 2 })).await;
        assert_eq!((below.status.as_u16(), &below.body["reserved"]), (409, &json!(3)));
        let enough = service.put(By::Staff, &path, json!({ "on_hand": 3 })).await;
        assert_eq!(enough.body, json!({ "product_id": tea, "on_hand": 3, "reserved": 3, "available": 0 }));
        assert_eq!(service.stock(tea).await, (3, 3));
    }

    #[sqlx::test]
    async fn needs_staff_a_known_product_and_a_valid_count(pool: PgPool) {
        let service = Service::new(pool);
        let tea = format!("/products/{}/stock", service.sells("Assam", 840, 5).await);
        let unknown = format!("/products/{}/stock", ProductId::new());
        for (by, path, body, status) in [
            (By::Nobody, &tea, json!({ "on_hand": 1 }), 401),
            (By::Customer, &tea, json!({ "on_hand": 1 }), 403),
            (By::Staff, &unknown, json!({ "on_hand": 1 }), 404),
            (By::Staff, &tea, json!({ "on_hand": -1 }), 422),
            (By::Staff, &tea, json!({ "on_hand": 1.5 }), 422),
            (By::Staff, &tea, json!({}), 422),
        ] {
            assert_eq!(service.put(by, path, body).await.status, status);
        }
    }
}
