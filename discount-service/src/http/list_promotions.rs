//! `GET /promotions`

use super::error::Error;
use crate::{
    db,
    domain::listing::{ListQuery, Listing},
    state::AppState,
};
use axum::{Json, extract::State};
use contract::{discounts::Promotion, page::Page};
use rest::{auth::caller::Caller, extract::Query, problem::Problem};

/// List promotions
///
/// Lists promotions page by page, oldest first, with those that have ended or not started. Only for staff.
#[utoipa::path(
    get,
    path = "/promotions",
    tag = "promotions",
    security(("bearer" = [])),
    params(ListQuery),
    responses(
        (status = 200, body = Page<Promotion>),
        (status = 403, body = Problem, description = "Not staff"),
        (status = 422, body = Problem, description = "A parameter is invalid"),
    )
)]
pub(super) async fn list_promotions(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Promotion>>, Error> {
    caller.staff()?;
    let listing = Listing::parse(query)?;
    let promotions = db::promotions::list(&state.pool, &listing).await?;
    Ok(Json(listing.page(promotions)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Service};
    use serde_json::{Value, json};
    use sqlx::PgPool;

    fn names(page: &Value) -> Vec<&str> {
        page["items"].as_array().unwrap().iter().map(|item| item["terms"]["name"].as_str().unwrap()).collect()
    }

    #[sqlx::test]
    async fn staff_read_all_promotions_page_by_page(pool: PgPool) {
        let service = Service::new(pool).await;
        for name in ["A", "B", "C"] {
            service.promotes(json!({ "name": name })).await;
        }
        let first = service.get_as(By::Staff, "/promotions?limit=2").await.body;
        assert_eq!(names(&first), ["A", "B"]);
        let gone = format!("/promotions/{}", first["items"][0]["id"].as_str().unwrap());
        assert_eq!(service.delete(By::Staff, &gone).await.status, 204);
        let next = format!("/promotions?cursor={}", first["next_cursor"].as_str().unwrap());
        let second = service.get_as(By::Staff, &next).await.body;
        assert_eq!((names(&second), &second["next_cursor"]), (vec!["C"], &Value::Null));
        assert_eq!(names(&service.get_as(By::Staff, "/promotions").await.body), ["B", "C"]);
        for (by, status) in [(By::Nobody, 401), (By::Customer, 403)] {
            assert_eq!(service.get_as(by, "/promotions").await.status, status);
        }
        assert_eq!(service.get_as(By::Staff, "/promotions?limit=0").await.status, 422);
    }
}
