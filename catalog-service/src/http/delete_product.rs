//! `DELETE /products/{id}`

use super::error::Error;
use crate::{db, state::AppState};
use axum::{extract::State, http::StatusCode};
use contract::ids::ProductId;
use rest::{auth::caller::Caller, etag::IfMatch, extract::Path, problem::Problem};

/// Delete a product
///
/// Orders that have reserved the product keep their stock. Only for staff.
#[utoipa::path(
    delete,
    path = "/products/{id}",
    tag = "products",
    security(("bearer" = [])),
    params(
        ("id" = ProductId, Path, description = "The product", example = "01900000-0000-7000-8000-000000000001"),
        ("If-Match" = Option<String>, Header, description = "Delete only if the product still has this ETag", example = "\"3\""),
    ),
    responses(
        (status = 204, description = "The product is no longer sold"),
        (status = 403, body = Problem, description = "Not staff"),
        (status = 404, body = Problem, description = "No such product, or it was deleted"),
        (status = 412, body = Problem, description = "The product was changed; `current_product` has its current state",
         headers(("ETag" = String, description = "The current version"))),
    )
)]
pub(super) async fn delete_product(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ProductId>,
    IfMatch(versions): IfMatch,
) -> Result<StatusCode, Error> {
    caller.staff()?;
    let change = db::products::delete(&state.pool, id, versions.as_deref()).await?;
    Error::unless_made(change, id)?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Service, draft};
    use axum::http::Method;
    use contract::ids::OrderId;
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn a_deleted_product_is_not_found(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 5).await;
        let path = format!("/products/{tea}");
        assert_eq!(service.delete(By::Staff, &path).await.status, 204);

        assert_eq!(service.get(&path).await.status, 404);
        assert_eq!(service.get("/products").await.body["items"], json!([]));
        assert_eq!(service.delete(By::Staff, &path).await.status, 404);
        assert_eq!(service.put(By::Staff, &path, draft("Assam", 1)).await.status, 404);
        assert_eq!(
            service.put(By::Staff, &format!("{path}/stock"), json!({ "on_hand": 1 })).await.status,
            404
        );
        let refused = service.reserve(OrderId::new(), &[(tea, 1)]).await;
        assert_eq!((refused.status.as_u16(), &refused.body["reason"]), (409, &json!("unknown_product")));
    }

    #[sqlx::test]
    async fn orders_keep_the_reserved_stock_of_a_deleted_product(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 5).await;
        let order = OrderId::new();
        service.reserve(order, &[(tea, 1)]).await;
        service.delete(By::Staff, &format!("/products/{tea}")).await;
        assert_eq!(service.reserve(order, &[(tea, 1)]).await.status, 200);
        assert_eq!(service.commit(order).await.body["status"], "committed");
    }

    #[sqlx::test]
    async fn only_staff_may_delete_products(pool: PgPool) {
        let service = Service::new(pool);
        let path = format!("/products/{}", service.sells("Assam", 840, 5).await);
        assert_eq!(service.delete(By::Nobody, &path).await.status, 401);
        assert_eq!(service.delete(By::Customer, &path).await.status, 403);
        assert_eq!(service.get(&path).await.status, 200);
    }

    #[sqlx::test]
    async fn a_stale_version_does_not_delete_the_product(pool: PgPool) {
        let service = Service::new(pool);
        let path = format!("/products/{}", service.sells("Assam", 690, 5).await);
        let etag = service.get(&path).await.headers["etag"].to_str().unwrap().to_owned();
        let changed = service.put(By::Staff, &path, draft("Assam", 750)).await;

        let stale = service.if_match(&etag, Method::DELETE, &path, None).await;
        assert_eq!((stale.status.as_u16(), &stale.headers["etag"]), (412, &changed.headers["etag"]));
        assert_eq!(service.get(&path).await.status, 200);
        let newer = changed.headers["etag"].to_str().unwrap();
        assert_eq!(service.if_match(newer, Method::DELETE, &path, None).await.status, 204);
        assert_eq!(service.if_match(newer, Method::DELETE, &path, None).await.status, 404);
    }
}
