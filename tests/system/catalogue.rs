//! The catalogue file fills an empty catalogue. Later loads keep the changes of staff.

use contract::{
    catalog::{Product, ProductDraft},
    orders::OrderStatus::Completed,
};
use devstack::catalogue;
use orderctl::ProductQuery;
use reqwest::Method;
use std::collections::BTreeSet;
use system_tests::{Shop, answer};

#[tokio::test]
async fn loading_the_catalogue_again_keeps_what_staff_changed_and_deleted() {
    let shop = Shop::start().await;
    let all = async || shop.client(1).all_products(ProductQuery::default()).await.unwrap();

    let first = catalogue::load(shop.stack()).await.unwrap();
    let products = all().await;
    assert_eq!((first.products, first.added), (products.len(), products.len()));
    assert!(products.len() >= 24);
    let categories: BTreeSet<_> = products.iter().map(|product| &product.category).collect();
    assert!(categories.len() >= 3, "{categories:?}");

    // A piece is sold, a product is renamed, another one is deleted.
    let [sold, changed, deleted] = [&products[0], &products[1], &products[2]];
    let ada = shop.customer("ada").await;
    ada.places(&[(sold, 1)]).await.reaches(Completed).await;
    let draft = ProductDraft { name: "Another name".to_owned(), ..draft_of(changed) };
    shop.staff().await.update_product(changed.id, &draft).await.unwrap();
    shop.staff().await.delete_product(deleted.id).await.unwrap();

    let again = catalogue::load(shop.stack()).await.unwrap();
    assert_eq!((again.products, again.added), (products.len() - 1, 0));
    let after = all().await;
    let found = |id| after.iter().find(|product| product.id == id);
    assert_eq!(found(sold.id).unwrap().available, sold.available - 1);
    assert_eq!(found(changed.id).unwrap().name, "Another name");
    assert!(found(deleted.id).is_none());
}

fn draft_of(product: &Product) -> ProductDraft {
    ProductDraft {
        sku: product.sku.clone(),
        name: product.name.clone(),
        description: product.description.clone(),
        category: product.category.clone(),
        price: product.price,
    }
}

#[tokio::test]
async fn a_stale_form_does_not_overwrite_a_newer_price() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 690, 10).await;
    let path = format!("/api/products/{}", tea.id);
    let read = async || {
        let get = shop.request_at_gateway(Method::GET, &path).header("accept-encoding", "gzip, zstd");
        answer(get).await
    };
    let token = shop.staff().await.tokens().await.expect("tokens").access_token;
    let put = async |etag: &str, draft: &ProductDraft| {
        let put = shop.request_at_gateway(Method::PUT, &path).bearer_auth(&token);
        answer(put.header("if-match", etag).json(draft)).await
    };
    // Long enough that the gateway would compress it.
    let described = ProductDraft { description: "Black tea. ".repeat(200), ..draft_of(&tea) };
    let loaded = put("*", &described).await.header("etag").to_owned();
    assert_eq!(read().await.header("etag"), loaded, "the gateway does not change the ETag");

    // An order takes stock between the two forms.
    shop.customer("ada").await.places(&[(&tea, 1)]).await.reaches(Completed).await;
    let mut dearer = described.clone();
    dearer.price.amount_minor = 750;
    assert_eq!(put(&loaded, &dearer).await.status, 200);

    let stale = put(&loaded, &ProductDraft { description: "Green.".to_owned(), ..described }).await;
    assert_eq!(stale.is_problem(412).body["type"], "/problems/product-changed");
    let now = read().await;
    assert_eq!((&stale.body["current_product"], stale.header("etag")), (&now.body, now.header("etag")));
    assert_eq!((&now.body["price"]["amount_minor"], &now.body["available"]), (&750.into(), &9.into()));

    let merged = ProductDraft { description: "Green.".to_owned(), ..dearer };
    assert_eq!(put(stale.header("etag"), &merged).await.status, 200);
}

#[tokio::test]
async fn an_interrupted_load_is_completed() {
    let shop = Shop::start().await;
    let load = async || catalogue::load(shop.stack()).await.unwrap();
    let all = async || shop.client(1).all_products(ProductQuery::default()).await.unwrap();
    let whole = load().await.products;
    let products = all().await;

    // Simulates a run that was interrupted: one product has no stock yet, and the next one is missing.
    shop.staff().await.set_stock(products[0].id, 0).await.unwrap();
    shop.staff().await.delete_product(products[1].id).await.unwrap();
    std::fs::write(shop.stack().folder().path("catalogue-unfinished"), "").unwrap();

    let loaded = load().await;
    assert_eq!((loaded.products, loaded.added), (whole, 2));
    let stock = |products: &[Product]| {
        products.iter().map(|product| (product.sku.clone(), product.available)).collect::<BTreeSet<_>>()
    };
    assert_eq!(stock(&all().await), stock(&products));
    assert_eq!(load().await.added, 0, "the load is complete");
}
