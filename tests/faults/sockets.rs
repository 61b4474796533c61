//! Pushed statuses when a replica dies, loses its events, or has a client that never reads.

use contract::{
    orders::OrderStatus,
    push::{ClientFrame, ServerFrame, StatusFrame},
};
use devstack::stack::Builder;
use futures_util::future::join_all;
use lapin::BasicProperties;
use messaging::{
    connection::{Broker, BrokerOptions},
    publisher::{Outgoing, Publisher, Verdict},
    topology,
};
use orderctl::{Socket, SocketError};
use std::time::Duration;
use system_tests::{DECLINED, Load, STATUSES_OF_A_GOOD_ORDER, Shop, VISA, unique, within};
use tokio::time::{sleep, timeout};

/// The pause between two faults.
const PAUSE: Duration = Duration::from_millis(1500);
/// Longer than the service takes to close a client that does not read, and longer than a status takes to
/// arrive.
const SOCKET_DEADLINE: Duration = Duration::from_mins(1);
/// The orders of the client that does not read. Their snapshots are large enough to fill its buffers.
const UNREAD_ORDERS: usize = 40;
const ALL: ClientFrame = ClientFrame::Subscribe { order_id: None, after: None };

#[tokio::test]
async fn fault_14_customers_see_every_status() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let (tea, ada) = (shop.sells("tea", 450, 100).await, shop.customer("ada").await);
    join_all((0..UNREAD_ORDERS).map(|_| ada.places(&[(&tea, 1)]).into_future())).await;
    let unread = ada.socket(1).await;
    let fault = async {
        for _ in 0..3 {
            sleep(PAUSE).await;
            close_push_connections(&shop).await;
            sleep(PAUSE).await;
            shop.stack().kill("order-service", 2).await.unwrap();
            shop.stack().launch("order-service", 2).unwrap();
        }
    };
    let faults = async {
        tokio::join!(fault, sends_and_never_reads(unread));
    };
    Load::on(&shop).during(faults).await.holds(&shop).await;
}

/// A replica pushes its own events to its sockets without the broker, and each event once.
#[tokio::test]
async fn fault_6_a_replica_pushes_its_own_events_without_the_broker() {
    let shop = Shop::start_as(Builder::private_servers).await;
    let (tea, ada) = (shop.sells("tea", 450, 100).await, shop.customer("ada").await);
    let mut socket = ada.socket(1).await;
    socket.send(&ALL).await.unwrap();
    let broker = shop.stack().servers().rabbitmq().unwrap();
    broker.stop().await.unwrap();

    let order = ada.places(&[(&tea, 1)]).await;
    order.cancel().await.unwrap();
    for (status, version) in [(OrderStatus::New, 1), (OrderStatus::Cancelled, 2)] {
        let frame = next_status(&mut socket).await;
        assert_eq!((frame.order_id, frame.status, frame.version), (order.id, status, version));
    }

    broker.start().await.unwrap();
    let later = ada.places(&[(&tea, 1)]).await;
    for status in STATUSES_OF_A_GOOD_ORDER {
        let frame = next_status(&mut socket).await;
        assert_eq!((frame.order_id, frame.status), (later.id, status));
    }
}

/// RabbitMQ drops the oldest events of a full queue and notifies the replica. The order is not among the
/// latest 100 orders of its customer.
#[tokio::test]
async fn fault_14_a_replica_that_falls_behind_misses_nothing() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let (tea, ada) = (shop.sells("tea", 450, 1000).await, shop.customer("ada").await);
    let mut socket = ada.socket(2).await;
    socket.send(&ALL).await.unwrap();
    let declined = ada.places(&[(&tea, 1)]).paying(DECLINED).await;
    for version in 1..=3 {
        let frame = next_status(&mut socket).await;
        assert_eq!((frame.order_id, frame.version), (declined.id, version));
    }
    for _ in 0..12 {
        let orders = join_all((0..9).map(|_| ada.places(&[(&tea, 1)]).into_future())).await;
        for _ in 0..4 * orders.len() {
            next_status(&mut socket).await;
        }
    }

    shop.broker().limit_queues(r"^push\.[0-9]+\.[0-9a-f-]+$", 5).await.unwrap();
    shop.stack().pause("order-service", 2).unwrap();
    // These unrelated events fill the prefetch window of the replica and its queue.
    publish_unrelated(&shop, 600).await;
    declined.pay(VISA).await.unwrap();
    declined.reaches(OrderStatus::Completed).await;
    publish_unrelated(&shop, 20).await;
    shop.stack().resume("order-service", 2).unwrap();

    for version in 4..=6 {
        let frame = next_status(&mut socket).await;
        assert_eq!((frame.order_id, frame.version, frame.snapshot), (declined.id, version, false));
    }
    let url = shop.stack().url("order-service", 2).unwrap();
    let http = runtime::http_client::client(SOCKET_DEADLINE).unwrap();
    let metrics = http.get(format!("{url}/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("push_overflows_total"), "the events were not lost by an overflow");
}

/// Publishes messages that only push queues receive.
async fn publish_unrelated(shop: &Shop, count: usize) {
    let amqp_url = shop.stack().amqp_url().unwrap().as_str().parse().unwrap();
    let publisher = Publisher::new(&Broker::new(&BrokerOptions { amqp_url }, "others"));
    let message = || Outgoing {
        exchange: topology::ORDERS,
        routing_key: "unrelated".into(),
        mandatory: false,
        properties: BasicProperties::default().with_message_id(unique("unrelated").into()),
        body: b"{}".to_vec(),
    };
    let messages: Vec<_> = (0..count).map(|_| message()).collect();
    let verdicts = publisher.publish_all(&messages).await.unwrap();
    assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Confirmed));
}

/// The next status that is not the answer to a subscription.
async fn next_status(socket: &mut Socket) -> StatusFrame {
    let comes = async {
        loop {
            match socket.next().await.expect("an open socket") {
                ServerFrame::Status(frame) => return frame,
                ServerFrame::Subscribed { .. }
                | ServerFrame::Delivery(_)
                | ServerFrame::DeliveriesChanged {} => {}
                other => panic!("{other:?} instead of a status"),
            }
        }
    };
    timeout(SOCKET_DEADLINE, comes).await.expect("a status in time")
}

/// Closes the connections on which the replicas receive events.
async fn close_push_connections(shop: &Shop) {
    let connections = within(SOCKET_DEADLINE, "the replicas receive events", async || {
        let connections = shop.broker().connections().await.unwrap();
        let is_push = |name: &str| name == "order-service push";
        let connections = connections
            .into_iter()
            .filter(|one| one.client_properties["connection_name"].as_str().is_some_and(is_push));
        let connections: Vec<_> = connections.collect();
        (connections.len() == 2).then_some(connections)
    })
    .await;
    for connection in connections {
        shop.broker().close_connection(&connection.name).await.unwrap();
    }
}

/// Subscribes to all orders again and again without reading, until the service closes the socket.
async fn sends_and_never_reads(mut unread: Socket) {
    let asks = async {
        // The client continues after a send that times out.
        while let Ok(()) | Err(SocketError::TimedOut(_)) = unread.send(&ALL).await {}
    };
    timeout(SOCKET_DEADLINE, asks).await.expect("the service closes a socket that is never read");
}
