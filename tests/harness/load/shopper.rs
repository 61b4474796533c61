//! One customer of a load, who places orders, pays or cancels them, and reads a WebSocket.

use super::{
    behaviour::{Behaviour, PlannedOrder},
    diary::{Diary, OpenDiary},
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

/// The pause before a request without an answer is repeated.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// One customer of a load.
pub(super) struct Shopper {
    pub(super) session: Session,
    pub(super) diary: OpenDiary,
    pub(super) plan: Vec<PlannedOrder>,
    /// A customer has one order request at a time. A slow shop gets orders later, not more concurrent
    /// requests.
    pub(super) one_request: Semaphore,
    pub(super) began: Instant,
    /// All orders must be final by then.
    pub(super) deadline: Instant,
}

impl Shopper {
    /// Carries out the plan until the customer saw that every order is final, or until the deadline.
    pub(super) async fn shops(self, watch: Watch) -> Diary {
        tokio::select! {
            _ = join_all(self.plan.iter().map(|planned| self.carries_out(planned))) => {}
            () = self.follows(watch) => {}
        }
        self.diary.close()
    }

    /// Records the pushed statuses. Returns only when the socket has given up.
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

    async fn carries_out(&self, planned: &PlannedOrder) {
        sleep_until(self.began + planned.at).await;
        let Some(order) = self.places(planned).await else { return };
        match planned.behaviour {
            Behaviour::Buys | Behaviour::BuysScarce => {}
            Behaviour::PaysAgain => {
                if self.sees(order, |status| status == PaymentFailed || status.is_final()).await
                    == Some(PaymentFailed)
                {
                    let payment = PayAgain { payment_method: VISA.to_owned() };
                    self.asks("pay", async || self.session.pay(order, &payment).await).await;
                }
            }
            Behaviour::CancelsAfterDecline => {
                self.sees(order, |status| status == PaymentFailed || status.is_final()).await;
                self.asks("cancel", async || self.session.cancel(order).await).await;
            }
            Behaviour::CancelsLater(after) => {
                sleep(after).await;
                self.asks("cancel", async || self.session.cancel(order).await).await;
            }
        }
        self.sees(order, OrderStatus::is_final).await;
    }

    /// Places an order. Repeats the request with the same key until there is an answer.
    async fn places(&self, planned: &PlannedOrder) -> Option<OrderId> {
        let key = Uuid::now_v7().to_string();
        let _permit = self.one_request.acquire().await.expect("the semaphore is never closed");
        self.diary.sent(&key);
        let place = async || self.session.place_with_key(&planned.order, &key).await;
        let order = self.until_answered("place", place).await?;
        self.diary.answered(&key, order.id);
        Some(order.id)
    }

    /// Requests a change of an order. The request may come too late, so 409 is a good answer too.
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
                Err(error) if error.is_unanswered() && Instant::now() < self.deadline => {
                    sleep(RETRY_INTERVAL).await;
                }
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
