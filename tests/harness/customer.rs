//! Customers, and the orders that they place.

use crate::{order::PlacedOrder, proxy::Proxy, shop::Shop};
use contract::{
    catalog::Product,
    ids::{ProductId, UserId},
    money::Money,
    orders::{Address, Item, Order, PlaceOrder},
    users::User,
};
use orderctl::{Client, Endpoints, Error, Session, Socket};
use std::{future::IntoFuture, pin::Pin};

/// The password of every customer.
pub const PASSWORD: &str = "correct horse battery";

/// Returns the name with a random suffix, so that it is unique.
#[must_use]
pub fn unique(name: &str) -> String {
    // The last digits of a UUIDv7 are random. The first ones are the time, which tests share.
    let id = uuid::Uuid::now_v7().simple().to_string();
    format!("{name}-{}", &id[20..])
}

/// A customer with an account, logged in.
pub struct Customer<'a> {
    pub(crate) shop: &'a Shop,
    session: Session,
    /// The account.
    pub user: User,
}

impl<'a> Customer<'a> {
    pub(crate) fn new(shop: &'a Shop, user: User, session: Session) -> Self {
        Self { shop, session, user }
    }

    /// The id of the account.
    #[must_use]
    pub fn id(&self) -> UserId {
        self.user.id
    }

    /// The session, for HTTP requests.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The access token.
    pub async fn token(&self) -> String {
        self.session.tokens().await.expect("tokens").access_token
    }

    /// A session with the same login at this replica of order-service.
    pub async fn through(&self, replica: usize) -> Session {
        let tokens = self.session.tokens().await.expect("tokens");
        Session::new(self.shop.client(replica), tokens)
    }

    /// A session with the same login, whose WebSockets connect through a proxy.
    pub async fn socket_through(&self, proxy: &Proxy) -> Session {
        let direct = self.shop.client(1).endpoints().clone();
        let socket = proxy.redirect(direct.socket.as_str()).parse().expect("a URL");
        let client = Client::new(Endpoints { socket, ..direct }).expect("a client");
        Session::new(client, self.session.tokens().await.expect("tokens"))
    }

    /// An authenticated WebSocket to one replica of order-service.
    pub async fn socket(&self, replica: usize) -> Socket {
        self.through(replica).await.socket().await.expect("an authenticated WebSocket")
    }

    /// Prepares an order that is paid with a good card. Awaiting it places the order.
    pub fn places(&'a self, basket: &[(&Product, u32)]) -> Placing<'a> {
        let items: Vec<_> = basket.iter().map(|(product, quantity)| (product.id, *quantity)).collect();
        self.places_items(&items)
    }

    /// Like [`Self::places`], with the ids of the products.
    pub fn places_items(&'a self, items: &[(ProductId, u32)]) -> Placing<'a> {
        let item = |&(product_id, quantity): &(ProductId, u32)| Item { product_id, quantity };
        let order = PlaceOrder {
            items: items.iter().map(item).collect(),
            payment_method: crate::VISA.to_owned(),
            codes: Vec::new(),
            expected_total: None,
            shipping_address: None,
            note: None,
        };
        Placing { customer: self, order, replica: 1 }
    }
}

/// An order that is about to be placed.
#[must_use = "an order is placed when it is awaited"]
pub struct Placing<'a> {
    customer: &'a Customer<'a>,
    order: PlaceOrder,
    replica: usize,
}

impl Placing<'_> {
    /// Pays with this payment method of the provider.
    pub fn paying(mut self, method: &str) -> Self {
        method.clone_into(&mut self.order.payment_method);
        self
    }

    /// Sets the shipping address.
    pub fn shipped_to(mut self, address: Address) -> Self {
        self.order.shipping_address = Some(address);
        self
    }

    /// Adds a discount code.
    pub fn with_code(mut self, code: &str) -> Self {
        self.order.codes.push(code.to_owned());
        self
    }

    /// Sets the expected total after discounts, in cents.
    pub fn expecting(mut self, amount_minor: i64) -> Self {
        self.order.expected_total = Some(euros(amount_minor));
        self
    }

    /// Sends the order to this replica of order-service.
    pub fn at(mut self, replica: usize) -> Self {
        self.replica = replica;
        self
    }

    /// Places the order with an idempotency key.
    pub async fn under_key(&self, key: &str) -> Result<Order, Error> {
        self.customer.through(self.replica).await.place_with_key(&self.order, key).await
    }

    /// The body of the request.
    #[must_use]
    pub fn body(&self) -> &PlaceOrder {
        &self.order
    }
}

impl<'a> IntoFuture for Placing<'a> {
    type Output = PlacedOrder<'a>;
    type IntoFuture = Pin<Box<dyn Future<Output = PlacedOrder<'a>> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let session = self.customer.through(self.replica).await;
            let order = session.place(&self.order).await.expect("place an order");
            PlacedOrder::of(self.customer, order)
        })
    }
}

pub(crate) fn euros(amount_minor: i64) -> Money {
    Money { amount_minor, currency: "EUR".parse().expect("a currency") }
}
