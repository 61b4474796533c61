//! Permissions: customers access their own orders, staff the shop, and each worker its own part.

use contract::{
    catalog::ReservationRequest,
    ids::OrderId,
    orders::{
        Item,
        OrderStatus::{Completed, PaymentFailed},
        OrderUpdate, StatusUpdate, StatusUpdates,
    },
};
use orderctl::{Error, OrderQuery};
use reqwest::Method;
use serde_json::{Value, json};
use std::fmt::Debug;
use system_tests::{Answer, DECLINED, Shop, VISA, answer, refusal};

#[tokio::test]
async fn another_customers_order_is_a_404() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let (ada, eve) = (shop.customer("ada").await, shop.customer("eve").await);
    let order = ada.places(&[(&tea, 1)]).paying(DECLINED).await;
    order.reaches(PaymentFailed).await;

    let unknown = OrderId::new();
    let eves = eve.session();
    let pay = contract::orders::PayAgain { payment_method: VISA.to_owned() };
    for id in [order.id, unknown] {
        is_missing(eves.order(id).await, id);
        is_missing(eves.events(id).await, id);
        is_missing(eves.cancel(id).await, id);
        is_missing(eves.pay(id, &pay).await, id);
    }
    assert!(eves.orders(&OrderQuery::default()).await.unwrap().items.is_empty());
    let hers = OrderQuery { user_id: Some(ada.id()), ..OrderQuery::default() };
    assert_eq!(refusal(eves.orders(&hers).await).status, 403);
    assert_eq!(order.now().await.version, 3, "the order has not changed");
}

/// Asserts the answer for a missing order. An order of another customer gets the same answer.
fn is_missing<T: Debug>(outcome: Result<T, Error>, id: OrderId) {
    let problem = refusal(outcome);
    assert_eq!(problem.status, 404);
    assert_eq!(problem.detail, format!("There is no order {id}."));
}

#[tokio::test]
async fn staff_cannot_pay_for_a_customer() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 1)]).paying(DECLINED).await;
    order.reaches(PaymentFailed).await;
    let pay = contract::orders::PayAgain { payment_method: VISA.to_owned() };
    let problem = refusal(shop.staff().await.pay(order.id, &pay).await);
    assert_eq!((problem.status, problem.kind.as_str()), (403, "/problems/forbidden"));
    assert_eq!(order.now().await.version, 3, "the order has not changed");
    order.pay(VISA).await.unwrap();
    order.reaches(Completed).await;
}

#[tokio::test]
async fn staff_see_every_order() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 1)]).await;
    order.reaches(Completed).await;

    let staff = shop.staff().await;
    assert_eq!(staff.order(order.id).await.unwrap().user_id, ada.id());
    assert_eq!(staff.events(order.id).await.unwrap().items.len(), 4);
    let query = OrderQuery { user_id: Some(ada.id()), ..OrderQuery::default() };
    let hers = staff.orders(&query).await.unwrap().items;
    assert_eq!(hers.iter().map(|order| order.id).collect::<Vec<_>>(), [order.id]);
    assert_eq!(staff.user(ada.id()).await.unwrap(), ada.user);
}

#[tokio::test]
async fn only_the_owner_and_staff_see_an_account() {
    let shop = Shop::shared().await;
    let (ada, eve) = (shop.customer("ada").await, shop.customer("eve").await);
    assert_eq!(ada.session().me().await.unwrap(), ada.user);
    assert_eq!(ada.session().user(ada.id()).await.unwrap(), ada.user);
    assert_eq!(refusal(eve.session().user(ada.id()).await).status, 404);
}

#[tokio::test]
async fn only_staff_change_the_catalogue() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    assert_eq!(refusal(ada.session().set_stock(tea.id, 1000).await).status, 403);
    assert_eq!(refusal(ada.session().delete_product(tea.id).await).status, 403);
    assert_eq!(shop.stock(&tea).await.on_hand, 10);
}

