//! Statuses that are pushed over WebSockets: from any replica, and after lost connections.

use contract::claims::LEEWAY;
use contract::{
    ids::OrderId,
    orders::OrderStatus::{self, Completed, New, Paid, PaymentFailed, Reserved},
    push::{ClientFrame, ServerFrame, StatusFrame, close},
};
use orderctl::{Client, Endpoints, Follow, Session, Socket, SocketError, Watch};
use reqwest::{Method, StatusCode};
use std::time::Duration;
use system_tests::{Customer, DECLINED, Door, Forge, STATUSES_OF_A_GOOD_ORDER, Shop, VISA, eventually};
use tokio::time::timeout;

const FRAME_DEADLINE: Duration = Duration::from_mins(1);
const ALL: ClientFrame = ClientFrame::Subscribe { order_id: None, after: None };

fn one(order: OrderId, after: Option<u32>) -> ClientFrame {
    ClientFrame::Subscribe { order_id: Some(order), after }
}

/// The next frame that is not about a delivery.
async fn next(socket: &mut Socket) -> ServerFrame {
    loop {
        let frame = timeout(FRAME_DEADLINE, socket.next()).await.expect("a frame in time").expect("a frame");
        if !matches!(frame, ServerFrame::Delivery(_) | ServerFrame::DeliveriesChanged {}) {
            return frame;
        }
    }
}

/// Subscribes, and waits for the confirmation.
async fn subscribe(socket: &mut Socket, to: ClientFrame) {
    socket.send(&to).await.unwrap();
    let frame = next(socket).await;
    assert!(matches!(frame, ServerFrame::Subscribed { .. }), "{frame:?}");
}

async fn next_status(socket: &mut Socket) -> StatusFrame {
    match next(socket).await {
        ServerFrame::Status(frame) => frame,
        other => panic!("{other:?} instead of a status"),
    }
}

/// Reads the statuses of an order up to `last`. The versions must follow `after` without a gap.
async fn statuses(socket: &mut Socket, order: OrderId, after: u32, last: OrderStatus) -> Vec<OrderStatus> {
    let mut seen = Vec::new();
    for version in after + 1.. {
        let frame = next_status(socket).await;
        assert_eq!((frame.order_id, frame.version, frame.snapshot), (order, version, false), "{frame:?}");
        seen.push(frame.status);
        if frame.status == last {
            break;
        }
    }
    seen
}

#[tokio::test]
async fn all_answers_and_frames_show_the_same_times() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 1)]).await;
    let completed = order.reaches(Completed).await;
    assert_eq!(completed.created_at, order.placed.created_at);
    let history = ada.session().events(order.id).await.unwrap().items;
    assert_eq!(history[0].at, completed.created_at);
    assert_eq!(history.last().unwrap().at, completed.updated_at);

    let mut socket = ada.socket(2).await;
    subscribe(&mut socket, one(order.id, None)).await;
    assert_eq!(next_status(&mut socket).await.at, completed.updated_at, "snapshot");
    subscribe(&mut socket, one(order.id, Some(3))).await;
    assert_eq!(next_status(&mut socket).await.at, completed.updated_at, "replay");
}

/// Waits until the service closes the socket, and returns the close code.
async fn closing(socket: &mut Socket) -> u16 {
    let ends = async {
        loop {
            if let Err(error) = socket.next().await {
                return error.close_code().unwrap_or_else(|| panic!("closed without a code: {error}"));
            }
        }
    };
    timeout(FRAME_DEADLINE, ends).await.expect("closed in time")
}

#[tokio::test]
async fn an_order_at_one_replica_is_pushed_by_the_other() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    for (taking, pushing) in [(1, 2), (2, 1)] {
        let mut socket = ada.socket(pushing).await;
        subscribe(&mut socket, ALL).await;
        if taking == 2 {
            assert!(next_status(&mut socket).await.snapshot, "the earlier order");
        }
        let order = ada.places(&[(&tea, 1)]).at(taking).await;
        assert_eq!(statuses(&mut socket, order.id, 0, Completed).await, STATUSES_OF_A_GOOD_ORDER);
    }
}

