//! `GET /promotions/{id}`

use super::error::Error;
use crate::{
    db::{self, promotions::Versioned},
    state::AppState,
};
use axum::{Json, extract::State, http::header, response::IntoResponse};
use contract::{discounts::Promotion, ids::PromotionId};
use rest::{auth::caller::Caller, etag, extract::Path, problem::Problem};

/// Show a promotion
///
/// The `ETag` changes when staff edit the promotion. An order that uses it does not change the `ETag`. Only
/// for staff.
#[utoipa::path(
    get,
    path = "/promotions/{id}",
    tag = "promotions",
    security(("bearer" = [])),
    params(("id" = PromotionId, Path, description = "The promotion", example = "01900000-0000-7000-8000-000000000001")),
    responses(
        (status = 200, body = Promotion, headers(("ETag" = String, description = "The version of the terms, for `If-Match`"))),
        (status = 403, body = Problem, description = "Not staff"),
        (status = 404, body = Problem, description = "No such promotion, or it was deleted"),
    )
)]
pub(super) async fn get_promotion(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<PromotionId>,
) -> Result<impl IntoResponse, Error> {
    caller.staff()?;
    let mut connection = state.pool.acquire().await?;
    let found = db::promotions::find(&mut connection, id).await?;
    let Versioned { promotion, version } = found.ok_or(Error::NoPromotion(id))?;
    Ok(([(header::ETAG, etag::of(version))], Json(promotion)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Service};
    use contract::ids::PromotionId;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn an_unknown_promotion_is_not_found(pool: PgPool) {
        let service = Service::new(pool).await;
        let path = format!("/promotions/{}", PromotionId::new());
        assert_eq!(service.get_as(By::Staff, &path).await.status, 404);
        assert_eq!(service.get_as(By::Staff, "/promotions/nonsense").await.status, 400);
        assert_eq!(service.get_as(By::Customer, &path).await.status, 403);
        assert_eq!(service.get(&path).await.status, 401);
    }
}
