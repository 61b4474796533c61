//! The rules for placing an order. The errors name everything that is wrong with a request.

use chrono::{DateTime, SubsecRound as _, Utc};
use contract::{
    discounts,
    events::{Change, OrderEvent},
    ids::{OrderId, UserId},
    orders::{Item, Order, OrderStatus, PlaceOrder},
    problems::FieldError,
    text,
};
use std::collections::HashSet;

use super::{limits::Limits, status};

const MAX_ITEMS: usize = 100;
const MAX_QUANTITY: u32 = 1_000;
const MAX_NOTE: usize = 500;

/// Creates the order of a request and its first event.
pub(crate) fn place(
    user_id: UserId,
    request: PlaceOrder,
    now: DateTime<Utc>,
) -> Result<(Order, OrderEvent), Vec<FieldError>> {
    let request = checked(request)?;
    let now = now.trunc_subsecs(6);
    let change = Change::Created {
        items: request.items.clone(),
        codes: request.codes.clone(),
        expected_total: request.expected_total,
    };
    let mut order = Order {
        id: OrderId::new(),
        user_id,
        status: OrderStatus::New,
        version: 0,
        attempt: 1,
        items: request.items,
        codes: request.codes,
        lines: None,
        total: None,
        expected_total: request.expected_total,
        payment_method: request.payment_method,
        shipping_address: request.shipping_address,
        note: request.note,
        reason: None,
        detail: None,
        created_at: now,
        updated_at: now,
    };
    let event = status::apply(&mut order, change, now);
    Ok((order, event))
}

/// Checks the request, and returns it with normalised text.
fn checked(mut request: PlaceOrder) -> Result<PlaceOrder, Vec<FieldError>> {
    let mut errors = items(&request.items);
    errors.extend(payment_method(&request.payment_method));
    match discounts::read_codes(&request.codes) {
        Ok(codes) => request.codes = codes,
        Err(of_codes) => errors.extend(of_codes),
    }
    if request.expected_total.is_some_and(|total| total.amount_minor < 0) {
        errors.push(FieldError::new("/expected_total/amount_minor", "a total is not negative"));
    }
    if let Some(note) = &mut request.note {
        errors.extend(keep(note, |note| text::lines("/note", "note", note, MAX_NOTE)));
    }
    if let Some(address) = &mut request.shipping_address {
        errors.extend(address.normalise("/shipping_address"));
    }
    if errors.is_empty() { Ok(request) } else { Err(errors) }
}

fn items(items: &[Item]) -> Vec<FieldError> {
    if items.is_empty() {
        return vec![FieldError::new("/items", "an order has at least one item")];
    }
    if items.len() > MAX_ITEMS {
        let detail =
            format!("an order has at most {MAX_ITEMS} items, not {}; place several orders", items.len());
        return vec![FieldError::new("/items", detail)];
    }
    let mut seen = HashSet::new();
    let mut errors = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if !(1..=MAX_QUANTITY).contains(&item.quantity) {
            let detail = format!("a quantity is from 1 to {MAX_QUANTITY}, not {}", item.quantity);
            errors.push(FieldError::new(format!("/items/{index}/quantity"), detail));
        }
        if !seen.insert(item.product_id) {
            let detail = "an earlier item has this product; add up the quantities";
            errors.push(FieldError::new(format!("/items/{index}/product_id"), detail));
        }
    }
    errors
}

/// Refuses an order that alone exceeds the limit on a customer's unpaid pieces, because a retry could never
/// succeed.
pub(crate) fn not_too_many_pieces(order: &Order, limits: Limits) -> Result<(), FieldError> {
    let pieces: u32 = order.items.iter().map(|item| item.quantity).sum();
    match limits.unpaid_pieces() {
        Some(most) if pieces > most => {
            let detail =
                format!("an order has at most {most} pieces in total, not {pieces}; place several orders");
            Err(FieldError::new("/items", detail))
        }
        _ => Ok(()),
    }
}

/// Accepts only tokens of the payment provider. A client that sends a card number by mistake is refused, so
/// that no card number gets into the database.
pub(crate) fn payment_method(token: &str) -> Option<FieldError> {
    let rest = token.strip_prefix("pm_").unwrap_or_default();
    let valid =
        (1..=100).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (!valid).then(|| {
        FieldError::new(
            "/payment_method",
            "a payment method is a token of the payment provider, such as pm_card_visa",
        )
    })
}

