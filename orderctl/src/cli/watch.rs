//! `orderctl watch`

use super::{context::Context, failure::Failure, follow, order_name::OrderName};
use clap::Args;

#[derive(Args)]
pub(crate) struct Watch {
    /// The order: its id, or the end of it. Without it, all your orders.
    order: Option<OrderName>,
}

impl Watch {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let session = context.session()?;
        match self.order {
            Some(order) => {
                let order = session.order(order.resolve(&session).await?).await?;
                follow::to_its_end(context, &session, &order).await
            }
            None => follow::all(context, &session).await,
        }
    }
}
