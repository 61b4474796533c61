//! `GET /prices`

use super::error::Error;
use crate::{
    db,
    domain::{listing::PricesQuery, pricing::price_of_one},
    state::AppState,
};
use axum::{Json, extract::State};
use chrono::Utc;
use contract::discounts::ProductPrices;
use rest::{extract::Query, problem::Problem};

/// List the prices of products
///
/// Shows the price of one piece of each product, under the automatic promotions that apply to every customer
/// and order.
#[utoipa::path(
    get,
    path = "/prices",
    tag = "prices",
    params(PricesQuery),
    responses(
        (status = 200, body = ProductPrices),
        (status = 422, body = Problem, description = "The parameter is invalid"),
        (status = 503, body = Problem, description = "The catalogue or the database does not answer"),
    )
)]
pub(super) async fn list_prices(
    State(state): State<AppState>,
    Query(query): Query<PricesQuery>,
) -> Result<Json<ProductPrices>, Error> {
    let ids = query.parse()?;
    let products = state.catalogue.find(&ids).await?;
    let at = Utc::now();
    let promotions = db::promotions::applicable(&state.pool, &[], at).await?;
    let found = ids.iter().filter_map(|id| products.get(id));
    Ok(Json(ProductPrices { items: found.map(|product| price_of_one(product, &promotions, at)).collect() }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Service;
    use contract::ids::ProductId;
    use serde_json::{Value, json};
    use sqlx::PgPool;

    #[sqlx::test]
    async fn prices_have_the_automatic_promotions_for_products(pool: PgPool) {
        let service = Service::new(pool).await;
        let (tea, cup) = (service.sells("Tea", 690), service.sells("Cups", 1_200));
        service
            .promotes(json!({ "name": "Tea", "scope": { "kind": "categories", "categories": ["Tea"] } }))
            .await;
        service.promotes(json!({ "name": "Order" })).await;
        let unknown = ProductId::new();
        let answer = service.get(&format!("/prices?product_ids={cup},{unknown},{tea}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let prices = answer.body["items"].as_array().unwrap().iter().map(|item| {
            (&item["product_id"], &item["list_price"]["amount_minor"], &item["price"]["amount_minor"])
        });
        let [cup, tea, dear, list, price] = [json!(cup), json!(tea), json!(1_200), json!(690), json!(621)];
        assert_eq!(prices.collect::<Vec<_>>(), [(&cup, &dear, &dear), (&tea, &list, &price)]);
        assert_eq!(answer.body["items"][1]["adjustments"][0]["name"], "Tea");
    }

    #[sqlx::test]
    async fn at_most_100_products_have_prices_in_one_request(pool: PgPool) {
        let service = Service::new(pool).await;
        let ids = |count| (0..count).map(|_| ProductId::new().to_string()).collect::<Vec<_>>().join(",");
        for (query, status) in [
            (format!("product_ids={}", ids(100)), 200),
            (format!("product_ids={}", ids(101)), 422),
            ("product_ids=x".into(), 422),
            (String::new(), 422),
        ] {
            let answer = service.get(&format!("/prices?{query}")).await;
            assert_eq!(answer.status, status, "{}", answer.body);
            assert!(status == 200 || answer.body["errors"][0]["pointer"] != Value::Null);
        }
    }
}
