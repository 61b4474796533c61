//! `GET /v1/payment_intents/search`: payments by metadata and status.
//!
//! Stripe's search may lag by a minute (<https://docs.stripe.com/search#data-freshness>). This search does
//! not.

use super::{
    error::{Error, ErrorBody},
    page::{Page, Window},
    parameters::Parameters,
};
use crate::{
    domain::{payment_intent::PaymentIntent, search::Query},
    faults::Faults,
    ledger::{Book, Charge},
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

/// The found payments, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct SearchResult {
    /// Always `search_result`.
    object: &'static str,
    /// The request's path.
    url: &'static str,
    /// Whether there are more entries.
    has_more: bool,
    /// The parameter `page` of the next request.
    next_page: Option<String>,
    /// The payments.
    data: Vec<PaymentIntent>,
}

/// Finds payments by metadata and status.
#[utoipa::path(
    get,
    path = "/v1/payment_intents/search",
    tag = "payment intents",
    params(
        ("query" = String, Query, description = "Terms joined by `AND`.", example = "metadata['order_id']:'0190' AND status:'succeeded'"),
        ("limit" = Option<u8>, Query, description = "1 to 100, by default 10."),
        ("page" = Option<String>, Query, description = "`next_page` of the previous answer."),
    ),
    responses(
        (status = 200, description = "The found payments", body = SearchResult),
        (status = 400, description = "The query cannot be parsed", body = ErrorBody),
    ),
    security(("api_key" = [])),
)]
pub(super) async fn search_payment_intents(
    State(state): State<AppState>,
    mut parameters: Parameters,
) -> Result<Json<SearchResult>, Error> {
    let query = Query::parse(&parameters.required("query")?)
        .map_err(|error| Error::invalid(format!("The query cannot be parsed: {error}.")).about("query"))?;
    let window = Window::of(&mut parameters, "page")?;
    parameters.finish(&[])?;

    let Page { items, has_more } = state
        .ledger
        .read(|book| window.cut(find(book, &state.faults, &query), |payment| &payment.id))
        .await?;
    Ok(Json(SearchResult {
        object: "search_result",
        url: "/v1/payment_intents/search",
        has_more,
        next_page: items.last().filter(|_| has_more).map(|payment| payment.id.clone()),
        data: items,
    }))
}

/// The matching payments, newest first. With an order id in the query, it reads only the payments of this
/// order.
fn find<'a>(book: &'a Book, faults: &'a Faults, query: &'a Query) -> impl Iterator<Item = PaymentIntent> {
    let charges: Box<dyn Iterator<Item = &Charge>> = match query.order_id() {
        Some(order_id) => Box::new(book.charges_of(order_id).rev()),
        None => Box::new(book.charges().rev()),
    };
    charges.map(|charge| faults.shown(charge.payment.clone())).filter(|payment| query.matches(payment))
}

#[cfg(test)]
mod tests {
    use crate::testing::{CHARGE, Simulator};

    fn path(query: &str) -> String {
        format!("/v1/payment_intents/search?query={query}")
    }

    #[tokio::test]
    async fn payments_are_found_by_order_newest_first() {
        let simulator = Simulator::start();
        let first = simulator.charge(CHARGE).await;
        let second = simulator.charge(&CHARGE.replace("attempt]=1", "attempt]=2")).await;
        simulator.charge(&CHARGE.replace("order_id]=7", "order_id]=8")).await;

        let page = simulator.get(&path("metadata['order_id']:'7'&limit=1")).await.body;
        assert_eq!(page["object"], "search_result");
        assert_eq!(
            (page["data"][0]["id"].as_str(), page["has_more"].as_bool()),
            (Some(&*second), Some(true))
        );
        let next = page["next_page"].as_str().unwrap();
        let page = simulator.get(&path(&format!("metadata['order_id']:'7'&page={next}"))).await.body;
        assert_eq!(
            (page["data"][0]["id"].as_str(), page["has_more"].as_bool()),
            (Some(&*first), Some(false))
        );
        assert!(page["next_page"].is_null());

        let one = simulator.get(&path("metadata['attempt']:'2'+AND+status:'succeeded'")).await.body;
        assert_eq!(
            (one["data"].as_array().unwrap().len(), one["data"][0]["id"].as_str()),
            (1, Some(&*second))
        );
        let none = simulator.get(&path("metadata['order_id']:'9'")).await.body;
        assert_eq!(none["data"].as_array().unwrap().len(), 0);
    }

    #[tokio::test]
    async fn an_invalid_search_is_refused() {
        let simulator = Simulator::start();
        for (path, param) in [
            ("/v1/payment_intents/search".to_owned(), "query"),
            (path("amount:1999"), "query"),
            (path("status:'succeeded'&limit=101"), "limit"),
            (path("status:'succeeded'&sort=up"), "sort"),
        ] {
            let reply = simulator.get(&path).await;
            let (status, kind, _, named) = reply.error();
            assert_eq!((status, kind, named), (400, "invalid_request_error", Some(param)), "{path}");
        }
    }
}
