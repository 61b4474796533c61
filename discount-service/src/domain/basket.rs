//! The lines and codes to price.

use contract::{
    catalog::Product,
    discounts::{self, ClaimLine, QuoteRequest},
    folding,
    ids::ProductId,
    money::{Currency, Money},
    orders::Item,
    problems::FieldError,
};
use std::collections::{HashMap, HashSet};

const MAX_LINES: usize = 100;
const MAX_QUANTITY: u32 = 1_000;
/// The largest list price of a piece. It keeps the total of the largest order far below `i64::MAX`.
pub(super) const MAX_PRICE_MINOR: i64 = 1_000_000_000_000;

/// The lines and codes of a quote or an order.
#[derive(Clone, Debug)]
pub(crate) struct Basket {
    /// 1 to 100 lines with different products.
    pub(crate) lines: Vec<Line>,
    /// The currency of all amounts.
    pub(crate) currency: Currency,
    /// Different codes.
    pub(crate) codes: Vec<Code>,
}

/// A line with its list price.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) product_id: ProductId,
    pub(crate) category: String,
    pub(crate) quantity: u32,
    /// The list price of one piece, in minor units.
    pub(crate) list_price: i64,
}

impl Line {
    /// The list price of all pieces.
    pub(super) fn list_total(&self) -> i64 {
        self.list_price * i64::from(self.quantity)
    }
}

/// A code that a customer entered.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    /// The code as entered.
    pub(crate) entered: String,
    /// The code in the form in which codes are compared.
    pub(crate) folded: String,
}

impl Basket {
    /// The sum of the list prices.
    pub(super) fn list_total(&self) -> i64 {
        self.lines.iter().map(Line::list_total).sum()
    }

    /// Checks the lines and codes of an order, whose amounts are all in one currency. The errors name every invalid
    /// field.
    pub(crate) fn of_order(lines: Vec<ClaimLine>, codes: &[String]) -> Result<Self, Vec<FieldError>> {
        let items = lines.iter().map(|line| (line.product_id, line.quantity));
        let mut errors = line_errors("lines", "an order", items);
        let Some(currency) = lines.first().map(|line| line.list_price.currency) else { return Err(errors) };
        for (index, line) in lines.iter().enumerate() {
            errors.extend(money_error(&format!("/lines/{index}/list_price"), line.list_price, currency));
        }
        let codes = parse_codes(codes, &mut errors);
        let line = |line: ClaimLine| Line {
            product_id: line.product_id,
            category: line.category,
            quantity: line.quantity,
            list_price: line.list_price.amount_minor,
        };
        let lines = lines.into_iter().map(line).collect();
        if errors.is_empty() { Ok(Self { lines, currency, codes }) } else { Err(errors) }
    }
}

/// A quote whose list prices are not known yet.
#[derive(Debug)]
pub(crate) struct Wanted {
    items: Vec<Item>,
    codes: Vec<Code>,
}

impl Wanted {
    /// Checks a request. The errors name every invalid field.
    pub(crate) fn parse(request: QuoteRequest) -> Result<Self, Vec<FieldError>> {
        let QuoteRequest { items, codes } = request;
        let pairs = items.iter().map(|item| (item.product_id, item.quantity));
        let mut errors = line_errors("items", "a quote", pairs);
        let codes = parse_codes(&codes, &mut errors);
        if errors.is_empty() { Ok(Self { items, codes }) } else { Err(errors) }
    }

    /// The products of the quote.
    pub(crate) fn product_ids(&self) -> Vec<ProductId> {
        self.items.iter().map(|item| item.product_id).collect()
    }

    /// Adds the list prices. The errors name each line whose product the shop does not sell in its currency.
    pub(crate) fn with_products(
        self,
        products: &HashMap<ProductId, Product>,
        currency: Currency,
    ) -> Result<Basket, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut lines = Vec::with_capacity(self.items.len());
        for (index, Item { product_id, quantity }) in self.items.into_iter().enumerate() {
            let product = products.get(&product_id).filter(|product| product.price.currency == currency);
            let Some(product) = product else {
                let detail = format!("the shop has no product {product_id}");
                errors.push(FieldError::new(format!("/items/{index}/product_id"), detail));
                continue;
            };
            lines.push(Line {
                product_id,
                category: product.category.clone(),
                quantity,
                list_price: product.price.amount_minor,
            });
        }
        if errors.is_empty() { Ok(Basket { lines, currency, codes: self.codes }) } else { Err(errors) }
    }
}

fn line_errors(
    field: &str,
    name: &str,
    items: impl ExactSizeIterator<Item = (ProductId, u32)>,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !(1..=MAX_LINES).contains(&items.len()) {
        let expected = format!("{name} has 1 to {MAX_LINES} lines, not {}", items.len());
        errors.push(FieldError::new(format!("/{field}"), expected));
    }
    let mut seen = HashSet::new();
    for (index, (product_id, quantity)) in items.enumerate() {
        if !(1..=MAX_QUANTITY).contains(&quantity) {
            let expected = format!("a quantity is from 1 to {MAX_QUANTITY}, not {quantity}");
            errors.push(FieldError::new(format!("/{field}/{index}/quantity"), expected));
        }
        if !seen.insert(product_id) {
            let expected = "an earlier line has this product; combine the two lines";
            errors.push(FieldError::new(format!("/{field}/{index}/product_id"), expected));
        }
    }
    errors
}

