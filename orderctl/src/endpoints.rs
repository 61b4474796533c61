//! The addresses of the services.

use reqwest::Url;

/// The base addresses of the services. A base may have a path, such as `/api` behind a gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// user-service.
    pub users: Url,
    /// catalog-service.
    pub catalog: Url,
    /// discount-service.
    pub discounts: Url,
    /// order-service.
    pub orders: Url,
    /// payment-worker, for staff.
    pub payments: Url,
    /// delivery-service.
    pub deliveries: Url,
    /// operations-service, for staff.
    pub operations: Url,
    /// The complete address of the WebSocket, with `ws://` or `wss://`.
    pub socket: Url,
}

impl Endpoints {
    /// The addresses behind a gateway: all services are below `/api`, and the WebSocket is `/ws`.
    #[must_use]
    pub fn gateway(address: &Url) -> Self {
        let api = under(address, &["api"]);
        Self {
            users: api.clone(),
            catalog: api.clone(),
            discounts: api.clone(),
            orders: api.clone(),
            payments: api.clone(),
            deliveries: api.clone(),
            operations: api,
            socket: socket_of(address),
        }
    }

    /// The addresses without a gateway: the WebSocket is order-service's own `/ws`.
    #[must_use]
    pub fn services(
        users: Url,
        catalog: Url,
        discounts: Url,
        orders: Url,
        payments: Url,
        deliveries: Url,
        operations: Url,
    ) -> Self {
        let socket = socket_of(&orders);
        Self { users, catalog, discounts, orders, payments, deliveries, operations, socket }
    }
}

/// `/ws` under an HTTP address.
fn socket_of(base: &Url) -> Url {
    let mut socket = under(base, &["ws"]);
    let scheme = if base.scheme() == "https" { "wss" } else { "ws" };
    // This fails only for an address that is neither http nor https. Requests to it fail anyway.
    let _ = socket.set_scheme(scheme);
    socket
}

/// Appends these path segments to `base`. Escapes each segment.
pub(crate) fn under(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    // This fails only for an address without a path, such as `mailto:`. Requests to it fail anyway.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn resources_are_below_the_base_with_and_without_a_trailing_slash() {
        for base in ["http://127.0.0.1:8083", "http://127.0.0.1:8083/"] {
            assert_eq!(under(&url(base), &["orders", "a/b"]), url("http://127.0.0.1:8083/orders/a%2Fb"));
        }
        for base in ["https://shop.example/api", "https://shop.example/api/"] {
            assert_eq!(under(&url(base), &["orders"]), url("https://shop.example/api/orders"));
        }
    }

    #[test]
    fn every_address_is_derived_from_the_gateway() {
        for address in ["https://shop.example", "https://shop.example/"] {
            let endpoints = Endpoints::gateway(&url(address));
            assert_eq!(endpoints.users, url("https://shop.example/api"));
            assert_eq!(endpoints.socket, url("wss://shop.example/ws"));
        }
    }

    #[test]
    fn without_a_gateway_the_socket_is_at_order_service() {
        let of = |orders| {
            let [users, catalog, discounts, payments, deliveries, operations] =
                ["http://u", "http://c", "http://d", "http://p", "http://l", "http://o"].map(url);
            let orders = url(orders);
            Endpoints::services(users, catalog, discounts, orders, payments, deliveries, operations).socket
        };
        assert_eq!(of("http://127.0.0.1:8083"), url("ws://127.0.0.1:8083/ws"));
        assert_eq!(of("https://shop.example"), url("wss://shop.example/ws"));
    }
}
