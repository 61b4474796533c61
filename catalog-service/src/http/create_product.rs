//! `POST /products`

use super::error::Error;
use crate::{
    db::{self, products::Versioned},
    domain::product::Details,
    state::AppState,
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use contract::{
    catalog::{Product, ProductDraft},
    ids::ProductId,
};
use rest::{auth::caller::Caller, etag, extract::Json, problem::Problem};

/// Add a product
///
/// The product has no stock at first. Only for staff.
#[utoipa::path(
    post,
    path = "/products",
    tag = "products",
    security(("bearer" = [])),
    request_body = ProductDraft,
    responses(
        (status = 201, body = Product, headers(
            ("Location" = String, description = "The product"),
            ("ETag" = String, description = "The version of the details, for `If-Match`"),
        )),
        (status = 403, body = Problem, description = "Not staff"),
        (status = 409, body = Problem, description = "Another product has this code"),
    )
)]
pub(super) async fn create_product(
    State(state): State<AppState>,
    caller: Caller,
    Json(draft): Json<ProductDraft>,
) -> Result<impl IntoResponse, Error> {
    caller.staff()?;
    let details = Details::parse(draft, state.currency)?;
    let Versioned { product, version } = db::products::insert(&state.pool, ProductId::new(), &details)
        .await
        .map_err(|error| Error::writing_sku(error, details.sku))?;
    // Relative to the request (RFC 9110, 10.2.2), so that it also works behind the prefix of a gateway.
    let location = format!("products/{}", product.id);
    let tag = [(header::ETAG, etag::of(version))];
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], tag, axum::Json(product)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Answer, By, PROCESSOR, Service, draft};
    use serde_json::json;
    use sqlx::{Executor as _, PgPool};

    #[sqlx::test]
    async fn the_location_leads_to_the_product(pool: PgPool) {
        let service = Service::new(pool);
        let created = service.post(By::Staff, "/products", draft("Assam", 840)).await;
        assert_eq!(created.status, 201);
        assert_eq!(created.body["available"], 0);
        let location = created.headers["location"].to_str().unwrap();
        let found = service.get(&format!("/{location}")).await;
        assert_eq!((&found.body, &found.headers["etag"]), (&created.body, &created.headers["etag"]));
    }

    #[sqlx::test]
    async fn codes_are_unique(pool: PgPool) {
        let service = Service::new(pool);
        let first = service.post(By::Staff, "/products", draft("Assam", 840)).await;
        let again = service.post(By::Staff, "/products", draft("Assam", 840)).await;
        assert_eq!((again.status.as_u16(), &again.body["type"]), (409, &json!("/problems/sku-taken")));
        assert_eq!(again.body["errors"][0]["pointer"], "/sku");

        let id = first.body["id"].as_str().unwrap();
        service.delete(By::Staff, &format!("/products/{id}")).await;
        assert_eq!(service.post(By::Staff, "/products", draft("Assam", 840)).await.status, 201);
    }

    #[sqlx::test]
    async fn codes_that_differ_only_in_case_are_the_same_code(pool: PgPool) {
        let service = Service::new(pool.clone());
        let coded = |sku: &str| {
            let mut product = draft("Assam", 840);
            product["sku"] = json!(sku);
            product
        };
        let taken = |answer: Answer| {
            assert_eq!((answer.status.as_u16(), &answer.body["type"]), (409, &json!("/problems/sku-taken")));
        };
        let first = service.post(By::Staff, "/products", coded("tea-x")).await;
        assert_eq!(first.status, 201);
        taken(service.post(By::Staff, "/products", coded("TEA-X")).await);
        let path = |product: &Answer| format!("/products/{}", product.body["id"].as_str().unwrap());
        assert_eq!(service.put(By::Staff, &path(&first), coded("Tea-X")).await.status, 200, "its own code");

        // An older release without this rule added the product. The product keeps its code until staff change
        // it.
        let other = service.post(By::Staff, "/products", coded("tea-y")).await;
        pool.execute("UPDATE products SET sku = 'TEA-X', sku_clashes = true WHERE sku = 'tea-y'")
            .await
            .unwrap();
        assert_eq!(service.put(By::Staff, &path(&other), coded("TEA-X")).await.status, 200);
        taken(service.put(By::Staff, &path(&other), coded("TEA-x")).await);
        assert_eq!(service.put(By::Staff, &path(&other), coded("tea-y")).await.status, 200);
        taken(service.put(By::Staff, &path(&other), coded("TEA-X")).await);
    }

    #[sqlx::test]
    async fn only_staff_may_add_products(pool: PgPool) {
        let service = Service::new(pool);
        for (by, status) in [(By::Nobody, 401), (By::Customer, 403), (PROCESSOR, 403)] {
            let answer = service.post(by, "/products", draft("Assam", 840)).await;
            assert_eq!(answer.status, status);
            assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401);
        }
        assert_eq!(service.get("/products").await.body["items"], json!([]));
    }

    #[sqlx::test]
    async fn errors_name_the_invalid_fields(pool: PgPool) {
        let service = Service::new(pool);
        let mut dollars = draft("Assam", 840);
        dollars["price"]["currency"] = json!("USD");
        let mut typed = draft("Assam", 840);
        typed["price"]["amount_minor"] = json!("8.40");
        let mut unknown = draft("Assam", 840);
        unknown["colour"] = json!("red");
        for (body, pointer) in [
            (draft("", 840), "/sku"),
            (draft("01900000-0000-7000-8000-000000000001", 840), "/sku"),
            (draft("Assam", 0), "/price/amount_minor"),
            (dollars, "/price/currency"),
            (typed, "/price/amount_minor"),
            (unknown, "/colour"),
        ] {
            let answer = service.post(By::Staff, "/products", body).await;
            assert_eq!(answer.status, 422);
            assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{}", answer.body);
        }
    }
}
