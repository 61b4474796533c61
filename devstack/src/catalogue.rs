//! Fills an empty catalogue from `catalogue.json`, and creates the promotions of `promotions.json`, through the
//! staff API. Later changes come only from staff.

use std::collections::HashMap;
use std::fmt;
use std::fs;

use anyhow::{Context as _, Result};
use contract::catalog::ProductDraft;
use contract::discounts::PromotionTerms;
use contract::money::{Currency, Money};
use contract::users::Login;
use orderctl::ProductQuery;
use serde::{Deserialize, de::DeserializeOwned};

use crate::instance;
use crate::stack::Stack;

/// A product of `catalogue.json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    sku: String,
    name: String,
    description: String,
    category: String,
    price_minor: i64,
    currency: Currency,
    /// Pieces on hand when the product is loaded.
    stock: i64,
}

impl Entry {
    fn draft(&self) -> ProductDraft {
        ProductDraft {
            sku: self.sku.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            category: self.category.clone(),
            price: Money { amount_minor: self.price_minor, currency: self.currency },
        }
    }
}

/// The result of [`load`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// The number of all products.
    pub products: usize,
    /// The number of products that this run added.
    pub added: usize,
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} products", self.products)?;
        if self.added > 0 {
            write!(f, " ({} new)", self.added)?;
        }
        Ok(())
    }
}

/// Loads the checkout's `catalogue.json` into the catalogue of a running stack. Continues a load that was
/// interrupted. Otherwise it changes only an empty catalogue.
pub async fn load(stack: &Stack) -> Result<Loaded> {
    let client = stack.client(1)?;
    let known = client.all_products(ProductQuery::default()).await.context("list the products")?;
    let unfinished = stack.folder().path("catalogue-unfinished");
    if !known.is_empty() && !unfinished.exists() {
        return Ok(Loaded { products: known.len(), added: 0 });
    }

    let entries: Vec<Entry> = read("catalogue.json")?;
    let staff = stack.staff();
    let login = Login { username: staff.username, password: staff.password };
    let session = client.login(&login).await.context("log in as staff")?;

    fs::write(&unfinished, "").with_context(|| format!("write {}", unfinished.display()))?;
    // Codes that differ only in case are the same code.
    let known: HashMap<_, _> =
        known.into_iter().map(|product| (product.sku.to_ascii_lowercase(), product)).collect();
    let mut added = 0;
    for entry in &entries {
        let failed = || format!("load {}", entry.sku);
        let id = match known.get(&entry.sku.to_ascii_lowercase()) {
            Some(product) if product.available > 0 => continue,
            // The earlier run was interrupted before it set the stock of this product.
            Some(product) => product.id,
            None => session.create_product(&entry.draft()).await.with_context(failed)?.id,
        };
        session.set_stock(id, entry.stock).await.with_context(failed)?;
        added += 1;
    }
    // An earlier run may have been interrupted after it had created a promotion.
    let known = session.promotions().await.context("list the promotions")?.items;
    for terms in read::<PromotionTerms>("promotions.json")? {
        if !known.iter().any(|promotion| promotion.terms.name == terms.name) {
            session.create_promotion(&terms).await.with_context(|| format!("load {}", terms.name))?;
        }
    }
    fs::remove_file(&unfinished).with_context(|| format!("remove {}", unfinished.display()))?;
    Ok(Loaded { products: entries.len(), added })
}

/// Reads a file with a list from the checkout.
fn read<T: DeserializeOwned>(name: &str) -> Result<Vec<T>> {
    let path = instance::checkout()?.join(name);
    let json = fs::read(&path).with_context(|| format!("read {}", path.display()))?;
    serde_json::from_slice(&json).with_context(|| format!("read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::discounts::Scope;
    use std::collections::HashSet;

    #[test]
    fn the_catalogue_and_the_promotions_can_be_read() {
        let entries: Vec<Entry> = read("catalogue.json").unwrap();
        let codes: HashSet<_> = entries.iter().map(|entry| entry.sku.to_ascii_lowercase()).collect();
        assert_eq!(codes.len(), entries.len(), "codes are unique");
        let categories: HashSet<_> = entries.iter().map(|entry| entry.category.as_str()).collect();
        for terms in read::<PromotionTerms>("promotions.json").unwrap() {
            if let Scope::Categories { categories: reduced } = &terms.scope {
                assert!(reduced.iter().all(|name| categories.contains(name.as_str())), "{}", terms.name);
            }
        }
    }
}
