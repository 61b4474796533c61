//! Reads the client address of a request.

use crate::{domain::client_address::ClientAddress, state::AppState};
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};
use rest::{
    listener::Peer,
    problem::{self, Problem},
};
use std::net::IpAddr;

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        if state.trust_forwarded_for
            && let Some(address) = forwarded_for(&parts.headers)
        {
            return Ok(address.into());
        }
        let ConnectInfo(Peer(peer)) = ConnectInfo::<Peer>::from_request_parts(parts, state)
            .await
            .map_err(|error| problem::internal(&error))?;
        Ok(peer.ip().into())
    }
}

/// Returns the last entry, which the gateway added. The caller may have invented the entries before it.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_gateways_entry_counts() {
        let mut headers = HeaderMap::new();
        assert_eq!(forwarded_for(&headers), None);
        headers.append("x-forwarded-for", "198.51.100.1".parse().unwrap());
        headers.append("x-forwarded-for", "198.51.100.2, 192.0.2.1".parse().unwrap());
        assert_eq!(forwarded_for(&headers), "192.0.2.1".parse().ok());
        headers.append("x-forwarded-for", "unknown".parse().unwrap());
        assert_eq!(forwarded_for(&headers), None);
    }
}
