//! Loads `catalogue.json` through the public staff API. Doing it again changes what differs and adds what is new.

use std::collections::HashMap;
use std::fmt;
use std::fs;

use anyhow::{Context as _, Result};
use common::contract::catalog::{Product, ProductDraft};
use common::contract::money::{Currency, Money};
use common::contract::users::Login;
use orderctl::ProductQuery;
use serde::Deserialize;

use crate::instance;
use crate::stack::Stack;

/// One product of the data file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    sku: String,
    name: String,
    description: String,
    category: String,
    price_minor: i64,
    currency: Currency,
    /// Pieces on hand when the product is first loaded; later the shop counts for itself.
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

    fn is_shown_as(&self, product: &Product) -> bool {
        let draft = self.draft();
        draft.name == product.name
            && draft.description == product.description
            && draft.category == product.category
            && draft.price == product.price
    }
}

/// What loading did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Products that were not there.
    pub added: usize,
    /// Products that differed.
    pub changed: usize,
    /// Products that were as the file says.
    pub kept: usize,
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} products", self.added + self.changed + self.kept)?;
        if self.added + self.changed > 0 {
            write!(f, " ({} new, {} changed)", self.added, self.changed)?;
        }
        Ok(())
    }
}

/// Loads the checkout's `catalogue.json` into a running stack.
pub async fn load(stack: &Stack) -> Result<Loaded> {
    let path = instance::checkout()?.join("catalogue.json");
    let json = fs::read(&path).with_context(|| format!("read {}", path.display()))?;
    let entries: Vec<Entry> =
        serde_json::from_slice(&json).with_context(|| format!("read {}", path.display()))?;

    let client = stack.client(1)?;
    let staff = stack.staff();
    let login = Login { username: staff.username, password: staff.password };
    let session = client.login(&login).await.context("log in as staff")?;
    let known = client.all_products(ProductQuery::default()).await.context("list the products")?;
    let known: HashMap<_, _> = known.into_iter().map(|product| (product.sku.clone(), product)).collect();

    let mut loaded = Loaded::default();
    for entry in &entries {
        let failed = || format!("load {}", entry.sku);
        match known.get(&entry.sku) {
            None => {
                let product = session.create_product(&entry.draft()).await.with_context(failed)?;
                session.set_stock(product.id, entry.stock).await.with_context(failed)?;
                loaded.added += 1;
            }
            Some(product) if entry.is_shown_as(product) => loaded.kept += 1,
            Some(product) => {
                session.update_product(product.id, &entry.draft()).await.with_context(failed)?;
                loaded.changed += 1;
            }
        }
    }
    Ok(loaded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_catalogue_can_be_read() {
        let json = fs::read(instance::checkout().unwrap().join("catalogue.json")).unwrap();
        let entries: Vec<Entry> = serde_json::from_slice(&json).unwrap();
        let codes: HashSet<_> = entries.iter().map(|entry| &entry.sku).collect();
        assert_eq!(codes.len(), entries.len(), "each product has a code of its own");
    }
}
