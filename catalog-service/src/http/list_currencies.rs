//! `GET /currencies`

use crate::state::AppState;
use axum::{
    Json,
    extract::State,
    http::{HeaderName, header},
};
use contract::money::{Currencies, Currency};

/// The table changes only with a release, and the shop's currency almost never.
const CACHING: (HeaderName, &str) =
    (header::CACHE_CONTROL, "public, max-age=3600, stale-while-revalidate=86400");

/// List the currencies
///
/// The currency of this shop, and the decimal digits of every currency (ISO 4217). All amounts in this API
/// are in minor units with these digits. Browsers and other libraries use the digits of CLDR, which differ.
#[utoipa::path(
    get,
    path = "/currencies",
    tag = "products",
    responses((status = 200, body = Currencies)),
)]
pub(super) async fn list_currencies(
    State(state): State<AppState>,
) -> ([(HeaderName, &'static str); 1], Json<Currencies>) {
    ([CACHING], Json(Currencies { shop: state.currency, currencies: Currency::assigned() }))
}

#[cfg(test)]
mod tests {
    use crate::http::testing::Service;
    use axum::http::header;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn the_currencies_are_public_and_cacheable(pool: PgPool) {
        let answer = Service::new(pool).get("/currencies").await;
        assert_eq!((answer.status.as_u16(), &answer.body["shop"]), (200, &"EUR".into()));
        let all = answer.body["currencies"].as_array().unwrap();
        let digits =
            |code: &str| all.iter().find(|currency| currency["code"] == code).unwrap()["digits"].as_u64();
        assert_eq!(["HUF", "JPY", "KWD"].map(digits), [Some(2), Some(0), Some(3)]);
        assert!(answer.headers[header::CACHE_CONTROL].to_str().unwrap().starts_with("public, max-age="));
    }
}
