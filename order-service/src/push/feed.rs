//! Consumes this replica's own queue of all events.
//!
//! The broker keeps the events that this replica has not handled yet, up to the length of the queue. Events
//! can be lost with a connection, and a full queue drops its oldest events. In both cases the sockets catch
//! up from the database, see [`Hub::resync`].

use super::{
    check::{self, Arrivals},
    hub::Hub,
};
use contract::{
    deliveries::DeliveryEvent,
    events::{Incoming as _, OrderEvent},
    ids::{OrderId, UserId},
};
use futures_util::StreamExt;
use lapin::{
    Channel, Connection, Consumer,
    message::Delivery,
    options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};
use messaging::{
    connection::Broker,
    error::{BrokerError, bounded},
    publisher::Publisher,
    topology,
};
use runtime::{health::Gate, lifecycle::TaskResult};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The number of unacknowledged events that the broker may send. Without it, lapin would keep any number of
/// events in memory.
const PREFETCH: u16 = 512;
/// The time between two acknowledgements. While events are being dropped, the sockets catch up at this
/// interval.
const SETTLE_INTERVAL: Duration = Duration::from_secs(2);
/// The time after which the queues are bound again to the exchanges of dropped events and of deliveries,
/// which may have been deleted. For the exchange of orders, see [`check`].
const REBIND_INTERVAL: Duration = Duration::from_secs(30);

/// Feeds the hub until shutdown. `connected_once` opens with the first connection and then remains open,
/// because this replica can work without RabbitMQ. It then accepts orders and pushes their events.
pub(crate) async fn run(
    broker: Broker,
    publisher: Arc<Publisher>,
    hub: Hub,
    connected_once: Gate,
    shutdown: CancellationToken,
) -> TaskResult {
    let connected = connected_once.sharing_reason();
    broker
        .keep_connected("push", &connected, &shutdown, |connection, channel| {
            let (hub, connected, connected_once) = (hub.clone(), connected.clone(), connected_once.clone());
            let (publisher, shutdown) = (Arc::clone(&publisher), shutdown.clone());
            async move {
                let arrivals = Arrivals::default();
                tokio::select! {
                    ended = session(connection, channel, &hub, &arrivals, &connected, &connected_once) => ended,
                    unbound = check::until_unbound(&publisher, &arrivals) => Err(unbound),
                    () = shutdown.cancelled() => Ok(()),
                }
            }
        })
        .await;
    Ok(())
}

async fn session(
    connection: Arc<Connection>,
    channel: Channel,
    hub: &Hub,
    arrivals: &Arrivals,
    connected: &Gate,
    connected_once: &Gate,
) -> Result<(), BrokerError> {
    let name = format!("{}.{}", std::process::id(), Uuid::now_v7());
    let queues = bounded(topology::declare_push_queues(&channel, &name)).await?;
    let mut events = consume(&channel, &queues.events, PREFETCH).await?;
    // A separate channel, because an acknowledgement covers all earlier deliveries of its channel.
    let drops_channel = bounded(connection.create_channel()).await?;
    let mut drops = consume(&drops_channel, &queues.dropped, 1).await?;
    connected.open();
    connected_once.open();
    tracing::info!("pushing events");
    // No events are missed from now on. The sockets look up those that were missed before.
    hub.resync();

    let mut settles = interval(SETTLE_INTERVAL);
    settles.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut rebinds = interval(REBIND_INTERVAL);
    rebinds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut handled, mut last, mut dropped) = (0, None, None);
    loop {
        tokio::select! {
            delivery = events.next() => {
                let delivery = delivery.ok_or_else(cancelled)??;
                arrivals.add();
                if delivery.exchange.as_str() == topology::DELIVERIES {
                    forward_delivery(delivery.routing_key.as_str(), &delivery.data, hub);
                } else if delivery.routing_key.as_str() != check::KEY {
                    forward(&delivery.data, hub);
                }
                handled += 1;
                last = Some(delivery);
                // With few events, the acknowledgement at each interval is enough.
                if handled >= PREFETCH / 2 {
                    acknowledge(&mut last).await?;
                    handled = 0;
                }
            }
            drop = drops.next() => {
                let drop = drop.ok_or_else(cancelled)??;
                tracing::warn!("this replica did not keep up with events; its sockets look up the dropped ones");
                metrics::counter!("push_overflows_total").increment(1);
                hub.resync();
                // This message is acknowledged at the next tick, and the broker sends the next one only after
                // that. So the sockets do not catch up for each dropped event.
                dropped = Some(drop);
            }
            _ = settles.tick() => {
                acknowledge(&mut last).await?;
                acknowledge(&mut dropped).await?;
                handled = 0;
            }
            _ = rebinds.tick() => {
                bounded(queues.bind_dropped(&drops_channel)).await?;
                bounded(queues.bind_deliveries(&drops_channel)).await?;
            }
        }
    }
}

