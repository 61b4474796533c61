//! Discounts: quotes and prices at the gateway, and the use of promotions by orders.

use contract::{
    catalog::Product,
    claims::{Claims, DISCOUNTS_CLAIM},
    discounts::PromotionTerms,
    ids::{OrderId, UserId},
    orders::OrderStatus::{Cancelled, Completed, New, PaymentFailed, Refunded, Rejected},
};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Answer, DECLINED, Forge, Shop, amount_off, answer, eventually, percent_off, unique};

const SERVICE: &str = "discount-service";
const REPLICAS: usize = 2;

/// Creates a promotion at the gateway. It takes 10 % off this product, with these changes.
async fn promotes(shop: &Shop, product: &Product, changes: Value) -> Answer {
    let mut terms = json!({
        "name": "Sale",
        "reduction": { "kind": "percent", "basis_points": 1000 },
        "scope": { "kind": "products", "product_ids": [product.id] },
    });
    if let Value::Object(changes) = changes {
        terms.as_object_mut().unwrap().extend(changes);
    }
    let token = shop.staff().await.tokens().await.unwrap().access_token;
    let post = shop.request_at_gateway(Method::POST, "/api/promotions").bearer_auth(token);
    answer(post.json(&terms)).await
}

async fn quote(shop: &Shop, product: &Product, quantity: u32, codes: &[&str]) -> Answer {
    let items = json!([{ "product_id": product.id, "quantity": quantity }]);
    let body = json!({ "items": items, "codes": codes });
    answer(shop.request_at_gateway(Method::POST, "/api/quote").json(&body)).await
}

#[tokio::test]
async fn a_guest_sees_discounts_at_the_gateway() {
    let shop = Shop::shared().await;
    let (tea, code) = (shop.sells("tea", 695, 10).await, unique("code"));
    let automatic = promotes(&shop, &tea, json!({ "name": "Tea days" })).await;
    assert_eq!(automatic.status, 201, "{}", automatic.body);
    let five_off = json!({ "kind": "amount", "amount": { "amount_minor": 500, "currency": "EUR" } });
    let minimum = json!({ "amount_minor": 2_000, "currency": "EUR" });
    let changes = json!({
        "name": "Five off", "reduction": five_off, "scope": { "kind": "order" }, "code": code, "minimum": minimum,
    });
    assert_eq!(promotes(&shop, &tea, changes).await.status, 201);

    let small = quote(&shop, &tea, 2, &[&code]).await;
    assert_eq!((small.status, &small.body["total"]["amount_minor"]), (200, &json!(1_250)));
    let results = small.body["promotions"].as_array().unwrap();
    let refused = results.iter().find(|one| one["code"] == code).unwrap();
    assert_eq!(refused["result"]["reason"], "below_minimum");
    assert_eq!(
        refused["result"]["detail"],
        "Five off needs list prices of 20.00 EUR or more. Yours sum to 13.90 EUR."
    );
    let large = quote(&shop, &tea, 3, &[&code.to_uppercase()]).await;
    assert_eq!(large.body["total"]["amount_minor"], 3 * 625 - 500, "{}", large.body);

    let path = format!("/api/prices?product_ids={}", tea.id);
    let prices = answer(shop.request_at_gateway(Method::GET, &path)).await;
    let price = &prices.body["items"][0];
    assert_eq!(
        (&price["list_price"]["amount_minor"], &price["price"]["amount_minor"]),
        (&json!(695), &json!(625))
    );
    assert_eq!(price["adjustments"][0]["name"], "Tea days");
}

#[tokio::test]
async fn bad_quotes_and_promotions_name_the_field() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 690, 10).await;
    quote(&shop, &tea, 0, &[]).await.is_problem(422).names(&["/items/0/quantity"]);
    let unknown = Product { id: UserId::new().uuid().into(), ..tea.clone() };
    quote(&shop, &unknown, 1, &[]).await.is_problem(422).names(&["/items/0/product_id"]);
    let free = json!({ "reduction": { "kind": "percent", "basis_points": 0 } });
    promotes(&shop, &tea, free).await.is_problem(422).names(&["/reduction/basis_points"]);
}

#[tokio::test]
async fn a_stale_form_does_not_overwrite_newer_terms() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 690, 10).await;
    let created = promotes(&shop, &tea, json!({})).await;
    let path = format!("/api/promotions/{}", created.body["id"].as_str().unwrap());
    let token = shop.staff().await.tokens().await.unwrap().access_token;
    let get = shop.request_at_gateway(Method::GET, &path).header("accept-encoding", "gzip, zstd");
    let etag = answer(get.bearer_auth(&token)).await.header("etag").to_owned();
    assert_eq!(etag, created.header("etag"), "the gateway keeps the ETag");
    let put = || {
        let put = shop.request_at_gateway(Method::PUT, &path).bearer_auth(&token).header("if-match", &etag);
        answer(put.json(&created.body["terms"]))
    };
    assert_eq!(put().await.status, 200);
    put().await.is_problem(412);
}

