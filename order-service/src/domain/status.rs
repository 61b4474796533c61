//! The status machine, which alone defines the transitions of an order.
//!
//! [`decide`] turns a command into a change or refuses it. [`apply`] applies the change to the order.

use super::limits::Exceeded;
use chrono::{DateTime, SubsecRound as _, Utc};
use contract::{
    events::{CancelledBy, Change, OrderEvent, SCHEMA},
    ids::EventId,
    money::Money,
    orders::{Line, NO_PAYMENT, Order, OrderStatus, RejectReason, StatusUpdate},
};

/// A command to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// order-processor: the stock is held.
    Reserve { lines: Vec<Line>, total: Money },
    /// order-processor: the shop cannot accept the order.
    Reject { reason: RejectReason, detail: String },
    /// payment-worker: the charge was captured.
    Pay { attempt: u32, payment_id: String },
    /// payment-worker: the charge was declined.
    FailPayment { attempt: u32, reason: String },
    /// order-processor: the stock has left the warehouse.
    Complete,
    /// Customer or staff: refund the payment.
    RequestRefund { by_staff: bool },
    /// payment-worker: the payment was refunded.
    Refund { refund_id: String },
    /// Customer, or staff for the customer: cancel the order.
    Cancel { by: CancelledBy },
    /// Expiry: cancel the order if it still has this version. A customer who has paid again keeps the order.
    Expire { version: u32 },
    /// Customer: try another payment method, if the order has had fewer than this many attempts.
    PayAgain { payment_method: String, max_attempts: Option<u32> },
}

impl From<StatusUpdate> for Command {
    fn from(update: StatusUpdate) -> Self {
        match update {
            StatusUpdate::Reserved { lines, total } => Self::Reserve { lines, total },
            StatusUpdate::Rejected { reason, detail } => Self::Reject { reason, detail },
            StatusUpdate::Paid { attempt, payment_id } => Self::Pay { attempt, payment_id },
            StatusUpdate::PaymentFailed { attempt, reason } => Self::FailPayment { attempt, reason },
            StatusUpdate::Completed {} => Self::Complete,
            StatusUpdate::Refunded { refund_id } => Self::Refund { refund_id },
        }
    }
}

/// Codes of a declined charge whose cause is the amount or the currency of the order.
const UNPAYABLE: [&str; 3] = ["currency_not_supported", "amount_too_small", "amount_too_large"];

/// The current status of the order does not allow the command.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the order is `{current}` and cannot be {wanted}")]
pub(crate) struct IllegalTransition {
    /// The current status.
    pub(crate) current: OrderStatus,
    /// The refused command as a participle.
    wanted: &'static str,
}