fn cancelled() -> BrokerError {
    BrokerError::Cancelled(topology::PUSH_PREFIX.to_owned())
}

async fn consume(channel: &Channel, queue: &str, prefetch: u16) -> Result<Consumer, BrokerError> {
    bounded(channel.basic_qos(prefetch, BasicQosOptions::default())).await?;
    let options = BasicConsumeOptions { exclusive: true, ..BasicConsumeOptions::default() };
    bounded(channel.basic_consume(queue.into(), "".into(), options, FieldTable::default())).await
}

/// Acknowledges a delivery and all before it on its channel.
async fn acknowledge(last: &mut Option<Delivery>) -> Result<(), BrokerError> {
    if let Some(delivery) = last.take() {
        bounded(delivery.acker.ack(BasicAckOptions { multiple: true })).await?;
    }
    Ok(())
}

/// Sends an event to the sockets. If the event cannot be read, for example because it comes from a later
/// release, the sockets look up the order.
fn forward(body: &[u8], hub: &Hub) {
    #[derive(Deserialize)]
    struct Ids {
        order_id: OrderId,
        user_id: UserId,
    }

    match OrderEvent::decode(body) {
        Ok(event) => hub.publish(&Arc::new(event)),
        // The workers park such an event and log it as an error.
        Err(error) => {
            tracing::debug!(%error, "an event that this replica cannot read");
            metrics::counter!("push_unreadable_total").increment(1);
            if let Ok(Ids { order_id, user_id }) = serde_json::from_slice(body) {
                hub.changed(user_id, order_id);
            }
        }
    }
}

/// Sends an event of a delivery to the sockets. One that cannot be read is left out: the status is also in
/// the next event, and in delivery-service.
fn forward_delivery(name: &str, body: &[u8], hub: &Hub) {
    match DeliveryEvent::read(name, body) {
        Ok(event) => hub.publish_delivery(&Arc::new(event)),
        Err(error) => {
            tracing::debug!(%error, "an event of a delivery that this replica cannot read");
            metrics::counter!("push_unreadable_total").increment(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::hub::{News, Topic};
    use serde_json::json;

    #[test]
    fn a_socket_looks_up_the_order_of_an_unreadable_event() {
        let (hub, user, order) = (Hub::default(), UserId::new(), OrderId::new());
        let (mut membership, mut news) = hub.join();
        membership.follow(Topic::User(user));
        for unreadable in [json!("poison"), json!({ "order_id": order, "user_id": user, "schema": 2 })] {
            forward(unreadable.to_string().as_bytes(), &hub);
        }
        assert!(matches!(news.try_recv(), Ok(News::Changed(changed)) if changed == order));
        assert!(news.try_recv().is_err());
    }

    #[test]
    fn a_socket_gets_the_deliveries_of_its_user_and_no_unreadable_ones() {
        let (hub, user, order) = (Hub::default(), UserId::new(), OrderId::new());
        let (mut membership, mut news) = hub.join();
        membership.follow(Topic::User(user));
        let event = json!({
            "id": order, "schema": 1, "order_id": order, "user_id": user, "version": 2, "status": "shipped",
            "at": "2026-01-02T03:04:05Z", "type": "delivery_shipped",
        });
        let mut later = event.clone();
        later["schema"] = 2.into();
        for body in [later, event] {
            forward_delivery("delivery_shipped", body.to_string().as_bytes(), &hub);
        }
        let Ok(News::Delivery(delivery)) = news.try_recv() else { panic!("no delivery") };
        assert_eq!((delivery.order_id, delivery.version), (order, 2));
        assert!(news.try_recv().is_err());
    }
}
