//! A charge, its outcome, and the decision whether an order keeps it.

use contract::{ids::OrderId, money::Money, orders::OrderStatus};

/// One attempt to charge an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Charge {
    /// The order.
    pub order_id: OrderId,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The amount.
    pub total: Money,
    /// The provider's token of the customer's payment method.
    pub payment_method: String,
}

/// The outcome of a charge. A charge without an outcome is started, and its result is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The provider has the money.
    Captured {
        /// The provider's id of the payment.
        payment_id: String,
    },
    /// No money moved.
    Declined {
        /// The provider's code for the reason.
        code: String,
    },
    /// The money was refunded.
    Refunded {
        /// The provider's id of the payment.
        payment_id: String,
        /// The provider's id of the refund.
        refund_id: String,
    },
}

/// Whether an order that refused a captured charge in `status` had already accepted this charge. A charge
/// that was never accepted is refunded.
///
/// `superseded` means that the order has a later attempt. It can only have one if this charge counted as
/// declined. So this charge did not pay the order.
pub(crate) const fn was_accepted(status: OrderStatus, superseded: bool) -> bool {
    match status {
        OrderStatus::Paid | OrderStatus::Completed | OrderStatus::RefundRequested | OrderStatus::Refunded => {
            !superseded
        }
        // A reserved order accepts the charge of its current attempt. It refused this charge, so this charge
        // belongs to an earlier attempt.
        OrderStatus::New
        | OrderStatus::Reserved
        | OrderStatus::PaymentFailed
        | OrderStatus::Rejected
        | OrderStatus::Cancelled => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_order_that_this_attempt_paid_keeps_the_charge() {
        for status in OrderStatus::ALL {
            let was_paid = matches!(status.as_str(), "paid" | "completed" | "refund_requested" | "refunded");
            assert_eq!(was_accepted(status, false), was_paid, "{status}");
            assert!(!was_accepted(status, true), "{status}, paid by a later attempt");
        }
    }
}
