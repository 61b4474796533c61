//! `PUT /products/{id}`

use super::error::Error;
use crate::{
    db::{self, products::Versioned},
    domain::product::Details,
    state::AppState,
};
use axum::{extract::State, http::header, response::IntoResponse};
use contract::{
    catalog::{Product, ProductDraft},
    ids::ProductId,
};
use rest::{
    auth::caller::Caller,
    etag::{self, IfMatch},
    extract::{Json, Path},
    problem::Problem,
};

/// Replace a product
///
/// Existing reservations keep the old price and name. Send `If-Match` with the `ETag` that you read.
/// If another member of staff has changed the product since then, the answer is 412 and nothing is lost.
/// Without `If-Match`, the last request wins. Only for staff.
#[utoipa::path(
    put,
    path = "/products/{id}",
    tag = "products",
    security(("bearer" = [])),
    params(
        ("id" = ProductId, Path, description = "The product", example = "01900000-0000-7000-8000-000000000001"),
        ("If-Match" = Option<String>, Header, description = "Replace only if the product still has this ETag", example = "\"3\""),
    ),
    request_body = ProductDraft,
    responses(
        (status = 200, body = Product, headers(("ETag" = String, description = "The version of the details, for `If-Match`"))),
        (status = 403, body = Problem, description = "Not staff"),
        (status = 404, body = Problem, description = "No such product, or it was deleted"),
        (status = 409, body = Problem, description = "Another product has this code"),
        (status = 412, body = Problem, description = "The product was changed; `current_product` has its current state",
         headers(("ETag" = String, description = "The current version"))),
    )
)]
pub(super) async fn update_product(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ProductId>,
    IfMatch(versions): IfMatch,
    Json(draft): Json<ProductDraft>,
) -> Result<impl IntoResponse, Error> {
    caller.staff()?;
    let details = Details::parse(draft, state.currency)?;
    let change = db::products::update(&state.pool, id, &details, versions.as_deref())
        .await
        .map_err(|error| Error::writing_sku(error, details.sku))?;
    let Versioned { product, version } = Error::unless_made(change, id)?;
    Ok(([(header::ETAG, etag::of(version))], axum::Json(product)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Service, draft};
    use axum::http::Method;
    use contract::ids::{OrderId, ProductId};
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn a_new_price_applies_only_to_new_orders(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 5).await;
        let order = OrderId::new();
        service.reserve(order, &[(tea, 2)]).await;

        let answer = service.put(By::Staff, &format!("/products/{tea}"), draft("Assam Gold", 990)).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body["name"], "Assam Gold");
        assert_eq!(answer.body["available"], 3);

        let earlier = service.reserve(order, &[(tea, 2)]).await;
        assert_eq!((earlier.status.as_u16(), &earlier.body["total"]["amount_minor"]), (200, &1_680.into()));
        let later = service.reserve(OrderId::new(), &[(tea, 1)]).await;
        assert_eq!((later.status.as_u16(), &later.body["total"]["amount_minor"]), (201, &990.into()));
    }

    #[sqlx::test]
    async fn needs_staff_a_known_product_and_a_free_code(pool: PgPool) {
        let service = Service::new(pool);
        let tea = format!("/products/{}", service.sells("Assam", 840, 5).await);
        service.sells("Bancha", 500, 5).await;
        let unknown = format!("/products/{}", ProductId::new());
        for (by, path, body, status) in [
            (By::Nobody, &tea, draft("Assam", 1), 401),
            (By::Customer, &tea, draft("Assam", 1), 403),
            (By::Staff, &unknown, draft("Ceylon", 1), 404),
            (By::Staff, &tea, draft("Bancha", 1), 409),
            (By::Staff, &tea, draft("Assam", -1), 422),
        ] {
            assert_eq!(service.put(by, path, body).await.status, status);
        }
        assert_eq!(service.get(&tea).await.body["price"]["amount_minor"], 840);
    }

    #[sqlx::test]
    async fn a_stale_form_does_not_overwrite_a_newer_price(pool: PgPool) {
        let service = Service::new(pool);
        let path = format!("/products/{}", service.sells("Assam", 690, 5).await);
        let put = async |etag: &str, name: &str, price: i64| {
            service.if_match(etag, Method::PUT, &path, Some(draft(name, price))).await
        };
        let read = service.get(&path).await;
        let etag = read.headers["etag"].to_str().unwrap();

        let first = put(etag, "Assam", 750).await;
        assert_eq!(first.status, 200);
        let newer = first.headers["etag"].to_str().unwrap();
        assert_ne!(newer, etag);
        let stale = put(etag, "Assam Gold", 690).await;
        assert_eq!((stale.status.as_u16(), &stale.body["type"]), (412, &json!("/problems/product-changed")));
        assert_eq!(stale.body["current_product"], service.get(&path).await.body);
        assert_eq!(stale.body["current_product"]["price"]["amount_minor"], 750);
        assert_eq!(stale.headers["etag"], newer);

        let weak = format!("W/{newer}");
        assert_eq!(put(&weak, "Assam Gold", 750).await.status, 412, "RFC 9110 requires a strong comparison");
        assert_eq!(put("newest", "Assam Gold", 750).await.status, 400);
        assert_eq!(put(&format!("{etag}, {newer}"), "Assam Gold", 750).await.status, 200);
        assert_eq!(put("*", "Assam", 800).await.status, 200);
        assert_eq!(service.put(By::Staff, &path, draft("Assam", 810)).await.status, 200, "no condition");
    }

    #[sqlx::test]
    async fn only_one_of_two_changes_to_the_same_version_succeeds(pool: PgPool) {
        let service = Service::new(pool);
        let path = format!("/products/{}", service.sells("Assam", 690, 5).await);
        let etag = service.get(&path).await.headers["etag"].to_str().unwrap().to_owned();
        let change = |price| service.if_match(&etag, Method::PUT, &path, Some(draft("Assam", price)));
        let (one, other) = tokio::join!(change(700), change(800));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
    }

    #[sqlx::test]
    async fn stock_changes_do_not_make_a_form_stale(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 690, 5).await;
        let path = format!("/products/{tea}");
        let etag = service.get(&path).await.headers["etag"].to_str().unwrap().to_owned();

        service.reserve(OrderId::new(), &[(tea, 2)]).await;
        service.put(By::Staff, &format!("{path}/stock"), json!({ "on_hand": 9 })).await;
        let answer = service.if_match(&etag, Method::PUT, &path, Some(draft("Assam", 750))).await;
        assert_eq!((answer.status.as_u16(), &answer.body["available"]), (200, &json!(7)));
    }
}
