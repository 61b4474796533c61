//! `orderctl cancel`

use super::{context::Context, failure::Failure, order_name::OrderName};
use clap::Args;
use contract::orders::Order;

#[derive(Args)]
pub(crate) struct Cancel {
    /// The id of the order, or the end of the id. `orderctl orders` shows this end.
    order: OrderName,
}

impl Cancel {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let session = context.session()?;
        let order = session.cancel(self.order.resolve(&session).await?).await?;
        let text = |order: &Order| format!("Order {} is {}.", order.id.short(), order.status);
        Ok(context.output.result(&order, text)?)
    }
}