#[tokio::test]
async fn only_workers_change_statuses_and_reservations() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 1)]).paying(DECLINED).await;
    order.reaches(PaymentFailed).await;
    let staff = shop.staff().await.tokens().await.unwrap().access_token;
    let processor = worker_token(&shop, "order-processor").await;
    let payments = worker_token(&shop, "payment-worker").await;

    let path = format!("/orders/{}", order.id);
    let failed = StatusUpdate::PaymentFailed { attempt: 1, reason: "generic_decline".to_owned() };
    let patch = |token: String| {
        answer(shop.request(Method::PATCH, "order-service", &path).bearer_auth(token).json(&failed))
    };
    for people in [ada.token().await, staff.clone()] {
        patch(people).await.is_problem(403);
    }
    patch(processor.clone()).await.is_problem(403);
    assert_eq!(patch(payments.clone()).await.status, 200, "a repeated update changes nothing");
    let unknown = OrderId::new();
    let wrong = StatusUpdate::Refunded { refund_id: "re_x".to_owned() };
    let updates = [(order.id, failed), (unknown, wrong.clone()), (order.id, wrong)];
    let updates = updates.map(|(order_id, update)| OrderUpdate { order_id, update, traceparent: None });
    let patch = |token: &str, updates: Vec<OrderUpdate>| {
        let request = shop.request(Method::PATCH, "order-service", "/orders").bearer_auth(token);
        answer(request.json(&StatusUpdates { updates }))
    };
    for others in [&staff, &processor] {
        patch(others, updates.to_vec()).await.is_problem(403);
    }
    let answers = patch(&payments, updates.to_vec()).await.body["answers"].take();
    let statuses: Vec<_> = answers.as_array().unwrap().iter().map(|one| &one["problem"]["status"]).collect();
    assert_eq!(statuses, [&Value::Null, &json!(404), &json!(409)], "each update has its own answer");
    assert_eq!(answers[2]["problem"]["current_status"], "payment_failed");
    let too_many = updates.iter().cycle().take(StatusUpdates::MAX_BATCH + 1).cloned().collect();
    patch(&payments, too_many).await.is_problem(422);
    for (worker, other_workers) in [
        (&processor, StatusUpdate::Paid { attempt: 1, payment_id: "pi_made_up".to_owned() }),
        (&payments, StatusUpdate::Completed {}),
    ] {
        let update = OrderUpdate { order_id: order.id, update: other_workers, traceparent: None };
        patch(worker, vec![update]).await.is_problem(403);
    }
    assert_eq!(order.now().await.version, 3);

    let request = ReservationRequest {
        order_id: OrderId::new(),
        items: vec![Item { product_id: tea.id, quantity: 1 }],
        expected_total: None,
    };
    let reserve = |token: String| {
        let post = shop.request(Method::POST, "catalog-service", "/reservations");
        answer(post.bearer_auth(token).json(&request))
    };
    for others in [ada.token().await, staff, payments.clone()] {
        reserve(others).await.is_problem(403);
    }
    for action in ["commit", "release"] {
        let path = format!("/reservations/{}/{action}", order.id);
        let post = shop.request(Method::POST, "catalog-service", &path).bearer_auth(&payments);
        answer(post.json(&())).await.is_problem(403);
    }
    assert_eq!(shop.stock(&tea).await.reserved, 1, "the pieces of her order");
    assert_eq!(reserve(processor.clone()).await.status, 201);

    // A worker cannot place orders.
    let post = shop.request(Method::POST, "order-service", "/orders").bearer_auth(&processor);
    answer(post.json(ada.places(&[(&tea, 1)]).body())).await.is_problem(403);
}

#[tokio::test]
async fn a_worker_gets_only_its_own_scopes() {
    let shop = Shop::shared().await;
    let granted = ask_for_token(&shop, "payment-worker", None, None).await;
    assert_eq!((granted.status, &granted.body["scope"]), (200, &json!("orders:payment orders:write")));

    let wrong_secret = ask_for_token(&shop, "payment-worker", Some("guessed"), None).await;
    assert_eq!((wrong_secret.status, &wrong_secret.body["error"]), (401, &json!("invalid_client")));
    let more = ask_for_token(&shop, "payment-worker", None, Some("reservations:write")).await;
    assert_eq!((more.status, &more.body["error"]), (400, &json!("invalid_scope")));
}

async fn worker_token(shop: &Shop, worker: &str) -> String {
    match ask_for_token(shop, worker, None, None).await.body["access_token"].take() {
        Value::String(token) => token,
        other => panic!("{other} is not a token"),
    }
}

async fn ask_for_token(shop: &Shop, worker: &str, secret: Option<&str>, scope: Option<&str>) -> Answer {
    let client = shop.stack().service_client(worker).unwrap();
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", &client.username),
        ("client_secret", secret.unwrap_or(&client.password)),
    ];
    form.extend(scope.map(|scope| ("scope", scope)));
    answer(shop.request(Method::POST, "user-service", "/token").form(&form)).await
}
