//! `orderctl watch`

use super::{context::Context, failure::Failure, follow, order_name::OrderName};
use clap::Args;

#[derive(Args)]
pub(crate) struct Watch {
    /// The id of the order, or the end of the id. The default is all your orders.
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
