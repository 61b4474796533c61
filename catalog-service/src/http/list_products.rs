//! `GET /products`

use super::{AppState, error::Error};
use crate::{
    db,
    domain::listing::{ListQuery, Listing},
};
use axum::{Json, extract::State};
use common::{
    contract::{catalog::Product, page::Page},
    http::{extract::Query, problem::Problem},
};

/// List products
///
/// In the order in which they were added, page by page.
#[utoipa::path(
    get,
    path = "/products",
    tag = "products",
    params(ListQuery),
    responses(
        (status = 200, body = Page<Product>),
        (status = 422, body = Problem, description = "A parameter is not valid"),
    )
)]
pub(super) async fn list_products(
    State(state): State<AppState>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Product>>, Error> {
    let listing = Listing::parse(query)?;
    let products = db::products::list(&state.pool, &listing).await?;
    Ok(Json(listing.page(products)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Shop};
    use serde_json::Value;
    use sqlx::PgPool;

    fn names(page: &Value) -> Vec<&str> {
        page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
    }

    #[sqlx::test]
    async fn pages_follow_each_other_whatever_comes_and_goes(pool: PgPool) {
        let shop = Shop::open(pool);
        for name in ["Assam", "Bancha", "Ceylon", "Darjeeling"] {
            shop.sells(name, 100, 1).await;
        }
        let first = shop.get("/products?limit=2").await.body;
        assert_eq!(names(&first), ["Assam", "Bancha"]);

        let gone = format!("/products/{}", first["items"][1]["id"].as_str().unwrap());
        shop.delete(By::Staff, &gone).await;
        shop.sells("Earl Grey", 100, 1).await;

        let cursor = first["next_cursor"].as_str().unwrap();
        let second = shop.get(&format!("/products?limit=2&cursor={cursor}")).await.body;
        assert_eq!(names(&second), ["Ceylon", "Darjeeling"]);
        let cursor = second["next_cursor"].as_str().unwrap();
        let third = shop.get(&format!("/products?limit=2&cursor={cursor}")).await.body;
        assert_eq!(names(&third), ["Earl Grey"]);
        assert_eq!(third["next_cursor"], Value::Null);
    }

    #[sqlx::test]
    async fn a_full_last_page_has_no_next(pool: PgPool) {
        let shop = Shop::open(pool);
        shop.sells("Assam", 100, 1).await;
        assert_eq!(shop.get("/products?limit=1").await.body["next_cursor"], Value::Null);
    }

    #[sqlx::test]
    async fn filters_narrow_the_list(pool: PgPool) {
        let shop = Shop::open(pool);
        for name in ["Earl Grey", "Lady Grey", "Sencha 100 pct"] {
            shop.sells(name, 100, 1).await;
        }
        assert_eq!(names(&shop.get("/products?q=grey").await.body), ["Earl Grey", "Lady Grey"]);
        assert_eq!(names(&shop.get("/products?q=%25").await.body), [""; 0]);
        assert_eq!(names(&shop.get("/products?category=Tea&limit=100").await.body).len(), 3);
        assert_eq!(names(&shop.get("/products?category=Coffee").await.body), [""; 0]);
    }

    #[sqlx::test]
    async fn bad_parameters_are_named(pool: PgPool) {
        let shop = Shop::open(pool);
        for (query, status, name) in [
            ("limit=0", 422, "limit"),
            ("limit=101", 422, "limit"),
            ("limit=ten", 422, "limit"),
            ("cursor=nonsense", 422, "cursor"),
            ("q=%00", 422, "q"),
            ("colour=red", 422, "colour"),
        ] {
            let answer = shop.get(&format!("/products?{query}")).await;
            assert_eq!(answer.status, status, "{query}");
            assert!(answer.body["detail"].as_str().unwrap().contains(name), "{}", answer.body);
        }
    }
}
