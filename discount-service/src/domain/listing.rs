//! The pages of the list of promotions, and the products of a list of prices.

use contract::{
    discounts::Promotion,
    ids::{ProductId, PromotionId},
    page::Page,
    problems::FieldError,
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

const DEFAULT_LIMIT: i64 = 20;
const MAX_LIMIT: i64 = 100;
const MAX_PRODUCTS: usize = 100;

/// The query of `GET /promotions`, as sent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// The number of promotions per page, 1 to 100. The default is 20.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the previous page.
    #[param(format = "uuid")]
    cursor: Option<String>,
}

/// A valid query.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) limit: i64,
    /// Only promotions with a larger id.
    pub(crate) after: PromotionId,
}

impl Listing {
    /// Checks a query. The errors name every invalid parameter.
    pub(crate) fn parse(query: ListQuery) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            let expected = format!("a page has 1 to {MAX_LIMIT} promotions, not {limit}");
            errors.push(FieldError::new("limit", expected));
        }
        let cursor = query.cursor.map(|cursor| cursor.parse());
        let after = cursor.unwrap_or(Ok(Uuid::nil().into())).unwrap_or_else(|_| {
            let expected = "not a cursor of this list; use `next_cursor` of the previous page";
            errors.push(FieldError::new("cursor", expected));
            Uuid::nil().into()
        });
        if errors.is_empty() { Ok(Self { limit, after }) } else { Err(errors) }
    }

    /// Makes a page from the found promotions. `found` may hold one promotion more than the limit, which
    /// shows that there is a next page.
    pub(crate) fn page(&self, mut found: Vec<Promotion>) -> Page<Promotion> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let is_last = found.len() <= limit;
        found.truncate(limit);
        let last = found.last().filter(|_| !is_last);
        Page { next_cursor: last.map(|last| last.id.to_string()), items: found }
    }
}

/// The query of `GET /prices`, as sent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PricesQuery {
    /// 1 to 100 ids of products, separated by commas.
    #[param(example = "01900000-0000-7000-8000-000000000001")]
    product_ids: String,
}

impl PricesQuery {
    /// The different products of the query, in its order. The error names the parameter.
    pub(crate) fn parse(self) -> Result<Vec<ProductId>, Vec<FieldError>> {
        let invalid = |detail: String| vec![FieldError::new("product_ids", detail)];
        let mut products: Vec<ProductId> = Vec::new();
        for id in self.product_ids.split(',').map(str::trim) {
            let product =
                id.parse().map_err(|_| invalid("expected ids of products, separated by commas".into()))?;
            if !products.contains(&product) {
                products.push(product);
            }
            if products.len() > MAX_PRODUCTS {
                return Err(invalid(format!("a request has 1 to {MAX_PRODUCTS} products")));
            }
        }
        Ok(products)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{percent, promotion, terms};

    fn bad(limit: Option<i64>, cursor: Option<&str>) -> Vec<String> {
        let query = ListQuery { limit, cursor: cursor.map(str::to_owned) };
        Listing::parse(query).unwrap_err().into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn errors_name_the_invalid_parameters() {
        for limit in [-1, 0, 101] {
            assert_eq!(bad(Some(limit), None), ["limit"]);
        }
        assert_eq!(bad(Some(0), Some("x")), ["limit", "cursor"]);
    }

    #[test]
    fn a_cursor_leads_to_the_next_page() {
        let found: Vec<_> = (0..3).map(|_| promotion("Sale", terms(percent(1)))).collect();
        let listing = |limit, cursor| Listing::parse(ListQuery { limit: Some(limit), cursor }).unwrap();
        let page = listing(2, None).page(found.clone());
        assert_eq!(page.items, found[..2]);
        assert_eq!(listing(2, page.next_cursor).after, found[1].id);
        assert_eq!(listing(3, None).page(found).next_cursor, None);
    }

    #[test]
    fn prices_are_for_1_to_100_products() {
        let parse = |product_ids: String| PricesQuery { product_ids }.parse();
        let (tea, cup) = (ProductId::new(), ProductId::new());
        assert_eq!(parse(format!("{tea}, {cup},{tea}")), Ok(vec![tea, cup]));
        let ids = |count| (0..count).map(|_| ProductId::new().to_string()).collect::<Vec<_>>().join(",");
        assert_eq!(parse(ids(100)).unwrap().len(), 100);
        for bad in [String::new(), "x".into(), format!("{tea},"), ids(101)] {
            assert_eq!(parse(bad).unwrap_err()[0].pointer, "product_ids");
        }
    }
}
