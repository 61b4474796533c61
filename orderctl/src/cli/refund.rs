//! `orderctl refund`

use super::{context::Context, failure::Failure};
use clap::Args;
use common::contract::{
    ids::OrderId,
    orders::{Order, OrderStatus},
};

#[derive(Args)]
pub(crate) struct Refund {
    /// The order: its id, or the end of it as `orderctl orders` shows it.
    order: OrderId,
}

impl Refund {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let order = context.session()?.refund(self.order).await?;
        let text = |order: &Order| {
            let id = order.id;
            match order.status {
                OrderStatus::Refunded => format!("Order {id} has been refunded."),
                _ => format!("Order {id} is being refunded. Follow it with `orderctl watch {id}`."),
            }
        };
        Ok(context.output.result(&order, text)?)
    }
}
