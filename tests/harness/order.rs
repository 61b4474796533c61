//! A placed order: its status, its history and its payment.

use crate::{customer::Customer, eventually::eventually_ok, provider::Account};
use contract::{
    ids::OrderId,
    orders::{Order, OrderStatus, PayAgain},
};
use orderctl::Error;

/// The statuses of an order that completes without a problem.
pub const STATUSES_OF_A_GOOD_ORDER: [OrderStatus; 4] =
    [OrderStatus::New, OrderStatus::Reserved, OrderStatus::Paid, OrderStatus::Completed];

/// An order that was answered 201.
pub struct PlacedOrder<'a> {
    customer: &'a Customer<'a>,
    /// The id of the order.
    pub id: OrderId,
    /// The order as the 201 answer showed it.
    pub placed: Order,
}

impl<'a> PlacedOrder<'a> {
    /// An order of this customer, from the 201 answer.
    #[must_use]
    pub fn of(customer: &'a Customer<'a>, placed: Order) -> Self {
        Self { customer, id: placed.id, placed }
    }

    /// Reads the order.
    pub async fn now(&self) -> Order {
        self.customer.session().order(self.id).await.expect("read an order")
    }

    /// Waits until the order has this status. Fails at once if the order ended with another status.
    pub async fn reaches(&self, status: OrderStatus) -> Order {
        eventually_ok(&format!("order {} is {status}", self.id), async || {
            let order = match self.customer.session().order(self.id).await {
                // The service may be unavailable for a moment, so this tries again.
                Err(error) if error.is_unanswered() => return Err(error.to_string()),
                answered => answered.expect("read an order"),
            };
            let missed = order.status.is_final() && order.status != status;
            assert!(!missed, "order {} is {} ({:?}), not {status}", self.id, order.status, order.reason);
            if order.status == status { Ok(order) } else { Err(format!("it is {}", order.status)) }
        })
        .await
    }

    /// Cancels the order.
    pub async fn cancel(&self) -> Result<Order, Error> {
        self.customer.session().cancel(self.id).await
    }

    /// Pays the order with another payment method.
    pub async fn pay(&self, method: &str) -> Result<Order, Error> {
        let payment = PayAgain { payment_method: method.to_owned() };
        self.customer.session().pay(self.id, &payment).await
    }

    /// Every status of the order by version. Asserts that the versions have no gap.
    pub async fn history(&self) -> Vec<OrderStatus> {
        let events = self.customer.session().events(self.id).await.expect("read an order's events").items;
        let versions: Vec<_> = events.iter().map(|event| event.version).collect();
        let expected: Vec<_> = (1..).take(events.len()).collect();
        assert_eq!(versions, expected, "versions of order {}", self.id);
        events.into_iter().map(|event| event.status).collect()
    }

    /// The payments and refunds of this order at the payment provider.
    pub async fn account(&self) -> Account {
        self.customer.shop.provider().account_of(self.id).await
    }
}
