//! Lists are paged by key. Entries that are added or removed between two pages do not repeat or hide other
//! entries.

use contract::{ids::OrderId, orders::OrderStatus::Completed};
use orderctl::{OrderQuery, ProductQuery};
use reqwest::Method;
use system_tests::{Answer, Shop, answer, unique};

#[tokio::test]
async fn orders_placed_between_two_pages_do_not_change_the_next_page() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 100).await;
    let ada = shop.customer("ada").await;
    let mut expected: Vec<OrderId> = Vec::new();
    for _ in 0..7 {
        expected.insert(0, ada.places(&[(&tea, 1)]).await.id);
    }

    let mut query = OrderQuery { limit: Some(3), ..OrderQuery::default() };
    let (mut paged, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let page = ada.session().orders(&query).await.unwrap();
        sizes.push(page.items.len());
        paged.extend(page.items.into_iter().map(|order| order.id));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
        ada.places(&[(&tea, 1)]).await;
    }

    assert_eq!(paged, expected, "newest first, each once");
    assert_eq!(sizes, [3, 3, 1]);
    let all = ada.session().orders(&OrderQuery::default()).await.unwrap();
    assert_eq!((all.items.len(), all.next_cursor), (9, None));
}

#[tokio::test]
async fn the_last_page_has_no_cursor() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 100).await;
    let ada = shop.customer("ada").await;
    let none = ada.session().orders(&OrderQuery::default()).await.unwrap();
    assert_eq!((none.items.len(), none.next_cursor), (0, None));
    for _ in 0..2 {
        ada.places(&[(&tea, 1)]).await.reaches(Completed).await;
    }

    let query = OrderQuery { limit: Some(2), status: Some(Completed), ..OrderQuery::default() };
    let page = ada.session().orders(&query).await.unwrap();
    assert_eq!((page.items.len(), page.next_cursor), (2, None));
}

#[tokio::test]
async fn changed_products_between_two_pages_do_not_repeat_or_hide_others() {
    let shop = Shop::shared().await;
    let category = unique("Category");
    let mut products = Vec::new();
    for name in ["assam", "ceylon", "darjeeling", "lapsang", "oolong"] {
        products.push(shop.sells_in_category(&category, name, 450, 1).await);
    }

    let mut query =
        ProductQuery { category: Some(category.clone()), limit: Some(2), ..ProductQuery::default() };
    let first = shop.client(1).products(&query).await.unwrap();
    shop.staff().await.delete_product(products[1].id).await.unwrap();
    let late = shop.sells_in_category(&category, "sencha", 450, 1).await;
    query.cursor = first.next_cursor;
    query.limit = Some(100);
    let rest = shop.client(1).products(&query).await.unwrap();

    let names: Vec<_> = first.items.iter().chain(&rest.items).map(|product| product.name.as_str()).collect();
    assert_eq!(names, ["assam", "ceylon", "darjeeling", "lapsang", "oolong", late.name.as_str()]);
    assert_eq!(rest.next_cursor, None);
}

#[tokio::test]
async fn an_invalid_page_request_is_refused() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let token = ada.token().await;
    let get = async |service: &str, path: &str| -> Answer {
        answer(shop.request(Method::GET, service, path).bearer_auth(&token)).await
    };
    for limit in [0, 101] {
        for (service, list) in [("order-service", "orders"), ("catalog-service", "products")] {
            get(service, &format!("/{list}?limit={limit}")).await.is_problem(422).names(&["limit"]);
        }
    }
    for (service, list) in [("order-service", "orders"), ("catalog-service", "products")] {
        for query in ["limit=many", "limit=-1x", "colour=blue"] {
            let (name, _) = query.split_once('=').unwrap();
            get(service, &format!("/{list}?{query}")).await.is_problem(422).names(&[name]);
        }
    }
    for path in ["/orders?cursor=there", "/orders?status=lost"] {
        let (_, name) = path.split_once('?').unwrap();
        let (name, _) = name.split_once('=').unwrap();
        get("order-service", path).await.is_problem(422).names(&[name]);
    }
    get("catalog-service", "/products?cursor=there").await.is_problem(422).names(&["cursor"]);
}
