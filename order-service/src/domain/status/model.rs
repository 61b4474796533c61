//! Tests the status machine against a model with another structure. The status machine starts from the
//! status, and the model starts from the command. For each command the model lists the transitions and the
//! statuses in which the command has no effect.

use super::*;
use OrderStatus as S;
use contract::{
    ids::{ProductId, UserId},
    orders::{Item, PlaceOrder},
};
use proptest::{collection::vec, prelude::*};

/// The parts of an order that the rules use.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Model {
    status: S,
    version: u32,
    attempt: u32,
    payment_method: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Expected {
    Moves(Model),
    Already,
    Refused,
}

impl Model {
    fn of(order: &Order) -> Self {
        let Order { status, version, attempt, payment_method, .. } = order.clone();
        Self { status, version, attempt, payment_method }
    }

    fn expects(&self, command: &Command) -> Expected {
        if self.has_no_effect(command) {
            return Expected::Already;
        }
        let (from, to): (&[S], S) = match command {
            Command::Reserve { .. } => (&[S::New], S::Reserved),
            Command::Reject { .. } => (&[S::New], S::Rejected),
            Command::Pay { .. } => (&[S::Reserved], S::Paid),
            Command::FailPayment { .. } => (&[S::Reserved], S::PaymentFailed),
            Command::PayAgain { .. } => (&[S::PaymentFailed], S::Reserved),
            Command::Cancel { .. } | Command::Expire { .. } => {
                (&[S::New, S::Reserved, S::PaymentFailed], S::Cancelled)
            }
            Command::Complete => (&[S::Paid], S::Completed),
            Command::RequestRefund { by_staff: false } => (&[S::Paid], S::RefundRequested),
            Command::RequestRefund { by_staff: true } => (&[S::Paid, S::Completed], S::RefundRequested),
            Command::Refund { .. } => (&[S::RefundRequested], S::Refunded),
        };
        let of_another_attempt = matches!(
            command,
            Command::Pay { attempt, .. } | Command::FailPayment { attempt, .. } if *attempt != self.attempt
        );
        if of_another_attempt || !from.contains(&self.status) {
            return Expected::Refused;
        }
        let mut after = Self { status: to, version: self.version + 1, ..self.clone() };
        if let Command::PayAgain { payment_method, max_attempts } = command {
            if max_attempts.is_some_and(|most| self.attempt >= most) {
                return Expected::Refused;
            }
            after.attempt += 1;
            after.payment_method.clone_from(payment_method);
        }
        Expected::Moves(after)
    }

    /// Whether the command had its effect earlier, or comes too late for an effect.
    fn has_no_effect(&self, command: &Command) -> bool {
        match command {
            Command::Reserve { .. } => self.status == S::Reserved,
            Command::Reject { .. } => self.status == S::Rejected,
            Command::Cancel { .. } => self.status == S::Cancelled,
            Command::Expire { version } => {
                *version != self.version || !matches!(self.status, S::New | S::Reserved | S::PaymentFailed)
            }
            Command::Complete => self.status == S::Completed,
            Command::Refund { .. } => self.status == S::Refunded,
            Command::RequestRefund { .. } => matches!(self.status, S::RefundRequested | S::Refunded),
            Command::Pay { attempt, .. } => self.status == S::Paid && *attempt == self.attempt,
            Command::FailPayment { attempt, .. } => {
                *attempt < self.attempt || (self.status == S::PaymentFailed && *attempt == self.attempt)
            }
            Command::PayAgain { payment_method, .. } => {
                self.status == S::Reserved && self.attempt > 1 && *payment_method == self.payment_method
            }
        }
    }
}

