//! The rules for reservations: whether stock can be held for an order, at which price, and how the status
//! of a reservation may change.

use chrono::{DateTime, Utc};
use contract::{
    catalog::{Reservation, ReservationRefusal, ReservationRequest, ReservationStatus},
    ids::{OrderId, ProductId},
    money::Money,
    orders::{Item, Line, RejectReason},
    problems::FieldError,
};
use std::collections::{HashMap, HashSet};

const MAX_LINES: usize = 100;
const MAX_QUANTITY: u32 = 1_000;

/// The items to hold for an order: 1 to 100 different products, 1 to 1,000 pieces of each.
#[derive(Debug)]
pub(crate) struct Demand {
    pub(crate) order_id: OrderId,
    items: Vec<Item>,
    expected_total: Option<Money>,
}

/// The current price and stock of a product.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) product_id: ProductId,
    pub(crate) name: String,
    pub(crate) category: String,
    pub(crate) price: Money,
    pub(crate) available: i64,
    /// The time when staff last changed the details or the stock.
    pub(crate) updated_at: DateTime<Utc>,
}

impl Demand {
    /// Checks a request. The errors name every invalid line.
    pub(crate) fn parse(request: ReservationRequest) -> Result<Self, Vec<FieldError>> {
        let ReservationRequest { order_id, items, expected_total } = request;
        let mut errors = Vec::new();
        if !(1..=MAX_LINES).contains(&items.len()) {
            let expected = format!("an order has 1 to {MAX_LINES} lines, not {}", items.len());
            errors.push(FieldError::new("/items", expected));
        }
        let mut seen = HashSet::new();
        for (index, item) in items.iter().enumerate() {
            if !(1..=MAX_QUANTITY).contains(&item.quantity) {
                let expected = format!("a quantity is from 1 to {MAX_QUANTITY}, not {}", item.quantity);
                errors.push(FieldError::new(format!("/items/{index}/quantity"), expected));
            }
            if !seen.insert(item.product_id) {
                let expected = "an earlier line has this product; combine the two lines";
                errors.push(FieldError::new(format!("/items/{index}/product_id"), expected));
            }
        }
        if errors.is_empty() { Ok(Self { order_id, items, expected_total }) } else { Err(errors) }
    }

    /// The products of the demand.
    pub(crate) fn product_ids(&self) -> impl Iterator<Item = ProductId> {
        self.items.iter().map(|item| item.product_id)
    }

    /// Returns the reservation with prices, or the reason for a refusal. `offers` has the products that the
    /// shop currently sells.
    pub(crate) fn met_by(
        &self,
        offers: &HashMap<ProductId, Offer>,
    ) -> Result<Reservation, ReservationRefusal> {
        let lines = self.items.iter().map(|item| line(*item, offers)).collect::<Result<Vec<_>, _>>()?;
        let total = total(&lines)?;
        if let Some(expected) = self.expected_total
            && expected != total
        {
            return refuse(RejectReason::PriceChanged, format!("The total is {total} now, not {expected}."));
        }
        Ok(Reservation {
            order_id: self.order_id,
            status: ReservationStatus::Held,
            lines,
            total: Some(total),
        })
    }
}

fn line(item: Item, offers: &HashMap<ProductId, Offer>) -> Result<Line, ReservationRefusal> {
    let Item { product_id, quantity } = item;
    let Some(offer) = offers.get(&product_id) else {
        return refuse(RejectReason::UnknownProduct, format!("The shop has no product {product_id}."));
    };
    if offer.available < i64::from(quantity) {
        let detail = format!("{}: {} left, {quantity} ordered.", offer.name, offer.available);
        return refuse(RejectReason::OutOfStock, detail);
    }
    let (name, category) = (offer.name.clone(), offer.category.clone());
    Ok(Line::at_list_price(product_id, name, category, quantity, offer.price))
}

