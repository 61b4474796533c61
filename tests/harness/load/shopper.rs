//! One customer, who places orders, does with each what they mean to, and watches a socket.

use super::{
    diary::{Diary, OpenDiary},
    way::{Step, Way},
};
use crate::VISA;
use contract::{
    ids::OrderId,
    orders::{
        Order,
        OrderStatus::{self, PaymentFailed},
        PayAgain,
    },
};
use futures_util::future::join_all;
use orderctl::{Error, Session, Watch};
use std::time::Duration;
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, sleep_until},
};
use uuid::Uuid;

/// Between two tries of a request that got no answer.
const AGAIN: Duration = Duration::from_millis(100);

/// One customer of a load.
pub(super) struct Shopper {
    pub(super) session: Session,
    pub(super) diary: OpenDiary,
    pub(super) plan: Vec<Step>,
    /// People order one thing after the other: a shop that is slow gets fewer orders, not more requests.
    pub(super) hand: Semaphore,
    pub(super) began: Instant,
    /// Until then everything must have come to its end.
    pub(super) deadline: Instant,
}

impl Shopper {
    /// Shops until every order was seen to be final, or the deadline has passed.
    pub(super) async fn shops(self, watch: Watch) -> Diary {
        tokio::select! {
            _ = join_all(self.plan.iter().map(|step| self.carries_out(step))) => {}
            () = self.follows(watch) => {}
        }
        self.diary.close()
    }

    /// Writes down what the socket shows. Returns only when it has given up.
    async fn follows(&self, watch: Watch) {
        let mut watch = watch;
        let error = loop {
            match watch.next().await {
                Ok(frame) => self.diary.saw(&frame),
                Err(error) => break error,
            }
        };
        self.diary.complain(format!("the socket gave up: {error}"));
    }

    async fn carries_out(&self, step: &Step) {
        sleep_until(self.began + step.at).await;
        let Some(order) = self.places(step).await else { return };
        match step.way {
            Way::Buys | Way::WantsScarce => {}
            Way::PaysAgain => {
                if self.sees(order, |status| status == PaymentFailed || status.is_final()).await
                    == Some(PaymentFailed)
                {
                    let payment = PayAgain { payment_method: VISA.to_owned() };
                    self.asks("pay", async || self.session.pay(order, &payment).await).await;
                }
            }
            Way::GivesUp => {
                self.sees(order, |status| status == PaymentFailed || status.is_final()).await;
                self.asks("cancel", async || self.session.cancel(order).await).await;
            }
            Way::CallsOff(after) => {
                sleep(after).await;
                self.asks("cancel", async || self.session.cancel(order).await).await;
            }
        }
        self.sees(order, OrderStatus::is_final).await;
    }

    /// Places an order, and repeats the request under its key until there is an answer.
    async fn places(&self, step: &Step) -> Option<OrderId> {
        let key = Uuid::now_v7().to_string();
        let _hand = self.hand.acquire().await.expect("it is never closed");
        self.diary.sent(&key);
        let place = async || self.session.place_with_key(&step.order, &key).await;
        let order = self.until_answered("place", place).await?;
        self.diary.answered(&key, order.id);
        Some(order.id)
    }

    /// Asks for a change of an order, which may come too late.
    async fn asks(&self, what: &str, request: impl AsyncFn() -> Result<Order, Error>) {
        let request = async || match request().await {
            Err(error) if error.status() == Some(409) => Ok(None),
            answer => answer.map(Some),
        };
        self.until_answered(what, request).await;
    }

    async fn until_answered<T>(&self, what: &str, request: impl AsyncFn() -> Result<T, Error>) -> Option<T> {
        loop {
            match request().await {
                Ok(answer) => return Some(answer),
                Err(error) if error.is_unanswered() && Instant::now() < self.deadline => sleep(AGAIN).await,
                Err(error) => {
                    self.diary.complain(format!("cannot {what} an order: {error}"));
                    return None;
                }
            }
        }
    }

    async fn sees(&self, order: OrderId, is_it: impl Fn(OrderStatus) -> bool) -> Option<OrderStatus> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.diary.sees(order, left, is_it).await
    }
}
