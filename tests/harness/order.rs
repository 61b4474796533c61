//! An order on its way.

use crate::{customer::Customer, eventually::eventually_telling, provider::Account};
use contract::{
    ids::OrderId,
    orders::{Order, OrderStatus, PayAgain},
};
use orderctl::Error;

/// What an order that meets no difficulty passes.
pub const STATUSES_OF_A_GOOD_ORDER: [OrderStatus; 4] =
    [OrderStatus::New, OrderStatus::Reserved, OrderStatus::Paid, OrderStatus::Completed];

/// An order that was answered 201.
pub struct PlacedOrder<'a> {
    customer: &'a Customer<'a>,
    /// Its id.
    pub id: OrderId,
    /// As it was answered.
    pub placed: Order,
}

impl<'a> PlacedOrder<'a> {
    /// An order of this customer's, as it was answered.
    #[must_use]
    pub fn of(customer: &'a Customer<'a>, placed: Order) -> Self {
        Self { customer, id: placed.id, placed }
    }

    /// The order as it stands.
    pub async fn now(&self) -> Order {
        self.customer.session().order(self.id).await.expect("read an order")
    }

    /// Waits until it stands there. Fails at once where it cannot come there any more.
    pub async fn reaches(&self, status: OrderStatus) -> Order {
        eventually_telling(&format!("order {} is {status}", self.id), async || {
            let order = match self.customer.session().order(self.id).await {
                // A service that is away for a moment is asked again.
                Err(error) if error.is_unanswered() => return Err(error.to_string()),
                answered => answered.expect("read an order"),
            };
            let over = order.status.is_final() && order.status != status;
            assert!(!over, "order {} is {} ({:?}), not {status}", self.id, order.status, order.reason);
            if order.status == status { Ok(order) } else { Err(format!("it is {}", order.status)) }
        })
        .await
    }

    /// Calls it off.
    pub async fn cancel(&self) -> Result<Order, Error> {
        self.customer.session().cancel(self.id).await
    }

    /// Pays it by another method.
    pub async fn pay(&self, method: &str) -> Result<Order, Error> {
        let payment = PayAgain { payment_method: method.to_owned() };
        self.customer.session().pay(self.id, &payment).await
    }

    /// Every status it has had, in the order of its versions, which have no gap.
    pub async fn history(&self) -> Vec<OrderStatus> {
        let events = self.customer.session().events(self.id).await.expect("read an order's events").items;
        let versions: Vec<_> = events.iter().map(|event| event.version).collect();
        let expected: Vec<_> = (1..).take(events.len()).collect();
        assert_eq!(versions, expected, "versions of order {}", self.id);
        events.into_iter().map(|event| event.status).collect()
    }

    /// What the payment provider has for it.
    pub async fn account(&self) -> Account {
        self.customer.shop.provider().account_of(self.id).await
    }
}
