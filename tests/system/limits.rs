//! Limits on the unpaid pieces of a customer, and on payment attempts.

use contract::orders::OrderStatus::{Cancelled, Completed, PaymentFailed, Reserved};
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use system_tests::{Answer, Customer, DECLINED, Shop, Stock, VISA, answer, eventually, refusal};

#[tokio::test]
async fn a_customer_has_a_limited_number_of_unpaid_pieces() {
    let shop = Shop::start_as(|system| {
        let limited = system.env("order-service", "UNPAID_PIECES_PER_CUSTOMER", "5");
        limited.scale("order-service", 2).without("payment-worker")
    })
    .await;
    let tea = shop.sells("tea", 450, 100).await;
    let (ada, grace) = (shop.customer("ada").await, shop.customer("grace").await);
    let too_large = refusal(ada.places(&[(&tea, 6)]).under_key("too-large").await);
    assert_eq!((too_large.status, too_large.kind.as_str()), (422, "/problems/validation"));

    let first = ada.places(&[(&tea, 3)]).await;
    // The other replica counts the first order, too.
    let second = ada.places(&[(&tea, 3)]).at(2);
    let refused = refusal(second.under_key("second").await);
    assert_eq!((refused.status, refused.kind.as_str()), (429, "/problems/too-many-unpaid-pieces"));
    ada.places(&[(&tea, 2)]).at(2).await;
    grace.places(&[(&tea, 3)]).await.reaches(Reserved).await;

    first.reaches(Reserved).await;
    let limited = answer(placing(&shop, &ada, json!([{ "product_id": tea.id, "quantity": 3 }])).await).await;
    limited.is_problem(429);
    assert_eq!(limited.header("retry-after"), "60");
    first.cancel().await.unwrap();
    second.under_key("second").await.expect("the cancelled order's pieces are free, and so is the key");
}

async fn placing(shop: &Shop, customer: &Customer<'_>, items: serde_json::Value) -> RequestBuilder {
    let request = shop.request(Method::POST, "order-service", "/orders").bearer_auth(customer.token().await);
    request.json(&json!({ "items": items, "payment_method": VISA }))
}

#[tokio::test]
async fn an_order_has_a_limited_number_of_payment_attempts() {
    let shop = Shop::start_as(|system| system.env("order-service", "PAYMENT_ATTEMPTS_PER_ORDER", "2")).await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 1)]).paying(DECLINED).await;
    order.reaches(PaymentFailed).await;
    order.pay(DECLINED).await.unwrap();
    let declined = order.reaches(PaymentFailed).await;
    assert_eq!(declined.attempt, 2);

    let refused = pay(&shop, &ada, &order.id.to_string()).await;
    refused.is_problem(429);
    assert_eq!(refused.body["type"], "/problems/too-many-payment-attempts");
    assert_eq!(refused.header("retry-after"), "", "waiting does not help");
    assert_eq!(order.now().await.version, declined.version);
    order.cancel().await.unwrap();
}

#[tokio::test]
async fn an_account_has_a_limited_number_of_declined_payments() {
    let shop = Shop::start_as(|system| system.env("order-service", "PAYMENT_ATTEMPTS_PER_HOUR", "2")).await;
    let tea = shop.sells("tea", 450, 10).await;
    let (ada, grace) = (shop.customer("ada").await, shop.customer("grace").await);
    let order = ada.places(&[(&tea, 1)]).paying(DECLINED).await;
    order.reaches(PaymentFailed).await;
    order.pay(DECLINED).await.unwrap();
    order.reaches(PaymentFailed).await;

    let items = json!([{ "product_id": tea.id, "quantity": 1 }]);
    for refused in
        [pay(&shop, &ada, &order.id.to_string()).await, answer(placing(&shop, &ada, items).await).await]
    {
        refused.is_problem(429);
        assert_eq!(refused.body["type"], "/problems/too-many-payment-attempts");
        let wait: u32 = refused.header("retry-after").parse().unwrap();
        assert!((1..=3_600).contains(&wait), "{wait}");
    }
    grace.places(&[(&tea, 1)]).await.reaches(Completed).await;
}

async fn pay(shop: &Shop, customer: &Customer<'_>, order: &str) -> Answer {
    let request = shop.request(Method::POST, "order-service", &format!("/orders/{order}/payment"));
    answer(request.bearer_auth(customer.token().await).json(&json!({ "payment_method": VISA }))).await
}

#[tokio::test]
async fn failed_payments_do_not_postpone_the_expiry_forever() {
    let shop = Shop::start_as(|system| system.env("order-service", "EXPIRE_AT_LATEST_SECONDS", "3")).await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).paying(DECLINED).await;
    // Each attempt restarts the expiry after the last step, which is 30 minutes.
    while let Ok(paid) = order.pay(DECLINED).await {
        assert_eq!(paid.status, Reserved);
        system_tests::eventually("the payment is decided", async || {
            (order.now().await.status != Reserved).then_some(())
        })
        .await;
    }
    let cancelled = order.reaches(Cancelled).await;
    assert_eq!(cancelled.reason.as_deref(), Some("expired"));
    shop.stock_becomes(&tea, 10, 0).await;
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 10, reserved: 0 });
}

#[tokio::test]
async fn new_orders_are_refused_while_too_many_wait() {
    let shop = Shop::start_as(|system| system.env("order-service", "MAX_WAITING_ORDERS", "2")).await;
    let tea = shop.sells("tea", 450, 1000).await;
    let ada = shop.customer("ada").await;
    shop.stack().stop("order-processor", 1).await.unwrap();
    let first = ada.places(&[(&tea, 1)]).under_key("first").await.unwrap();
    ada.places(&[(&tea, 1)]).await;
    // Orders are counted every few seconds, so some more are accepted.
    let items = json!([{ "product_id": tea.id, "quantity": 1 }]);
    let refused = eventually("the shop refuses new orders", async || {
        let answered = answer(placing(&shop, &ada, items.clone()).await).await;
        (answered.status != 201).then_some(answered)
    })
    .await;
    refused.is_problem(503);
    assert_eq!(refused.body["type"], "/problems/busy");
    assert_eq!(refused.header("retry-after"), "30");
    let repeated = ada.places(&[(&tea, 1)]).under_key("first").await.unwrap();
    assert_eq!(repeated.id, first.id, "a repeated request gets its first answer");

    shop.stack().start("order-processor", 1).await.unwrap();
    let accepted = eventually("the shop accepts orders again", async || {
        ada.places(&[(&tea, 1)]).under_key("later").await.ok()
    });
    let later = accepted.await;
    assert_ne!(later.id, first.id);
    shop.settles().await;
}
