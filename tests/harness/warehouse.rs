//! Products and their stock.

use crate::{
    customer::{euros, unique},
    eventually::eventually_telling,
    shop::Shop,
};
use contract::catalog::{Product, ProductDraft};

/// What stands on the shelf of one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shelf {
    /// Pieces in the warehouse.
    pub on_hand: i64,
    /// Those of them that are held for orders.
    pub reserved: i64,
}

impl Shop {
    /// Adds a product of the test's own: its name, its price in cents, the pieces there are.
    pub async fn sells(&self, name: &str, price: i64, on_hand: i64) -> Product {
        self.sells_on_shelf("Tests", name, price, on_hand).await
    }

    /// The same, on a shelf of one's choice.
    pub async fn sells_on_shelf(&self, category: &str, name: &str, price: i64, on_hand: i64) -> Product {
        let draft = ProductDraft {
            sku: unique(name).to_uppercase(),
            name: name.to_owned(),
            description: String::new(),
            category: category.to_owned(),
            price: euros(price),
        };
        let staff = self.staff().await;
        let product = staff.create_product(&draft).await.expect("create a product");
        staff.set_stock(product.id, on_hand).await.expect("count the stock");
        product
    }

    /// What stands on a product's shelf, which the public API tells only as a difference.
    pub async fn shelf(&self, product: &Product) -> Shelf {
        let (on_hand, reserved) = sqlx::query_as("select on_hand, reserved from products where id = $1")
            .bind(product.id.uuid())
            .fetch_one(&self.database("catalog-service"))
            .await
            .expect("look into the warehouse");
        Shelf { on_hand, reserved }
    }

    /// Waits until a product's shelf looks like this.
    pub async fn shelf_becomes(&self, product: &Product, on_hand: i64, reserved: i64) {
        let wanted = Shelf { on_hand, reserved };
        eventually_telling(&format!("the shelf of {} is {wanted:?}", product.name), async || {
            let shelf = self.shelf(product).await;
            if shelf == wanted { Ok(()) } else { Err(format!("it is {shelf:?}")) }
        })
        .await;
    }
}
