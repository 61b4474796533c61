//! Text that users enter and other users read or search.

use contract::{
    catalog::{Product, ProductDraft},
    money::Money,
    orders::Address,
    page::Page,
};
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Answer, PASSWORD, Shop, answer, eventually, unique};

/// Invisible characters, and their names.
const INVISIBLE: [(&str, &str); 13] = [
    ("\u{200b}", "U+200B"),
    ("\u{3164}", "U+3164"),
    ("\u{2060}", "U+2060"),
    ("\u{feff}", "U+FEFF"),
    ("\u{202e}", "U+202E"),
    ("\u{2066}", "U+2066"),
    ("\u{2069}", "U+2069"),
    ("\u{200f}", "U+200F"),
    ("\u{61c}", "U+061C"),
    ("\u{115f}", "U+115F"),
    ("\u{ad}", "U+00AD"),
    ("\u{180e}", "U+180E"),
    ("\0", "U+0000"),
];

fn draft(sku: &str, name: &str) -> ProductDraft {
    ProductDraft {
        sku: sku.to_owned(),
        name: name.to_owned(),
        description: String::new(),
        category: "Tests".to_owned(),
        price: Money { amount_minor: 450, currency: "EUR".parse().unwrap() },
    }
}

async fn add(shop: &Shop, draft: &ProductDraft) -> Answer {
    let token = shop.staff().await.tokens().await.unwrap().access_token;
    answer(shop.request(Method::POST, "catalog-service", "/products").bearer_auth(token).json(draft)).await
}

async fn search(shop: &Shop, words: &str) -> Vec<Product> {
    let request = shop.request(Method::GET, "catalog-service", "/products").query(&[("q", words)]);
    let found = answer(request).await;
    assert_eq!(found.status, 200, "{}", found.body);
    serde_json::from_value::<Page<Product>>(found.body).unwrap().items
}

fn detail(answer: &Answer) -> &str {
    answer.body["errors"][0]["detail"].as_str().unwrap()
}

#[tokio::test]
async fn a_product_with_invisible_text_is_refused() {
    let shop = Shop::shared().await;
    let good = draft(&unique("tea"), "Tea");
    for (text, code) in INVISIBLE {
        for text in [text.to_owned(), format!("Tea{text}pot")] {
            for (draft, pointer) in [
                (ProductDraft { name: text.clone(), ..good.clone() }, "/name"),
                (ProductDraft { category: text.clone(), ..good.clone() }, "/category"),
                (ProductDraft { description: text.clone(), ..good.clone() }, "/description"),
            ] {
                let refused = add(&shop, &draft).await;
                refused.is_problem(422).names(&[pointer]);
                assert!(detail(&refused).contains(code), "{}", refused.body);
            }
        }
    }
    for text in ["\u{2800}", "\u{3000}", " ", "Tea\u{2028}pot", "Tea\npot"] {
        add(&shop, &ProductDraft { name: text.to_owned(), ..good.clone() })
            .await
            .is_problem(422)
            .names(&["/name"]);
    }
    assert_eq!(add(&shop, &good).await.status, 201, "the refused products did not take the code");
}

#[tokio::test]
async fn an_order_with_invisible_text_is_refused() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 10).await;
    let ada = shop.customer("ada").await;
    let token = ada.token().await;
    let address = json!(Address {
        name: "Ada".into(),
        street: "1 Lane".into(),
        city: "London".into(),
        postal_code: "SW1".into(),
        country: "GB".into(),
    });
    let place = async |address: &Value, note: &str| {
        let body = json!({
            "items": [{ "product_id": tea.id, "quantity": 1 }],
            "payment_method": "pm_card_visa",
            "shipping_address": address,
            "note": note,
        });
        answer(shop.request(Method::POST, "order-service", "/orders").bearer_auth(&token).json(&body)).await
    };
    for (text, code) in INVISIBLE {
        let refused = place(&address, text).await;
        refused.is_problem(422).names(&["/note"]);
        assert!(detail(&refused).contains(code), "{}", refused.body);
        for field in ["name", "street", "city", "postal_code"] {
            let mut address = address.clone();
            address[field] = json!(format!("a{text}b"));
            let refused = place(&address, "").await;
            refused.is_problem(422).names(&[&format!("/shipping_address/{field}")]);
            assert!(detail(&refused).contains(code), "{}", refused.body);
        }
    }
    place(&address, "\u{2800}").await.is_problem(422).names(&["/note"]);

    let mut decomposed = address.clone();
    decomposed["city"] = json!(" Ko\u{308}ln ");
    let placed = place(&decomposed, "Two lines:\nmerci beaucoup, 👩\u{200d}💻 می\u{200c}خواهم").await;
    assert_eq!(placed.status, 201, "{}", placed.body);
    assert_eq!(placed.body["shipping_address"]["city"], "Köln");
    assert_eq!(placed.body["note"], "Two lines:\nmerci beaucoup, 👩\u{200d}💻 می\u{200c}خواهم");
}

