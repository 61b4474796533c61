//! The client of catalog-service. Quotes and prices need the list prices and categories of products.

use contract::{catalog::Product, ids::ProductId, page::Page};
use moka::sync::Cache;
use reqwest::{Client, Url};
use rest::client::{CallError, body, refused};
use runtime::{
    http_client,
    trace::{TRACEPARENT, TraceContext},
};
use std::{collections::HashMap, time::Duration};

const CALL_TIMEOUT: Duration = Duration::from_secs(3);
/// A quote may show a list price that is this old. The price of an order comes from its reservation.
const MAX_AGE: Duration = Duration::from_secs(2);
/// The most products in the cache; they take some megabytes.
const MAX_PRODUCTS: u64 = 10_000;

/// The client of catalog-service. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Catalogue {
    http: Client,
    base: Url,
    products: Cache<ProductId, Product>,
}

impl Catalogue {
    /// The client of the catalog-service at `base`.
    pub(crate) fn at(base: Url) -> Result<Self, reqwest::Error> {
        let products = Cache::builder().max_capacity(MAX_PRODUCTS).time_to_live(MAX_AGE).build();
        Ok(Self { http: http_client::client(CALL_TIMEOUT)?, base, products })
    }

    /// Finds up to 100 products. Those that the shop does not have are missing.
    pub(crate) async fn find(&self, ids: &[ProductId]) -> Result<HashMap<ProductId, Product>, CallError> {
        let mut found = HashMap::new();
        let mut unknown = Vec::new();
        for id in ids {
            match self.products.get(id) {
                Some(product) => drop(found.insert(*id, product)),
                None => unknown.push(id.to_string()),
            }
        }
        if !unknown.is_empty() {
            for product in self.fetch(&unknown).await? {
                self.products.insert(product.id, product.clone());
                found.insert(product.id, product);
            }
        }
        Ok(found)
    }

    async fn fetch(&self, ids: &[String]) -> Result<Vec<Product>, CallError> {
        let path = "products";
        let address =
            self.base.join(path).map_err(|error| CallError::Address(path.to_owned(), error.to_string()))?;
        let mut request = self.http.get(address).query(&[("ids", ids.join(","))]);
        if let Some(context) = TraceContext::current() {
            request = request.header(TRACEPARENT, context.child().to_string());
        }
        let response = request.send().await?;
        if !response.status().is_success() {
            return Err(refused(response).await);
        }
        Ok(body::<Page<Product>>(response).await?.items)
    }
}
