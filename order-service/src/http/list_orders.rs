//! `GET /orders`

use super::{Services, error::Error};
use crate::db;
use axum::{Json, extract::State};
use contract::{
    ids::{OrderId, UserId},
    orders::{Order, OrderStatus},
    page::Page,
    problems::FieldError,
};
use rest::{auth::caller::Caller, extract::Query, problem::Problem};
use serde::Deserialize;
use utoipa::IntoParams;

const DEFAULT_LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// Orders a page, 1 to 100; 20 where it is missing.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>, format = Uuid)]
    cursor: Option<OrderId>,
    /// Only orders with this status.
    status: Option<OrderStatus>,
    /// Staff: only those of this customer. Without it staff see everybody's, customers their own.
    user_id: Option<UserId>,
}

/// Orders, newest first.
#[utoipa::path(
    get, path = "/orders", tag = "orders",
    params(Filter),
    responses(
        (status = 200, description = "A page of orders", body = Page<Order>),
        (status = 403, description = "Another customer's orders are for staff", body = Problem),
        (status = 422, description = "A parameter is not valid", body = Problem),
    )
)]
pub(super) async fn list_orders(
    State(services): State<Services>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<Order>>, Error> {
    let person = caller.person()?;
    let limit = filter.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        let detail = format!("a page has from 1 to {MAX_LIMIT} orders, not {limit}");
        return Err(Error::Invalid(vec![FieldError::new("limit", detail)]));
    }
    let of = match filter.user_id {
        Some(user_id) if person.is_staff() || user_id == person.id => Some(user_id),
        Some(_) => return Err(Problem::forbidden("Another customer's orders are for staff to see.").into()),
        None if person.is_staff() => None,
        None => Some(person.id),
    };

    // One more than asked for tells whether there is a further page.
    let fetch = i64::from(limit) + 1;
    let mut items = match of {
        Some(user_id) => {
            db::orders::list_of_user(&services.orders.db, user_id, filter.status, filter.cursor, fetch)
                .await?
        }
        None => db::orders::list_all(&services.orders.db, filter.status, filter.cursor, fetch).await?,
    };
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next_cursor = items.last().filter(|_| more).map(|order| order.id.to_string());
    Ok(Json(Page { items, next_cursor }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(query: &str) -> Option<Filter> {
        Query::parse(query).ok().map(|Query(filter)| filter)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_query_is_understood_or_refused(
            query in prop_oneof![
                any::<String>(),
                "(limit|cursor|status|user_id|x)=[0-9a-f%+&=-]{0,40}(&(limit|cursor|status)=[a-z0-9]{0,9}){0,3}",
            ]
        ) {
            read(&query);
        }

        #[test]
        fn a_cursor_is_an_orders_id(bytes in any::<u128>()) {
            let id = OrderId::from(uuid::Uuid::from_u128(bytes));
            prop_assert_eq!(read(&format!("cursor={id}")).unwrap().cursor, Some(id));
        }
    }
}