/// Why a command is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The order's status does not allow it.
    #[error(transparent)]
    IllegalTransition(#[from] IllegalTransition),
    /// A limit does not allow it.
    #[error(transparent)]
    Exceeded(#[from] Exceeded),
}

/// Returns the change that `command` causes, or `None` if the command already had its effect.
///
/// Messages arrive in any order and any number of times, so this case is part of the rules. A decline of an
/// earlier attempt also has no effect. A captured charge of an earlier attempt is refused, because the order
/// must wait for exactly this attempt. Otherwise the customer would be charged for nothing.
pub(crate) fn decide(order: &Order, command: Command) -> Result<Option<Change>, Refusal> {
    use OrderStatus as S;

    let change = match (order.status, command) {
        (S::New, Command::Reserve { lines, total }) => Change::Reserved {
            lines,
            total,
            payment_method: order.payment_method.clone(),
            attempt: order.attempt,
        },
        (S::New, Command::Reject { reason, detail }) => Change::Rejected { reason, detail },
        (S::Reserved, Command::Pay { attempt, payment_id }) if attempt == order.attempt => {
            Change::Paid { attempt, payment_id }
        }
        // No other card can pay this order, so the order does not wait for one.
        (S::Reserved, Command::FailPayment { attempt, reason })
            if attempt == order.attempt && UNPAYABLE.contains(&reason.as_str()) =>
        {
            Change::Cancelled { by: CancelledBy::Expiry, reason: Some(reason) }
        }
        (S::Reserved, Command::FailPayment { attempt, reason }) if attempt == order.attempt => {
            Change::PaymentFailed { attempt, reason }
        }
        (S::New | S::Reserved | S::PaymentFailed, Command::Cancel { by }) => {
            Change::Cancelled { by, reason: None }
        }
        (S::New | S::Reserved | S::PaymentFailed, Command::Expire { version }) if version == order.version => {
            Change::Cancelled { by: CancelledBy::Expiry, reason: None }
        }
        (S::PaymentFailed, Command::PayAgain { max_attempts: Some(most), .. }) if order.attempt >= most => {
            return Err(Exceeded::AttemptsOfOrder { most }.into());
        }
        (S::PaymentFailed, Command::PayAgain { payment_method, .. }) => match (&order.lines, order.total) {
            (Some(lines), Some(total)) => {
                Change::Reserved { lines: lines.clone(), total, payment_method, attempt: order.attempt + 1 }
            }
            _ => return Err(IllegalTransition { current: order.status, wanted: "paid again" }.into()),
        },
        (S::Paid, Command::Complete) => Change::Completed {},
        // Nothing was charged, so no worker has to refund it.
        (S::Paid, Command::RequestRefund { .. }) | (S::Completed, Command::RequestRefund { by_staff: true })
            if order.total.is_some_and(|total| total.amount_minor == 0) =>
        {
            Change::Refunded { refund_id: NO_PAYMENT.to_owned() }
        }
        (S::Paid, Command::RequestRefund { .. })
        // The goods have left the warehouse, and only staff know whether they come back.
        | (S::Completed, Command::RequestRefund { by_staff: true }) => Change::RefundRequested {},
        (S::RefundRequested, Command::Refund { refund_id }) => Change::Refunded { refund_id },

        (S::Reserved, Command::Reserve { .. })
        | (S::Rejected, Command::Reject { .. })
        | (S::Cancelled, Command::Cancel { .. })
        | (S::RefundRequested | S::Refunded, Command::RequestRefund { .. })
        | (S::Completed, Command::Complete)
        | (S::Refunded, Command::Refund { .. })
        // The order has changed since the expiry found it.
        | (_, Command::Expire { .. }) => return Ok(None),
        (S::Paid, Command::Pay { attempt, .. }) if attempt == order.attempt => return Ok(None),
        (S::PaymentFailed, Command::FailPayment { attempt, .. }) if attempt == order.attempt => {
            return Ok(None);
        }
        (_, Command::FailPayment { attempt, .. }) if attempt < order.attempt => return Ok(None),
        // The customer repeats the request after a lost answer.
        (S::Reserved, Command::PayAgain { payment_method, .. })
            if order.attempt > 1 && payment_method == order.payment_method =>
        {
            return Ok(None);
        }

        (S::Completed, Command::RequestRefund { by_staff: false }) => {
            let wanted = "refunded by its customer; ask the shop's staff for a refund";
            return Err(IllegalTransition { current: S::Completed, wanted }.into());
        }
        (current, refused) => {
            return Err(IllegalTransition { current, wanted: refused.participle() }.into());
        }
    };
    Ok(Some(change))
}

/// Applies `change` to the order, and returns its event.
///
/// Times are truncated to microseconds, which PostgreSQL stores. So an answer, a later read and the event
/// show the same time.
pub(crate) fn apply(order: &mut Order, change: Change, at: DateTime<Utc>) -> OrderEvent {
    let at = at.trunc_subsecs(6);
    order.status = match &change {
        Change::Created { .. } => OrderStatus::New,
        Change::Reserved { .. } => OrderStatus::Reserved,
        Change::Rejected { .. } => OrderStatus::Rejected,
        Change::Paid { .. } => OrderStatus::Paid,
        Change::PaymentFailed { .. } => OrderStatus::PaymentFailed,
        Change::Cancelled { .. } => OrderStatus::Cancelled,
        Change::Completed {} => OrderStatus::Completed,
        Change::RefundRequested {} => OrderStatus::RefundRequested,
        Change::Refunded { .. } => OrderStatus::Refunded,
    };
    order.version += 1;
    order.updated_at = at;
    order.reason = change.reason().map(str::to_owned);
    order.detail = change.detail().map(str::to_owned);
    if let Change::Reserved { lines, total, payment_method, attempt } = &change {
        order.lines = Some(lines.clone());
        order.total = Some(*total);
        order.payment_method.clone_from(payment_method);
        order.attempt = *attempt;
    }
    OrderEvent {
        id: EventId::new(),
        schema: SCHEMA,
        order_id: order.id,
        user_id: order.user_id,
        version: order.version,
        status: order.status,
        at,
        change,
    }
}

impl Command {
    const fn participle(&self) -> &'static str {
        match self {
            Self::Reserve { .. } => "reserved",
            Self::Reject { .. } => "rejected",
            Self::Pay { .. } => "paid by this charge",
            Self::FailPayment { .. } => "declined",
            Self::Complete => "completed",
            Self::RequestRefund { .. } | Self::Refund { .. } => "refunded",
            Self::Cancel { .. } | Self::Expire { .. } => "cancelled",
            Self::PayAgain { .. } => "paid again",
        }
    }
}

