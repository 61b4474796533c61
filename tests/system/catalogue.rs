//! The catalogue is real input, loaded through the public staff API as often as one likes.

use devstack::catalogue;
use orderctl::ProductQuery;
use std::collections::BTreeSet;
use system_tests::Shop;

#[tokio::test]
async fn loading_the_catalogue_again_makes_no_duplicates() {
    let shop = Shop::start().await;
    let all = async || shop.client(1).all_products(ProductQuery::default()).await.unwrap();

    let first = catalogue::load(shop.stack()).await.unwrap();
    let products = all().await;
    assert_eq!((first.added, first.changed, first.kept), (products.len(), 0, 0));
    assert!(products.len() >= 24);
    let shelves: BTreeSet<_> = products.iter().map(|product| &product.category).collect();
    assert!(shelves.len() >= 3, "{shelves:?}");

    // The shop goes on: a piece is sold, a price is changed by hand.
    let (sold, changed) = (&products[0], &products[1]);
    let ada = shop.customer("ada").await;
    ada.places(&[(sold, 1)]).await.reaches(common::contract::orders::OrderStatus::Completed).await;
    let draft = common::contract::catalog::ProductDraft {
        sku: changed.sku.clone(),
        name: "by another name".to_owned(),
        description: changed.description.clone(),
        category: changed.category.clone(),
        price: changed.price,
    };
    shop.staff().await.update_product(changed.id, &draft).await.unwrap();

    let again = catalogue::load(shop.stack()).await.unwrap();
    assert_eq!((again.added, again.changed, again.kept), (0, 1, products.len() - 1));
    let after = all().await;
    assert_eq!(after.len(), products.len());
    assert_eq!(after[0].available, sold.available - 1, "what was sold stays sold");
    assert_eq!(after[1].name, changed.name);
}
