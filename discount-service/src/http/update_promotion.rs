//! `PUT /promotions/{id}`

use super::error::Error;
use crate::{
    db::{self, promotions::Versioned},
    domain::promotion,
    state::AppState,
};
use axum::{extract::State, http::header, response::IntoResponse};
use contract::{
    discounts::{Promotion, PromotionTerms},
    ids::PromotionId,
};
use rest::{
    auth::caller::Caller,
    etag::{self, IfMatch},
    extract::{Json, Path},
    problem::Problem,
};

/// Replace the terms of a promotion
///
/// Existing claims keep their price. Send `If-Match` with the `ETag` that you read. If another member of
/// staff has changed the promotion since then, the answer is 412 and nothing is lost. Without `If-Match`, the
/// last request wins. The total limit cannot be lower than the number of orders that use the promotion. Only
/// for staff.
#[utoipa::path(
    put,
    path = "/promotions/{id}",
    tag = "promotions",
    security(("bearer" = [])),
    params(
        ("id" = PromotionId, Path, description = "The promotion", example = "01900000-0000-7000-8000-000000000001"),
        ("If-Match" = Option<String>, Header, description = "Replace only if the promotion still has this ETag", example = "\"3\""),
    ),
    request_body = PromotionTerms,
    responses(
        (status = 200, body = Promotion, headers(("ETag" = String, description = "The new version of the terms"))),
        (status = 403, body = Problem, description = "Not staff"),
        (status = 404, body = Problem, description = "No such promotion, or it was deleted"),
        (status = 409, body = Problem, description = "Another promotion has this code"),
        (status = 412, body = Problem, description = "The promotion was changed; `current_promotion` has its current state",
         headers(("ETag" = String, description = "The current version"))),
    )
)]
pub(super) async fn update_promotion(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<PromotionId>,
    IfMatch(versions): IfMatch,
    Json(terms): Json<PromotionTerms>,
) -> Result<impl IntoResponse, Error> {
    caller.staff()?;
    let terms = promotion::parse(terms, state.currency)?;
    let change = db::promotions::update(&state.pool, id, &terms, versions.as_deref()).await?;
    let Versioned { promotion, version } = Error::unless_made(change, id)?;
    Ok(([(header::ETAG, etag::of(version))], axum::Json(promotion)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Service, terms};
    use axum::http::Method;
    use contract::ids::{OrderId, PromotionId};
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn a_stale_form_does_not_overwrite_a_newer_version(pool: PgPool) {
        let service = Service::new(pool).await;
        let path = format!("/promotions/{}", service.promotes(json!({})).await);
        let read = service.get_as(By::Staff, &path).await;
        let etag = read.headers["etag"].to_str().unwrap();
        let put = async |etag: &str, name: &str| {
            service.if_match(etag, Method::PUT, &path, Some(terms(json!({ "name": name })))).await
        };
        let first = put(etag, "First").await;
        assert_eq!((first.status.as_u16(), &first.body["terms"]["name"]), (200, &json!("First")));
        let stale = put(etag, "Second").await;
        assert_eq!(
            (stale.status.as_u16(), &stale.body["type"]),
            (412, &json!("/problems/promotion-changed"))
        );
        assert_eq!(stale.body["current_promotion"], first.body);
        assert_eq!(stale.headers["etag"], first.headers["etag"]);
        assert_eq!(put("*", "Third").await.status, 200);
        assert_eq!(put("newest", "Third").await.status, 400);
        let unknown = format!("/promotions/{}", PromotionId::new());
        assert_eq!(service.put(By::Staff, &unknown, terms(json!({}))).await.status, 404);
        assert_eq!(service.put(By::Customer, &path, terms(json!({}))).await.status, 403);
    }

    #[sqlx::test]
    async fn a_use_does_not_make_a_form_stale(pool: PgPool) {
        let service = Service::new(pool).await;
        let path = format!("/promotions/{}", service.promotes(json!({})).await);
        let etag = service.get_as(By::Staff, &path).await.headers["etag"].to_str().unwrap().to_owned();
        service.claim(OrderId::new(), &[]).await;
        let changed = service.if_match(&etag, Method::PUT, &path, Some(terms(json!({})))).await;
        assert_eq!((changed.status.as_u16(), &changed.body["used"]), (200, &json!(1)));
    }

    #[sqlx::test]
    async fn a_limit_below_the_uses_is_refused(pool: PgPool) {
        let service = Service::new(pool).await;
        let path = format!("/promotions/{}", service.promotes(json!({})).await);
        for _ in 0..2 {
            service.claim(OrderId::new(), &[]).await;
        }
        let limit =
            async |limit: i64| service.put(By::Staff, &path, terms(json!({ "total_limit": limit }))).await;
        let low = limit(1).await;
        assert_eq!((low.status.as_u16(), &low.body["errors"][0]["pointer"]), (422, &json!("/total_limit")));
        assert_eq!(limit(2).await.status, 200);
    }
}
