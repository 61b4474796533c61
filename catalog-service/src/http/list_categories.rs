//! `GET /products/categories`

use super::error::Error;
use crate::{db, state::AppState};
use axum::{Json, extract::State};
use contract::catalog::Categories;

/// List categories
///
/// Lists the categories that have products.
#[utoipa::path(
    get,
    path = "/products/categories",
    tag = "products",
    responses((status = 200, body = Categories))
)]
pub(super) async fn list_categories(State(state): State<AppState>) -> Result<Json<Categories>, Error> {
    Ok(Json(Categories { items: db::products::categories(&state.pool).await? }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Service, draft};
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn lists_each_category_with_products_once_and_the_oldest_first(pool: PgPool) {
        let service = Service::new(pool);
        assert_eq!(service.get("/products/categories").await.body, json!({ "items": [] }));
        for (sku, category) in [("T-1", "Tea"), ("C-1", "Coffee"), ("T-2", "Tea"), ("A-1", "Apparel")] {
            let mut product = draft(sku, 100);
            product["category"] = json!(category);
            assert_eq!(service.post(By::Staff, "/products", product).await.status, 201);
        }
        let answer = service.get("/products/categories").await;
        assert_eq!(answer.body, json!({ "items": ["Tea", "Coffee", "Apparel"] }));

        let page = service.get("/products?category=Coffee").await.body;
        service.delete(By::Staff, &format!("/products/{}", page["items"][0]["id"].as_str().unwrap())).await;
        assert_eq!(service.get("/products/categories").await.body, json!({ "items": ["Tea", "Apparel"] }));
    }
}
