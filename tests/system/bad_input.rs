//! Bad input gets the right error answer and changes nothing.

use contract::{ids::ProductId, orders::OrderStatus::Completed};
use orderctl::OrderQuery;
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Answer, PASSWORD, Shop, answer, unique};

async fn post(shop: &Shop, token: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = shop.request(Method::POST, "order-service", "/orders").bearer_auth(token);
    answer(request.header("content-type", "application/json").body(body)).await
}

fn order_of(items: &Value) -> String {
    json!({ "items": items, "payment_method": "pm_card_visa" }).to_string()
}

#[tokio::test]
async fn an_unreadable_order_is_refused() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let token = ada.token().await;
    let id = ProductId::new();

    let two = format!("{0} {0}", order_of(&json!([])));
    for malformed in ["", "{", "not JSON", &two] {
        post(&shop, &token, malformed.to_owned()).await.is_problem(400);
    }
    let wrong = [
        (json!({ "items": [] }), "/payment_method"),
        (json!({ "payment_method": "pm_card_visa" }), "/items"),
        (json!({ "items": "tea", "payment_method": "pm_card_visa" }), "/items"),
        (json!({ "items": [], "payment_method": 7 }), "/payment_method"),
        (json!({ "items": [], "payment_method": "pm_card_visa", "discount": 100 }), "/discount"),
        (json!({ "items": [{ "product_id": id }], "payment_method": "pm_x" }), "/items/0/quantity"),
        (
            json!({ "items": [{ "product_id": "tea", "quantity": 1 }], "payment_method": "pm_x" }),
            "/items/0/product_id",
        ),
        (
            json!({ "items": [{ "product_id": id, "quantity": 1.5 }], "payment_method": "pm_x" }),
            "/items/0/quantity",
        ),
        (
            json!({ "items": [{ "product_id": id, "quantity": -1 }], "payment_method": "pm_x" }),
            "/items/0/quantity",
        ),
        (
            json!({ "items": [{ "product_id": id, "quantity": 1, "price": 1 }], "payment_method": "pm_x" }),
            "/items/0/price",
        ),
        (
            json!({ "items": [], "payment_method": "pm_x", "expected_total": { "amount_minor": 1, "currency": "euro" } }),
            "/expected_total/currency",
        ),
    ];
    for (body, pointer) in wrong {
        post(&shop, &token, body.to_string()).await.is_problem(422).names(&[pointer]);
    }

    let request = shop.request(Method::POST, "order-service", "/orders").bearer_auth(&token);
    answer(request.body(order_of(&json!([])))).await.is_problem(415);
    let large = format!("{{\"note\":\"{}\"}}", "x".repeat(65 * 1024));
    post(&shop, &token, large).await.is_problem(413);
    nothing_was_ordered(&ada).await;
}

#[tokio::test]
async fn an_array_instead_of_an_object_is_refused() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let token = ada.token().await;
    let login = json!([ada.user.username, PASSWORD]);
    answer(shop.request(Method::POST, "user-service", "/login").json(&login)).await.is_problem(422);
    for order in [
        json!([[[tea.id, 1]], "pm_card_visa", null, null, null]),
        json!({ "items": [[tea.id, 1]], "payment_method": "pm_card_visa" }),
    ] {
        post(&shop, &token, order.to_string()).await.is_problem(422);
    }
    let staff = shop.staff().await.tokens().await.unwrap().access_token;
    let path = format!("/products/{}/stock", tea.id);
    let stock =
        shop.request(Method::PUT, "catalog-service", &path).bearer_auth(staff).json(&json!([1_000_000]));
    answer(stock).await.is_problem(422);
    assert_eq!(shop.stock(&tea).await.on_hand, 10);
    nothing_was_ordered(&ada).await;
}

#[tokio::test]
async fn an_order_with_invalid_lines_is_refused() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let token = ada.token().await;
    let line = |quantity: u32| json!({ "product_id": ProductId::new(), "quantity": quantity });
    let twice = line(1);
    let lines = |count: usize| -> Value { std::iter::repeat_with(|| line(1)).take(count).collect() };

    let bad: [(Value, &[&str]); 6] = [
        (json!([]), &["/items"]),
        (json!([line(1), line(0)]), &["/items/1/quantity"]),
        (json!([line(1001)]), &["/items/0/quantity"]),
        (lines(101), &["/items"]),
        (json!([twice, line(1), twice]), &["/items/2/product_id"]),
        // The answer names all errors.
        (
            json!([line(0), twice, line(1001), twice]),
            &["/items/0/quantity", "/items/2/quantity", "/items/3/product_id"],
        ),
    ];
    for (items, pointers) in bad {
        post(&shop, &token, order_of(&items)).await.is_problem(422).names(pointers);
    }
    nothing_was_ordered(&ada).await;

    // The limits themselves are valid.
    let mut largest = lines(99);
    largest.as_array_mut().unwrap().push(line(1000));
    assert_eq!(post(&shop, &token, order_of(&largest)).await.status, 201);
}

