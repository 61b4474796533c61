//! Products and their stock.

use crate::{
    customer::{euros, unique},
    eventually::eventually_ok,
    shop::Shop,
};
use contract::catalog::{Product, ProductDraft};

/// The stock of one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stock {
    /// Pieces in the warehouse.
    pub on_hand: i64,
    /// Pieces in the warehouse that are reserved for orders.
    pub reserved: i64,
}

impl Shop {
    /// Creates a product in the category `Tests`, with a price in cents and a number of pieces.
    pub async fn sells(&self, name: &str, price: i64, on_hand: i64) -> Product {
        self.sells_in_category("Tests", name, price, on_hand).await
    }

    /// Like [`Self::sells`], in another category.
    pub async fn sells_in_category(&self, category: &str, name: &str, price: i64, on_hand: i64) -> Product {
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

    /// Reads the stock of a product from the database. The public API shows only the available pieces.
    pub async fn stock(&self, product: &Product) -> Stock {
        let (on_hand, reserved) = sqlx::query_as("select on_hand, reserved from products where id = $1")
            .bind(product.id.uuid())
            .fetch_one(&self.database("catalog-service"))
            .await
            .expect("read the stock");
        Stock { on_hand, reserved }
    }

    /// Waits until a product has this stock.
    pub async fn stock_becomes(&self, product: &Product, on_hand: i64, reserved: i64) {
        let wanted = Stock { on_hand, reserved };
        eventually_ok(&format!("the stock of {} is {wanted:?}", product.name), async || {
            let stock = self.stock(product).await;
            if stock == wanted { Ok(()) } else { Err(format!("it is {stock:?}")) }
        })
        .await;
    }
}
