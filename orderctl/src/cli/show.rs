//! `orderctl show`

use super::{
    colour::colour,
    context::Context,
    failure::Failure,
    order_name::OrderName,
    output::moment,
    table::{Cell, Table},
    text::Text,
};
use clap::Args;
use contract::orders::{Order, OrderHistoryEntry};
use serde_json::json;

#[derive(Args)]
pub(crate) struct Show {
    /// The id of the order, or the end of the id. `orderctl orders` shows this end.
    order: OrderName,
}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let session = context.session()?;
        let id = self.order.resolve(&session).await?;
        let order = session.order(id).await?;
        let history = session.events(id).await?.items;
        let text = |_: &_| {
            let tables = [summary(&order), items(&order), history_table(&history)];
            Text::Parts(tables.map(Text::from).into())
        };
        Ok(context.output.result(&json!({ "order": order, "history": history }), text)?)
    }
}

fn summary(order: &Order) -> Table {
    let mut table = Table::new();
    table.row([Cell::text("Order"), Cell::text(order.id.to_string())]);
    table.row([Cell::text("Status"), Cell::text(order.status.as_str()).coloured(colour(order.status))]);
    let attempt = match order.attempt {
        0 | 1 => String::new(),
        attempt => format!(" (attempt {attempt})"),
    };
    let rows = [
        ("Reason", order.reason.clone()),
        ("Detail", order.detail.clone()),
        ("Total", order.total.map(|total| total.to_string())),
        ("Codes", (!order.codes.is_empty()).then(|| order.codes.join(", "))),
        ("Expected", order.expected_total.map(|total| total.to_string())),
        ("Payment", Some(format!("{}{attempt}", order.payment_method))),
        (
            "Ship to",
            order.shipping_address.as_ref().map(|to| {
                format!("{}, {}, {} {}, {}", to.name, to.street, to.postal_code, to.city, to.country)
            }),
        ),
        ("Note", order.note.clone()),
        ("Placed", Some(moment(order.created_at))),
        ("Changed", Some(moment(order.updated_at))),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            table.row([Cell::text(name), Cell::text(value)]);
        }
    }
    table
}

/// The items, with names and prices if they are known, otherwise with ids.
fn items(order: &Order) -> Table {
    let mut table;
    if let Some(lines) = order.lines.as_ref().filter(|lines| !lines.is_empty()) {
        table = Table::with_head([">QUANTITY", "PRODUCT", ">EACH", ">TOTAL"]);
        for line in lines {
            table.row([
                Cell::number(line.quantity),
                Cell::text(&line.name),
                Cell::number(line.unit_price),
                Cell::number(line.total),
            ]);
            for adjustment in &line.adjustments {
                table.row([
                    Cell::text(""),
                    Cell::text(format!("  {}", adjustment.name)),
                    Cell::text(""),
                    Cell::number(format!("-{}", adjustment.amount)),
                ]);
            }
        }
    } else {
        table = Table::with_head([">QUANTITY", "PRODUCT"]);
        for item in &order.items {
            table.row([Cell::number(item.quantity), Cell::text(item.product_id.to_string())]);
        }
    }
    table
}

fn history_table(history: &[OrderHistoryEntry]) -> Table {
    let mut table = Table::with_head([">#", "TIME", "STATUS", "REASON"]);
    for entry in history {
        table.row([
            Cell::number(entry.version),
            Cell::text(moment(entry.at)),
            Cell::text(entry.status.as_str()).coloured(colour(entry.status)),
            Cell::text(entry.reason.as_deref().unwrap_or_default()),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{
        adjustment::Adjustment,
        ids::{OrderId, ProductId, PromotionId, UserId},
        money::Money,
        orders::{Line, OrderStatus},
    };

    fn order() -> Order {
        let at = "2001-02-03T12:00:00Z".parse().unwrap();
        Order {
            id: OrderId::new(),
            user_id: UserId::new(),
            status: OrderStatus::PaymentFailed,
            version: 5,
            attempt: 2,
            items: Vec::new(),
            lines: None,
            total: Some(Money { amount_minor: 1299, currency: "EUR".parse().unwrap() }),
            codes: Vec::new(),
            expected_total: None,
            payment_method: "pm_card_chargeDeclined".into(),
            shipping_address: None,
            note: None,
            reason: Some("card_declined".into()),
            detail: None,
            created_at: at,
            updated_at: at,
        }
    }

    #[test]
    fn a_summary_omits_missing_values() {
        let text = summary(&order()).render(false);
        assert!(text.contains("Total    12.99 EUR\n"), "{text}");
        assert!(text.contains("Payment  pm_card_chargeDeclined (attempt 2)\n"), "{text}");
        assert!(!text.contains("Note") && !text.contains("Expected"), "{text}");
    }

    #[test]
    fn a_line_is_followed_by_its_discounts() {
        let eur = |amount_minor| Money { amount_minor, currency: "EUR".parse().unwrap() };
        let name = "Tea week".to_owned();
        let line = Line {
            adjustments: vec![Adjustment { promotion_id: PromotionId::new(), name, amount: eur(75) }],
            total: eur(675),
            ..Line::at_list_price(ProductId::new(), "Assam".into(), "Tea".into(), 3, eur(250))
        };
        let order = Order { lines: Some(vec![line]), ..order() };
        let text = items(&order).render(false);
        assert!(text.contains("3  Assam       2.50 EUR   6.75 EUR\n"), "{text}");
        assert!(text.contains("  Tea week            -0.75 EUR\n"), "{text}");
    }
}
