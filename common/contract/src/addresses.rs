//! The rule for shipping addresses, and the shipping addresses of orders.

use crate::{
    countries,
    ids::{OrderId, UserId},
    orders::Address,
    problems::FieldError,
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const MAX_FIELD: usize = 200;

impl Address {
    /// Normalises the text of the address. The errors name every invalid field below `pointer`.
    pub fn normalise(&mut self, pointer: &str) -> Vec<FieldError> {
        let fields = [
            ("name", "name", &mut self.name),
            ("street", "street", &mut self.street),
            ("city", "town", &mut self.city),
            ("postal_code", "postal code", &mut self.postal_code),
        ];
        let mut errors = Vec::new();
        for (field, name, value) in fields {
            let pointer = format!("{pointer}/{field}");
            if value.trim().is_empty() {
                errors.push(FieldError::new(pointer, "this is needed to deliver"));
                continue;
            }
            match text::line(pointer, name, value, MAX_FIELD) {
                Ok(text) => *value = text,
                Err(error) => errors.push(error),
            }
        }
        errors.extend(country(&format!("{pointer}/country"), &self.country));
        errors
    }
}

fn country(pointer: &str, code: &str) -> Option<FieldError> {
    let detail = match code {
        "" => "choose a country",
        code if countries::is_assigned(code) => return None,
        _ => "a country is an assigned two-letter code (ISO 3166-1), such as GB",
    };
    Some(FieldError::new(pointer, detail))
}

/// The part of an order that its delivery needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShippingOrder {
    /// The order.
    pub id: OrderId,
    /// Its owner.
    pub user_id: UserId,
    /// The address that the customer gave with the order.
    pub shipping_address: Option<Address>,
}

/// Answer to `GET /addresses`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShippingOrders {
    /// The known orders of the request, in any order.
    pub orders: Vec<ShippingOrder>,
}

impl ShippingOrders {
    /// The most orders in one request.
    pub const MAX_BATCH: usize = 64;
    /// The most orders on a page of completed orders.
    pub const MAX_PAGE: u16 = 500;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_has_an_assigned_code() {
        for bad in ["ZZ", "UK", "gb", "Ge", "Germany", ""] {
            assert!(country("/country", bad).is_some(), "{bad}");
        }
        assert!(country("/country", "DE").is_none());
    }

    #[test]
    fn text_is_normalised_and_errors_name_their_field() {
        let mut address = Address {
            name: " Ada ".into(),
            street: "12 St James's Square".into(),
            city: "Ko\u{308}ln".into(),
            postal_code: "SW1Y 4JH".into(),
            country: "GB".into(),
        };
        assert!(address.normalise("").is_empty());
        assert_eq!((address.name.as_str(), address.city.as_str()), ("Ada", "Köln"));
        address.street = "a\nb".into();
        address.country = "UK".into();
        let named: Vec<_> = address.normalise("/to").into_iter().map(|error| error.pointer).collect();
        assert_eq!(named, ["/to/street", "/to/country"]);
    }
}
