//! `orderctl cancel`

use super::{context::Context, failure::Failure};
use clap::Args;
use common::contract::ids::OrderId;

#[derive(Args)]
pub(crate) struct Cancel {
    /// The order: its id, or the end of it as `orderctl orders` shows it.
    order: OrderId,
}

impl Cancel {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let order = context.session()?.cancel(self.order).await?;
        Ok(context.output.result(&order, |order| format!("Order {} is {}.", order.id, order.status))?)
    }
}
