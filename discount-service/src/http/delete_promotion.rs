//! `DELETE /promotions/{id}`

use super::error::Error;
use crate::{db, state::AppState};
use axum::{extract::State, http::StatusCode};
use contract::ids::PromotionId;
use rest::{auth::caller::Caller, etag::IfMatch, extract::Path, problem::Problem};

/// Delete a promotion
///
/// Orders that use the promotion keep their price. Only for staff.
#[utoipa::path(
    delete,
    path = "/promotions/{id}",
    tag = "promotions",
    security(("bearer" = [])),
    params(
        ("id" = PromotionId, Path, description = "The promotion", example = "01900000-0000-7000-8000-000000000001"),
        ("If-Match" = Option<String>, Header, description = "Delete only if the promotion still has this ETag", example = "\"3\""),
    ),
    responses(
        (status = 204, description = "The promotion no longer applies"),
        (status = 403, body = Problem, description = "Not staff"),
        (status = 404, body = Problem, description = "No such promotion, or it was deleted"),
        (status = 412, body = Problem, description = "The promotion was changed; `current_promotion` has its current state",
         headers(("ETag" = String, description = "The current version"))),
    )
)]
pub(super) async fn delete_promotion(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<PromotionId>,
    IfMatch(versions): IfMatch,
) -> Result<StatusCode, Error> {
    caller.staff()?;
    let change = db::promotions::delete(&state.pool, id, versions.as_deref()).await?;
    Error::unless_made(change, id)?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Service, terms};
    use axum::http::Method;
    use contract::ids::OrderId;
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn a_deleted_promotion_no_longer_applies_and_its_uses_are_still_released(pool: PgPool) {
        let service = Service::new(pool).await;
        let path = format!("/promotions/{}", service.promotes(json!({ "code": "TEA" })).await);
        let order = OrderId::new();
        service.claim(order, &["TEA"]).await;
        assert_eq!(service.delete(By::Customer, &path).await.status, 403);
        assert_eq!(service.delete(By::Staff, &path).await.status, 204);
        assert_eq!(service.delete(By::Staff, &path).await.status, 404);
        assert_eq!(service.get_as(By::Staff, &path).await.status, 404);
        let later = service.claim(OrderId::new(), &["TEA"]).await;
        assert_eq!(later["refusal"]["reason"], "unknown_code");
        assert_eq!(service.settle(order, "release").await["claim"]["status"], "released");
        assert_eq!(service.uses().await, (0, 0));
    }

    #[sqlx::test]
    async fn a_stale_version_does_not_delete_the_promotion(pool: PgPool) {
        let service = Service::new(pool).await;
        let path = format!("/promotions/{}", service.promotes(json!({})).await);
        let etag = service.get_as(By::Staff, &path).await.headers["etag"].to_str().unwrap().to_owned();
        let changed = service.put(By::Staff, &path, terms(json!({ "name": "New" }))).await;
        assert_eq!(service.if_match(&etag, Method::DELETE, &path, None).await.status, 412);
        let newer = changed.headers["etag"].to_str().unwrap();
        assert_eq!(service.if_match(newer, Method::DELETE, &path, None).await.status, 204);
    }
}