#[tokio::test]
async fn a_username_with_invisible_text_is_refused() {
    let shop = Shop::shared().await;
    let email = format!("{}@example.com", unique("ada"));
    for (text, _) in INVISIBLE {
        for username in [text.repeat(3), format!("ada{text}")] {
            let body = json!({ "username": username, "email": email, "password": PASSWORD });
            let request = shop.request(Method::POST, "user-service", "/register").json(&body);
            answer(request).await.is_problem(422).names(&["/username"]);
        }
    }
}

#[tokio::test]
async fn a_search_ignores_case_accents_and_normalisation_forms() {
    let shop = Shop::shared().await;
    // A unique word, because other tests create products too.
    let own = unique("q");
    for (name, searches) in [
        ("Thé vert", ["THÉ VERT", "the\u{301} vert", "the vert"]),
        ("Kräuteröl", ["öl", "KRÄUTERÖL", "krauterol"]),
        ("Чай", ["чай", "ЧАЙ", "ча\u{438}\u{306}"]),
        ("Ñandú", ["ñandú", "n\u{303}andu\u{301}", "NANDU"]),
        ("ΣΟΦΟΣ", ["σοφος", "σοφοσ", "Σοφός"]),
        ("Weiße Straße", ["weiß", "STRASSE", "strasse"]),
        ("IRIS", ["iris", "Iris", "ÍRIS"]),
    ] {
        let product = draft(&unique("tea"), &format!("{own} {name}"));
        assert_eq!(add(&shop, &product).await.status, 201);
        for words in searches {
            let found = search(&shop, words).await;
            assert!(found.iter().any(|found| found.sku == product.sku), "{words} finds {name}");
        }
    }
    assert_eq!(search(&shop, &own).await.len(), 7);
    assert!(search(&shop, &format!("{own} %")).await.is_empty());
}

#[tokio::test]
async fn a_search_finds_products_of_an_older_release() {
    let shop = Shop::shared().await;
    let product = draft(&unique("tea"), &unique("first"));
    assert_eq!(add(&shop, &product).await.status, 201);
    // The previous release changes a name without updating the folded text.
    let name = format!("THÉ {}", unique("second"));
    sqlx::query("UPDATE products SET name = $1 WHERE sku = $2")
        .bind(&name)
        .bind(&product.sku)
        .execute(&shop.database("catalog-service"))
        .await
        .unwrap();
    let words = name.replace('É', "e").to_lowercase();
    eventually("the new name is found", async || (search(&shop, &words).await.len() == 1).then_some(()))
        .await;
    assert!(search(&shop, &product.name).await.is_empty());
}

#[tokio::test]
async fn skus_that_differ_only_in_case_or_look_like_ids_are_refused() {
    let shop = Shop::shared().await;
    let sku = unique("tea");
    assert_eq!(add(&shop, &draft(&sku, "Tea")).await.status, 201);
    for again in [sku.to_uppercase(), sku.clone()] {
        let taken = add(&shop, &draft(&again, "Tea")).await;
        assert_eq!(taken.is_problem(409).body["type"], "/problems/sku-taken");
    }
    let id = uuid::Uuid::now_v7();
    for id in [id.to_string(), id.to_string().to_uppercase(), id.simple().to_string()] {
        add(&shop, &draft(&id, "Tea")).await.is_problem(422).names(&["/sku"]);
    }
}

#[tokio::test]
async fn a_password_matches_in_any_normalisation_form() {
    let shop = Shop::shared().await;
    let name = unique("ada");
    let register = async |password: &str| {
        let body = json!({ "username": name, "email": format!("{name}@example.com"), "password": password });
        answer(shop.request(Method::POST, "user-service", "/register").json(&body)).await
    };
    let log_in = async |password: &str| {
        let body = json!({ "username": name, "password": password });
        answer(shop.request(Method::POST, "user-service", "/login").json(&body)).await.status
    };
    register("café\0au lait").await.is_problem(422).names(&["/password"]);
    assert_eq!(register("café au lait").await.status, 201);
    assert_eq!(log_in("cafe\u{301} au lait").await, 200);
    assert_eq!(log_in("café\u{a0}au\u{3000}lait").await, 200);
    assert_eq!(log_in("Café au lait").await, 401);
    assert_eq!(log_in("cafe au lait").await, 401);
}
