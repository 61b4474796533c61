//! `POST /quote`

use super::error::Error;
use crate::{
    db,
    domain::{basket::Wanted, eligibility::CustomerUses, pricing},
    state::AppState,
};
use axum::{Json, extract::State};
use chrono::Utc;
use contract::discounts::{Pricing, QuoteRequest};
use rest::{extract, problem::Problem};

/// Price a basket
///
/// Shows the price of these products under the automatic promotions and the given codes. It claims nothing,
/// so an order can still get another price: a promotion may be used up, or the customer may have used it
/// before.
#[utoipa::path(
    post,
    path = "/quote",
    tag = "prices",
    request_body = QuoteRequest,
    responses(
        (status = 200, body = Pricing, description = "The price. A code that cannot be used is listed with the reason"),
        (status = 422, body = Problem, description = "A line is invalid, or the shop does not have its product"),
        (status = 503, body = Problem, description = "The catalogue or the database does not answer"),
    )
)]
pub(super) async fn quote(
    State(state): State<AppState>,
    extract::Json(request): extract::Json<QuoteRequest>,
) -> Result<Json<Pricing>, Error> {
    let wanted = Wanted::parse(request)?;
    let products = state.catalogue.find(&wanted.product_ids()).await?;
    let basket = wanted.with_products(&products, state.currency)?;
    let codes: Vec<_> = basket.codes.iter().map(|code| code.folded.clone()).collect();
    let at = Utc::now();
    let promotions = db::promotions::applicable(&state.pool, &codes, at).await?;
    Ok(Json(pricing::price(&basket, &promotions, &CustomerUses::new(), at)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Service};
    use contract::ids::ProductId;
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn a_quote_shows_discounts_and_why_codes_do_not_apply(pool: PgPool) {
        let service = Service::new(pool).await;
        let tea = service.sells("Tea", 690);
        service
            .promotes(json!({ "name": "Tea days", "scope": { "kind": "products", "product_ids": [tea] } }))
            .await;
        service.promotes(json!({ "name": "Old", "code": "OLD", "ends_at": "2020-01-01T00:00:00Z" })).await;
        let items = json!([{ "product_id": tea, "quantity": 2 }]);
        let body = json!({ "items": items, "codes": ["old", "nope"] });
        let quote = service.post(By::Nobody, "/quote", body).await;
        assert_eq!(quote.status, 200, "{}", quote.body);
        assert_eq!(quote.body["list_total"], json!({ "amount_minor": 1_380, "currency": "EUR" }));
        assert_eq!(quote.body["total"]["amount_minor"], 1_242);
        assert_eq!(quote.body["lines"][0]["adjustments"][0]["name"], "Tea days");
        let results = quote.body["promotions"].as_array().unwrap();
        let reasons: Vec<_> = results.iter().map(|one| &one["result"]["reason"]).collect();
        assert_eq!(reasons, [&json!(null), &json!("expired"), &json!("unknown_code")]);
        assert_eq!(service.uses().await, (0, 0), "a quote claims nothing");
    }

    #[sqlx::test]
    async fn a_quote_has_the_current_list_price(pool: PgPool) {
        let service = Service::new(pool).await;
        let tea = service.sells("Tea", 690);
        let body = json!({ "items": [{ "product_id": tea, "quantity": 1 }] });
        for price in [690, 720] {
            service.costs(tea, price);
            let quote = service.post(By::Nobody, "/quote", body.clone()).await;
            assert_eq!(quote.body["total"]["amount_minor"], price);
        }
    }

    #[sqlx::test]
    async fn errors_name_the_invalid_lines(pool: PgPool) {
        let service = Service::new(pool).await;
        let tea = service.sells("Tea", 690);
        let line = |product, quantity: u32| json!({ "product_id": product, "quantity": quantity });
        let many = vec![line(tea, 1); 101];
        for (items, pointer) in [
            (json!([]), "/items"),
            (json!(many), "/items"),
            (json!([line(tea, 0)]), "/items/0/quantity"),
            (json!([line(tea, 1), line(ProductId::new(), 1)]), "/items/1/product_id"),
        ] {
            let answer = service.post(By::Nobody, "/quote", json!({ "items": items })).await;
            assert_eq!(answer.status, 422, "{}", answer.body);
            assert_eq!(answer.body["errors"][0]["pointer"], pointer);
        }
    }

    #[sqlx::test]
    async fn without_the_catalogue_the_client_is_asked_to_retry(pool: PgPool) {
        let service = Service::new(pool).await;
        service.loses_the_catalogue();
        let items = json!([{ "product_id": ProductId::new(), "quantity": 1 }]);
        let answer = service.post(By::Nobody, "/quote", json!({ "items": items })).await;
        assert_eq!(answer.status, 503);
        assert!(answer.headers.contains_key("retry-after"));
    }
}