/// Replaces a text with its normalised form, or returns the error.
fn keep(value: &mut String, read: impl FnOnce(&str) -> Result<String, FieldError>) -> Option<FieldError> {
    match read(value) {
        Ok(text) => {
            *value = text;
            None
        }
        Err(error) => Some(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{ids::ProductId, orders::Address};

    fn request(items: Vec<Item>) -> PlaceOrder {
        PlaceOrder {
            items,
            payment_method: "pm_card_visa".into(),
            codes: Vec::new(),
            expected_total: None,
            shipping_address: None,
            note: None,
        }
    }

    fn item(quantity: u32) -> Item {
        Item { product_id: ProductId::new(), quantity }
    }

    fn pointers(request: &PlaceOrder) -> Vec<String> {
        checked(request.clone()).unwrap_err().into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn a_placed_order_is_new_and_at_version_1() {
        let (order, event) = place(UserId::new(), request(vec![item(2)]), Utc::now()).unwrap();
        assert_eq!((order.status, order.version, order.attempt), (OrderStatus::New, 1, 1));
        assert_eq!((event.order_id, event.version, event.user_id), (order.id, 1, order.user_id));
    }

    #[test]
    fn errors_name_the_invalid_items() {
        assert_eq!(pointers(&request(vec![])), ["/items"]);
        assert_eq!(pointers(&request((0..101).map(|_| item(1)).collect())), ["/items"]);
        let twice = item(1);
        assert_eq!(
            pointers(&request(vec![item(0), item(1_001), twice, twice])),
            ["/items/0/quantity", "/items/1/quantity", "/items/3/product_id"]
        );
        assert!(checked(request(vec![item(1), item(1_000)])).is_ok());
        assert!(checked(request((0..100).map(|_| item(1)).collect())).is_ok());
    }

    #[test]
    fn an_order_that_alone_exceeds_the_limit_on_pieces_is_invalid() {
        let (order, _) = place(UserId::new(), request(vec![item(6), item(5)]), Utc::now()).unwrap();
        let limits = |most| Limits { unpaid_pieces_per_customer: most, ..Limits::default() };
        let error = not_too_many_pieces(&order, limits(10)).unwrap_err();
        assert_eq!(
            (error.pointer.as_str(), error.detail.as_str()),
            ("/items", "an order has at most 10 pieces in total, not 11; place several orders")
        );
        assert_eq!(not_too_many_pieces(&order, limits(11)), Ok(()));
        assert_eq!(not_too_many_pieces(&order, limits(0)), Ok(()));
    }

    #[test]
    fn a_card_number_is_not_a_payment_method() {
        for bad in ["", "pm_", "4242424242424242", "pm_card visa", "pm_<b>"] {
            assert!(payment_method(bad).is_some(), "{bad}");
        }
        assert!(payment_method("pm_card_visa").is_none());
    }

    fn address() -> Address {
        Address {
            name: "Ada".into(),
            street: "12 St James's Square".into(),
            city: "London".into(),
            postal_code: "SW1Y 4JH".into(),
            country: "GB".into(),
        }
    }

    #[test]
    fn invisible_text_is_refused_in_each_field() {
        for text in ["\u{200b}", "a\u{202e}b", "\u{2800}", "a\u{2028}b", "a\nb"] {
            for field in ["name", "street", "city", "postal_code"] {
                let mut bad = serde_json::to_value(address()).unwrap();
                bad[field] = text.into();
                let address = serde_json::from_value(bad).unwrap();
                let bad = PlaceOrder { shipping_address: Some(address), ..request(vec![item(1)]) };
                assert_eq!(pointers(&bad), [format!("/shipping_address/{field}")], "{text:?}");
            }
        }
        for text in ["\u{200b}", "a\u{202e}b", "\u{2800}", "a\u{2028}b"] {
            let bad = PlaceOrder { note: Some(text.into()), ..request(vec![item(1)]) };
            assert_eq!(pointers(&bad), ["/note"], "{text:?}");
        }
    }

    #[test]
    fn text_is_kept_in_one_normalisation_form() {
        let decomposed = PlaceOrder {
            note: Some("Fu\u{308}r Ada,\nbitte".into()),
            shipping_address: Some(Address { city: " Ko\u{308}ln ".into(), ..address() }),
            ..request(vec![item(1)])
        };
        let (order, _) = place(UserId::new(), decomposed, Utc::now()).unwrap();
        assert_eq!(order.note.as_deref(), Some("Für Ada,\nbitte"));
        assert_eq!(order.shipping_address.unwrap().city, "Köln");
    }

    #[test]
    fn errors_name_everything_that_is_wrong() {
        let mut bad = request(vec![item(0)]);
        bad.payment_method = "cash".into();
        bad.note = Some("x".repeat(501));
        bad.shipping_address = Some(Address {
            name: " ".into(),
            street: "12 St James's Square".into(),
            city: "London\0".into(),
            postal_code: "SW1Y 4JH".into(),
            country: "UK ".into(),
        });
        assert_eq!(
            pointers(&bad),
            [
                "/items/0/quantity",
                "/payment_method",
                "/note",
                "/shipping_address/name",
                "/shipping_address/city",
                "/shipping_address/country"
            ]
        );
    }
}