#[tokio::test]
async fn a_lost_connection_is_resumed_at_another_replica() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let mut first = ada.socket(1).await;
    subscribe(&mut first, ALL).await;
    let order = ada.places(&[(&tea, 1)]).paying(DECLINED).await;
    let before = statuses(&mut first, order.id, 0, PaymentFailed).await;
    assert_eq!(before, [New, Reserved, PaymentFailed]);
    drop(first);

    order.pay(VISA).await.unwrap();
    order.reaches(Completed).await;

    let mut second = ada.socket(2).await;
    subscribe(&mut second, one(order.id, Some(3))).await;
    assert_eq!(statuses(&mut second, order.id, 3, Completed).await, [Reserved, Paid, Completed]);

    // A subscription can start from the first version. Without `after`, it starts with the present status.
    let mut third = ada.socket(2).await;
    subscribe(&mut third, one(order.id, Some(0))).await;
    assert_eq!(statuses(&mut third, order.id, 0, Completed).await.len(), 6);
    let mut fourth = ada.socket(1).await;
    subscribe(&mut fourth, one(order.id, None)).await;
    let snapshot = next_status(&mut fourth).await;
    assert_eq!((snapshot.status, snapshot.version, snapshot.snapshot), (Completed, 6, true));
}

/// Watches an order through a door.
async fn watch_through(door: &Door, ada: &Customer<'_>, shop: &Shop, order: OrderId) -> Watch {
    let direct = shop.client(1).endpoints().clone();
    let socket = door.redirect(direct.socket.as_str()).parse().unwrap();
    let client = Client::new(Endpoints { socket, ..direct }).unwrap();
    let session = Session::new(client, ada.session().tokens().await.unwrap());
    session.watch(Follow::Order { id: order, after: Some(0) }).await.unwrap()
}

/// Reads the statuses of a watch up to `last`, and asserts that the versions have no gap.
async fn watched(watch: &mut Watch, after: u32, last: OrderStatus) -> Vec<OrderStatus> {
    let mut seen = Vec::new();
    for version in after + 1.. {
        let frame = timeout(FRAME_DEADLINE, watch.next()).await.expect("a status in time").unwrap();
        assert_eq!(frame.version, version, "{frame:?}");
        seen.push(frame.status);
        if frame.status == last {
            break;
        }
    }
    seen
}

#[tokio::test]
async fn a_watch_continues_after_its_replica_is_killed() {
    let shop = Shop::start_as(|system| system.scale("order-service", 2)).await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 1)]).paying(DECLINED).await;
    let mut gateway = Door::closed();
    gateway.opens_to(&shop.stack().url("order-service", 2).unwrap()).await;
    let mut watch = watch_through(&gateway, &ada, &shop, order.id).await;
    assert_eq!(watched(&mut watch, 0, PaymentFailed).await, [New, Reserved, PaymentFailed]);

    shop.stack().kill("order-service", 2).await.unwrap();
    gateway.closes().await;
    order.pay(VISA).await.unwrap();
    order.reaches(Completed).await;
    gateway.opens_to(&shop.stack().url("order-service", 1).unwrap()).await;

    assert_eq!(watched(&mut watch, 3, Completed).await, [Reserved, Paid, Completed]);
}

#[tokio::test]
async fn a_replica_pushes_all_statuses_after_it_lost_the_broker() {
    let shop = Shop::start().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let mut socket = ada.socket(1).await;
    subscribe(&mut socket, ALL).await;
    let order = ada.places(&[(&tea, 1)]).paying(DECLINED).await;
    statuses(&mut socket, order.id, 0, PaymentFailed).await;

    close_connections(&shop, "order-service").await;
    order.pay(VISA).await.unwrap();

    assert_eq!(statuses(&mut socket, order.id, 3, Completed).await, [Reserved, Paid, Completed]);
    // Later orders are pushed as well.
    let later = ada.places(&[(&tea, 1)]).await;
    assert_eq!(statuses(&mut socket, later.id, 0, Completed).await, STATUSES_OF_A_GOOD_ORDER);
}

/// Waits until the broker lists the connections of a service, and closes them at the broker.
async fn close_connections(shop: &Shop, service: &str) {
    let connections = eventually("the connections are listed", async || {
        let mut connections = shop.broker().connections().await.unwrap();
        connections.retain(|connection| {
            let name = connection.client_properties["connection_name"].as_str();
            name.is_some_and(|name| name.starts_with(service))
        });
        // One connection publishes, the other one receives events for the sockets.
        (connections.len() == 2).then_some(connections)
    })
    .await;
    for connection in connections {
        shop.broker().close_connection(&connection.name).await.unwrap();
    }
}

#[tokio::test]
async fn one_socket_can_have_several_subscriptions() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let (first, second) =
        (ada.places(&[(&tea, 1)]).paying(DECLINED).await, ada.places(&[(&tea, 1)]).paying(DECLINED).await);
    let mut socket = ada.socket(1).await;
    for order in [&first, &second] {
        order.reaches(PaymentFailed).await;
        subscribe(&mut socket, one(order.id, Some(3))).await;
    }

    for order in [&second, &first] {
        order.pay(VISA).await.unwrap();
        assert_eq!(statuses(&mut socket, order.id, 3, Completed).await, [Reserved, Paid, Completed]);
    }
}

