//! The catalogue's file fills an empty catalogue. Afterwards the catalogue belongs to staff.

use common::contract::{catalog::ProductDraft, orders::OrderStatus::Completed};
use devstack::catalogue;
use orderctl::ProductQuery;
use std::collections::BTreeSet;
use system_tests::Shop;

#[tokio::test]
async fn loading_the_catalogue_again_keeps_what_staff_changed_and_deleted() {
    let shop = Shop::start().await;
    let all = async || shop.client(1).all_products(ProductQuery::default()).await.unwrap();

    let first = catalogue::load(shop.stack()).await.unwrap();
    let products = all().await;
    assert_eq!((first.products, first.added), (products.len(), products.len()));
    assert!(products.len() >= 24);
    let shelves: BTreeSet<_> = products.iter().map(|product| &product.category).collect();
    assert!(shelves.len() >= 3, "{shelves:?}");

    // A piece is sold, a product is renamed, another one is deleted.
    let [sold, changed, deleted] = [&products[0], &products[1], &products[2]];
    let ada = shop.customer("ada").await;
    ada.places(&[(sold, 1)]).await.reaches(Completed).await;
    let draft = ProductDraft {
        sku: changed.sku.clone(),
        name: "Another name".to_owned(),
        description: changed.description.clone(),
        category: changed.category.clone(),
        price: changed.price,
    };
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

#[tokio::test]
async fn an_interrupted_load_is_completed() {
    let shop = Shop::start().await;
    let load = async || catalogue::load(shop.stack()).await.unwrap();
    let all = async || shop.client(1).all_products(ProductQuery::default()).await.unwrap();
    let whole = load().await.products;
    let products = all().await;

    // A run that ended after some products: the last one has no stock yet, and the next is missing.
    shop.staff().await.set_stock(products[0].id, 0).await.unwrap();
    shop.staff().await.delete_product(products[1].id).await.unwrap();
    std::fs::write(shop.stack().folder().path("catalogue-unfinished"), "").unwrap();

    let loaded = load().await;
    assert_eq!((loaded.products, loaded.added), (whole, 2));
    let stock = |products: &[common::contract::catalog::Product]| {
        products.iter().map(|product| (product.sku.clone(), product.available)).collect::<BTreeSet<_>>()
    };
    assert_eq!(stock(&all().await), stock(&products));
    assert_eq!(load().await.added, 0, "the load is complete");
}
