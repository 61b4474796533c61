//! `PUT /products/{id}`

use super::{AppState, error::Error};
use crate::{db, domain::product::Details};
use axum::extract::State;
use common::{
    auth::caller::Caller,
    contract::{
        catalog::{Product, ProductDraft},
        ids::ProductId,
    },
    http::{
        extract::{Json, Path},
        problem::Problem,
    },
};

/// Replace a product
///
/// Orders that have reserved it keep the price and the name of that moment. For staff.
#[utoipa::path(
    put,
    path = "/products/{id}",
    tag = "products",
    security(("bearer" = [])),
    params(("id" = ProductId, Path, description = "The product", example = "01900000-0000-7000-8000-000000000001")),
    request_body = ProductDraft,
    responses(
        (status = 200, body = Product),
        (status = 403, body = Problem, description = "Not staff"),
        (status = 404, body = Problem, description = "No such product, or no longer"),
        (status = 409, body = Problem, description = "Another product has this code"),
    )
)]
pub(super) async fn update_product(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ProductId>,
    Json(draft): Json<ProductDraft>,
) -> Result<axum::Json<Product>, Error> {
    caller.staff()?;
    let details = Details::parse(draft, state.currency)?;
    let product = db::products::update(&state.pool, id, &details)
        .await
        .map_err(|error| Error::writing_sku(error, details.sku))?
        .ok_or(Error::NoProduct(id))?;
    Ok(axum::Json(product))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Shop, draft};
    use common::contract::ids::{OrderId, ProductId};
    use sqlx::PgPool;

    #[sqlx::test]
    async fn a_new_price_is_for_new_orders(pool: PgPool) {
        let shop = Shop::open(pool);
        let tea = shop.sells("Assam", 840, 5).await;
        let order = OrderId::new();
        shop.reserve(order, &[(tea, 2)]).await;

        let answer = shop.put(By::Staff, &format!("/products/{tea}"), draft("Assam Gold", 990)).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body["name"], "Assam Gold");
        assert_eq!(answer.body["available"], 3);

        let earlier = shop.reserve(order, &[(tea, 2)]).await;
        assert_eq!((earlier.status.as_u16(), &earlier.body["total"]["amount_minor"]), (200, &1_680.into()));
        let later = shop.reserve(OrderId::new(), &[(tea, 1)]).await;
        assert_eq!((later.status.as_u16(), &later.body["total"]["amount_minor"]), (201, &990.into()));
    }

    #[sqlx::test]
    async fn it_takes_staff_a_known_product_and_a_free_code(pool: PgPool) {
        let shop = Shop::open(pool);
        let tea = format!("/products/{}", shop.sells("Assam", 840, 5).await);
        shop.sells("Bancha", 500, 5).await;
        let unknown = format!("/products/{}", ProductId::new());
        for (by, path, body, status) in [
            (By::Nobody, &tea, draft("Assam", 1), 401),
            (By::Customer, &tea, draft("Assam", 1), 403),
            (By::Staff, &unknown, draft("Ceylon", 1), 404),
            (By::Staff, &tea, draft("Bancha", 1), 409),
            (By::Staff, &tea, draft("Assam", -1), 422),
        ] {
            assert_eq!(shop.put(by, path, body).await.status, status);
        }
        assert_eq!(shop.get(&tea).await.body["price"]["amount_minor"], 840);
    }
}