#[tokio::test]
async fn an_order_pays_its_discounted_total_and_gets_it_back() {
    let shop = Shop::shared().await;
    let (tea, cup) = (shop.sells("tea", 695, 10).await, shop.sells("cup", 1_200, 10).await);
    let (ada, code) = (shop.customer("ada").await, unique("code"));
    shop.promotes(&percent_off(&tea, 10)).await;
    let promotion = shop.promotes(&amount_off(&code, 500, 1)).await;

    let basket = [(&tea, 3), (&cup, 1)];
    let total = 3 * 625 + 1_200 - 500;
    let order = ada.places(&basket).with_code(&code.to_uppercase()).expecting(total).await;
    assert_eq!(order.placed.codes, [code.to_uppercase()]);
    let completed = order.reaches(Completed).await;
    assert_eq!(completed.total.unwrap().amount_minor, total);
    let lines = completed.lines.unwrap();
    let sums: Vec<_> = lines.iter().map(|line| line.total.amount_minor).collect();
    assert_eq!(sums.iter().sum::<i64>(), total);
    for line in &lines {
        let off: i64 = line.adjustments.iter().map(|one| one.amount.amount_minor).sum();
        let list = line.unit_price.amount_minor * i64::from(line.quantity);
        assert_eq!((line.total.amount_minor, line.category.as_str()), (list - off, "Tests"));
    }
    assert_eq!(lines[0].adjustments.len(), 2, "10 % and a share of the 5.00 EUR");
    assert!(order.account().await.holds_once(total));
    assert_eq!(shop.uses(&promotion).await, 1);

    shop.staff().await.refund(order.id).await.unwrap();
    order.reaches(Refunded).await;
    assert!(order.account().await.paid_back(total));
    eventually("the use is free again", async || (shop.uses(&promotion).await == 0).then_some(())).await;
}

#[tokio::test]
async fn an_order_with_a_code_that_cannot_be_used_is_rejected() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 1_000, 10).await;
    let ada = shop.customer("ada").await;
    let terms = |change: fn(PromotionTerms) -> PromotionTerms| change(amount_off(&unique("code"), 100, 1));
    let past =
        terms(|terms| PromotionTerms { ends_at: Some("2020-01-01T00:00:00Z".parse().unwrap()), ..terms });
    let large = terms(|terms| PromotionTerms {
        minimum: Some(
            serde_json::from_value(json!({
                "amount_minor": 1_001, "currency": "EUR",
            }))
            .unwrap(),
        ),
        ..terms
    });
    let used_up = terms(|terms| terms);
    for terms in [&past, &large, &used_up] {
        shop.promotes(terms).await;
    }
    let code = |terms: &PromotionTerms| terms.code.clone().unwrap();
    ada.places(&[(&tea, 1)]).with_code(&code(&used_up)).await.reaches(Completed).await;

    let unknown = unique("nothing");
    for (code, detail) in [
        (unknown.clone(), format!("The shop has no code {unknown}.")),
        (code(&past), "Sale ended on 2020-01-01 00:00 UTC.".to_owned()),
        (code(&large), "Sale needs list prices of 10.01 EUR or more. Yours sum to 10.00 EUR.".to_owned()),
        (code(&used_up), "Sale is used up.".to_owned()),
    ] {
        let order = ada.places(&[(&tea, 1)]).with_code(&code).await;
        let rejected = order.reaches(Rejected).await;
        assert_eq!(rejected.reason.as_deref(), Some("discount_unavailable"));
        assert_eq!(rejected.detail.as_deref(), Some(detail.as_str()));
        assert_eq!(order.history().await, [New, Rejected]);
        assert!(order.account().await.charges.is_empty());
        shop.stock_becomes(&tea, 9, 0).await;
    }
}

#[tokio::test]
async fn an_order_that_is_cancelled_or_dearer_than_expected_frees_its_discounts() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 1_000, 10).await;
    let (ada, code) = (shop.customer("ada").await, unique("code"));
    let promotion = shop.promotes(&amount_off(&code, 100, 1)).await;
    let is_free = async || {
        eventually("the use is free again", async || (shop.uses(&promotion).await == 0).then_some(())).await;
        shop.stock_becomes(&tea, 10, 0).await;
    };

    let declined = ada.places(&[(&tea, 1)]).with_code(&code).paying(DECLINED).await;
    declined.reaches(PaymentFailed).await;
    assert_eq!(shop.uses(&promotion).await, 1);
    declined.cancel().await.unwrap();
    declined.reaches(Cancelled).await;
    is_free().await;

    // The customer expects the price without the code.
    let dearer = ada.places(&[(&tea, 1)]).with_code(&code).expecting(1_000).await.reaches(Rejected).await;
    assert_eq!(dearer.reason.as_deref(), Some("price_changed"));
    assert_eq!(dearer.detail.as_deref(), Some("The total is 9.00 EUR now, not 10.00 EUR."));
    is_free().await;
    ada.places(&[(&tea, 1)]).with_code(&code).expecting(900).await.reaches(Completed).await;
}

