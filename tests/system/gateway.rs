//! The gateway: its public routes, its headers, and its failover when a replica dies.

use contract::orders::OrderStatus::Completed;
use devstack::services::SERVICES;
use futures_util::future::{join, join_all};
use orderctl::{Follow, Session};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
};
use system_tests::{Customer, Shop, answer, eventually, unique};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// The id of no order and no product.
const ID: &str = "00000000-0000-7000-8000-000000000000";

#[tokio::test]
async fn a_client_needs_only_the_address_of_the_gateway() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let session = Session::new(shop.client_of_gateway(), ada.session().tokens().await.unwrap());
    assert_eq!(session.me().await.unwrap().id, ada.id());
    let mut watch = session.watch(Follow::All).await.unwrap();

    let order = session.place(ada.places(&[(&tea, 2)]).body()).await.unwrap();

    while watch.next().await.unwrap().status != Completed {}
    assert_eq!(session.order(order.id).await.unwrap().status, Completed);
}

#[tokio::test]
async fn the_location_of_a_new_order_is_correct() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let post = shop.request_at_gateway(Method::POST, "/api/orders").json(ada.places(&[(&tea, 1)]).body());
    let placed = answer(post.bearer_auth(ada.token().await)).await;
    assert_eq!(placed.status, 201);
    let get = shop.request_at_gateway(Method::GET, placed.header("location"));
    assert_eq!(answer(get.bearer_auth(ada.token().await)).await.body["id"], placed.body["id"]);
}

/// The services mark their internal routes with `x-internal` in their own documents.
#[tokio::test]
async fn the_gateway_does_not_serve_internal_routes() {
    let shop = Shop::shared().await;
    let mut internal = Vec::new();
    for service in SERVICES.iter().filter(|service| service.gateway.is_some()).map(|service| service.name) {
        let document = answer(shop.request(Method::GET, service, "/openapi.json")).await.body;
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                if operation["x-internal"] == true {
                    let method: Method = method.to_uppercase().parse().unwrap();
                    internal.push((method, path.replace("{id}", ID).replace("{order_id}", ID)));
                }
            }
        }
    }
    for expected in [
        (Method::POST, "/token".to_owned()),
        (Method::PATCH, format!("/orders/{ID}")),
        (Method::PATCH, "/orders".to_owned()),
        (Method::PATCH, "/reservations".to_owned()),
        (Method::PATCH, "/claims".to_owned()),
    ] {
        assert!(internal.contains(&expected), "{expected:?} is not in {internal:?}");
    }
    for (method, path) in internal {
        for prefix in ["/api", ""] {
            let refused = answer(shop.request_at_gateway(method.clone(), &format!("{prefix}{path}"))).await;
            // 405 where the path has a public route with another method.
            assert!(matches!(refused.status, 404 | 405), "{method} {prefix}{path}: {}", refused.status);
        }
    }
}

#[tokio::test]
async fn the_gateway_does_not_serve_metrics_and_health_checks() {
    let shop = Shop::shared().await;
    for path in [
        "/metrics",
        "/health/live",
        "/health/ready",
        "/api/metrics",
        "/api/health/ready",
        "/api/orders/../metrics",
        "/api/orders/%2e%2e/metrics",
        "/api/parked/../metrics",
        "/api/nothing",
    ] {
        assert_eq!(answer(shop.request_at_gateway(Method::GET, path)).await.status, 404, "{path}");
    }
    answer(shop.request_at_gateway(Method::GET, "/api/metrics")).await.is_problem(404);
}

#[tokio::test]
async fn every_answer_has_security_headers() {
    let shop = Shop::shared().await;
    let ids = join_all(["/", "/api/products", "/api/nothing", "/assets/nothing.js"].map(async |path| {
        let answer = answer(shop.request_at_gateway(Method::GET, path)).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("server"), "", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        // With this header, a browser would require HTTPS for all services on this host.
        assert_eq!(answer.header("strict-transport-security"), "", "{path}");
        answer.header("x-request-id").to_owned()
    }))
    .await;
    assert_eq!(BTreeSet::from_iter(&ids).len(), ids.len(), "each request has its own id");
}

#[tokio::test]
async fn a_request_has_the_same_id_in_its_answer_and_in_the_logs() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let post = shop.request_at_gateway(Method::POST, "/api/orders").bearer_auth(ada.token().await);
    let post = post.header("x-request-id", "made-up").json(ada.places(&[(&tea, 1)]).body());
    let placed = answer(post).await;
    let id = placed.header("x-request-id");
    assert!(!id.is_empty() && id != "made-up", "{id}");
    eventually("order-service logs the request", async || {
        let lines = [1, 2].into_iter().flat_map(|replica| shop.log("order-service", replica));
        let of_request = |line: &Value| line["span"]["request_id"] == id && line["message"] == "order placed";
        lines.into_iter().find(of_request)
    })
    .await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let shop = Shop::shared().await;
    // The gateway forwards the smaller body. The service refuses it with the same answer.
    for size in [70 * 1024, 200 * 1024] {
        let post = shop
            .request_at_gateway(Method::POST, "/api/login")
            .json(&json!({ "username": "a".repeat(size) }));
        assert_eq!(answer(post).await.is_problem(413).body["type"], "/problems/body-too-large", "{size}");
    }
}

