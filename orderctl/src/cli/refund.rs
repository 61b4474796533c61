//! `orderctl refund`

use super::{confirm, context::Context, failure::Failure, order_name::OrderName};
use clap::Args;
use contract::{
    ids::OrderId,
    orders::{Order, OrderStatus},
    problems::ProblemType,
};
use orderctl::Error;

#[derive(Args)]
pub(crate) struct Refund {
    /// The id of the order, or the end of the id. `orderctl orders` shows this end.
    order: OrderName,
    /// Refund without asking.
    #[arg(long)]
    yes: bool,
}

impl Refund {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let session = context.session()?;
        let id = self.order.resolve(&session).await?;
        if !self.yes && confirm::can_ask() {
            let question = question(&session.order(id).await?);
            if !confirm::ask(Vec::new(), &question)? {
                context.output.note("Nothing was refunded.");
                return Ok(());
            }
        }
        let order = session.refund(id).await.map_err(|error| refused(id, error))?;
        let text = |order: &Order| {
            let id = order.id.short();
            match order.status {
                OrderStatus::Refunded => format!("Order {id} has been refunded."),
                _ => format!("Order {id} is being refunded. Follow it with `orderctl watch {id}`."),
            }
        };
        Ok(context.output.result(&order, text)?)
    }
}

fn question(order: &Order) -> String {
    let amount = order.total.map(|total| format!(" {total}")).unwrap_or_default();
    format!("Refund{amount} for order {} ({})?", order.id.short(), order.status)
}

/// Explains the refusal of a refund. A customer cannot refund a completed order, because the goods were
/// shipped.
fn refused(order: OrderId, error: Error) -> Failure {
    let is_completed = error.problem().is_some_and(|problem| {
        problem.kind == ProblemType::IllegalTransition.to_string()
            && problem
                .more
                .get("current_status")
                .is_some_and(|status| status == OrderStatus::Completed.as_str())
    });
    if is_completed { Failure::RefundIsForStaff { order, error } } else { error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::problems::ProblemDetails;

    fn refusal(status: OrderStatus) -> Failure {
        let problem = ProblemDetails::new(ProblemType::IllegalTransition, "The order does not allow this.")
            .with("current_status", status.as_str());
        refused("01900000-0000-7000-8000-0000006a750a".parse().unwrap(), Error::Refused(Box::new(problem)))
    }

    #[test]
    fn only_staff_can_refund_a_completed_order() {
        let completed = refusal(OrderStatus::Completed);
        assert_eq!(
            completed.to_string(),
            "order 006a750a is completed, and only the shop's staff can refund it now; ask them for a return"
        );
        assert_eq!((completed.exit_code(), completed.problem().unwrap().status), (1, 409));
        assert_eq!(refusal(OrderStatus::Cancelled).to_string(), "The order does not allow this.");
    }
}
