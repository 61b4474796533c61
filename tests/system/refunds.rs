//! Refunds return the money to the customer and the pieces to the stock.

use contract::orders::OrderStatus::{Completed, New, Paid, RefundRequested, Refunded, Rejected, Reserved};
use system_tests::{Shop, Stock, refusal};

#[tokio::test]
async fn a_paid_order_is_refunded_when_its_customer_asks() {
    let shop = Shop::start_as(|system| system.without("payment-worker")).await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    order.reaches(Reserved).await;
    assert_eq!(refusal(ada.session().refund(order.id).await).status, 409, "there is nothing to refund");
    // Without this worker, the order stays `paid`.
    shop.stack().stop("order-processor", 1).await.unwrap();
    shop.stack().scale("payment-worker", 1).await.unwrap();
    order.reaches(Paid).await;

    for _ in 0..2 {
        let asked = ada.session().refund(order.id).await.unwrap();
        assert!(matches!(asked.status, RefundRequested | Refunded), "{}", asked.status);
    }

    order.reaches(Refunded).await;
    assert!(order.account().await.paid_back(900));
    shop.stack().start("order-processor", 1).await.unwrap();
    shop.stock_becomes(&tea, 10, 0).await;
    assert_eq!(order.history().await, [New, Reserved, Paid, RefundRequested, Refunded]);
    shop.settles().await;
}

#[tokio::test]
async fn only_staff_can_refund_a_completed_order() {
    let shop = Shop::start().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    order.reaches(Completed).await;
    assert_eq!(shop.stock(&tea).await, Stock { on_hand: 8, reserved: 0 });
    let refused = refusal(ada.session().refund(order.id).await);
    assert_eq!(refused.status, 409, "the goods are shipped");
    assert!(refused.detail.ends_with("ask the shop's staff for a refund."), "{}", refused.detail);
    let eve = shop.customer("eve").await;
    assert_eq!(refusal(eve.session().refund(order.id).await).status, 404);

    shop.staff().await.refund(order.id).await.unwrap();

    order.reaches(Refunded).await;
    assert!(order.account().await.paid_back(900));
    shop.stock_becomes(&tea, 10, 0).await;
    assert_eq!(order.history().await, [New, Reserved, Paid, Completed, RefundRequested, Refunded]);
    assert_eq!(
        shop.staff().await.refund(order.id).await.unwrap().status,
        Refunded,
        "a repeated request changes nothing"
    );
    assert!(order.account().await.paid_back(900), "the refund is made once");
    shop.settles().await;
}

#[tokio::test]
async fn an_unpaid_order_cannot_be_refunded() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 1).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    order.reaches(Rejected).await;

    for asks in [ada.session(), shop.staff().await] {
        let problem = refusal(asks.refund(order.id).await);
        assert_eq!((problem.status, &problem.more["current_status"]), (409, &"rejected".into()));
    }
    assert!(order.account().await.is_untouched());
}