/// Computes the total. A shop has one currency and bounded prices, so this fails only if the shop has just
/// changed its currency. The order is then refused and does not cause an internal error.
fn total(lines: &[Line]) -> Result<Money, ReservationRefusal> {
    sum(lines).map_or_else(
        || {
            let detail = "These products have no common total at the moment. Order them separately.";
            refuse(RejectReason::PriceChanged, detail.to_owned())
        },
        Ok,
    )
}

/// Sums the prices of the lines. Returns `None` if there are no lines, the currencies differ, or the sum
/// overflows.
pub(crate) fn sum(lines: &[Line]) -> Option<Money> {
    let currency = lines.first()?.unit_price.currency;
    let amount_minor = lines.iter().try_fold(0_i64, |sum, Line { quantity, unit_price, .. }| {
        let amount = unit_price.amount_minor.checked_mul(i64::from(*quantity))?;
        (unit_price.currency == currency).then(|| sum.checked_add(amount))?
    })?;
    Some(Money { amount_minor, currency })
}

fn refuse<T>(reason: RejectReason, detail: String) -> Result<T, ReservationRefusal> {
    Err(ReservationRefusal { reason, detail })
}

/// A change of a reservation's status and its effect on stock. For each piece of a line, `on_hand` and
/// `reserved` are added to the product's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) to: ReservationStatus,
    pub(crate) on_hand: i64,
    pub(crate) reserved: i64,
}

/// The effect of a new reservation on stock.
pub(crate) const HOLD: Step = Step { to: ReservationStatus::Held, on_hand: 0, reserved: 1 };

/// The reservation of an order that was released before it reserved. A later request to reserve finds this
/// reservation and holds nothing.
pub(crate) fn forestalled(order_id: OrderId) -> Reservation {
    Reservation { order_id, status: ReservationStatus::Released, lines: Vec::new(), total: None }
}

/// The order has released its stock, so the stock cannot be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AlreadyReleased;

/// The step by which the pieces leave the warehouse, or `None` if they have left before.
pub(crate) fn commit(from: ReservationStatus) -> Result<Option<Step>, AlreadyReleased> {
    match from {
        ReservationStatus::Held => {
            Ok(Some(Step { to: ReservationStatus::Committed, on_hand: -1, reserved: -1 }))
        }
        ReservationStatus::Committed => Ok(None),
        ReservationStatus::Released => Err(AlreadyReleased),
    }
}