/// Any command that may arrive, for any payment attempt, late, early or repeated.
fn any_command() -> impl Strategy<Value = Command> {
    let total = Money { amount_minor: 100, currency: "EUR".parse().unwrap() };
    let method = prop::sample::select(vec!["pm_card_visa", "pm_card_mastercard", "pm_card_amex"]);
    let attempt = || prop_oneof![3 => Just(1), 3 => Just(2), 2 => 0..5_u32];
    prop_oneof![
        3 => Just(Command::Reserve { lines: Vec::new(), total }),
        1 => Just(Command::Reject { reason: RejectReason::OutOfStock, detail: "None left.".into() }),
        4 => (attempt(), "pi_[0-9]").prop_map(|(attempt, payment_id)| Command::Pay { attempt, payment_id }),
        4 => attempt().prop_map(|attempt| Command::FailPayment { attempt, reason: "card_declined".into() }),
        3 => (method, prop_oneof![Just(None), (1..4_u32).prop_map(Some)]).prop_map(|(method, max_attempts)| {
            Command::PayAgain { payment_method: method.into(), max_attempts }
        }),
        1 => Just(Command::Cancel { by: CancelledBy::Customer }),
        1 => (1..6_u32).prop_map(|version| Command::Expire { version }),
        2 => Just(Command::Complete),
        2 => any::<bool>().prop_map(|by_staff| Command::RequestRefund { by_staff }),
        2 => "re_[0-9]".prop_map(|refund_id| Command::Refund { refund_id }),
    ]
}

fn placed() -> Order {
    let request = PlaceOrder {
        items: vec![Item { product_id: ProductId::new(), quantity: 1 }],
        payment_method: "pm_card_visa".into(),
        codes: Vec::new(),
        expected_total: None,
        shipping_address: None,
        note: None,
    };
    crate::domain::placing::place(UserId::new(), request, Utc::now()).unwrap().0
}

/// Sends the commands to an order, checks each answer, and returns the events.
fn follow(order: &mut Order, commands: Vec<Command>) -> Result<Vec<OrderEvent>, TestCaseError> {
    let mut events = Vec::new();
    for command in commands {
        let before = order.clone();
        let expected = Model::of(&before).expects(&command);
        let answer = match decide(order, command.clone()) {
            Ok(Some(change)) => {
                events.push(apply(order, change, Utc::now()));
                Expected::Moves(Model::of(order))
            }
            Ok(None) => Expected::Already,
            Err(refusal) => {
                if let Refusal::IllegalTransition(illegal) = refusal {
                    prop_assert_eq!(illegal.current, before.status);
                }
                Expected::Refused
            }
        };
        prop_assert_eq!(&answer, &expected, "{:?} of {:?}", command, Model::of(&before));
        if matches!(answer, Expected::Moves(_)) {
            prop_assert_eq!(decide(order, command), Ok(None), "a repeated command has no effect");
        } else {
            prop_assert_eq!(&*order, &before);
        }
    }
    Ok(events)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn an_order_behaves_like_the_model(commands in vec(any_command(), 0..60)) {
        let mut order = placed();
        let events = follow(&mut order, commands)?;

        let versions: Vec<u32> = events.iter().map(|event| event.version).collect();
        prop_assert_eq!(versions, (2..=order.version).collect::<Vec<_>>(), "from 2 on without a gap");
        let statuses: Vec<S> = events.iter().map(|event| event.status).collect();
        for pair in statuses.windows(2) {
            let may_leave = !pair[0].is_final() || pair == [S::Completed, S::RefundRequested];
            prop_assert!(may_leave, "{} is final, and yet became {}", pair[0], pair[1]);
        }
        let paid = events.iter().filter(|event| matches!(event.change, Change::Paid { .. })).count();
        prop_assert!(paid <= 1, "paid {} times", paid);
        let tries: Vec<u32> = events.iter().filter_map(|event| match event.change {
            Change::Reserved { attempt, .. } => Some(attempt),
            _ => None,
        }).collect();
        prop_assert_eq!(&tries, &(1..).take(tries.len()).collect::<Vec<u32>>(), "attempts count up from 1");
    }

    /// After any commands, an order reaches a final status if the workers do their work.
    #[test]
    fn no_order_is_stuck(commands in vec(any_command(), 0..40)) {
        let mut order = placed();
        follow(&mut order, commands)?;
        for _ in 0..4 {
            let attempt = order.attempt;
            let next = match order.status {
                S::New => Command::Reject { reason: RejectReason::UnknownProduct, detail: String::new() },
                S::Reserved => Command::Pay { attempt, payment_id: "pi_1".into() },
                S::PaymentFailed => Command::Expire { version: order.version },
                S::Paid => Command::Complete,
                S::RefundRequested => Command::Refund { refund_id: "re_1".into() },
                _ => break,
            };
            prop_assert_eq!(follow(&mut order, vec![next])?.len(), 1, "a worker's command is accepted");
        }
        prop_assert!(order.status.is_final());
    }
}
