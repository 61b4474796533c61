//! The client without a login.

use crate::{
    endpoints::{Endpoints, under},
    error::Error,
    http,
    tokens::Tokens,
};
use contract::{
    catalog::{Categories, Product},
    ids::ProductId,
    page::Page,
    users::{RefreshRequest, Registration, TokenPair, User},
};
use serde::Serialize;

/// A client without a login. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) endpoints: Endpoints,
}

/// The largest page size that the service accepts.
const LARGEST_PAGE: u32 = 100;

/// A filter for products.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ProductQuery {
    /// Only this category. The text must match exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Only products with this text in their name or description. Case does not matter.
    #[serde(rename = "q", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The page size, up to 100. If missing, the service's default applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the previous page. If missing, the first page is returned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl Client {
    /// Creates a client of the services at these addresses.
    pub fn new(endpoints: Endpoints) -> Result<Self, Error> {
        Ok(Self { http: runtime::http_client::client(http::TIMEOUT)?, endpoints })
    }

    /// The addresses of the services.
    #[must_use]
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Opens an account.
    pub async fn register(&self, registration: &Registration) -> Result<User, Error> {
        let url = under(&self.endpoints.users, &["register"]);
        http::body(http::send(self.http.post(url).json(registration)).await?).await
    }

    /// One page of the catalogue.
    pub async fn products(&self, query: &ProductQuery) -> Result<Page<Product>, Error> {
        let url = under(&self.endpoints.catalog, &["products"]);
        http::body(http::send(self.http.get(url).query(query)).await?).await
    }

    /// All products that match the query. Reads page after page.
    pub async fn all_products(&self, query: ProductQuery) -> Result<Vec<Product>, Error> {
        let mut query = ProductQuery { limit: query.limit.or(Some(LARGEST_PAGE)), ..query };
        let mut products = Vec::new();
        loop {
            let page = self.products(&query).await?;
            products.extend(page.items);
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                return Ok(products);
            }
        }
    }

    /// The categories that have products.
    pub async fn categories(&self) -> Result<Vec<String>, Error> {
        let url = under(&self.endpoints.catalog, &["products", "categories"]);
        let categories: Categories = http::body(http::send(self.http.get(url)).await?).await?;
        Ok(categories.items)
    }

    /// One product.
    pub async fn product(&self, id: ProductId) -> Result<Product, Error> {
        let url = under(&self.endpoints.catalog, &["products", &id.to_string()]);
        http::body(http::send(self.http.get(url)).await?).await
    }

    /// Exchanges a refresh token for the next pair of tokens. A refresh token works once.
    pub async fn refresh(&self, refresh_token: &str) -> Result<Tokens, Error> {
        let url = under(&self.endpoints.users, &["refresh"]);
        let body = RefreshRequest { refresh_token: refresh_token.to_owned() };
        let pair: TokenPair = http::body(http::send(self.http.post(url).json(&body)).await?).await?;
        Ok(pair.into())
    }

    /// Ends the session that a refresh token belongs to.
    pub async fn logout(&self, refresh_token: &str) -> Result<(), Error> {
        let url = under(&self.endpoints.users, &["logout"]);
        let body = RefreshRequest { refresh_token: refresh_token.to_owned() };
        http::accepted(http::send(self.http.post(url).json(&body)).await?).await?;
        Ok(())
    }
}
