//! `orderctl pay`

use super::{context::Context, failure::Failure, order_name::OrderName};
use clap::Args;
use contract::orders::{Order, PayAgain};

#[derive(Args)]
pub(crate) struct Pay {
    /// The id of the order, or the end of the id. `orderctl orders` shows this end.
    order: OrderName,
    /// The new payment method: a token of the payment provider, such as `pm_card_visa`.
    #[arg(long, value_name = "METHOD")]
    with: String,
}

impl Pay {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let payment = PayAgain { payment_method: self.with };
        let session = context.session()?;
        let order = session.pay(self.order.resolve(&session).await?, &payment).await?;
        let text = |order: &Order| {
            let id = order.id.short();
            format!("Order {id} is being charged. Follow it with `orderctl watch {id}`.")
        };
        Ok(context.output.result(&order, text)?)
    }
}