#[tokio::test]
async fn a_session_is_not_opened_for_another_site() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let login = json!({ "username": ada.user.username, "password": system_tests::PASSWORD });
    let open = |header: &str, value: &str| {
        answer(shop.request_at_gateway(Method::POST, "/api/session").header(header, value).json(&login))
    };
    for (header, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let refused = open(header, value).await;
        refused.is_problem(403);
        assert_eq!(refused.header("set-cookie"), "", "{header}: {value}");
    }
    let opened = open("sec-fetch-site", "same-origin").await;
    assert_eq!(opened.status, 200, "{}", opened.body);
    let cookie = opened.header("set-cookie").to_owned();
    for attribute in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/api/session"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let (pair, _) = cookie.split_once(';').unwrap();
    for path in ["/api/session/refresh", "/api/session"] {
        let method = if path.ends_with("refresh") { Method::POST } else { Method::DELETE };
        let request = shop.request_at_gateway(method, path).header("cookie", pair);
        answer(request.header("sec-fetch-site", "cross-site")).await.is_problem(403);
    }
}

/// The methods to try.
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "ZZ1METHOD"];

#[tokio::test]
async fn an_unsupported_method_is_answered_405_with_the_supported_ones() {
    let shop = Shop::shared().await;
    let mut count = 0;
    for gateway in SERVICES.iter().filter_map(|service| service.gateway) {
        let path = format!("/api/openapi/{}.json", gateway.name);
        let document = answer(shop.request_at_gateway(Method::GET, &path)).await.body;
        for (path, item) in document["paths"].as_object().unwrap() {
            let prefix = if path == "/ws" { "" } else { "/api" };
            let segments = path.split('/').map(|segment| {
                if segment.starts_with('{') { "00000000-0000-7000-8000-000000000000" } else { segment }
            });
            let address = format!("{prefix}{}", segments.collect::<Vec<_>>().join("/"));
            let mut supported: BTreeSet<_> =
                METHODS.into_iter().filter(|method| item.get(method.to_lowercase()).is_some()).collect();
            if supported.contains("GET") {
                supported.insert("HEAD");
            }
            for method in METHODS.into_iter().filter(|method| !supported.contains(method)) {
                let request = shop.request_at_gateway(method.parse().unwrap(), &address);
                let refused = answer(request).await;
                assert_eq!(refused.status, 405, "{method} {address}: {}", refused.body);
                let allow: BTreeSet<_> = refused.header("allow").split(',').map(str::trim).collect();
                assert_eq!(allow, supported, "{method} {address}");
                count += 1;
            }
        }
    }
    assert!(count > 100, "{count} requests");
    for address in ["/", "/basket", "/docs", "/problems/validation", "/assets/x.js", "/nope"] {
        for method in ["POST", "DELETE", "PATCH", "ZZ1METHOD"] {
            let refused = answer(shop.request_at_gateway(method.parse().unwrap(), address)).await;
            assert_eq!((refused.status, refused.header("allow")), (405, "GET, HEAD"), "{method} {address}");
        }
    }
}

