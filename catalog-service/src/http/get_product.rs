//! `GET /products/{id}`

use super::error::Error;
use crate::{
    db::{self, products::Versioned},
    state::AppState,
};
use axum::{Json, extract::State, http::header, response::IntoResponse};
use contract::{catalog::Product, ids::ProductId};
use rest::{etag, extract::Path, problem::Problem};

/// Show a product
///
/// The `ETag` changes when staff edit the product. Sales and stock counts do not change it, so conditional
/// GET is not supported.
#[utoipa::path(
    get,
    path = "/products/{id}",
    tag = "products",
    params(("id" = ProductId, Path, description = "The product", example = "01900000-0000-7000-8000-000000000001")),
    responses(
        (status = 200, body = Product, headers(("ETag" = String, description = "The version of the details, for `If-Match`"))),
        (status = 404, body = Problem, description = "No such product, or it was deleted"),
    )
)]
pub(super) async fn get_product(
    State(state): State<AppState>,
    Path(id): Path<ProductId>,
) -> Result<impl IntoResponse, Error> {
    let Versioned { product, version } =
        db::products::find(&state.pool, id).await?.ok_or(Error::NoProduct(id))?;
    Ok(([(header::ETAG, etag::of(version))], Json(product)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Service;
    use contract::{
        catalog::Product,
        ids::{OrderId, ProductId},
    };
    use sqlx::PgPool;

    #[sqlx::test]
    async fn reserved_pieces_are_not_available(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 5).await;
        service.reserve(OrderId::new(), &[(tea, 2)]).await;
        let answer = service.get(&format!("/products/{tea}")).await;
        let product: Product = serde_json::from_value(answer.body).unwrap();
        assert_eq!((product.id, product.price.amount_minor, product.available), (tea, 840, 3));
    }

    #[sqlx::test]
    async fn an_unknown_product_is_not_found(pool: PgPool) {
        let service = Service::new(pool);
        let answer = service.get(&format!("/products/{}", ProductId::new())).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(service.get("/products/nonsense").await.status, 400);
    }
}
