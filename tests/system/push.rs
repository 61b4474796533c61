//! Statuses pushed over the WebSocket, by whichever replica, through whatever is lost on the way.

use common::auth::verifier::LEEWAY;
use common::contract::{
    ids::OrderId,
    orders::OrderStatus::{self, Completed, New, Paid, PaymentFailed, Reserved},
    push::{ClientFrame, ServerFrame, StatusFrame, close},
};
use orderctl::{Client, Endpoints, Follow, Session, Socket, SocketError, Watch};
use reqwest::{Method, StatusCode};
use std::time::Duration;
use system_tests::{Customer, DECLINED, Door, Forge, STATUSES_OF_A_GOOD_ORDER, Shop, VISA, eventually};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_mins(1);
const ALL: ClientFrame = ClientFrame::Subscribe { order_id: None, after: None };

fn one(order: OrderId, after: Option<u32>) -> ClientFrame {
    ClientFrame::Subscribe { order_id: Some(order), after }
}

/// The next frame.
async fn next(socket: &mut Socket) -> ServerFrame {
    timeout(PATIENCE, socket.next()).await.expect("a frame in time").expect("a frame")
}

/// Subscribes, and waits until that stands.
async fn subscribe(socket: &mut Socket, to: ClientFrame) {
    socket.send(&to).await.unwrap();
    let frame = next(socket).await;
    assert!(matches!(frame, ServerFrame::Subscribed { .. }), "{frame:?}");
}

async fn next_status(socket: &mut Socket) -> StatusFrame {
    match next(socket).await {
        ServerFrame::Status(frame) => frame,
        other => panic!("{other:?} in place of a status"),
    }
}

/// Reads on until an order stands there; its versions must follow `after` without a gap.
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
async fn all_answers_show_the_same_times() {
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

/// The code that the service closes with.
async fn closing(socket: &mut Socket) -> u16 {
    let ends = async {
        loop {
            if let Err(error) = socket.next().await {
                return error.close_code().unwrap_or_else(|| panic!("closed without a code: {error}"));
            }
        }
    };
    timeout(PATIENCE, ends).await.expect("closed in time")
}

#[tokio::test]
async fn what_one_replica_takes_another_pushes() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    for (taking, pushing) in [(1, 2), (2, 1)] {
        let mut socket = ada.socket(pushing).await;
        subscribe(&mut socket, ALL).await;
        if taking == 2 {
            assert!(next_status(&mut socket).await.snapshot, "the order before");
        }
        let order = ada.places(&[(&tea, 1)]).at(taking).await;
        assert_eq!(statuses(&mut socket, order.id, 0, Completed).await, STATUSES_OF_A_GOOD_ORDER);
    }
}

#[tokio::test]
async fn a_cut_connection_is_resumed_at_another_replica() {
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

    // From the very beginning, too; and without `after` only where it stands.
    let mut third = ada.socket(2).await;
    subscribe(&mut third, one(order.id, Some(0))).await;
    assert_eq!(statuses(&mut third, order.id, 0, Completed).await.len(), 6);
    let mut fourth = ada.socket(1).await;
    subscribe(&mut fourth, one(order.id, None)).await;
    let snapshot = next_status(&mut fourth).await;
    assert_eq!((snapshot.status, snapshot.version, snapshot.snapshot), (Completed, 6, true));
}

/// Follows an order through a door, in front of whatever replica it is opened to.
async fn watch_through(door: &Door, ada: &Customer<'_>, shop: &Shop, order: OrderId) -> Watch {
    let direct = shop.client(1).endpoints().clone();
    let socket = door.redirect(direct.socket.as_str()).parse().unwrap();
    let client = Client::new(Endpoints { socket, ..direct }).unwrap();
    let session = Session::new(client, ada.session().tokens().await.unwrap());
    session.watch(Follow::Order { id: order, after: Some(0) }).await.unwrap()
}

/// What a watch shows up to that status. That its versions have no gap is the watch's own promise,
/// so the numbers are looked at here once more.
async fn watched(watch: &mut Watch, after: u32, last: OrderStatus) -> Vec<OrderStatus> {
    let mut seen = Vec::new();
    for version in after + 1.. {
        let frame = timeout(PATIENCE, watch.next()).await.expect("a status in time").unwrap();
        assert_eq!(frame.version, version, "{frame:?}");
        seen.push(frame.status);
        if frame.status == last {
            break;
        }
    }
    seen
}

