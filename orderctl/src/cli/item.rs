//! Parses `SKU-OR-ID[:QUANTITY]` and finds the product.

use super::failure::Failure;
use contract::{catalog::Product, ids::ProductId, orders::Item};
use orderctl::{Client, ProductQuery};
use std::str::FromStr;

/// A product and its quantity, as the user wrote them.
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
        let (name, quantity) = text.split_once(':').unwrap_or((text, "1"));
        if name.is_empty() {
            return Err(
                "an item is a product's SKU or id, with a quantity if it is not 1, such as TEA-1 or \
                        TEA-1:2; `orderctl products` lists the SKUs"
                    .to_owned(),
            );
        }
        let quantity = quantity
            .parse()
            .map_err(|_| format!("the quantity of {name} must be a whole number, such as {name}:2"))?;
        let product = name.parse().map_or_else(|_| Named::Sku(name.to_owned()), Named::Id);
        Ok(Self { product, quantity })
    }
}

/// Finds the ids of products with an SKU.
pub(crate) async fn resolve(client: &Client, wanted: Vec<Wanted>) -> Result<Vec<Item>, Failure> {
    let has_skus = wanted.iter().any(|wanted| matches!(wanted.product, Named::Sku(_)));
    let products = if has_skus { client.all_products(ProductQuery::default()).await? } else { Vec::new() };
    let item = |Wanted { product, quantity }| {
        let product_id = match product {
            Named::Id(id) => id,
            Named::Sku(sku) => find(&products, sku)?,
        };
        Ok(Item { product_id, quantity })
    };
    wanted.into_iter().map(item).collect()
}

/// Finds the product with this SKU. Case matters only if two SKUs differ in case alone.
fn find(products: &[Product], sku: String) -> Result<ProductId, Failure> {
    let found: Vec<_> = products.iter().filter(|product| product.sku.eq_ignore_ascii_case(&sku)).collect();
    match found.as_slice() {
        [] => Err(Failure::UnknownSku(sku)),
        [only] => Ok(only.id),
        several => {
            let exact = several.iter().find(|product| product.sku == sku).map(|product| product.id);
            let skus = || several.iter().map(|product| product.sku.clone()).collect();
            exact.ok_or_else(|| Failure::AmbiguousSku { skus: skus(), sku })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::money::Money;

    fn sku(sku: &str, quantity: u32) -> Wanted {
        Wanted { product: Named::Sku(sku.into()), quantity }
    }

    #[test]
    fn items_are_read() {
        assert_eq!("TEA-EARLGREY-100".parse(), Ok(sku("TEA-EARLGREY-100", 1)));
        assert_eq!("TEA-1:12".parse(), Ok(sku("TEA-1", 12)));
        // The service decides whether 0 is allowed.
        assert_eq!("TEA-1:0".parse(), Ok(sku("TEA-1", 0)));
        let id = ProductId::new();
        assert_eq!(format!("{id}:3").parse(), Ok(Wanted { product: Named::Id(id), quantity: 3 }));
        for bad in ["TEA-1:", "TEA-1:x", "TEA-1:-1", "TEA-1:1:1", "TEA-1:1.5", "TEA-1:99999999999"] {
            let expected = "the quantity of TEA-1 must be a whole number, such as TEA-1:2";
            assert_eq!(bad.parse::<Wanted>(), Err(expected.to_owned()), "{bad}");
        }
        for bad in ["", ":2"] {
            assert!(
                bad.parse::<Wanted>().unwrap_err().starts_with("an item is a product's SKU or id"),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_sku_is_found_in_upper_and_lower_case() {
        let product = |sku: &str| Product {
            id: ProductId::new(),
            sku: sku.to_owned(),
            name: String::new(),
            description: String::new(),
            category: String::new(),
            price: Money { amount_minor: 100, currency: "EUR".parse().unwrap() },
            available: 1,
            updated_at: "2001-02-03T12:00:00Z".parse().unwrap(),
        };
        let products = ["TEA-1", "tea-x", "TEA-X"].map(product);
        let id = |index: usize| products[index].id;
        assert_eq!(find(&products, "tea-1".into()).unwrap(), id(0));
        assert_eq!(find(&products, "TEA-X".into()).unwrap(), id(2));
        let unclear = find(&products, "Tea-x".into()).unwrap_err().to_string();
        assert_eq!(unclear, "Tea-x matches several products: tea-x and TEA-X; use the exact SKU");
        let unknown = find(&products, "TEA-2".into()).unwrap_err().to_string();
        assert_eq!(unknown, "the catalogue has no product TEA-2; `orderctl products` lists the SKUs");
    }
}
