//! `orderctl pay`

use super::{context::Context, failure::Failure};
use clap::Args;
use common::contract::{
    ids::OrderId,
    orders::{Order, PayAgain},
};

#[derive(Args)]
pub(crate) struct Pay {
    /// The order: its id, or the end of it as `orderctl orders` shows it.
    order: OrderId,
    /// The new payment method: a token of the payment provider, such as `pm_card_visa`.
    #[arg(long, value_name = "METHOD")]
    with: String,
}

impl Pay {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let payment = PayAgain { payment_method: self.with };
        let order = context.session()?.pay(self.order, &payment).await?;
        let text = |order: &Order| {
            let id = order.id;
            format!("Order {id} is being charged. Follow it with `orderctl watch {id}`.")
        };
        Ok(context.output.result(&order, text)?)
    }
}
