//! `orderctl watch`

use super::{context::Context, failure::Failure, follow};
use clap::Args;
use common::contract::ids::OrderId;

#[derive(Args)]
pub(crate) struct Watch {
    /// The order: its id, or the end of it. Without it, all your orders.
    order: Option<OrderId>,
}

impl Watch {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let session = context.session()?;
        match self.order {
            Some(order) => {
                let order = session.order(order).await?;
                follow::to_its_end(context, &session, &order).await
            }
            None => follow::all(context, &session).await,
        }
    }
}