#[tokio::test]
async fn unknown_methods_share_one_metric() {
    let shop = Shop::shared().await;
    for number in 0..50 {
        let method = format!("ZZ{number}METHOD").parse().unwrap();
        assert_eq!(answer(shop.request(method, "user-service", "/me")).await.status, 405);
    }
    let metrics = answer(shop.request(Method::GET, "user-service", "/metrics")).await;
    let metrics = metrics.body.as_str().unwrap();
    assert!(!metrics.contains("METHOD"), "a method became a label");
    assert!(metrics.contains(r#"method="other""#));
}

#[tokio::test]
async fn pages_of_the_web_client_are_200_and_others_404() {
    devstack::web::build().await.unwrap();
    let shop = Shop::shared().await;
    let app =
        std::fs::read_to_string(devstack::instance::checkout().unwrap().join("web/src/App.tsx")).unwrap();
    let routes: Vec<_> =
        app.split("<Route path=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(routes.len() > 10, "{routes:?}");
    for route in routes {
        let address = route.replace(":id", "00000000-0000-7000-8000-000000000000");
        let page = answer(shop.request_at_gateway(Method::GET, &address)).await;
        assert_eq!(page.status, 200, "{address}");
        assert!(page.body.as_str().unwrap().contains("id=\"root\""), "{address}");
    }
    for address in
        ["/nope", "/basket/nope", "/metrics", "/health/ready", "/index.php", "/staff", "/docs/API.md"]
    {
        let page = answer(shop.request_at_gateway(Method::GET, address)).await;
        assert_eq!(page.status, 404, "{address}");
        assert!(
            page.body.as_str().unwrap().contains("id=\"root\""),
            "{address} shows the 404 page of the shop"
        );
    }
    let robots = answer(shop.request_at_gateway(Method::GET, "/robots.txt")).await;
    assert_eq!(robots.status, 200);
    assert!(robots.header("content-type").starts_with("text/plain"));
    let icon = answer(shop.request_at_gateway(Method::GET, "/favicon.ico")).await;
    assert_eq!((icon.status, icon.header("content-type")), (200, "image/svg+xml"));
}

#[tokio::test]
async fn a_document_that_does_not_exist_is_a_readable_404() {
    let shop = Shop::shared().await;
    // reqwest would resolve `..`, so the test uses a plain connection.
    let gateway = shop.stack().gateway_url().unwrap().strip_prefix("http://").unwrap().to_owned();
    for path in ["/problems/nope", "/docs/%2e%2e/docs/api.md", "/docs/API.md"] {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {gateway}\r\n");
        let request = format!("{head}Accept-Encoding: gzip, zstd\r\nConnection: close\r\n\r\n");
        let mut stream = tokio::net::TcpStream::connect(&gateway).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).to_lowercase();
        assert!(answer.starts_with("http/1.1 404"), "{path}: {answer}");
        if path.starts_with("/problems") {
            assert!(!answer.contains("content-encoding"), "{path}: {answer}");
        }
    }
}

#[tokio::test]
async fn personal_answers_are_not_cached() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    for path in ["/api/me", "/api/orders", "/api/nothing", "/api/products"] {
        let answer = answer(shop.request_at_gateway(Method::GET, path).bearer_auth(ada.token().await)).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

/// Customers who read and write through the gateway until `over` is set.
struct Traffic<'a> {
    shop: &'a Shop,
    placed: AtomicUsize,
    over: AtomicBool,
}

impl Traffic<'_> {
    /// Sends GET requests. Every one must succeed.
    async fn reads(&self, ada: &Customer<'_>) {
        while !self.over.load(SeqCst) {
            let get = self.shop.request_at_gateway(Method::GET, "/api/orders?limit=5");
            let page = answer(get.bearer_auth(ada.token().await)).await;
            assert_eq!(page.status, 200, "{}", page.body);
        }
    }

    /// Sends POST requests and repeats failed ones with the same key until they succeed. Returns the ids of
    /// the orders.
    async fn writes(&self, ada: &Customer<'_>, body: &Value) -> Vec<String> {
        let mut ids = Vec::new();
        while !self.over.load(SeqCst) {
            let key = unique("key");
            let id = eventually("a repeated POST succeeds", async || {
                let post = self.shop.request_at_gateway(Method::POST, "/api/orders").json(body);
                let post = post.bearer_auth(ada.token().await).header("idempotency-key", &key);
                let response = post.send().await.ok()?;
                (response.status() == StatusCode::CREATED).then_some(())?;
                Some(response.json::<Value>().await.ok()?["id"].as_str()?.to_owned())
            })
            .await;
            ids.push(id);
            self.placed.fetch_add(1, SeqCst);
        }
        ids
    }

    async fn more_orders_are_placed(&self) {
        let enough = self.placed.load(SeqCst) + 20;
        eventually("20 more orders", async || (self.placed.load(SeqCst) >= enough).then_some(())).await;
    }

    async fn kills_replicas(&self) {
        let stack = self.shop.stack();
        for replica in [1, 2] {
            self.more_orders_are_placed().await;
            stack.kill("order-service", replica).await.unwrap();
            self.more_orders_are_placed().await;
            stack.start("order-service", replica).await.unwrap();
        }
        self.more_orders_are_placed().await;
        self.over.store(true, SeqCst);
    }
}

#[tokio::test]
async fn a_killed_replica_fails_no_get_and_no_repeated_post() {
    let shop = Shop::start_as(|builder| builder.scale("order-service", 2).gateway()).await;
    let tea = shop.sells("tea", 450, 100_000).await;
    let ada = shop.customer("ada").await;
    let body = serde_json::to_value(ada.places(&[(&tea, 1)]).body()).unwrap();
    let traffic = Traffic { shop: &shop, placed: AtomicUsize::new(0), over: AtomicBool::new(false) };

    let readers = join_all((0..3).map(|_| traffic.reads(&ada)));
    let writers = join_all((0..3).map(|_| traffic.writes(&ada, &body)));
    let ((_, ids), ()) = join(join(readers, writers), traffic.kills_replicas()).await;

    let ids: Vec<_> = ids.into_iter().flatten().collect();
    let known: i64 = sqlx::query_scalar("select count(*) from orders")
        .fetch_one(&shop.database("order-service"))
        .await
        .unwrap();
    assert_eq!(BTreeSet::from_iter(&ids).len(), ids.len(), "two keys, two orders");
    assert_eq!(usize::try_from(known), Ok(ids.len()), "one key, one order");
}
