//! `orderctl reconcile` compares the orders, the ledger and the provider's list.

use contract::orders::OrderStatus::{Completed, PaymentFailed};
use reqwest::Method;
use serde_json::Value;
use system_tests::{CommandLine, DECLINED, Ended, PlacedOrder, Shop, answer};

async fn reconciles(staff: &CommandLine, arguments: &[&str]) -> Ended {
    staff.runs(&[&["reconcile", "--grace", "0"], arguments].concat()).await
}

/// Changes one row directly in the database of a service.
async fn alters(shop: &Shop, service: &'static str, statement: &'static str, order: &PlacedOrder<'_>) {
    let done = sqlx::query(statement).bind(order.id.uuid()).execute(&shop.database(service)).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "{statement}");
}

#[tokio::test]
async fn reconcile_names_each_difference() {
    let shop = Shop::start_as(devstack::stack::Builder::gateway).await;
    let staff = shop.command_line("staff", shop.staff().await).await;
    let tea = shop.sells("tea", 450, 100).await;
    let ada = shop.customer("ada").await;
    let mut orders = Vec::new();
    for _ in 0..4 {
        let order = ada.places(&[(&tea, 1)]).await;
        order.reaches(Completed).await;
        orders.push(order);
    }
    ada.places(&[(&tea, 1)]).paying(DECLINED).await.reaches(PaymentFailed).await;
    shop.settles().await;

    let agreed = reconciles(&staff, &[]).await;
    assert_eq!((agreed.code, agreed.stdout.trim()), (0, ""), "{}", agreed.stderr);
    assert!(
        agreed.stderr.contains("5 orders, 5 charges in the ledger, 5 at the provider"),
        "{}",
        agreed.stderr
    );

    let [unrecorded, lost, cancelled, refunded] = orders.as_slice() else { panic!("four orders") };
    let unrecord = "update charges set status = 'started', payment_id = null where order_id = $1";
    alters(&shop, "payment-worker", unrecord, unrecorded).await;
    alters(&shop, "payment-worker", "delete from charges where order_id = $1", lost).await;
    alters(&shop, "order-service", "update orders set status = 'cancelled' where id = $1", cancelled).await;
    let refund = "update charges set status = 'refunded', refund_id = 're_1' where order_id = $1";
    alters(&shop, "payment-worker", refund, refunded).await;

    let differs = reconciles(&staff, &["--since", "1h"]).await;
    assert_eq!(differs.code, 6, "{}", differs.stderr);
    let lines: Vec<_> = differs.stdout.lines().collect();
    let expected = [
        (unrecorded, "outcome_differs: attempt 1 is captured at the provider"),
        (lost, "not_in_ledger: the provider has 4.50 EUR as captured"),
        (cancelled, "not_due: the order is cancelled, and the provider holds 4.50 EUR"),
        (refunded, "refund_differs: 0.00 EUR of 4.50 EUR went back at the provider"),
    ];
    assert_eq!(lines.len(), expected.len(), "{}", differs.stdout);
    for (order, words) in expected {
        let line = format!("{}  {words}", order.id);
        assert!(lines.iter().any(|found| found.starts_with(&line)), "{line} is not in\n{}", differs.stdout);
    }

    let json: Value = serde_json::from_str(&reconciles(&staff, &["--json"]).await.stdout).unwrap();
    assert_eq!((&json["orders"], &json["compared"]), (&5.into(), &5.into()));
    assert_eq!(json["differences"].as_array().unwrap().len(), 4);
    let later = reconciles(&staff, &["--since", "0m"]).await;
    assert_eq!((later.code, later.stdout.trim()), (0, ""), "{}", later.stderr);
    let usage = reconciles(&staff, &["--since", "yesterday"]).await;
    assert_eq!(usage.code, 2);
    assert!(usage.stderr.contains("an age such as 90m, 24h or 7d"), "{}", usage.stderr);
}

#[tokio::test]
async fn only_staff_can_list_charges() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await.token().await;
    for path in ["/api/charges", "/api/provider/charges"] {
        answer(shop.request_at_gateway(Method::GET, path)).await.is_problem(401);
        answer(shop.request_at_gateway(Method::GET, path).bearer_auth(&ada)).await.is_problem(403);
        let staff = shop.staff().await.tokens().await.unwrap().access_token;
        let page = shop.request_at_gateway(Method::GET, &format!("{path}?limit=1")).bearer_auth(&staff);
        assert_eq!(answer(page).await.status, 200, "{path}");
        let bad =
            shop.request_at_gateway(Method::GET, &format!("{path}?limit=0&cursor=-")).bearer_auth(&staff);
        answer(bad).await.is_problem(422).names(&["limit", "cursor"]);
    }
}