#[tokio::test]
async fn an_order_that_costs_nothing_is_completed_without_a_charge() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 1_000, 10).await;
    let ada = shop.customer("ada").await;
    let promotion = shop.promotes(&percent_off(&tea, 100)).await;
    let order = ada.places(&[(&tea, 2)]).expecting(0).await;
    order.reaches(Completed).await;
    assert!(order.account().await.charges.is_empty());
    shop.staff().await.refund(order.id).await.unwrap();
    order.reaches(Refunded).await;
    shop.stock_becomes(&tea, 10, 0).await;
    eventually("the use is free again", async || (shop.uses(&promotion).await == 0).then_some(())).await;
}

/// Sends updates to the replicas of discount-service, like a worker.
struct Worker<'a> {
    shop: &'a Shop,
    token: String,
    product: Product,
    code: String,
}

impl Worker<'_> {
    fn claim(&self, order: OrderId) -> Value {
        let lines = json!([{
            "product_id": self.product.id, "category": self.product.category, "quantity": 1,
            "list_price": self.product.price,
        }]);
        let update = json!({ "to": "claim", "user_id": UserId::new(), "lines": lines, "codes": [self.code] });
        json!({ "order_id": order, "update": update })
    }

    /// Sends the updates to all replicas concurrently, in requests of few updates. The answers are in the
    /// order of the updates.
    async fn sends(&self, updates: Vec<Value>) -> Vec<Value> {
        let requests = updates.chunks(10).enumerate().map(async |(number, updates)| {
            let url = self.shop.stack().url(SERVICE, 1 + number % REPLICAS).unwrap();
            let client = runtime::http_client::client(std::time::Duration::from_secs(30)).unwrap();
            let patch = client.patch(format!("{url}/claims")).bearer_auth(&self.token);
            let mut answer = answer(patch.json(&json!({ "updates": updates }))).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            serde_json::from_value::<Vec<Value>>(answer.body["answers"].take()).unwrap()
        });
        join_all(requests).await.concat()
    }

    async fn claims(&self, orders: &[OrderId]) -> Vec<Value> {
        self.sends(orders.iter().map(|order| self.claim(*order)).collect()).await
    }

    async fn settles(&self, orders: &[OrderId], to: &str) -> Vec<Value> {
        let update = |order| json!({ "order_id": order, "update": { "to": to } });
        self.sends(orders.iter().map(update).collect()).await
    }
}

fn is_claimed(answer: &Value) -> bool {
    answer["claim"]["status"] == "claimed"
}

#[tokio::test]
async fn five_hundred_orders_use_a_code_that_is_limited_to_a_hundred_a_hundred_times() {
    let shop = Shop::start_as(|system| system.scale(SERVICE, REPLICAS).gateway()).await;
    let forge = Forge::of(&shop).await;
    let claims = Claims {
        role: None,
        scope: Some(DISCOUNTS_CLAIM.to_owned()),
        sub: "order-processor".to_owned(),
        ..forge.claims(UserId::new())
    };
    let product = shop.sells("tea", 1_000, 10).await;
    let code = unique("code");
    let created = promotes(&shop, &product, json!({ "code": code, "total_limit": 100 })).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let worker = Worker { shop: &shop, token: forge.sign(&claims), product, code };

    let orders: Vec<_> = (0..500).map(|_| OrderId::new()).collect();
    let answers = worker.claims(&orders).await;
    let claimed: Vec<_> = orders.iter().zip(&answers).filter(|(_, answer)| is_claimed(answer)).collect();
    assert_eq!(claimed.len(), 100);
    assert!(claimed.iter().all(|(_, answer)| answer["claim"]["pricing"]["total"]["amount_minor"] == 900));
    let refused = answers.iter().filter(|answer| answer["refusal"]["reason"] == "used_up");
    assert_eq!(refused.count(), 400);

    let claimed: Vec<_> = claimed.into_iter().map(|(order, _)| *order).collect();
    let again = worker.claims(&claimed).await;
    assert!(again.iter().all(is_claimed), "a repeated claim gets its first answer");

    let (committed, released) = claimed.split_at(60);
    for _ in 0..2 {
        let answers = worker.settles(committed, "commit").await;
        assert!(answers.iter().all(|answer| answer["claim"]["status"] == "committed"));
        let answers = worker.settles(released, "release").await;
        assert!(answers.iter().all(|answer| answer["claim"]["status"] == "released"));
    }
    let later: Vec<_> = (0..100).map(|_| OrderId::new()).collect();
    let answers = worker.claims(&later).await;
    assert_eq!(
        answers.iter().filter(|answer| is_claimed(answer)).count(),
        40,
        "released uses are free again"
    );
    worker.settles(&[later, claimed].concat(), "release").await;

    let used: (i64, i64) =
        sqlx::query_as("SELECT (SELECT sum(used)::bigint FROM promotions), (SELECT count(*) FROM uses)")
            .fetch_one(&shop.database(SERVICE))
            .await
            .unwrap();
    assert_eq!(used, (0, 0), "nothing stays claimed");
}
