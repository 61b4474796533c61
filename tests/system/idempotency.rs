//! `Idempotency-Key`: a repeated request is executed once.

use contract::orders::OrderStatus::Completed;
use futures_util::future::join_all;
use orderctl::OrderQuery;
use reqwest::Method;
use system_tests::{Customer, Shop, Stock, answer, eventually, refusal, unique};

async fn count_of_orders(ada: &Customer<'_>) -> usize {
    ada.session().orders(&OrderQuery::default()).await.unwrap().items.len()
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let request = ada.places(&[(&tea, 2)]);
    let key = unique("key");

    let send = || async {
        let request = shop.request(Method::POST, "order-service", "/orders").json(request.body());
        answer(request.bearer_auth(ada.token().await).header("idempotency-key", &key)).await
    };
    let first = send().await;
    assert_eq!(first.status, 201);
    assert_eq!(first.header("location"), format!("/orders/{}", first.body["id"].as_str().unwrap()));
    let id = first.body["id"].as_str().unwrap().parse().unwrap();
    eventually("the order is completed", async || {
        (ada.session().order(id).await.unwrap().status == Completed).then_some(())
    })
    .await;

    // The answer is the first one, although the status has changed since then.
    let second = send().await;
    assert_eq!((second.status, &second.body), (201, &first.body));
    assert_eq!(second.header("location"), first.header("location"));
    assert_eq!(count_of_orders(&ada).await, 1);
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 8, reserved: 0 });
}

#[tokio::test]
async fn another_request_with_the_same_key_is_refused() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let key = unique("key");
    let first = ada.places(&[(&tea, 2)]).under_key(&key).await.unwrap();

    let problem = refusal(ada.places(&[(&tea, 3)]).under_key(&key).await);

    assert_eq!((problem.status, problem.kind.as_str()), (422, "/problems/idempotency-key-reused"));
    assert_eq!(problem.more["order_id"], first.id.to_string());
    assert_eq!(count_of_orders(&ada).await, 1);
}

#[tokio::test]
async fn concurrent_requests_at_both_replicas_place_one_order() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let key = unique("key");
    let requests: Vec<_> = (0..10).map(|n| ada.places(&[(&tea, 2)]).at(1 + n % 2)).collect();

    let orders = join_all(requests.iter().map(|request| request.under_key(&key))).await;

    let ids: Vec<_> = orders.into_iter().map(|order| order.unwrap().id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(count_of_orders(&ada).await, 1);
}

#[tokio::test]
async fn customers_can_use_the_same_key() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let (ada, eve) = (shop.customer("ada").await, shop.customer("eve").await);
    let key = unique("key");

    let hers = ada.places(&[(&tea, 2)]).under_key(&key).await.unwrap();
    let eves = eve.places(&[(&tea, 2)]).under_key(&key).await.unwrap();

    assert_ne!(hers.id, eves.id);
    assert_eq!((hers.user_id, eves.user_id), (ada.id(), eve.id()));
}

#[tokio::test]
async fn without_a_key_each_request_places_an_order() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let body = ada.places(&[(&tea, 1)]).body().clone();
    for _ in 0..2 {
        let request = shop.request(Method::POST, "order-service", "/orders").json(&body);
        assert_eq!(answer(request.bearer_auth(ada.token().await)).await.status, 201);
    }
    assert_eq!(count_of_orders(&ada).await, 2);
}

#[tokio::test]
async fn an_invalid_key_is_refused() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    for key in ["", "two words", &"x".repeat(256)] {
        let problem = refusal(ada.places(&[(&tea, 1)]).under_key(key).await);
        assert_eq!((problem.status, problem.kind.as_str()), (400, "/problems/bad-request"), "{key}");
    }
    assert_eq!(count_of_orders(&ada).await, 0);
}
