//! `orderctl track`

use super::{
    colour::Colour,
    context::Context,
    failure::Failure,
    order_name::OrderName,
    output::moment,
    table::{Cell, Table},
    text::Text,
};
use clap::Args;
use contract::deliveries::{CarrierReport, Delivery, DeliveryStatus};

#[derive(Args)]
pub(crate) struct Track {
    /// The id of the order, or the end of the id. `orderctl orders` shows this end.
    order: OrderName,
}

impl Track {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let session = context.session()?;
        let id = self.order.resolve(&session).await?;
        let delivery = session.delivery(id).await?;
        let text = |delivery: &Delivery| {
            let tables = [summary(delivery), reports(&delivery.reports)];
            Text::Parts(tables.map(Text::from).into())
        };
        Ok(context.output.result(&delivery, text)?)
    }
}

fn summary(delivery: &Delivery) -> Table {
    let mut table = Table::new();
    let status = delivery.status;
    table.row([Cell::text("Order"), Cell::text(delivery.order_id.to_string())]);
    table.row([Cell::text("Status"), Cell::text(status.as_str()).coloured(colour(status))]);
    let late = if delivery.is_late { " (late)" } else { "" };
    let to = |address: &contract::orders::Address| {
        let contract::orders::Address { name, street, city, postal_code, country } = address;
        format!("{name}, {street}, {postal_code} {city}, {country}")
    };
    let address = delivery.address.as_ref().map_or_else(|| "no address yet".to_owned(), to);
    let rows = [
        ("Promised", Some(format!("{} to {}{late}", delivery.promised_from, delivery.promised_to))),
        ("Shipped", delivery.shipped_at.map(moment)),
        ("Delivered", delivery.delivered_at.map(moment)),
        ("Parcel", delivery.parcel.clone()),
        ("Ship to", Some(address)),
        ("Refused", delivery.refusal.clone()),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            table.row([Cell::text(name), Cell::text(value)]);
        }
    }
    table
}

fn reports(reports: &[CarrierReport]) -> Table {
    let mut table = Table::with_head(["TIME", "CARRIER"]);
    for report in reports {
        table.row([Cell::text(moment(report.at)), Cell::text(&report.status)]);
    }
    table
}

const fn colour(status: DeliveryStatus) -> Colour {
    match status {
        DeliveryStatus::Delivered => Colour::Green,
        DeliveryStatus::Lost | DeliveryStatus::Returned => Colour::Red,
        _ => Colour::Yellow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::ids::{OrderId, UserId};

    #[test]
    fn a_summary_shows_the_dates_and_omits_missing_values() {
        let at = "2001-02-03T12:00:00Z".parse().unwrap();
        let delivery = Delivery {
            order_id: OrderId::new(),
            user_id: UserId::new(),
            status: DeliveryStatus::Shipped,
            version: 2,
            address: None,
            address_is_open: false,
            parcel: Some("PCL-1".into()),
            refusal: None,
            promised_from: "2001-02-06".parse().unwrap(),
            promised_to: "2001-02-08".parse().unwrap(),
            is_late: true,
            created_at: at,
            shipped_at: Some(at),
            delivered_at: None,
            updated_at: at,
            reports: Vec::new(),
        };
        let text = summary(&delivery).render(false);
        assert!(text.contains("Promised  2001-02-06 to 2001-02-08 (late)\n"), "{text}");
        assert!(text.contains("Parcel    PCL-1\n") && text.contains("no address yet"), "{text}");
        assert!(!text.contains("Delivered") && !text.contains("Refused"), "{text}");
    }
}
