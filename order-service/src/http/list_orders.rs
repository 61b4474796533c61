//! `GET /orders`

use super::error::Error;
use crate::db;
use crate::state::AppState;
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
    /// The number of orders per page, 1 to 100. The default is 20.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>, format = Uuid)]
    cursor: Option<OrderId>,
    /// Only orders with this status.
    status: Option<OrderStatus>,
    /// For staff: only orders of this customer. Without it, staff see all orders. Customers always see their
    /// own.
    user_id: Option<UserId>,
}

/// Lists orders, newest first.
#[utoipa::path(
    get, path = "/orders", tag = "orders",
    params(Filter),
    responses(
        (status = 200, description = "A page of orders", body = Page<Order>),
        (status = 403, description = "Only staff may see another customer's orders", body = Problem),
        (status = 422, description = "A parameter is invalid", body = Problem),
    )
)]
pub(super) async fn list_orders(
    State(state): State<AppState>,
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
        Some(_) => return Err(Problem::forbidden("Only staff can see another customer's orders.").into()),
        None if person.is_staff() => None,
        None => Some(person.id),
    };

    // Fetch one order more, to find out whether there is a next page.
    let fetch = i64::from(limit) + 1;
    let mut items = match of {
        Some(user_id) => {
            db::orders::list_of_user(&state.orders.db, user_id, filter.status, filter.cursor, fetch).await?
        }
        None => db::orders::list_all(&state.orders.db, filter.status, filter.cursor, fetch).await?,
    };
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next_cursor = items.last().filter(|_| more).map(|order| order.id.to_string());
    Ok(Json(Page { items, next_cursor }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prelude::*, sample::select};

    fn read(query: &str) -> Option<Filter> {
        Query::parse(query).ok().map(|Query(filter)| filter)
    }

    proptest! {
        #[test]
        fn every_parameter_is_read(
            limit: u32,
            id: u128,
            status in select(OrderStatus::ALL.to_vec()),
            parts in Just(["limit", "cursor", "status", "user_id"]).prop_shuffle(),
        ) {
            let id = uuid::Uuid::from_u128(id);
            let value = |name: &str| match name {
                "limit" => limit.to_string(),
                "status" => status.to_string(),
                _ => id.to_string(),
            };
            let query = parts.map(|name| format!("{name}={}", value(name))).join("&");
            let filter = read(&query).unwrap();
            prop_assert_eq!((filter.limit, filter.status), (Some(limit), Some(status)));
            prop_assert_eq!((filter.cursor, filter.user_id), (Some(id.into()), Some(id.into())));
            prop_assert!(read(&format!("{query}&limit=1")).is_none(), "a repeated parameter");
        }

        #[test]
        fn an_accepted_query_has_only_known_parameters(
            query in prop_oneof![
                any::<String>(),
                "(limit|cursor|status|user_id|x)=[0-9a-f%+&=-]{0,40}(&(limit|cursor|status)=[a-z0-9]{0,9}){0,3}",
            ]
        ) {
            if read(&query).is_some() {
                for (name, _) in form_urlencoded::parse(query.as_bytes()) {
                    prop_assert!(["limit", "cursor", "status", "user_id"].contains(&&*name), "{}", name);
                }
            }
        }

        #[test]
        fn the_id_of_an_order_is_a_valid_cursor(bytes in any::<u128>()) {
            let id = OrderId::from(uuid::Uuid::from_u128(bytes));
            prop_assert_eq!(read(&format!("cursor={id}")).unwrap().cursor, Some(id));
        }
    }
}