#[tokio::test]
async fn a_watch_goes_on_when_its_replica_is_killed() {
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
async fn a_replica_that_lost_its_broker_misses_nothing() {
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
    // And it is not only caught up with: what comes later is pushed as well.
    let later = ada.places(&[(&tea, 1)]).await;
    assert_eq!(statuses(&mut socket, later.id, 0, Completed).await, STATUSES_OF_A_GOOD_ORDER);
}

/// Closes a service's connections from the broker's side, once it shows them.
async fn close_connections(shop: &Shop, service: &str) {
    let connections = eventually("the connections are listed", async || {
        let mut connections = shop.broker().connections().await.unwrap();
        connections.retain(|connection| {
            let name = connection.client_properties["connection_name"].as_str();
            name.is_some_and(|name| name.starts_with(service))
        });
        // One to publish, one to push.
        (connections.len() == 2).then_some(connections)
    })
    .await;
    for connection in connections {
        shop.broker().close_connection(&connection.name).await.unwrap();
    }
}

#[tokio::test]
async fn several_subscriptions_on_one_socket() {
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
async fn another_customers_order_is_refused_and_nothing_of_it_is_told() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let (ada, eve) = (shop.customer("ada").await, shop.customer("eve").await);
    let mut socket = eve.socket(1).await;
    subscribe(&mut socket, ALL).await;
    let order = ada.places(&[(&tea, 1)]).await;
    let is_refused = async |socket: &mut Socket, stranger| {
        socket.send(&one(stranger, Some(0))).await.unwrap();
        let refused = next(socket).await;
        assert!(
            matches!(&refused, ServerFrame::Refused { order_id, .. } if *order_id == Some(stranger)),
            "{refused:?}"
        );
    };
    is_refused(&mut socket, OrderId::new()).await;
    // While its events come.
    while ada.session().order(order.id).await.unwrap().status != Completed {
        is_refused(&mut socket, order.id).await;
    }
    is_refused(&mut socket, order.id).await;

    // The first status that she hears of is her own order's.
    let own = eve.places(&[(&tea, 1)]).await;
    assert_eq!(statuses(&mut socket, own.id, 0, Completed).await, STATUSES_OF_A_GOOD_ORDER);
}

#[tokio::test]
async fn a_client_that_never_reads_holds_up_nobody() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 100).await;
    let ada = shop.customer("ada").await;
    let mut deaf = ada.socket(1).await;
    deaf.send(&ALL).await.unwrap();
    let mut socket = ada.socket(1).await;
    subscribe(&mut socket, ALL).await;

    for _ in 0..10 {
        let order = ada.places(&[(&tea, 1)]).await;
        assert_eq!(statuses(&mut socket, order.id, 0, Completed).await, STATUSES_OF_A_GOOD_ORDER);
    }
}

#[tokio::test]
async fn a_token_can_be_renewed_by_the_same_person_only() {
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
async fn a_socket_ends_with_its_token() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let forge = Forge::of(&shop).await;
    let mut claims = forge.claims(ada.id());
    // With the leeway for clocks that differ.
    claims.exp = claims.iat + 2 - LEEWAY.as_secs();
    let mut socket = Socket::connect(&shop.client(1).endpoints().socket).await.unwrap();
    socket.authenticate(&forge.sign(&claims)).await.unwrap();

    assert_eq!(closing(&mut socket).await, close::UNAUTHENTICATED);
}

#[tokio::test]
async fn without_a_good_token_the_socket_is_closed() {
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
        assert!(!refused.passes(), "there is no use in trying again");
    }

    // Nobody is told anything before.
    let mut socket = Socket::connect(&url).await.unwrap();
    socket.send(&ALL).await.unwrap();
    assert_eq!(closing(&mut socket).await, close::UNAUTHENTICATED);
    // And nobody is waited for.
    let mut silent = Socket::connect(&url).await.unwrap();
    assert_eq!(closing(&mut silent).await, close::UNAUTHENTICATED);
}

#[tokio::test]
async fn a_frame_that_the_protocol_does_not_have_closes_the_socket() {
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
async fn a_frame_over_the_limit_closes_the_socket_with_its_code_through_the_gateway_too() {
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
async fn a_client_that_does_not_offer_the_subprotocol_is_refused() {
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
async fn a_token_within_the_leeway_of_clocks_is_good_on_a_socket_too() {
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
async fn a_replica_that_goes_away_says_so() {
    let shop = Shop::start().await;
    let ada = shop.customer("ada").await;
    let mut socket = ada.socket(1).await;
    subscribe(&mut socket, ALL).await;

    let (stopped, ended) = tokio::join!(shop.stack().stop("order-service", 1), socket.next());

    stopped.unwrap();
    let closed: SocketError = ended.unwrap_err();
    assert_eq!(closed.close_code(), Some(close::GOING_AWAY));
    assert!(closed.passes(), "another connection may fare better");
}

#[tokio::test]
async fn staff_are_told_that_orders_of_the_shop_have_changed() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    for (taking, watching) in [(1, 2), (2, 1)] {
        let token = shop.staff().await.tokens().await.unwrap().access_token;
        let mut socket = Session::with_access_token(shop.client(watching), token).socket().await.unwrap();
        socket.send(&ClientFrame::WatchOrders {}).await.unwrap();
        assert_eq!(next(&mut socket).await, ServerFrame::OrdersChanged {}, "the first comes at once");

        let order = ada.places(&[(&tea, 1)]).at(taking).await;
        // Each hint is followed by a look, as a list does it. The last change is not missed.
        let seen = async {
            while ada.session().order(order.id).await.unwrap().status != Completed {
                assert_eq!(next(&mut socket).await, ServerFrame::OrdersChanged {});
            }
        };
        timeout(PATIENCE, seen).await.expect("a hint after the last change");
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

    // Another customer's order comes and goes. The next frame is about an order of Ada's own.
    subscribe(&mut socket, ALL).await;
    grace.places(&[(&tea, 1)]).await.reaches(Completed).await;
    let order = ada.places(&[(&tea, 1)]).await;
    assert_eq!(statuses(&mut socket, order.id, 0, Completed).await, STATUSES_OF_A_GOOD_ORDER);
}