#[tokio::test]
async fn another_customers_order_is_refused_and_never_pushed() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let (ada, eve) = (shop.customer("ada").await, shop.customer("eve").await);
    let mut socket = eve.socket(1).await;
    subscribe(&mut socket, ALL).await;
    let order = ada.places(&[(&tea, 1)]).await;
    let is_refused = async |socket: &mut Socket, other| {
        socket.send(&one(other, Some(0))).await.unwrap();
        let refused = next(socket).await;
        assert!(
            matches!(&refused, ServerFrame::Refused { order_id, .. } if *order_id == Some(other)),
            "{refused:?}"
        );
    };
    is_refused(&mut socket, OrderId::new()).await;
    // Also while events of the order arrive.
    while ada.session().order(order.id).await.unwrap().status != Completed {
        is_refused(&mut socket, order.id).await;
    }
    is_refused(&mut socket, order.id).await;

    // The first pushed status belongs to her own order.
    let own = eve.places(&[(&tea, 1)]).await;
    assert_eq!(statuses(&mut socket, own.id, 0, Completed).await, STATUSES_OF_A_GOOD_ORDER);
}

#[tokio::test]
async fn a_client_that_never_reads_does_not_delay_others() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 100).await;
    let ada = shop.customer("ada").await;
    let mut socket = ada.socket(1).await;
    subscribe(&mut socket, ALL).await;
    let first = ada.places(&[(&tea, 1)]).await;
    statuses(&mut socket, first.id, 0, Completed).await;
    let mut unread = ada.socket(1).await;
    // Fills the buffers of both sides, so that the service cannot send to this client.
    while unread.send(&ALL).await.is_ok() {}

    for _ in 0..10 {
        let order = ada.places(&[(&tea, 1)]).await;
        assert_eq!(statuses(&mut socket, order.id, 0, Completed).await, STATUSES_OF_A_GOOD_ORDER);
    }
}

#[tokio::test]
async fn only_the_same_user_can_renew_a_token() {
    let shop = Shop::shared().await;
    let (ada, eve) = (shop.customer("ada").await, shop.customer("eve").await);
    let forge = Forge::of(&shop).await;
    let soon = forge.claims(ada.id());
    let mut socket = Socket::connect(&shop.client(1).endpoints().socket).await.unwrap();
    let first = socket.authenticate(&forge.sign(&soon)).await.unwrap();

    let mut later = soon.clone();
    later.exp += 600;
    let second = socket.authenticate(&forge.sign(&later)).await.unwrap();
    assert_eq!((second - first).num_seconds(), 600);
    subscribe(&mut socket, ALL).await;

    socket.send(&ClientFrame::Authenticate { token: eve.token().await }).await.unwrap();
    assert_eq!(closing(&mut socket).await, close::UNAUTHENTICATED);
}

#[tokio::test]
async fn a_socket_is_closed_when_its_token_expires() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let forge = Forge::of(&shop).await;
    let mut claims = forge.claims(ada.id());
    // The service adds a leeway for clock differences.
    claims.exp = claims.iat + 2 - LEEWAY.as_secs();
    let mut socket = Socket::connect(&shop.client(1).endpoints().socket).await.unwrap();
    socket.authenticate(&forge.sign(&claims)).await.unwrap();

    assert_eq!(closing(&mut socket).await, close::UNAUTHENTICATED);
}

#[tokio::test]
async fn a_socket_without_a_valid_token_is_closed() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let forge = Forge::of(&shop).await;
    let url = shop.client(1).endpoints().socket.clone();
    let mut expired = forge.claims(ada.id());
    expired.exp = expired.iat - 60;
    let worker = {
        let mut claims = forge.claims(ada.id());
        (claims.role, claims.scope) = (None, Some("orders:payment".to_owned()));
        claims.sub = "payment-worker".to_owned();
        claims
    };
    for token in [
        "",
        "nonsense",
        &forge.sign(&expired),
        &forge.unsigned(&forge.claims(ada.id())),
        &forge.sign(&worker),
    ] {
        let refused = Socket::connect(&url).await.unwrap().authenticate(token).await.unwrap_err();
        assert_eq!(refused.close_code(), Some(close::UNAUTHENTICATED), "{refused}");
        assert!(!refused.is_temporary(), "a retry would not help");
    }

    // A subscription before the authentication is refused.
    let mut socket = Socket::connect(&url).await.unwrap();
    socket.send(&ALL).await.unwrap();
    assert_eq!(closing(&mut socket).await, close::UNAUTHENTICATED);
    // A client that never authenticates is closed after a time limit.
    let mut silent = Socket::connect(&url).await.unwrap();
    assert_eq!(closing(&mut silent).await, close::UNAUTHENTICATED);
}

