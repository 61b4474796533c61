//! A customer who places orders over HTTP and follows their statuses only over the WebSocket.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use contract::catalog::Product;
use contract::deliveries::DeliveryStatus;
use contract::ids::OrderId;
use contract::orders::{Address, Item, Order, OrderStatus, PayAgain, PlaceOrder};
use contract::push::StatusFrame;
use contract::users::{Login, Registration};
use orderctl::{Client, Follow, Session};
use tokio::sync::mpsc;

use crate::progress::say;
use crate::secrets::word;

/// The longest time between two statuses of an order. After it, the demo fails.
const STEP_DEADLINE: Duration = Duration::from_secs(30);
/// The pause between two looks at a parcel.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// A pushed status with its time of arrival.
type Arrival = Result<(Instant, StatusFrame), orderctl::Error>;

pub(super) struct Customer {
    session: Session,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
    /// For each order, the time when it was placed and the last version that arrived.
    orders: HashMap<OrderId, (Instant, u32)>,
}

impl Customer {
    /// Registers a customer, logs in and subscribes.
    pub(super) async fn register(client: &Client, name: &str) -> Result<Self> {
        let password = word();
        let (username, email) = (name.to_owned(), format!("{name}@example.com"));
        client
            .register(&Registration { username, email, password: password.clone() })
            .await
            .context("register")?;
        let session = client.login(&Login { username: name.to_owned(), password }).await.context("log in")?;
        let mut watch = session.watch(Follow::All).await.context("subscribe on the WebSocket")?;
        say!("\n{name} has registered and logged in, and follows all orders on one WebSocket");
        let (arrived, arrivals) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            // A separate task records the time of arrival of each frame. It ends with the customer.
            while arrived.send(watch.next().await.map(|frame| (Instant::now(), frame))).is_ok() {}
        });
        Ok(Self { session, arrivals, orders: HashMap::new() })
    }

    /// Places an order for one product.
    pub(super) async fn order(&mut self, product: &Product, quantity: u32, card: &str) -> Result<OrderId> {
        self.order_with(&[], product, quantity, card).await
    }

    /// Places an order for one product, with discount codes.
    pub(super) async fn order_with(
        &mut self,
        codes: &[&str],
        product: &Product,
        quantity: u32,
        card: &str,
    ) -> Result<OrderId> {
        self.order_to(None, codes, product, quantity, card).await
    }

    /// Places an order for one product, with discount codes and a shipping address.
    pub(super) async fn order_to(
        &mut self,
        shipping_address: Option<Address>,
        codes: &[&str],
        product: &Product,
        quantity: u32,
        card: &str,
    ) -> Result<OrderId> {
        let with = if codes.is_empty() { String::new() } else { format!(", code {}", codes.join(" ")) };
        say!("   POST /orders: {quantity} x {}, {card}{with}", product.name);
        let order = PlaceOrder {
            items: vec![Item { product_id: product.id, quantity }],
            payment_method: card.to_owned(),
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            expected_total: None,
            shipping_address,
            note: None,
        };
        let posted = Instant::now();
        let order = self.session.place(&order).await.context("place an order")?;
        self.orders.insert(order.id, (posted, 0));
        Ok(order.id)
    }

    /// Pays an order with another card.
    pub(super) async fn pays(&mut self, order: OrderId, card: &str) -> Result<()> {
        say!("   POST /orders/{}/payment: {card}", order.short());
        self.session.pay(order, &PayAgain { payment_method: card.to_owned() }).await.context("pay again")?;
        Ok(())
    }

    /// Cancels an order.
    pub(super) async fn cancels(&mut self, order: OrderId) -> Result<()> {
        say!("   POST /orders/{}/cancel", order.short());
        self.session.cancel(order).await.context("cancel")?;
        Ok(())
    }

    /// Prints the lines of a reserved order, and returns the order.
    pub(super) async fn shows(&self, order: OrderId) -> Result<Order> {
        let order = self.session.order(order).await.context("read the order")?;
        for line in order.lines.iter().flatten() {
            say!("     {} x {} at {}", line.quantity, line.name, line.unit_price);
            for adjustment in &line.adjustments {
                say!("     less {} for {}", adjustment.amount, adjustment.name);
            }
        }
        if let Some(total) = order.total {
            say!("     total {total}");
        }
        Ok(order)
    }

    /// Prints each status of the parcel until the recipient has it. Statuses between two looks are left out.
    pub(super) async fn receives(&self, order: OrderId) -> Result<()> {
        let posted = self.orders.get(&order).map_or_else(Instant::now, |(posted, _)| *posted);
        let mut version = 0;
        let following = async {
            loop {
                // The delivery begins a moment after the order is completed.
                if let Ok(delivery) = self.session.delivery(order).await
                    && delivery.version > version
                {
                    version = delivery.version;
                    let (status, elapsed) = (delivery.status, posted.elapsed().as_millis());
                    say!(
                        "     parcel {} {:<16} version {version}  {elapsed:>6} ms",
                        order.short(),
                        status.as_str()
                    );
                    if status == DeliveryStatus::Delivered {
                        return anyhow::Ok(delivery);
                    }
                    ensure!(!status.is_final(), "the parcel of order {} is {status}", order.short());
                }
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        };
        let delivery =
            tokio::time::timeout(STEP_DEADLINE, following).await.context("the parcel is not delivered")??;
        say!("     promised from {} to {}", delivery.promised_from, delivery.promised_to);
        Ok(())
    }

    /// Prints each pushed status, and fails if it differs from the expected one. Returns the last status.
    pub(super) async fn sees(&mut self, order: OrderId, expected: &[OrderStatus]) -> Result<StatusFrame> {
        let mut last = None;
        for status in expected {
            let waiting = format!("waiting for `{status}` of order {}", order.short());
            let frame = tokio::time::timeout(STEP_DEADLINE, self.next_of(order)).await.context(waiting)??;
            ensure!(
                frame.status == *status,
                "order {} became {} instead of {status}",
                order.short(),
                frame.status
            );
            last = Some(frame);
        }
        last.context("nothing was expected")
    }

    async fn next_of(&mut self, order: OrderId) -> Result<StatusFrame> {
        loop {
            let Some(arrival) = self.arrivals.recv().await else { bail!("the WebSocket was closed") };
            let (at, frame) = arrival.context("WebSocket")?;
            let Some((posted, version)) = self.orders.get_mut(&frame.order_id) else { continue };
            let elapsed = at.saturating_duration_since(*posted).as_millis();
            let reason = frame.reason.as_deref().map(|reason| format!("  ({reason})")).unwrap_or_default();
            say!(
                "     order {}  {:<15} version {}  {elapsed:>6} ms{reason}",
                frame.order_id.short(),
                frame.status.as_str(),
                frame.version
            );
            ensure!(frame.version == *version + 1, "version {} came after {version}", frame.version);
            *version = frame.version;
            if frame.order_id == order {
                return Ok(frame);
            }
        }
    }
}
