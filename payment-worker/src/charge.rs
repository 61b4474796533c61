//! What a charge is, and when it is wanted.

use contract::{ids::OrderId, money::Money, orders::OrderStatus};

/// One try to charge an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Charge {
    /// The order.
    pub order_id: OrderId,
    /// Which try of the order it is, from 1.
    pub attempt: u32,
    /// What is charged.
    pub total: Money,
    /// The provider's token for the customer's means of payment.
    pub payment_method: String,
}

/// What became of a charge. One without an outcome is started: nobody knows yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The provider has the money.
    Captured {
        /// The provider's id of the payment.
        payment_id: String,
    },
    /// No money moved.
    Declined {
        /// The provider's word for why.
        code: String,
    },
    /// The money went back.
    Refunded {
        /// The provider's id of the payment.
        payment_id: String,
        /// The provider's id of the refund.
        refund_id: String,
    },
}

/// Whether an order that does not take a captured charge, being in `status`, has taken it before.
/// A charge that no order took goes back to the customer.
///
/// `superseded` says that the order made a later try: that happens only when this one counted as
/// declined, so whatever paid the order, it was not this charge.
pub(crate) const fn is_taken(status: OrderStatus, superseded: bool) -> bool {
    match status {
        OrderStatus::Paid | OrderStatus::Completed | OrderStatus::RefundRequested | OrderStatus::Refunded => {
            !superseded
        }
        // A reserved order takes the charge of its current try; refusing this one, it is at another.
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
    fn only_an_order_that_was_paid_by_this_try_keeps_the_charge() {
        for status in OrderStatus::ALL {
            let was_paid = matches!(status.as_str(), "paid" | "completed" | "refund_requested" | "refunded");
            assert_eq!(is_taken(status, false), was_paid, "{status}");
            assert!(!is_taken(status, true), "{status}, paid by a later try");
        }
    }
}
