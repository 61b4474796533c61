//! `orderctl place`

use super::{
    amount,
    context::Context,
    failure::Failure,
    follow,
    item::{self, Wanted},
};
use clap::Args;
use contract::{
    money::Money,
    orders::{Order, PlaceOrder},
};
use uuid::Uuid;

#[derive(Args)]
pub(crate) struct Place {
    /// A product and its quantity, such as TEA-EARLGREY-100:2. Repeat the flag for more products.
    #[arg(long = "item", value_name = "SKU-OR-ID[:QUANTITY]", required = true)]
    items: Vec<Wanted>,
    /// The payment method: a token of the payment provider, such as `pm_card_visa`.
    #[arg(long, value_name = "METHOD")]
    pay: String,
    /// A discount code. Repeat the flag for more codes. If a code cannot be used, the order is rejected.
    #[arg(long = "code", value_name = "CODE")]
    codes: Vec<String>,
    /// The expected total after discounts, such as "12.99 EUR". An order with another total is rejected.
    #[arg(long, value_name = "TOTAL", value_parser = amount::parse)]
    expect: Option<Money>,
    /// A note to the shop.
    #[arg(long)]
    note: Option<String>,
    /// Follow the order until it ends.
    #[arg(long)]
    watch: bool,
    /// The idempotency key. A repeated command with the same key within 24 h places no second order
    /// [default: a new key].
    #[arg(long, value_name = "KEY", value_parser = visible_ascii)]
    idempotency_key: Option<String>,
}

/// Parses an idempotency key, with the same rule as the service.
fn visible_ascii(text: &str) -> Result<String, String> {
    if (1..=255).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err("a key is 1 to 255 ASCII letters, digits or punctuation marks without spaces".to_owned())
    }
}

impl Place {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let session = context.session()?;
        let order = PlaceOrder {
            items: item::resolve(&context.client, self.items).await?,
            payment_method: self.pay,
            codes: self.codes,
            expected_total: self.expect,
            shipping_address: None,
            note: self.note,
        };
        let key = self.idempotency_key.unwrap_or_else(|| Uuid::now_v7().to_string());
        let order = session.place_with_key(&order, &key).await.map_err(|error| {
            if error.is_unanswered() { Failure::PlacingUnknown { error, key } } else { error.into() }
        })?;
        if self.watch {
            context.output.record(&order, |order| format!("Placed order {}.", order.id))?;
            return follow::to_its_end(context, &session, &order).await;
        }
        let text = |order: &Order| {
            format!("Placed order {}. Follow it with `orderctl watch {}`.", order.id, order.id.short())
        };
        Ok(context.output.result(&order, text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_fit_a_header() {
        assert!(visible_ascii("01900000-0000-7000-8000-000000000002").is_ok());
        for bad in ["", "a b", "é", "a\n", &"x".repeat(256)] {
            assert!(visible_ascii(bad).is_err(), "{bad}");
        }
    }
}