#[cfg(test)]
mod model;

#[cfg(test)]
mod tests {
    use super::*;
    use contract::orders::Item;

    fn euros(amount_minor: i64) -> Money {
        Money { amount_minor, currency: "EUR".parse().unwrap() }
    }

    fn order(status: OrderStatus, attempt: u32) -> Order {
        let now = Utc::now();
        Order {
            id: "01900000-0000-7000-8000-000000000002".parse().unwrap(),
            user_id: "01900000-0000-7000-8000-000000000003".parse().unwrap(),
            status,
            version: 5,
            attempt,
            items: vec![Item {
                product_id: "01900000-0000-7000-8000-000000000004".parse().unwrap(),
                quantity: 1,
            }],
            lines: Some(Vec::new()),
            total: Some(euros(100)),
            codes: Vec::new(),
            expected_total: None,
            payment_method: "pm_card_visa".into(),
            shipping_address: None,
            note: None,
            reason: None,
            detail: None,
            created_at: now,
            updated_at: now,
        }
    }

    fn pay_again(max_attempts: Option<u32>) -> Command {
        Command::PayAgain { payment_method: "pm_card_mastercard".into(), max_attempts }
    }

    /// All commands, for the second payment attempt.
    fn commands() -> [(&'static str, Command); 12] {
        [
            ("reserve", Command::Reserve { lines: Vec::new(), total: euros(100) }),
            ("reject", Command::Reject { reason: RejectReason::OutOfStock, detail: "None left.".into() }),
            ("pay", Command::Pay { attempt: 2, payment_id: "pi_2".into() }),
            ("fail", Command::FailPayment { attempt: 2, reason: "card_declined".into() }),
            ("complete", Command::Complete),
            ("refund", Command::Refund { refund_id: "re_1".into() }),
            ("cancel", Command::Cancel { by: CancelledBy::Customer }),
            ("expire", Command::Expire { version: 5 }),
            ("expire late", Command::Expire { version: 4 }),
            ("ask refund", Command::RequestRefund { by_staff: false }),
            ("give refund", Command::RequestRefund { by_staff: true }),
            ("pay again", pay_again(Some(3))),
        ]
    }

    #[test]
    fn an_order_that_cost_nothing_is_refunded_at_once() {
        for (status, by_staff) in [(OrderStatus::Paid, false), (OrderStatus::Completed, true)] {
            let free = Order { total: Some(euros(0)), ..order(status, 1) };
            let change = decide(&free, Command::RequestRefund { by_staff });
            assert_eq!(change, Ok(Some(Change::Refunded { refund_id: NO_PAYMENT.into() })), "{status}");
        }
    }

    /// The table has, for each status, the commands that change it and the commands without effect.
    #[test]
    fn transitions_match_the_table() {
        use OrderStatus as S;

        /// A status, the commands that change it with the new status, and the commands without effect.
        type Row = (S, &'static [(&'static str, S)], &'static [&'static str]);
        let table: [Row; 9] = [
            (
                S::New,
                &[
                    ("reserve", S::Reserved),
                    ("reject", S::Rejected),
                    ("cancel", S::Cancelled),
                    ("expire", S::Cancelled),
                ],
                &["expire late"],
            ),
            (
                S::Reserved,
                &[
                    ("pay", S::Paid),
                    ("fail", S::PaymentFailed),
                    ("cancel", S::Cancelled),
                    ("expire", S::Cancelled),
                ],
                &["reserve", "expire late"],
            ),
            (S::Rejected, &[], &["reject", "expire", "expire late"]),
            (
                S::Paid,
                &[
                    ("complete", S::Completed),
                    ("ask refund", S::RefundRequested),
                    ("give refund", S::RefundRequested),
                ],
                &["pay", "expire", "expire late"],
            ),
            (
                S::PaymentFailed,
                &[("cancel", S::Cancelled), ("expire", S::Cancelled), ("pay again", S::Reserved)],
                &["fail", "expire late"],
            ),
            (S::Cancelled, &[], &["cancel", "expire", "expire late"]),
            (S::Completed, &[("give refund", S::RefundRequested)], &["complete", "expire", "expire late"]),
            (
                S::RefundRequested,
                &[("refund", S::Refunded)],
                &["ask refund", "give refund", "expire", "expire late"],
            ),
            (S::Refunded, &[], &["refund", "ask refund", "give refund", "expire", "expire late"]),
        ];
        for (from, moves, done) in table {
            for (name, command) in commands() {
                let before = order(from, 2);
                let expected = moves.iter().find(|(command, _)| *command == name).map(|(_, to)| *to);
                match decide(&before, command) {
                    Ok(Some(change)) => {
                        let mut after = before.clone();
                        let event = apply(&mut after, change, Utc::now());
                        assert_eq!(Some(after.status), expected, "{from} {name}");
                        assert_eq!((after.version, event.version, event.status), (6, 6, after.status));
                    }
                    Ok(None) => assert!(done.contains(&name), "{from} {name} does nothing"),
                    Err(refusal) => {
                        let Refusal::IllegalTransition(illegal) = refusal else { panic!("{refusal}") };
                        assert_eq!(illegal.current, from);
                        assert!(expected.is_none() && !done.contains(&name), "{from} {name} is refused");
                    }
                }
            }
        }
    }

    #[test]
    fn an_order_that_no_card_can_pay_is_cancelled_with_the_reason() {
        for code in ["currency_not_supported", "amount_too_small", "amount_too_large"] {
            let mut unpayable = order(OrderStatus::Reserved, 2);
            let command = Command::FailPayment { attempt: 2, reason: code.into() };
            let change = decide(&unpayable, command.clone()).unwrap().unwrap();
            apply(&mut unpayable, change, Utc::now());
            assert_eq!(unpayable.status, OrderStatus::Cancelled);
            assert_eq!(unpayable.reason.as_deref(), Some(code));
            let Refusal::IllegalTransition(repeated) = decide(&unpayable, command).unwrap_err() else {
                panic!()
            };
            assert_eq!(repeated.current, OrderStatus::Cancelled);
        }
    }

    #[test]
    fn a_decline_of_an_earlier_attempt_changes_nothing() {
        let late = Command::FailPayment { attempt: 1, reason: "card_declined".into() };
        assert_eq!(decide(&order(OrderStatus::Reserved, 2), late), Ok(None));
    }

    #[test]
    fn a_charge_of_an_earlier_attempt_is_refused() {
        let late = Command::Pay { attempt: 1, payment_id: "pi_1".into() };
        let error = decide(&order(OrderStatus::Reserved, 2), late).unwrap_err();
        assert_eq!(error.to_string(), "the order is `reserved` and cannot be paid by this charge");
    }

    #[test]
    fn paying_again_starts_another_attempt_with_the_new_method() {
        let mut again = order(OrderStatus::PaymentFailed, 1);
        again.reason = Some("card_declined".into());
        let command = pay_again(Some(2));
        let change = decide(&again, command.clone()).unwrap().unwrap();
        apply(&mut again, change, Utc::now());
        assert_eq!((again.status, again.attempt), (OrderStatus::Reserved, 2));
        assert_eq!((again.payment_method.as_str(), again.reason.as_deref()), ("pm_card_mastercard", None));
        assert_eq!(decide(&again, command), Ok(None), "a repeated request");
    }

    #[test]
    fn a_stale_expiry_does_not_cancel_a_retried_payment() {
        let mut declined = order(OrderStatus::PaymentFailed, 1);
        let expire = Command::Expire { version: declined.version };
        let change = decide(&declined, pay_again(None)).unwrap().unwrap();
        apply(&mut declined, change, Utc::now());
        assert_eq!(decide(&declined, expire), Ok(None));
        assert_eq!(declined.status, OrderStatus::Reserved);
    }

    #[test]
    fn an_order_has_a_limited_number_of_payment_attempts() {
        let declined = order(OrderStatus::PaymentFailed, 3);
        let refused = decide(&declined, pay_again(Some(3)));
        assert_eq!(refused, Err(Refusal::Exceeded(Exceeded::AttemptsOfOrder { most: 3 })));
        assert!(decide(&declined, pay_again(Some(4))).unwrap().is_some());
        assert!(decide(&declined, pay_again(None)).unwrap().is_some());
    }

    #[test]
    fn the_refusal_says_that_staff_refund_a_completed_order() {
        let command = Command::RequestRefund { by_staff: false };
        let refusal = decide(&order(OrderStatus::Completed, 1), command).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "the order is `completed` and cannot be refunded by its customer; ask the shop's staff for a refund"
        );
    }

    #[test]
    fn times_have_the_precision_of_the_database() {
        let at = "2026-01-02T03:04:05.123456789Z".parse().unwrap();
        let mut paid = order(OrderStatus::Paid, 1);
        let event = apply(&mut paid, Change::Completed {}, at);
        let kept: DateTime<Utc> = "2026-01-02T03:04:05.123456Z".parse().unwrap();
        assert_eq!((paid.updated_at, event.at), (kept, kept));
    }
}
