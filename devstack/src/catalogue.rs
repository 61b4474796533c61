//! Loads `catalogue.json` through the public staff API. Doing it again changes what differs and adds what is new.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use common::contract::catalog::{Product, ProductDraft, StockCount};
use common::contract::money::{Currency, Money};
use common::contract::page::Page;
use common::contract::users::{Login, TokenPair};
use reqwest::{Client, Method, Response, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

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
    let catalog = Catalog::log_in(stack).await?;
    let known = catalog.products().await?;
    let mut loaded = Loaded::default();
    for entry in &entries {
        match known.get(&entry.sku) {
            None => {
                let product: Product = catalog.send(Method::POST, "products", &entry.draft()).await?;
                let stock = StockCount { on_hand: entry.stock };
                catalog.order(Method::PUT, &format!("products/{}/stock", product.id), &stock).await?;
                loaded.added += 1;
            }
            Some(product) if entry.is_shown_as(product) => loaded.kept += 1,
            Some(product) => {
                catalog.order(Method::PUT, &format!("products/{}", product.id), &entry.draft()).await?;
                loaded.changed += 1;
            }
        }
    }
    Ok(loaded)
}

/// catalog-service, as staff use it.
struct Catalog {
    http: Client,
    base: Url,
    token: String,
}

impl Catalog {
    async fn log_in(stack: &Stack) -> Result<Self> {
        let http = common::http::client::client(Duration::from_secs(10))?;
        let staff = stack.staff();
        let login = Login { username: staff.username, password: staff.password };
        let url = format!("{}/login", stack.url("user-service", 1)?);
        let tokens: TokenPair =
            answer(http.post(url).json(&login).send().await?).await.context("log in as staff")?;
        let base = format!("{}/", stack.url("catalog-service", 1)?).parse()?;
        Ok(Self { http, base, token: tokens.access_token })
    }

    /// All products by their own code.
    async fn products(&self) -> Result<HashMap<String, Product>> {
        let mut products = HashMap::new();
        let mut url = self.base.join("products?limit=100")?;
        loop {
            let page: Page<Product> =
                answer(self.http.get(url.clone()).send().await?).await.context("list products")?;
            products.extend(page.items.into_iter().map(|product| (product.sku.clone(), product)));
            let Some(cursor) = page.next_cursor else {
                return Ok(products);
            };
            url = self.base.join("products?limit=100")?;
            url.query_pairs_mut().append_pair("cursor", &cursor);
        }
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T> {
        let request =
            self.http.request(method.clone(), self.base.join(path)?).bearer_auth(&self.token).json(body);
        answer(request.send().await?).await.with_context(|| format!("{method} /{path}"))
    }

    async fn order(&self, method: Method, path: &str, body: &impl Serialize) -> Result<()> {
        self.send::<serde_json::Value>(method, path, body).await.map(drop)
    }
}

async fn answer<T: DeserializeOwned>(response: Response) -> Result<T> {
    let status = response.status();
    if !status.is_success() {
        bail!("{status}: {}", response.text().await.unwrap_or_default());
    }
    Ok(response.json().await?)
}
