//! Fault 27: malformed requests at a high rate, beside the requests of honest clients.

use devstack::stack::Builder;
use futures_util::future::{join, join_all};
use reqwest::{Method, StatusCode};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use system_tests::{Customer, Shop, answer, unique};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, interval, timeout},
};

/// The number of requests of the attack, which lasts ten seconds.
const REQUESTS: usize = 10_000;
/// Each tick sends this many requests, which makes 1,000 a second.
const PER_TICK: usize = 20;
const TICK: Duration = Duration::from_millis(20);
/// The largest number of open requests. With more, this machine would limit the attacker and not the gateway.
const MAX_OPEN: usize = 1_000;
/// The attacker abandons a request whose body never ends. The gateway would wait much longer.
const ATTACKER_TIMEOUT: Duration = Duration::from_secs(2);

/// Requests with a truncated body, a badly encoded body, or a body that is too large.
fn malformed() -> Vec<Vec<u8>> {
    let chunked = |method: &str, path: &str, body: &str| {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n");
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{body}").into_bytes()
    };
    let too_large = format!("{:x}\r\n{}\r\n0\r\n\r\n", 200 * 1024, "a".repeat(200 * 1024));
    vec![
        chunked("GET", "/api/orders", "ZZ\r\n"),
        chunked("HEAD", "/api/products", "ZZ\r\n"),
        chunked("GET", "/api/products", "3\r\n{}"),
        chunked("POST", "/api/refresh", "ZZ\r\n"),
        chunked("POST", "/api/login", "2\r\n{}ZZ\r\n"),
        chunked("POST", "/api/orders", "ZZ\r\n"),
        chunked("DELETE", "/api/session", "ZZ\r\n"),
        chunked("ZZ1METHOD", "/api/me", "ZZ\r\n"),
        chunked("GET", "/api/products", &too_large),
        chunked("POST", "/api/refresh", &too_large),
        chunked("GET", "/ws", "ZZ\r\n"),
    ]
}

/// Sends a request and returns the status, or 0 if the gateway closes the connection without an answer.
async fn send(gateway: String, request: Vec<u8>) -> u16 {
    let talk = async {
        let mut stream = TcpStream::connect(gateway).await?;
        // The gateway may answer and close while a large body is still being sent.
        drop(stream.write_all(&request).await);
        let mut answer = vec![0; 64];
        let length = stream.read(&mut answer).await?;
        let line = String::from_utf8_lossy(&answer[..length]).into_owned();
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok::<_, std::io::Error>(status.unwrap_or(0))
    };
    timeout(Duration::from_mins(1), talk).await.expect("the gateway answers").unwrap_or(0)
}

/// Sends 1,000 malformed requests per second and counts the answers by status. A request without an answer counts as
/// status 0.
async fn attack(gateway: &str) -> BTreeMap<u16, usize> {
    let requests = malformed();
    let open = Arc::new(Semaphore::new(MAX_OPEN));
    let mut senders = JoinSet::new();
    let mut ticks = interval(TICK);
    let begun = Instant::now();
    for (number, request) in requests.iter().cycle().take(REQUESTS).enumerate() {
        if number % PER_TICK == 0 {
            ticks.tick().await;
        }
        let permit = Arc::clone(&open).acquire_owned().await.unwrap();
        let (gateway, request) = (gateway.to_owned(), request.clone());
        senders.spawn(async move {
            let status = timeout(ATTACKER_TIMEOUT, send(gateway, request)).await.unwrap_or(0);
            drop(permit);
            status
        });
    }
    println!("{REQUESTS} malformed requests in {:.1} s", begun.elapsed().as_secs_f64());
    let mut statuses = BTreeMap::new();
    for status in senders.join_all().await {
        *statuses.entry(status).or_default() += 1;
    }
    statuses
}

/// Sends valid requests until the attack is over.
struct Honest<'a> {
    shop: &'a Shop,
    over: AtomicBool,
    answered: AtomicUsize,
}

impl Honest<'_> {
    async fn reads(&self, ada: &Customer<'_>, path: &str) {
        while !self.over.load(Relaxed) {
            let get = self.shop.request_at_gateway(Method::GET, path).bearer_auth(ada.token().await);
            let page = answer(get).await;
            assert_eq!(page.status, 200, "GET {path}: {}", page.body);
            self.answered.fetch_add(1, Relaxed);
        }
    }

    async fn places(&self, ada: &Customer<'_>, body: &serde_json::Value) {
        while !self.over.load(Relaxed) {
            let post = self.shop.request_at_gateway(Method::POST, "/api/orders").json(body);
            let post = post.bearer_auth(ada.token().await).header("idempotency-key", unique("key"));
            let response = post.send().await.expect("an answer");
            assert_eq!(response.status(), StatusCode::CREATED);
            self.answered.fetch_add(1, Relaxed);
        }
    }
}

#[tokio::test]
async fn fault_27_malformed_requests_do_not_disturb_other_clients() {
    let shop = Shop::start_alone_as(|system| system.scale("order-service", 2).gateway()).await;
    let tea = shop.sells("tea", 450, 1_000_000).await;
    let ada = shop.customer("ada").await;
    let body = serde_json::to_value(ada.places(&[(&tea, 1)]).body()).unwrap();
    let honest = Honest { shop: &shop, over: AtomicBool::new(false), answered: AtomicUsize::new(0) };
    let gateway = shop.stack().gateway_url().unwrap().strip_prefix("http://").unwrap().to_owned();

    let readers =
        join_all(["/api/orders?limit=5", "/api/products", "/api/me"].map(|path| honest.reads(&ada, path)));
    let writers = join_all((0..3).map(|_| honest.places(&ada, &body)));
    let attack = async {
        let statuses = attack(&gateway).await;
        honest.over.store(true, Relaxed);
        statuses
    };
    let (_, statuses) = join(join(readers, writers), attack).await;

    assert!(honest.answered.load(Relaxed) > 0, "no valid request was answered during the attack");
    assert_eq!(statuses.values().sum::<usize>(), REQUESTS);
    println!("answers to malformed requests: {statuses:?}");
    let faults: Vec<_> = statuses.iter().filter(|(status, _)| **status >= 500).collect();
    assert!(faults.is_empty(), "a malformed request is not a server error: {statuses:?}");
    for replica in [1, 2] {
        let errors = shop.log("order-service", replica).into_iter().filter(|line| line["level"] == "ERROR");
        assert_eq!(errors.count(), 0, "order-service-{replica} logged an error");
    }
}

/// A body that never arrives is a client error: the answer is 408, and the service logs no error.
#[tokio::test]
async fn fault_27_a_slow_body_is_answered_408() {
    let shop = Shop::start_as(Builder::gateway).await;
    let gateway = shop.stack().gateway_url().unwrap();
    let service = shop.stack().url("user-service", 1).unwrap();
    let slow = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{{"
        )
        .into_bytes()
    };
    let without_scheme = |url: &str| url.strip_prefix("http://").unwrap().to_owned();
    let (through_gateway, direct) = join(
        send(without_scheme(&gateway), slow("/api/login")),
        send(without_scheme(&service), slow("/login")),
    )
    .await;
    assert_eq!((through_gateway, direct), (408, 408));
    let lines = shop.log("user-service", 1);
    let errors: Vec<_> = lines.iter().filter(|line| line["level"] == "ERROR").collect();
    assert!(errors.is_empty(), "{errors:?}");
}