#[tokio::test]
async fn an_invalid_frame_closes_the_socket() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let bad = [
        "not JSON",
        "[]",
        r#"{"type":"unsubscribe"}"#,
        r#"{"type":"subscribe","order":"x"}"#,
        r#"{"type":"subscribe","order_id":"x"}"#,
        r#"{"type":"subscribe","after":1}"#,
    ];
    for frame in bad {
        let mut socket = ada.socket(1).await;
        socket.send_text(frame).await.unwrap();
        assert_eq!(closing(&mut socket).await, close::BAD_FRAME, "{frame}");
    }
}

#[tokio::test]
async fn an_oversized_frame_closes_the_socket_with_its_code() {
    let shop = Shop::shared().await;
    let endpoints = [shop.client(1).endpoints().clone(), shop.client_of_gateway().endpoints().clone()];
    for endpoint in endpoints {
        for size in [16 * 1024 + 1, 1024 * 1024] {
            let mut socket = Socket::connect(&endpoint.socket).await.unwrap();
            socket.send_text(" ".repeat(size)).await.unwrap();
            assert_eq!(closing(&mut socket).await, close::BAD_FRAME, "{size} bytes at {}", endpoint.socket);
        }
    }
}

#[tokio::test]
async fn a_client_must_offer_the_subprotocol() {
    let shop = Shop::shared().await;
    for offer in [None, Some("orderflow.v2"), Some("orderflow.v2, chat")] {
        let mut request = shop
            .request(Method::GET, "order-service", "/ws")
            .header("Connection", "Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Version", "13")
            .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        if let Some(offer) = offer {
            request = request.header("Sec-WebSocket-Protocol", offer);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{offer:?}");
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(problem["detail"], "Offer the subprotocol `orderflow.v1` in Sec-WebSocket-Protocol.");
    }
}

#[tokio::test]
async fn a_socket_accepts_a_token_within_the_clock_leeway() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let forge = Forge::of(&shop).await;
    let mut claims = forge.claims(ada.id());
    claims.exp = claims.iat - 20;
    let token = forge.sign(&claims);
    let listed = shop.request(Method::GET, "order-service", "/orders").bearer_auth(&token).send().await;
    assert_eq!(listed.unwrap().status(), StatusCode::OK);

    let mut socket = Socket::connect(&shop.client(1).endpoints().socket).await.unwrap();
    socket.authenticate(&token).await.unwrap();
    subscribe(&mut socket, ALL).await;
}

#[tokio::test]
async fn a_stopping_replica_closes_sockets_with_going_away() {
    let shop = Shop::start().await;
    let ada = shop.customer("ada").await;
    let mut socket = ada.socket(1).await;
    subscribe(&mut socket, ALL).await;

    let (stopped, ended) = tokio::join!(shop.stack().stop("order-service", 1), socket.next());

    stopped.unwrap();
    let closed: SocketError = ended.unwrap_err();
    assert_eq!(closed.close_code(), Some(close::GOING_AWAY));
    assert!(closed.is_temporary(), "a new connection may succeed");
}

#[tokio::test]
async fn staff_are_notified_of_changed_orders() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    for (taking, watching) in [(1, 2), (2, 1)] {
        let token = shop.staff().await.tokens().await.unwrap().access_token;
        let mut socket = Session::with_access_token(shop.client(watching), token).socket().await.unwrap();
        socket.send(&ClientFrame::WatchOrders {}).await.unwrap();
        assert_eq!(
            next(&mut socket).await,
            ServerFrame::OrdersChanged {},
            "the first hint comes immediately"
        );

        let order = ada.places(&[(&tea, 1)]).at(taking).await;
        // Like a client with a list, the test reads the order after each hint. It must not miss the last
        // change.
        let seen = async {
            while ada.session().order(order.id).await.unwrap().status != Completed {
                assert_eq!(next(&mut socket).await, ServerFrame::OrdersChanged {});
            }
        };
        timeout(FRAME_DEADLINE, seen).await.expect("a hint after the last change");
    }
}

#[tokio::test]
async fn a_customer_cannot_watch_all_orders() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let (ada, grace) = (shop.customer("ada").await, shop.customer("grace").await);
    let mut socket = ada.socket(1).await;
    socket.send(&ClientFrame::WatchOrders {}).await.unwrap();
    let refused = next(&mut socket).await;
    assert!(matches!(&refused, ServerFrame::Refused { order_id: None, .. }), "{refused:?}");

    // An order of another customer is completed. The next frame is about Ada's own order.
    subscribe(&mut socket, ALL).await;
    grace.places(&[(&tea, 1)]).await.reaches(Completed).await;
    let order = ada.places(&[(&tea, 1)]).await;
    assert_eq!(statuses(&mut socket, order.id, 0, Completed).await, STATUSES_OF_A_GOOD_ORDER);
}
