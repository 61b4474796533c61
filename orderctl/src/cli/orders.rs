//! `orderctl orders`

use super::{
    colour::colour,
    context::Context,
    failure::Failure,
    output::moment,
    table::{Cell, Table},
    text::Text,
    value,
};
use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use contract::{
    ids::UserId,
    orders::{Order, OrderStatus},
};
use orderctl::{OrderQuery, Session};

/// The largest page size of the service.
const LARGEST_PAGE: u32 = 100;

#[derive(Args)]
pub(crate) struct Orders {
    /// Only orders with this status.
    #[arg(long, value_parser = status())]
    status: Option<OrderStatus>,
    /// For staff: only orders of this customer.
    #[arg(long, value_name = "USER-ID", value_parser = value::user_id)]
    user: Option<UserId>,
    /// The maximum number of orders.
    #[arg(long, default_value = "20", value_parser = value::count)]
    limit: u32,
}

/// Parses a status. clap lists the values in `--help` and suggests one after a typing error.
fn status() -> impl TypedValueParser<Value = OrderStatus> {
    PossibleValuesParser::new(OrderStatus::ALL.map(OrderStatus::as_str)).try_map(|name| name.parse())
}

impl Orders {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let nothing = self.nothing();
        let (orders, more) = self.fetch(&context.session()?).await?;
        let text = |orders: &Vec<Order>| {
            if orders.is_empty() { nothing.to_owned().into() } else { Text::from(table(orders)) }
        };
        context.output.result(&orders, text)?;
        if more {
            context.output.note("There are more orders. Use a larger --limit to see them.");
        }
        Ok(())
    }

    const fn nothing(&self) -> &'static str {
        match (self.status, self.user) {
            (None, None) => "There are no orders yet.",
            (Some(_), None) => "There are no orders with this status.",
            (None, Some(_)) => "There are no orders of this customer.",
            (Some(_), Some(_)) => "There are no orders of this customer with this status.",
        }
    }

    /// Reads the newest orders. The second value says whether there are more.
    async fn fetch(self, session: &Session) -> Result<(Vec<Order>, bool), Failure> {
        let mut query = OrderQuery { status: self.status, user_id: self.user, limit: None, cursor: None };
        let mut orders = Vec::new();
        let mut missing = self.limit;
        loop {
            query.limit = Some(missing.min(LARGEST_PAGE));
            let page = session.orders(&query).await?;
            missing = missing.saturating_sub(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
            orders.extend(page.items);
            query.cursor = page.next_cursor;
            if query.cursor.is_none() || missing == 0 {
                return Ok((orders, query.cursor.is_some()));
            }
        }
    }
}

fn table(orders: &[Order]) -> Table {
    let mut table = Table::with_head(["ORDER", "PLACED", "STATUS", ">PIECES", ">TOTAL", "REASON"]);
    for order in orders {
        let pieces: u64 = order.items.iter().map(|item| u64::from(item.quantity)).sum();
        table.row([
            Cell::text(order.id.short()),
            Cell::text(moment(order.created_at)),
            Cell::text(order.status.as_str()).coloured(colour(order.status)),
            Cell::number(pieces),
            Cell::number(order.total.map_or_else(String::new, |total| total.to_string())),
            Cell::text(order.reason.as_deref().unwrap_or_default()),
        ]);
    }
    table
}
