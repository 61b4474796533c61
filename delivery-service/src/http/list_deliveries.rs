//! `GET /deliveries`

use super::error::Error;
use crate::{
    db,
    domain::listing::{ListQuery, Listing},
    state::AppState,
};
use axum::{Json, extract::State};
use contract::{deliveries::Delivery, page::Page};
use rest::{auth::caller::Caller, extract::Query, problem::Problem};

/// List deliveries
///
/// Lists deliveries page by page, newest orders first. Only for staff.
#[utoipa::path(
    get,
    path = "/deliveries",
    tag = "deliveries",
    security(("bearer" = [])),
    params(ListQuery),
    responses(
        (status = 200, body = Page<Delivery>),
        (status = 403, body = Problem, description = "Not staff"),
        (status = 422, body = Problem, description = "A parameter is invalid"),
    )
)]
pub(super) async fn list_deliveries(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Delivery>>, Error> {
    caller.staff()?;
    let listing = Listing::parse(&query)?;
    let deliveries = db::deliveries::list(&state.shipments.pool, &listing).await?;
    Ok(Json(listing.page(deliveries)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Answer, By, Service};
    use crate::db::testing::order;
    use contract::ids::UserId;
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn staff_filter_deliveries_and_read_them_page_by_page(pool: PgPool) {
        let service = Service::new(pool.clone());
        let orders = [order(), order(), order()];
        for order in &orders {
            service.ships(order).await;
        }
        service.reports(orders[1].id, "P1", &[("lost", "e1")]).await;
        let late = "UPDATE shipments SET promised_to = '2020-01-01' WHERE order_id <> $1";
        sqlx::query(late).bind(orders[0].id.uuid()).execute(&pool).await.unwrap();
        let list = async |query: &str| service.get(By::Staff, &format!("/deliveries{query}")).await;
        let ids = |answer: &Answer| {
            let items = answer.body["items"].as_array().unwrap().iter();
            items.map(|item| item["order_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let expected =
            |indexes: &[usize]| indexes.iter().map(|index| orders[*index].id.to_string()).collect::<Vec<_>>();
        assert_eq!(ids(&list("").await), expected(&[2, 1, 0]));
        assert_eq!(ids(&list("?status=lost").await), expected(&[1]));
        assert_eq!(ids(&list("?late=true").await), expected(&[2]), "a lost parcel is not late");
        let first = list("?limit=2").await;
        assert_eq!(ids(&first), expected(&[2, 1]));
        let next = format!("?limit=2&cursor={}", first.body["next_cursor"].as_str().unwrap());
        let second = list(&next).await;
        assert_eq!((ids(&second), &second.body["next_cursor"]), (expected(&[0]), &json!(null)));

        assert_eq!(list("?limit=0").await.status, 422);
        assert_eq!(list("?status=stolen").await.status, 422);
        for (by, status) in [(By::Nobody, 401), (By::Customer(UserId::new()), 403)] {
            assert_eq!(service.get(by, "/deliveries").await.status, status);
        }
    }
}
