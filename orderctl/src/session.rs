//! The client of a logged-in user.

use crate::{
    client::Client,
    endpoints::under,
    error::Error,
    http,
    session_file::{Saved, SessionFile},
    socket::Socket,
    token_keeper::TokenKeeper,
    tokens::Tokens,
};
use backon::{ExponentialBuilder, Retryable};
use chrono::{DateTime, Utc};
use contract::{
    catalog::{Product, ProductDraft, Stock, StockCount},
    deliveries::Delivery,
    discounts::{Promotion, PromotionTerms},
    ids::{OrderId, ProductId, PromotionId, UserId},
    orders::{Order, OrderHistoryEntry, OrderStatus, PayAgain, PlaceOrder},
    page::Page,
    parked::{ParkedAuditEntry, ParkedMessage, ParkedPage, ParkedQuery, ParkedResults, ParkedSelection},
    payments::{LedgerCharge, ProviderCharge},
    users::{Login, TokenPair, User},
};
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt, sync::Arc, time::Duration};
use uuid::Uuid;

/// A client with a login. It renews its access token before it expires or when it is refused. Cheap to clone;
/// clones share the session.
#[derive(Clone)]
pub struct Session {
    tokens: Arc<TokenKeeper>,
}

/// A filter for orders.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OrderQuery {
    /// Only orders with this status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<OrderStatus>,
    /// Staff: only orders of this customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The page size, up to 100. If missing, the service's default applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the previous page. If missing, the first page is returned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A filter for charges.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChargeQuery {
    /// Only charges since this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// The page size, up to 100. If missing, the service's default applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the previous page. If missing, the first page is returned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl Client {
    /// Logs in.
    pub async fn login(&self, login: &Login) -> Result<Session, Error> {
        let url = under(&self.endpoints().users, &["login"]);
        let pair: TokenPair = http::body(http::send(self.http.post(url).json(login)).await?).await?;
        Ok(Session::new(self.clone(), pair.into()))
    }
}

impl Session {
    /// Creates a session with these tokens.
    #[must_use]
    pub fn new(client: Client, tokens: Tokens) -> Self {
        Self { tokens: Arc::new(TokenKeeper::new(client, tokens, None)) }
    }

    /// Creates a session that cannot renew its token. It returns a refusal of the token to the caller.
    #[must_use]
    pub fn with_access_token(client: Client, access_token: impl Into<String>) -> Self {
        let access_token = access_token.into();
        let tokens = Tokens { access_token, refresh_token: None, renew_at: DateTime::<Utc>::MAX_UTC };
        Self::new(client, tokens)
    }

    /// Opens the session in a file. New tokens are written to the same file.
    ///
    /// # Errors
    ///
    /// [`Error::SessionEnded`] if the file has no session for these services.
    pub fn open(client: Client, file: SessionFile) -> Result<Self, Error> {
        let Saved { users, tokens, .. } = file.load()?.ok_or(Error::SessionEnded)?;
        if users != client.endpoints().users.as_str() {
            return Err(Error::SessionEnded);
        }
        Ok(Self { tokens: Arc::new(TokenKeeper::new(client, tokens, Some(file))) })
    }

