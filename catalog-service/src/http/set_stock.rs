//! `PUT /products/{id}/stock`

use super::{AppState, error::Error};
use crate::{db, domain::product};
use axum::extract::State;
use common::{
    auth::caller::Caller,
    contract::{
        catalog::{Stock, StockCount},
        ids::ProductId,
    },
    http::{
        extract::{Json, Path},
        problem::Problem,
    },
};

/// Count a product's stock
///
/// Sets how many pieces are in the warehouse, those held for orders included. For staff.
#[utoipa::path(
    put,
    path = "/products/{id}/stock",
    tag = "products",
    security(("bearer" = [])),
    params(("id" = ProductId, Path, description = "The product")),
    request_body = StockCount,
    responses(
        (status = 200, body = Stock),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No good token"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "Not staff"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "No such product, or no longer"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "More is held for orders; `reserved` says how many"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "Not a count"),
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
