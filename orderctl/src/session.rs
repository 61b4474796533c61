//! The client of a user who has logged in.

use crate::{
    client::Client,
    endpoints::under,
    error::Error,
    http,
    session_file::{Saved, SessionFile},
    socket::Socket,
    tokens::{TokenKeeper, Tokens},
    watch::{Follow, Watch},
};
use backon::{ExponentialBuilder, Retryable};
use chrono::{DateTime, Utc};
use contract::{
    catalog::{Product, ProductDraft, Stock, StockCount},
    ids::{OrderId, ProductId, UserId},
    orders::{Order, OrderHistoryEntry, OrderStatus, PayAgain, PlaceOrder},
    page::Page,
    payments::{LedgerCharge, ProviderCharge},
    users::User,
};
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt, sync::Arc, time::Duration};
use uuid::Uuid;

/// A client with a login. Renews its access token by itself, before it ends or
/// when it is refused. Cheap to clone; clones are the same session.
#[derive(Clone)]
pub struct Session {
    tokens: Arc<TokenKeeper>,
}

/// Which orders.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OrderQuery {
    /// Only orders with this status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<OrderStatus>,
    /// Staff: only orders of this customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// How many at most, up to 100; the service's own number where this is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before; the first page where this is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Which charges.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChargeQuery {
    /// Only charges from this moment on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// How many at most, up to 100; the service's own number where this is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before; the first page where this is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl Session {
    /// A session with these tokens.
    #[must_use]
    pub fn new(client: Client, tokens: Tokens) -> Self {
        Self { tokens: Arc::new(TokenKeeper::new(client, tokens, None)) }
    }

    /// A session that cannot renew its one token: what the services say to it is passed on as it is.
    #[must_use]
    pub fn with_access_token(client: Client, access_token: impl Into<String>) -> Self {
        let access_token = access_token.into();
        let tokens = Tokens { access_token, refresh_token: None, renew_at: DateTime::<Utc>::MAX_UTC };
        Self::new(client, tokens)
    }

    /// The session that is kept in a file, and goes on being kept there. It has ended where there is
    /// none for these services.
    pub fn open(client: Client, file: SessionFile) -> Result<Self, Error> {
        let Saved { users, tokens, .. } = file.load()?.ok_or(Error::SessionEnded)?;
        if users != client.endpoints().users.as_str() {
            return Err(Error::SessionEnded);
        }
        Ok(Self { tokens: Arc::new(TokenKeeper::new(client, tokens, Some(file))) })
    }

    /// The client that it was logged in with.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.tokens.client
    }

    /// The tokens, renewed if it is time.
    pub async fn tokens(&self) -> Result<Tokens, Error> {
        self.tokens.current().await
    }

    /// The tokens that come after those with this access token, which was refused or is about to end.
    pub async fn renewed(&self, access_token: &str) -> Result<Tokens, Error> {
        self.tokens.replace(access_token.to_owned()).await
    }

    /// Ends the session at the service. Access tokens already given stay good until they end.
    pub async fn logout(self) -> Result<(), Error> {
        match self.tokens().await?.refresh_token {
            Some(refresh_token) => self.client().logout(&refresh_token).await,
            None => Ok(()),
        }
    }

    /// Oneself.
    pub async fn me(&self) -> Result<User, Error> {
        self.json(self.http().get(self.users(&["me"]))).await
    }

    /// A user. Customers read their own account only.
    pub async fn user(&self, id: UserId) -> Result<User, Error> {
        self.json(self.http().get(self.users(&["users", &id.to_string()]))).await
    }

    /// Places an order. A request that gets no answer is repeated; it stays one order.
    pub async fn place(&self, order: &PlaceOrder) -> Result<Order, Error> {
        self.place_with_key(order, &Uuid::now_v7().to_string()).await
    }

    /// Places an order under an idempotency key of the caller's. The same order again under the same
    /// key, today or from another process, answers with the first one.
    pub async fn place_with_key(&self, order: &PlaceOrder, key: &str) -> Result<Order, Error> {
        let place = || {
            let request = self.http().post(self.orders_at(&[])).header("idempotency-key", key);
            self.json(request.json(order))
        };
        let few = ExponentialBuilder::new().with_min_delay(Duration::from_millis(250)).with_max_times(3);
        place.retry(few.with_jitter()).when(Error::is_unanswered).await
    }

    /// One order.
    pub async fn order(&self, id: OrderId) -> Result<Order, Error> {
        self.json(self.http().get(self.order_at(id, &[]))).await
    }

    /// One page of one's orders, the newest first; staff see everybody's.
    pub async fn orders(&self, query: &OrderQuery) -> Result<Page<Order>, Error> {
        self.json(self.http().get(self.orders_at(&[])).query(query)).await
    }

    /// Staff: one page of the charges in payment-worker's ledger, those of the newest orders first.
    pub async fn ledger_charges(&self, query: &ChargeQuery) -> Result<Page<LedgerCharge>, Error> {
        let url = under(&self.client().endpoints().payments, &["charges"]);
        self.json(self.http().get(url).query(query)).await
    }

    /// Staff: one page of the charges that the payment provider has, newest first.
    pub async fn provider_charges(&self, query: &ChargeQuery) -> Result<Page<ProviderCharge>, Error> {
        let url = under(&self.client().endpoints().payments, &["provider", "charges"]);
        self.json(self.http().get(url).query(query)).await
    }

    /// An order's way so far.
    pub async fn events(&self, id: OrderId) -> Result<Page<OrderHistoryEntry>, Error> {
        self.json(self.http().get(self.order_at(id, &["events"]))).await
    }

    /// Cancels an order.
    pub async fn cancel(&self, id: OrderId) -> Result<Order, Error> {
        self.json(self.http().post(self.order_at(id, &["cancel"]))).await
    }

    /// Pays an order whose payment was declined by another method.
    pub async fn pay(&self, id: OrderId, payment: &PayAgain) -> Result<Order, Error> {
        self.json(self.http().post(self.order_at(id, &["payment"])).json(payment)).await
    }

    /// Asks for an order's money back: while it is `paid`, staff also when it is `completed`.
    pub async fn refund(&self, id: OrderId) -> Result<Order, Error> {
        self.json(self.http().post(self.order_at(id, &["refund"]))).await
    }

    /// Staff: adds a product.
    pub async fn create_product(&self, draft: &ProductDraft) -> Result<Product, Error> {
        self.json(self.http().post(self.products(&[])).json(draft)).await
    }

    /// Staff: changes a product.
    pub async fn update_product(&self, id: ProductId, draft: &ProductDraft) -> Result<Product, Error> {
        self.json(self.http().put(self.products(&[&id.to_string()])).json(draft)).await
    }

    /// Staff: takes a product out of the catalogue.
    pub async fn delete_product(&self, id: ProductId) -> Result<(), Error> {
        let response = self.send(self.http().delete(self.products(&[&id.to_string()]))).await?;
        http::accepted(response).await?;
        Ok(())
    }

    /// Staff: says how many pieces there are.
    pub async fn set_stock(&self, id: ProductId, on_hand: i64) -> Result<Stock, Error> {
        let url = self.products(&[&id.to_string(), "stock"]);
        self.json(self.http().put(url).json(&StockCount { on_hand })).await
    }

    /// Follows orders; the connection stands and is subscribed when this returns.
    pub async fn watch(&self, follow: Follow) -> Result<Watch, Error> {
        Watch::start(self.clone(), follow).await
    }

    /// One authenticated connection, subscribed to nothing yet.
    pub async fn socket(&self) -> Result<Socket, Error> {
        let mut socket = Socket::connect(&self.client().endpoints().socket).await?;
        socket.authenticate(&self.tokens().await?.access_token).await?;
        Ok(socket)
    }

    async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Error> {
        http::body(self.send(request).await?).await
    }

    /// Sends with the access token; once more with a new one where that was refused.
    async fn send(&self, request: RequestBuilder) -> Result<Response, Error> {
        let again = request.try_clone();
        let tokens = self.tokens.current().await?;
        let response = http::send(request.bearer_auth(&tokens.access_token)).await?;
        match again {
            Some(again)
                if response.status() == StatusCode::UNAUTHORIZED && tokens.refresh_token.is_some() =>
            {
                let tokens = self.tokens.replace(tokens.access_token).await?;
                http::send(again.bearer_auth(&tokens.access_token)).await
            }
            _ => Ok(response),
        }
    }

    fn http(&self) -> &reqwest::Client {
        &self.client().http
    }

    fn users(&self, segments: &[&str]) -> Url {
        under(&self.client().endpoints.users, segments)
    }

    fn products(&self, segments: &[&str]) -> Url {
        under(&under(&self.client().endpoints.catalog, &["products"]), segments)
    }

    fn orders_at(&self, segments: &[&str]) -> Url {
        under(&under(&self.client().endpoints.orders, &["orders"]), segments)
    }

    fn order_at(&self, id: OrderId, segments: &[&str]) -> Url {
        under(&self.orders_at(&[&id.to_string()]), segments)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("client", self.client()).finish_non_exhaustive()
    }
}
