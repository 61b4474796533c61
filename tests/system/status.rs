//! The transitions of an order's status, and their effects on the stock and the payment.

use contract::{
    ids::ProductId,
    orders::{
        Order,
        OrderStatus::{self, Cancelled, Completed, New, Paid, PaymentFailed, Rejected, Reserved},
    },
};
use system_tests::{
    DECLINED, INSUFFICIENT_FUNDS, PlacedOrder, STATUSES_OF_A_GOOD_ORDER, Shop, Stock, VISA, refusal,
};

#[tokio::test]
async fn an_order_is_reserved_paid_and_completed() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;

    let order = ada.places(&[(&tea, 2)]).paying(VISA).await;
    assert_eq!((order.placed.status, order.placed.version), (New, 1));

    let completed = order.reaches(Completed).await;
    assert_eq!(order.history().await, STATUSES_OF_A_GOOD_ORDER);
    assert_eq!((completed.version, completed.attempt), (4, 1));
    assert_eq!(completed.total.unwrap().to_string(), "9.00 EUR");
    let lines = completed.lines.unwrap();
    assert_eq!((lines[0].name.as_str(), lines[0].quantity, lines[0].unit_price), ("tea", 2, tea.price));
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 8, reserved: 0 });
    assert!(order.account().await.holds_once(900));
}

#[tokio::test]
async fn an_order_for_more_than_the_stock_is_rejected() {
    let shop = Shop::shared().await;
    let (tea, cups) = (shop.sells("tea", 450, 10).await, shop.sells("cup", 900, 1).await);
    let ada = shop.customer("ada").await;

    let order = ada.places(&[(&tea, 2), (&cups, 2)]).await;

    let rejected = is_rejected(&order, "out_of_stock").await;
    let detail = rejected.detail.expect("a sentence for the customer");
    assert!(detail.ends_with(": 1 left, 2 ordered."), "{detail}");
    let history = ada.session().events(order.id).await.unwrap().items;
    assert_eq!(history.last().unwrap().detail.as_deref(), Some(detail.as_str()));
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 10, reserved: 0 });
    assert_eq!(shop.stock(&cups).await, Stock { on_hand: 1, reserved: 0 });
}

#[tokio::test]
async fn an_order_for_an_unknown_product_is_rejected() {
    let shop = Shop::shared().await;
    let (tea, gone) = (shop.sells("tea", 450, 10).await, shop.sells("gone", 450, 10).await);
    shop.staff().await.delete_product(gone.id).await.unwrap();
    let ada = shop.customer("ada").await;

    for unknown in [gone.id, ProductId::new()] {
        let order = ada.places_items(&[(tea.id, 1), (unknown, 1)]).await;
        is_rejected(&order, "unknown_product").await;
    }
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 10, reserved: 0 });
    assert_eq!(shop.stock(&gone).await, Stock { on_hand: 10, reserved: 0 });
}

#[tokio::test]
async fn an_unexpected_total_is_rejected() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;

    let order = ada.places(&[(&tea, 2)]).expecting(899).await;
    let rejected = is_rejected(&order, "price_changed").await;
    assert_eq!(rejected.detail.as_deref(), Some("The total is 9.00 EUR now, not 8.99 EUR."));
    shop.stock_becomes(&tea, 10, 0).await;

    ada.places(&[(&tea, 2)]).expecting(900).await.reaches(Completed).await;
}

async fn is_rejected(order: &PlacedOrder<'_>, reason: &str) -> Order {
    let rejected = order.reaches(Rejected).await;
    assert_eq!(rejected.reason.as_deref(), Some(reason));
    assert_eq!(order.history().await, [New, Rejected]);
    assert!(order.account().await.charges.is_empty(), "no charge may be attempted");
    rejected
}

#[tokio::test]
async fn a_declined_order_keeps_its_stock_and_can_be_paid_again() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;

    let order = ada.places(&[(&tea, 2)]).paying(INSUFFICIENT_FUNDS).await;
    let failed = order.reaches(PaymentFailed).await;
    assert_eq!(failed.reason.as_deref(), Some("insufficient_funds"));
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 10, reserved: 2 });
    assert!(order.account().await.is_untouched());

    let again = order.pay(DECLINED).await.unwrap();
    assert_eq!((again.status, again.attempt, again.reason), (Reserved, 2, None));
    order.reaches(PaymentFailed).await;

    order.pay(VISA).await.unwrap();
    let completed = order.reaches(Completed).await;
    assert_eq!((completed.attempt, completed.payment_method.as_str()), (3, VISA));
    let history = [New, Reserved, PaymentFailed, Reserved, PaymentFailed, Reserved, Paid, Completed];
    assert_eq!(order.history().await, history);
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 8, reserved: 0 });
    assert!(order.account().await.holds_once(900));
}