    /// The client of this session.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.tokens.client
    }

    /// The current tokens. Renews them first if they are about to expire.
    pub async fn tokens(&self) -> Result<Tokens, Error> {
        self.tokens.current().await
    }

    /// The tokens that replace those with this access token, which was refused or is about to expire.
    pub async fn renewed(&self, access_token: &str) -> Result<Tokens, Error> {
        self.tokens.replace(access_token.to_owned()).await
    }

    /// Ends the session at the service. Existing access tokens stay valid until they expire.
    pub async fn logout(self) -> Result<(), Error> {
        match self.tokens().await?.refresh_token {
            Some(refresh_token) => self.client().logout(&refresh_token).await,
            None => Ok(()),
        }
    }

    /// The account of the logged-in user.
    pub async fn me(&self) -> Result<User, Error> {
        self.json(self.http().get(self.users(&["me"]))).await
    }

    /// An account. Customers can read only their own.
    pub async fn user(&self, id: UserId) -> Result<User, Error> {
        self.json(self.http().get(self.users(&["users", &id.to_string()]))).await
    }

    /// Places an order. A request without an answer is repeated with the same idempotency key.
    pub async fn place(&self, order: &PlaceOrder) -> Result<Order, Error> {
        self.place_with_key(order, &Uuid::now_v7().to_string()).await
    }

    /// Places an order with the caller's idempotency key. The same request with the same key within 24 hours,
    /// also from another process, returns the first order.
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

    /// The delivery of an order.
    pub async fn delivery(&self, id: OrderId) -> Result<Delivery, Error> {
        let url = under(&self.client().endpoints().deliveries, &["deliveries", &id.to_string()]);
        self.json(self.http().get(url)).await
    }

    /// One page of the user's orders, newest first. Staff get the orders of all customers.
    pub async fn orders(&self, query: &OrderQuery) -> Result<Page<Order>, Error> {
        self.json(self.http().get(self.orders_at(&[])).query(query)).await
    }

    /// Staff: one page of the charges in payment-worker's ledger, newest orders first.
    pub async fn ledger_charges(&self, query: &ChargeQuery) -> Result<Page<LedgerCharge>, Error> {
        let url = under(&self.client().endpoints().payments, &["charges"]);
        self.json(self.http().get(url).query(query)).await
    }

    /// Staff: one page of the payment provider's charges, newest first.
    pub async fn provider_charges(&self, query: &ChargeQuery) -> Result<Page<ProviderCharge>, Error> {
        let url = under(&self.client().endpoints().payments, &["provider", "charges"]);
        self.json(self.http().get(url).query(query)).await
    }

    /// Staff: one page of the parked messages. Messages that came first are first.
    pub async fn parked(&self, query: &ParkedQuery) -> Result<ParkedPage, Error> {
        self.json(self.http().get(self.parked_at(&[])).query(query)).await
    }

    /// Staff: a parked message with its headers and its whole body.
    pub async fn parked_message(&self, id: Uuid) -> Result<ParkedMessage, Error> {
        let url = self.parked_at(&[&id.to_string()]);
        self.json(self.http().get(url).query(&[("whole_body", true)])).await
    }

    /// Staff: sends parked messages back to their work queues.
    pub async fn replay_parked(&self, selection: &ParkedSelection) -> Result<ParkedResults, Error> {
        self.json(self.http().post(self.parked_at(&["replay"])).json(selection)).await
    }

    /// Staff: discards parked messages.
    pub async fn discard_parked(&self, selection: &ParkedSelection) -> Result<ParkedResults, Error> {
        self.json(self.http().post(self.parked_at(&["discard"])).json(selection)).await
    }

    /// Staff: the latest actions on parked messages.
    pub async fn parked_audit(&self, limit: u32) -> Result<Page<ParkedAuditEntry>, Error> {
        self.json(self.http().get(self.parked_at(&["audit"])).query(&[("limit", limit)])).await
    }

    /// The history of an order.
    pub async fn events(&self, id: OrderId) -> Result<Page<OrderHistoryEntry>, Error> {
        self.json(self.http().get(self.order_at(id, &["events"]))).await
    }

    /// Cancels an order.
    pub async fn cancel(&self, id: OrderId) -> Result<Order, Error> {
        self.json(self.http().post(self.order_at(id, &["cancel"]))).await
    }

    /// Pays an order with another method after its payment was declined.
    pub async fn pay(&self, id: OrderId, payment: &PayAgain) -> Result<Order, Error> {
        self.json(self.http().post(self.order_at(id, &["payment"])).json(payment)).await
    }

    /// Requests a refund. The order must be `paid`; for staff it may also be `completed`.
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

    /// Staff: deletes a product from the catalogue.
    pub async fn delete_product(&self, id: ProductId) -> Result<(), Error> {
        let response = self.send(self.http().delete(self.products(&[&id.to_string()]))).await?;
        http::accepted(response).await?;
        Ok(())
    }

    /// Staff: sets the number of pieces on hand.
    pub async fn set_stock(&self, id: ProductId, on_hand: i64) -> Result<Stock, Error> {
        let url = self.products(&[&id.to_string(), "stock"]);
        self.json(self.http().put(url).json(&StockCount { on_hand })).await
    }

    /// Staff: the first page of the promotions.
    pub async fn promotions(&self) -> Result<Page<Promotion>, Error> {
        let url = under(&self.client().endpoints().discounts, &["promotions"]);
        self.json(self.http().get(url)).await
    }

    /// Staff: adds a promotion.
    pub async fn create_promotion(&self, terms: &PromotionTerms) -> Result<Promotion, Error> {
        let url = under(&self.client().endpoints().discounts, &["promotions"]);
        self.json(self.http().post(url).json(terms)).await
    }

    /// Staff: deletes a promotion.
    pub async fn delete_promotion(&self, id: PromotionId) -> Result<(), Error> {
        let url = under(&self.client().endpoints().discounts, &["promotions", &id.to_string()]);
        let response = self.send(self.http().delete(url)).await?;
        http::accepted(response).await?;
        Ok(())
    }

    /// Opens one authenticated connection without a subscription.
    pub async fn socket(&self) -> Result<Socket, Error> {
        let mut socket = Socket::connect(&self.client().endpoints().socket).await?;
        socket.authenticate(&self.tokens().await?.access_token).await?;
        Ok(socket)
    }

    async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Error> {
        http::body(self.send(request).await?).await
    }

    /// Sends a request with the access token. If that is refused, sends it again with a new one.
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

    fn parked_at(&self, segments: &[&str]) -> Url {
        under(&under(&self.client().endpoints.operations, &["parked"]), segments)
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