/// The step that makes the pieces available again, or `None` if they were released before. Held pieces are
/// still in the warehouse, and committed pieces return to it.
pub(crate) fn release(from: ReservationStatus) -> Option<Step> {
    let to = ReservationStatus::Released;
    match from {
        ReservationStatus::Held => Some(Step { to, on_hand: 0, reserved: -1 }),
        ReservationStatus::Committed => Some(Step { to, on_hand: 1, reserved: 0 }),
        ReservationStatus::Released => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(amount_minor: i64) -> Money {
        Money { amount_minor, currency: "EUR".parse().unwrap() }
    }

    fn offer(name: &str, amount_minor: i64, available: i64) -> Offer {
        let (product_id, updated_at) = (ProductId::new(), DateTime::default());
        let (name, category) = (name.into(), "Tea".into());
        Offer { product_id, name, category, price: eur(amount_minor), available, updated_at }
    }

    fn sold<const N: usize>(offers: [Offer; N]) -> HashMap<ProductId, Offer> {
        offers.into_iter().map(|offer| (offer.product_id, offer)).collect()
    }

    fn request(items: &[(ProductId, u32)], expected_total: Option<Money>) -> ReservationRequest {
        let items = items.iter().map(|&(product_id, quantity)| Item { product_id, quantity }).collect();
        ReservationRequest { order_id: OrderId::new(), items, expected_total }
    }

    fn demand(items: &[(&Offer, u32)], expected_total: Option<Money>) -> Demand {
        let items: Vec<_> = items.iter().map(|(offer, quantity)| (offer.product_id, *quantity)).collect();
        Demand::parse(request(&items, expected_total)).unwrap()
    }

    #[test]
    fn errors_name_the_invalid_lines() {
        let tea = ProductId::new();
        let cup = ProductId::new();
        let many: Vec<_> = (0..101).map(|_| (ProductId::new(), 1)).collect();
        let cases = [
            (vec![], "/items"),
            (many, "/items"),
            (vec![(tea, 1), (cup, 0)], "/items/1/quantity"),
            (vec![(tea, 1_001)], "/items/0/quantity"),
            (vec![(tea, 1), (cup, 1), (tea, 2)], "/items/2/product_id"),
        ];
        for (items, pointer) in cases {
            let errors = Demand::parse(request(&items, None)).unwrap_err();
            assert_eq!(errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), [pointer]);
        }
        let most: Vec<_> = (0..100).map(|_| (ProductId::new(), 1_000)).collect();
        assert!(Demand::parse(request(&most, None)).is_ok());
    }

    #[test]
    fn lines_keep_their_sequence_and_get_current_prices() {
        let (tea, cup) = (offer("Tea", 450, 2), offer("Cup", 1_200, 1));
        let demand = demand(&[(&cup, 1), (&tea, 2)], Some(eur(2_100)));
        let reservation = demand.met_by(&sold([tea, cup])).unwrap();
        assert_eq!(reservation.status, ReservationStatus::Held);
        assert_eq!(reservation.total, Some(eur(2_100)));
        let lines: Vec<_> =
            reservation.lines.iter().map(|line| (line.name.as_str(), line.quantity)).collect();
        assert_eq!(lines, [("Cup", 1), ("Tea", 2)]);
    }

    #[test]
    fn refusals_name_the_reason() {
        let (tea, gone) = (offer("Tea", 450, 2), offer("Gone", 1, 1));
        let refusal = |demand: Demand| demand.met_by(&sold([offer_again(&tea)])).unwrap_err();

        let short = refusal(demand(&[(&tea, 3)], None));
        assert_eq!(
            (short.reason, short.detail.as_str()),
            (RejectReason::OutOfStock, "Tea: 2 left, 3 ordered.")
        );

        let unknown = refusal(demand(&[(&gone, 1)], None));
        assert_eq!(unknown.reason, RejectReason::UnknownProduct);
        assert!(unknown.detail.contains(&gone.product_id.to_string()), "{}", unknown.detail);

        let changed = refusal(demand(&[(&tea, 1)], Some(eur(400))));
        assert_eq!(
            (changed.reason, changed.detail.as_str()),
            (RejectReason::PriceChanged, "The total is 4.50 EUR now, not 4.00 EUR.")
        );
    }

    #[test]
    fn lines_without_a_common_total_are_refused() {
        let tea = offer("Tea", i64::MAX, 10);
        let usd = Money { amount_minor: 1, currency: "USD".parse().unwrap() };
        let cup = Offer { price: usd, ..offer("Cup", 1, 10) };
        let huge = offer("Huge", i64::MAX, 10);
        for items in [vec![(&tea, 2)], vec![(&tea, 1), (&huge, 1)], vec![(&tea, 1), (&cup, 1)]] {
            let refusal = demand(&items, None).met_by(&sold([&tea, &cup, &huge].map(offer_again)));
            assert_eq!(refusal.unwrap_err().reason, RejectReason::PriceChanged);
        }
    }

    fn offer_again(offer: &Offer) -> Offer {
        Offer { name: offer.name.clone(), category: offer.category.clone(), ..*offer }
    }

    #[test]
    fn commit_and_release_from_every_status() {
        use ReservationStatus::{Committed, Held, Released};
        assert_eq!(commit(Held), Ok(Some(Step { to: Committed, on_hand: -1, reserved: -1 })));
        assert_eq!(commit(Committed), Ok(None));
        assert_eq!(commit(Released), Err(AlreadyReleased));
        assert_eq!(release(Held), Some(Step { to: Released, on_hand: 0, reserved: -1 }));
        assert_eq!(release(Committed), Some(Step { to: Released, on_hand: 1, reserved: 0 }));
        assert_eq!(release(Released), None);
    }
}
