//! The name of an order on the command line. It is the id, or the last digits of the id. The web client shows
//! the same digits.

use super::{failure::Failure, output::moment};
use contract::{ids::OrderId, orders::Order};
use orderctl::{OrderQuery, Session};
use std::str::FromStr;

/// Fewer digits would match other orders by chance.
const MIN_DIGITS: usize = 4;
/// The number of digits of a full id.
const ID_DIGITS: usize = 32;
/// The largest page of the service.
const LARGEST_PAGE: u32 = 100;
/// The search for an id ends after this many pages, because staff see the orders of all customers.
const MAX_PAGES: usize = 100;

/// The name of an order, as the user wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OrderName {
    /// Its id.
    Id(OrderId),
    /// The last digits of its id, without hyphens.
    LastDigits(String),
}

impl FromStr for OrderName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        let digits = text.replace('-', "").to_ascii_lowercase();
        let is_end = (MIN_DIGITS..ID_DIGITS).contains(&digits.len());
        if is_end && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Ok(Self::LastDigits(digits));
        }
        Err(format!(
            "the name of an order is its id, such as 01900000-0000-7000-8000-0000006a750a, or at least \
             {MIN_DIGITS} of its last digits, such as 006a750a; `orderctl orders` lists your orders"
        ))
    }
}

impl OrderName {
    /// Finds the order among the newest orders that the user can see.
    pub(crate) async fn resolve(self, session: &Session) -> Result<OrderId, Failure> {
        let digits = match self {
            Self::Id(id) => return Ok(id),
            Self::LastDigits(digits) => digits,
        };
        let mut query = OrderQuery { limit: Some(LARGEST_PAGE), ..OrderQuery::default() };
        let mut found = Vec::new();
        for _ in 0..MAX_PAGES {
            let page = session.orders(&query).await?;
            found.extend(page.items.into_iter().filter(|order| ends_with(order.id, &digits)));
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                break;
            }
        }
        match found.as_slice() {
            [only] => Ok(only.id),
            [] if query.cursor.is_some() => Err(Failure::NotAmongNewestOrders(digits)),
            [] => Err(Failure::UnknownOrder(digits)),
            several => {
                let orders = several.iter().map(candidate).collect();
                Err(Failure::AmbiguousOrder { digits, orders })
            }
        }
    }
}

fn ends_with(id: OrderId, digits: &str) -> bool {
    id.uuid().simple().to_string().ends_with(digits)
}

fn candidate(order: &Order) -> String {
    format!("{} (placed {}, {})", order.id, moment(order.created_at), order.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01900000-0000-7000-8000-0000006a750a";

    #[test]
    fn an_order_is_named_by_its_id_or_its_last_digits() {
        let id: OrderId = ID.parse().unwrap();
        assert_eq!(ID.parse(), Ok(OrderName::Id(id)));
        assert_eq!(ID.to_uppercase().replace('-', "").parse(), Ok(OrderName::Id(id)));
        let last = |digits: &str| Ok(OrderName::LastDigits(digits.to_owned()));
        assert_eq!("006a750a".parse(), last("006a750a"));
        assert_eq!("006A750A".parse(), last("006a750a"));
        assert_eq!("8000-0000006a750a".parse(), last("80000000006a750a"));
        for bad in ["", "nope", "50a", "----", "#006a750a", "006a750a ", &format!("{ID}0"), "٠٠٦٧"] {
            let error = bad.parse::<OrderName>().unwrap_err();
            assert!(error.contains(ID) && error.contains("`orderctl orders`"), "{bad}: {error}");
        }
    }

    #[test]
    fn the_last_digits_are_the_number_that_the_web_client_shows() {
        let id: OrderId = ID.parse().unwrap();
        assert_eq!(id.short(), "006a750a");
        assert!(ends_with(id, &id.short()) && ends_with(id, "80000000006a750a"));
        assert!(!ends_with(id, "01900000"));
    }
}
