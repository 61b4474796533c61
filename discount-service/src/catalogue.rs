//! The client of catalog-service. Quotes and prices need the list prices and categories of products.
//!
//! Nothing is cached. An order is rejected if its total is not the one of the quote, so a quote needs the current
//! list prices.

use contract::{catalog::Product, ids::ProductId, page::Page};
use reqwest::{Client, Url};
use rest::client::{CallError, body, refused};
use runtime::{
    http_client,
    trace::{TRACEPARENT, TraceContext},
};
use std::{collections::HashMap, time::Duration};

const CALL_TIMEOUT: Duration = Duration::from_secs(3);

/// The client of catalog-service. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Catalogue {
    http: Client,
    base: Url,
}

impl Catalogue {
    /// The client of the catalog-service at `base`.
    pub(crate) fn at(base: Url) -> Result<Self, reqwest::Error> {
        Ok(Self { http: http_client::client(CALL_TIMEOUT)?, base })
    }

    /// Finds 1 to 100 products. Those that the shop does not have are missing.
    pub(crate) async fn find(&self, ids: &[ProductId]) -> Result<HashMap<ProductId, Product>, CallError> {
        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
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
        let products = body::<Page<Product>>(response).await?.items;
        Ok(products.into_iter().map(|product| (product.id, product)).collect())
    }
}
