//! Amounts in currencies other than the euro, from the price to the payment provider.

use contract::{
    catalog::{Product, ProductDraft},
    money::{Currencies, Money},
    orders::OrderStatus::{Cancelled, Completed},
};
use reqwest::Method;
use system_tests::{Shop, answer, unique};

/// Changes the currency of the shop.
async fn sells_in(shop: &Shop, currency: &str) {
    shop.stack().set_env("catalog-service", "SHOP_CURRENCY", currency).unwrap();
    shop.stack().restart("catalog-service", 1).await.unwrap();
}

/// Creates a product with a price in minor units of a currency.
async fn sells(shop: &Shop, amount_minor: i64, currency: &str) -> Product {
    sells_in(shop, currency).await;
    let price = Money { amount_minor, currency: currency.parse().unwrap() };
    let draft = ProductDraft {
        sku: unique("tea"),
        name: "Tea".to_owned(),
        description: String::new(),
        category: "Tests".to_owned(),
        price,
    };
    let staff = shop.staff().await;
    let product = staff.create_product(&draft).await.unwrap();
    staff.set_stock(product.id, 10).await.unwrap();
    product
}

#[tokio::test]
async fn the_provider_gets_the_amount_in_its_own_units() {
    let shop = Shop::start().await;
    let ada = shop.customer("ada").await;
    for (amount_minor, currency, charged) in [
        (69_000, "HUF", 69_000), // 690.00
        (697, "JPY", 697),
        (697, "UGX", 69_700),
        (500, "ISK", 50_000),
        (5_124, "KWD", 5_120), // The last of three decimals must be 0.
    ] {
        let tea = sells(&shop, amount_minor, currency).await;
        let order = ada.places(&[(&tea, 1)]).await;
        assert_eq!(order.reaches(Completed).await.total, Some(tea.price));
        assert!(order.account().await.holds_once(charged), "{currency}: {:?}", order.account().await);
    }
    shop.settles().await;
}

#[tokio::test]
async fn an_order_that_cannot_be_charged_is_cancelled() {
    let shop = Shop::start().await;
    let ada = shop.customer("ada").await;
    for (amount_minor, currency, reason) in
        [(1_000, "IQD", "currency_not_supported"), (4, "KWD", "amount_too_small")]
    {
        let tea = sells(&shop, amount_minor, currency).await;
        let order = ada.places(&[(&tea, 1)]).await;
        let ended = order.reaches(Cancelled).await;
        assert_eq!(ended.reason.as_deref(), Some(reason));
        assert!(order.account().await.is_untouched());
        shop.stock_becomes(&tea, 10, 0).await;
    }
    shop.settles().await;
}

#[tokio::test]
async fn clients_can_read_the_digits_of_every_currency() {
    let shop = Shop::shared().await;
    let answer = answer(shop.request_at_gateway(Method::GET, "/api/currencies")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("cache-control").starts_with("public, max-age="));
    let currencies: Currencies = serde_json::from_value(answer.body).unwrap();
    assert_eq!(currencies.shop.as_str(), "EUR");
    let digits = |code: &str| currencies.currencies.iter().find(|currency| currency.code.as_str() == code);
    assert_eq!(digits("HUF").map(|currency| currency.digits), Some(2));
    assert!(digits("XYZ").is_none());
}
