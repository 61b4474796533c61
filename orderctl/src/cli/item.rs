//! `SKU-or-product-id[:QUANTITY]`, and which products are meant.

use super::failure::Failure;
use common::contract::{ids::ProductId, orders::Item};
use orderctl::{Client, ProductQuery};
use std::{collections::HashMap, str::FromStr};

/// What to order, in the customer's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    product: Named,
    quantity: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    Id(ProductId),
    Sku(String),
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Neither a SKU nor an id has a colon.
        let (name, quantity) = match text.split_once(':') {
            Some((name, quantity)) => (name, quantity.parse().ok()),
            None => (text, Some(1)),
        };
        let quantity = quantity.filter(|_| !name.is_empty()).ok_or(
            "an item is a SKU or a product's id, then perhaps `:` and a whole number, as in TEA-1:2",
        )?;
        let product = name.parse().map_or_else(|_| Named::Sku(name.to_owned()), Named::Id);
        Ok(Self { product, quantity })
    }
}

/// Finds the products that are named by their SKU.
pub(crate) async fn resolve(client: &Client, wanted: Vec<Wanted>) -> Result<Vec<Item>, Failure> {
    let has_skus = wanted.iter().any(|wanted| matches!(wanted.product, Named::Sku(_)));
    let products = if has_skus { client.all_products(ProductQuery::default()).await? } else { Vec::new() };
    let ids: HashMap<_, _> = products.into_iter().map(|product| (product.sku, product.id)).collect();
    wanted
        .into_iter()
        .map(|Wanted { product, quantity }| {
            let product_id = match product {
                Named::Id(id) => id,
                Named::Sku(sku) => *ids.get(&sku).ok_or(Failure::UnknownSku(sku))?,
            };
            Ok(Item { product_id, quantity })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sku(sku: &str, quantity: u32) -> Wanted {
        Wanted { product: Named::Sku(sku.into()), quantity }
    }

    #[test]
    fn items_are_read() {
        assert_eq!("TEA-EARLGREY-100".parse(), Ok(sku("TEA-EARLGREY-100", 1)));
        assert_eq!("TEA-1:12".parse(), Ok(sku("TEA-1", 12)));
        // Whether 0 is allowed is the service's to say.
        assert_eq!("TEA-1:0".parse(), Ok(sku("TEA-1", 0)));
        let id = ProductId::new();
        assert_eq!(format!("{id}:3").parse(), Ok(Wanted { product: Named::Id(id), quantity: 3 }));
        for bad in ["", ":2", "TEA-1:", "TEA-1:x", "TEA-1:-1", "TEA-1:1:1", "TEA-1:1.5", "TEA-1:99999999999"]
        {
            assert!(bad.parse::<Wanted>().is_err(), "{bad}");
        }
    }
}