fn parse_codes(codes: &[String], errors: &mut Vec<FieldError>) -> Vec<Code> {
    let entered = discounts::read_codes(codes).unwrap_or_else(|of_codes| {
        errors.extend(of_codes);
        Vec::new()
    });
    entered.into_iter().map(|entered| Code { folded: folding::folded(&entered), entered }).collect()
}

/// Checks an amount of money: more than zero, and in the shop's currency.
pub(super) fn money_error(pointer: &str, money: Money, currency: Currency) -> Option<FieldError> {
    if money.currency != currency {
        let expected = format!("this shop's amounts are in {currency}");
        return Some(FieldError::new(format!("{pointer}/currency"), expected));
    }
    (!(1..=MAX_PRICE_MINOR).contains(&money.amount_minor)).then(|| {
        let [least, most] = [1, MAX_PRICE_MINOR].map(|amount_minor| Money { amount_minor, currency });
        let detail = format!("an amount is from {least} to {most}, not {money}");
        FieldError::new(format!("{pointer}/amount_minor"), detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{eur, euro};
    use chrono::DateTime;

    fn pointers<T: std::fmt::Debug>(parsed: Result<T, Vec<FieldError>>) -> Vec<String> {
        parsed.unwrap_err().into_iter().map(|error| error.pointer).collect()
    }

    fn quote(items: &[(ProductId, u32)], codes: &[&str]) -> QuoteRequest {
        let items = items.iter().map(|&(product_id, quantity)| Item { product_id, quantity }).collect();
        QuoteRequest { items, codes: codes.iter().map(|code| (*code).to_owned()).collect() }
    }

    #[test]
    fn errors_name_the_invalid_lines_of_a_quote() {
        let (tea, cup) = (ProductId::new(), ProductId::new());
        let many: Vec<_> = (0..101).map(|_| (ProductId::new(), 1)).collect();
        for (items, pointer) in [
            (vec![], "/items"),
            (many, "/items"),
            (vec![(tea, 1), (cup, 0)], "/items/1/quantity"),
            (vec![(tea, 1_001)], "/items/0/quantity"),
            (vec![(tea, 1), (cup, 1), (tea, 2)], "/items/2/product_id"),
        ] {
            assert_eq!(pointers(Wanted::parse(quote(&items, &[]))), [pointer]);
        }
        let most: Vec<_> = (0..100).map(|_| (ProductId::new(), 1_000)).collect();
        assert!(Wanted::parse(quote(&most, &[])).is_ok());
    }

    #[test]
    fn errors_name_the_invalid_codes() {
        let tea = ProductId::new();
        let long = "x".repeat(65);
        let many = ["x"; 11];
        for (codes, pointer) in [
            (&["A", " "][..], "/codes/1"),
            (&[long.as_str()], "/codes/0"),
            (&["a\0b"], "/codes/0"),
            (&["a\u{200b}b"], "/codes/0"),
            (&many, "/codes"),
        ] {
            assert_eq!(pointers(Wanted::parse(quote(&[(tea, 1)], codes))), [pointer]);
        }
    }

    #[test]
    fn case_makes_no_difference_to_a_code() {
        let wanted =
            Wanted::parse(quote(&[(ProductId::new(), 1)], &[" Tea-Week ", "TEA-WEEK", "x"])).unwrap();
        let codes: Vec<_> = wanted.codes.iter().map(|code| (&*code.entered, &*code.folded)).collect();
        assert_eq!(codes, [("Tea-Week", "tea-week"), ("x", "x")]);
    }

    #[test]
    fn errors_name_the_lines_with_unknown_products() {
        let product = |id, currency: &str| Product {
            id,
            sku: "T".into(),
            name: "Tea".into(),
            description: String::new(),
            category: "Tea".into(),
            price: Money { amount_minor: 690, currency: currency.parse().unwrap() },
            available: 1,
            updated_at: DateTime::default(),
        };
        let [tea, unknown, foreign] = std::array::from_fn(|_| ProductId::new());
        let products = HashMap::from([(tea, product(tea, "EUR")), (foreign, product(foreign, "USD"))]);
        let wanted = Wanted::parse(quote(&[(tea, 1), (unknown, 1), (foreign, 1)], &[])).unwrap();
        assert_eq!(
            pointers(wanted.with_products(&products, euro())),
            ["/items/1/product_id", "/items/2/product_id"]
        );
        let basket =
            Wanted::parse(quote(&[(tea, 2)], &[])).unwrap().with_products(&products, euro()).unwrap();
        assert_eq!((basket.list_total(), &*basket.lines[0].category), (1_380, "Tea"));
    }

    #[test]
    fn errors_name_the_invalid_lines_of_an_order() {
        let line = |list_price| ClaimLine {
            product_id: ProductId::new(),
            category: "Tea".into(),
            quantity: 1,
            list_price,
        };
        let foreign = Money { amount_minor: 1, currency: "USD".parse().unwrap() };
        let lines = vec![line(eur(1)), line(foreign), line(eur(0)), line(eur(MAX_PRICE_MINOR + 1))];
        assert_eq!(
            pointers(Basket::of_order(lines, &[])),
            [
                "/lines/1/list_price/currency",
                "/lines/2/list_price/amount_minor",
                "/lines/3/list_price/amount_minor"
            ]
        );
        assert_eq!(pointers(Basket::of_order(Vec::new(), &[])), ["/lines"]);
    }
}