#[tokio::test]
async fn a_declined_order_can_be_cancelled() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).paying(DECLINED).await;
    order.reaches(PaymentFailed).await;

    order.cancel().await.unwrap();

    assert_eq!(order.history().await, [New, Reserved, PaymentFailed, Cancelled]);
    shop.stock_becomes(&tea, 10, 0).await;
    assert!(order.account().await.is_untouched());
    cannot_move(&order, Cancelled).await;
}

#[tokio::test]
async fn a_new_order_can_be_cancelled() {
    let shop = Shop::start_as(|system| system.without("order-processor")).await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    assert_eq!(order.now().await.status, New);
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 10, reserved: 0 });
    assert_eq!(refusal(order.pay(VISA).await).more["current_status"], "new");

    let cancelled = order.cancel().await.unwrap();
    assert_eq!((cancelled.status, cancelled.version), (Cancelled, 2));
    // A second request does not cancel again.
    assert_eq!(order.cancel().await.unwrap().version, 2);

    shop.stack().scale("order-processor", 1).await.unwrap();
    shop.worker_settles("order-processor", 2).await;
    assert_eq!(order.history().await, [New, Cancelled]);
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 10, reserved: 0 });
    assert!(order.account().await.charges.is_empty());
    shop.settles().await;
}

#[tokio::test]
async fn a_reserved_order_holds_its_stock_and_can_be_cancelled() {
    let shop = Shop::start_as(|system| system.without("payment-worker")).await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    let reserved = order.reaches(Reserved).await;
    assert_eq!((reserved.version, reserved.total.unwrap().amount_minor), (2, 900));
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 10, reserved: 2 });
    assert!(order.account().await.charges.is_empty());

    order.cancel().await.unwrap();
    shop.stock_becomes(&tea, 10, 0).await;

    // The worker gets the earlier event of the cancelled order. No captured charge may remain.
    shop.stack().scale("payment-worker", 1).await.unwrap();
    shop.worker_settles("payment-worker", 1).await;
    assert_eq!(order.history().await, [New, Reserved, Cancelled]);
    assert_eq!(order.account().await.standing_charges, 0);
    shop.settles().await;
}

#[tokio::test]
async fn a_paid_order_is_completed_and_cannot_be_cancelled() {
    let shop = Shop::start_as(|system| system.without("payment-worker")).await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    order.reaches(Reserved).await;
    shop.stack().stop("order-processor", 1).await.unwrap();
    shop.stack().scale("payment-worker", 1).await.unwrap();

    order.reaches(Paid).await;
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 10, reserved: 2 });
    assert!(order.account().await.holds_once(900));
    cannot_move(&order, Paid).await;

    shop.stack().start("order-processor", 1).await.unwrap();
    order.reaches(Completed).await;
    assert_eq!(order.history().await, STATUSES_OF_A_GOOD_ORDER);
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 8, reserved: 0 });
    cannot_move(&order, Completed).await;
    shop.settles().await;
}

#[tokio::test]
async fn an_unpaid_order_expires() {
    let shop = Shop::start_as(|system| system.env("order-service", "EXPIRE_AFTER_SECONDS", "3")).await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;

    let order = ada.places(&[(&tea, 2)]).paying(DECLINED).await;

    order.reaches(Cancelled).await;
    shop.stock_becomes(&tea, 10, 0).await;
    assert!(order.account().await.is_untouched());
    cannot_move(&order, Cancelled).await;
    shop.settles().await;
}

/// Asserts that the customer can neither cancel nor pay the order. The refusals must name the present status.
async fn cannot_move(order: &PlacedOrder<'_>, status: OrderStatus) {
    let version = order.now().await.version;
    let mut refusals = vec![refusal(order.pay(VISA).await)];
    if status != Cancelled {
        refusals.push(refusal(order.cancel().await));
    }
    for problem in refusals {
        assert_eq!((problem.status, problem.kind.as_str()), (409, "/problems/illegal-transition"));
        assert_eq!(problem.more["current_status"], status.as_str());
    }
    assert_eq!(order.now().await.version, version);
}