#[tokio::test]
async fn an_order_with_other_invalid_fields_is_refused() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let order = |field: &str, value: Value| {
        let mut body = json!({
            "items": [{ "product_id": ProductId::new(), "quantity": 1 }],
            "payment_method": "pm_card_visa",
        });
        body[field] = value;
        body.to_string()
    };
    let bad = [
        // A card number must not end up in a database.
        (order("payment_method", json!("4242424242424242")), "/payment_method"),
        (order("payment_method", json!("pm_")), "/payment_method"),
        (order("note", json!("x".repeat(501))), "/note"),
        (
            order("expected_total", json!({ "amount_minor": -1, "currency": "EUR" })),
            "/expected_total/amount_minor",
        ),
        (
            order(
                "shipping_address",
                json!({ "name": "Ada", "street": "1 Lane", "city": " ", "postal_code": "1", "country": "GB" }),
            ),
            "/shipping_address/city",
        ),
    ];
    for (body, pointer) in bad {
        post(&shop, &ada.token().await, body).await.is_problem(422).names(&[pointer]);
    }
    nothing_was_ordered(&ada).await;
}

async fn nothing_was_ordered(ada: &system_tests::Customer<'_>) {
    let orders = ada.session().orders(&OrderQuery::default()).await.unwrap();
    assert!(orders.items.is_empty(), "{orders:?}");
}

#[tokio::test]
async fn invalid_ids_routes_and_methods_are_refused() {
    let shop = Shop::shared().await;
    let token = shop.customer("ada").await.token().await;
    let get = |path: &str| answer(shop.request(Method::GET, "order-service", path).bearer_auth(&token));
    get("/orders/tea").await.is_problem(400);
    get("/baskets").await.is_problem(404);
    answer(shop.request(Method::DELETE, "order-service", "/orders").bearer_auth(&token))
        .await
        .is_problem(405);
}

#[tokio::test]
async fn a_completed_order_cannot_be_cancelled() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 1)]).await;
    order.reaches(Completed).await;

    let path = format!("/orders/{}/cancel", order.id);
    let cancel = shop.request(Method::POST, "order-service", &path).bearer_auth(ada.token().await);
    let refused = answer(cancel).await;

    assert_eq!(refused.is_problem(409).body["current_status"], "completed");
    assert_eq!(order.now().await.version, 4);
}

async fn register(shop: &Shop, username: &str, email: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "email": email, "password": password });
    answer(shop.request(Method::POST, "user-service", "/register").json(&body)).await
}

#[tokio::test]
async fn an_invalid_account_is_refused() {
    let shop = Shop::shared().await;
    let name = unique("ada");
    let email = format!("{name}@example.com");
    let (longest, too_long) = ("x".repeat(72), "x".repeat(73));
    // 72 characters, but 73 bytes.
    let accented = format!("é{}", "x".repeat(71));

    for password in ["", "seven77", &too_long, &accented] {
        register(&shop, &name, &email, password).await.is_problem(422).names(&["/password"]);
    }
    for bad in ["", "ada", "ada@", "@example.com", "a da@example.com", "ada@example..com"] {
        register(&shop, &name, bad, PASSWORD).await.is_problem(422).names(&["/email"]);
    }
    for bad in ["", "ad", "a da", &"x".repeat(33)] {
        register(&shop, bad, &email, PASSWORD).await.is_problem(422).names(&["/username"]);
    }
    register(&shop, "", "", "").await.is_problem(422).names(&["/username", "/email", "/password"]);
    let unknown = json!({ "username": name, "email": email, "password": PASSWORD, "role": "staff" });
    let request = shop.request(Method::POST, "user-service", "/register").json(&unknown);
    answer(request).await.is_problem(422).names(&["/role"]);

    let made = register(&shop, &name, &email, &longest).await;
    assert_eq!((made.status, &made.body["role"]), (201, &json!("customer")));
    assert_eq!(made.body.get("password"), None);
}

#[tokio::test]
async fn a_taken_name_or_address_is_refused() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await.user;
    let (name, email) = (ada.username.to_uppercase(), ada.email.to_uppercase());
    let other = unique("eve");

    register(&shop, &name, &format!("{other}@example.com"), PASSWORD)
        .await
        .is_problem(409)
        .names(&["/username"]);
    register(&shop, &other, &email, PASSWORD).await.is_problem(409).names(&["/email"]);
    // The failed attempts did not take the name or the address.
    assert_eq!(register(&shop, &other, &format!("{other}@example.com"), PASSWORD).await.status, 201);
}

async fn log_in(shop: &Shop, username: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "password": password });
    answer(shop.request(Method::POST, "user-service", "/login").json(&body)).await
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await.user;

    let wrong = log_in(&shop, &ada.username, "wrong horse battery").await;
    let unknown = log_in(&shop, &unique("unknown"), PASSWORD).await;

    for refused in [&wrong, &unknown] {
        refused.is_problem(401);
        assert_eq!(refused.header("www-authenticate"), "Bearer");
    }
    assert_eq!(wrong.body, unknown.body);
    assert_eq!(log_in(&shop, &ada.username, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_reused_refresh_token_ends_the_session() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let client = shop.client(1);
    let first = ada.session().tokens().await.unwrap().refresh_token.unwrap();

    let second = client.refresh(&first).await.unwrap().refresh_token.unwrap();
    let stolen = system_tests::refusal(client.refresh(&first).await);
    assert_eq!((stolen.status, stolen.kind.as_str()), (401, "/problems/refresh-token"));
    // Either of the two may be the thief, so both sessions end.
    assert_eq!(system_tests::refusal(client.refresh(&second).await).status, 401);
    assert_eq!(system_tests::refusal(client.refresh("nonsense").await).status, 401);
}
