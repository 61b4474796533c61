//! The pages of the list of deliveries.

use contract::{
    deliveries::{Delivery, DeliveryStatus},
    ids::OrderId,
    page::Page,
    problems::FieldError,
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

const DEFAULT_LIMIT: i64 = 20;
const MAX_LIMIT: i64 = 100;

/// The query of `GET /deliveries`, as sent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// The number of deliveries per page, 1 to 100. The default is 20.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>, format = Uuid)]
    cursor: Option<OrderId>,
    /// Only deliveries with this status.
    status: Option<DeliveryStatus>,
    /// If `true`, only deliveries that are late.
    late: Option<bool>,
}

/// A valid query.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) limit: i64,
    /// Only deliveries of orders with a smaller id.
    pub(crate) before: OrderId,
    pub(crate) status: Option<DeliveryStatus>,
    pub(crate) only_late: bool,
}

impl Listing {
    /// Checks a query. The errors name every invalid parameter.
    pub(crate) fn parse(query: &ListQuery) -> Result<Self, Vec<FieldError>> {
        let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            let expected = format!("a page has 1 to {MAX_LIMIT} deliveries, not {limit}");
            return Err(vec![FieldError::new("limit", expected)]);
        }
        let before = query.cursor.unwrap_or(Uuid::max().into());
        Ok(Self { limit, before, status: query.status, only_late: query.late.unwrap_or_default() })
    }

    /// Makes a page from the found deliveries. `found` may hold one delivery more than the limit, which shows
    /// that there is a next page.
    pub(crate) fn page(&self, mut found: Vec<Delivery>) -> Page<Delivery> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let is_last = found.len() <= limit;
        found.truncate(limit);
        let last = found.last().filter(|_| !is_last);
        Page { next_cursor: last.map(|last| last.order_id.to_string()), items: found }
    }
}
