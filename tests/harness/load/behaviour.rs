//! The plan of each order, drawn before the load begins.

use super::Assortment;
use crate::{DECLINED, VISA, deliveries::address};
use contract::orders::{Item, PlaceOrder};
use rand::{RngExt, rngs::StdRng};
use std::time::Duration;

/// A plan for one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Pays with a good card.
    Buys,
    /// Pays with a good card. The order has a product that runs out.
    BuysScarce,
    /// Pays with a declined card first, then with a good card.
    PaysAgain,
    /// Pays with a declined card, then cancels.
    CancelsAfterDecline,
    /// Cancels after this time, in any status.
    CancelsLater(Duration),
}

/// The share of each behaviour, in percent. The other orders follow [`Behaviour::Buys`].
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    /// [`Behaviour::BuysScarce`].
    pub scarce: u32,
    /// [`Behaviour::PaysAgain`].
    pub pay_again: u32,
    /// [`Behaviour::CancelsAfterDecline`].
    pub cancel_after_decline: u32,
    /// [`Behaviour::CancelsLater`].
    pub cancel_later: u32,
    /// Orders of any behaviour with a discount code that is used up during the load.
    pub with_code: u32,
    /// The longest time between the answer and the cancellation of [`Behaviour::CancelsLater`].
    pub cancel_within: Duration,
}

impl Default for Mix {
    fn default() -> Self {
        Self {
            scarce: 15,
            pay_again: 15,
            cancel_after_decline: 10,
            cancel_later: 10,
            with_code: 20,
            cancel_within: Duration::from_secs(1),
        }
    }
}

/// An order that a customer will place.
#[derive(Clone, Debug)]
pub(super) struct PlannedOrder {
    /// The time of the placement, from the start of the load.
    pub(super) at: Duration,
    pub(super) behaviour: Behaviour,
    pub(super) order: PlaceOrder,
}

impl Mix {
    /// Draws an order that is placed at a random time `within`.
    pub(super) fn draw(&self, rng: &mut StdRng, assortment: &Assortment, within: Duration) -> PlannedOrder {
        let behaviour = self.behaviour(rng);
        let mut products: Vec<_> = assortment.plenty.iter().collect();
        while products.len() > 1 && rng.random_bool(0.5) {
            products.swap_remove(rng.random_range(0..products.len()));
        }
        if behaviour == Behaviour::BuysScarce {
            products.push(&assortment.scarce);
        }
        let items = products
            .into_iter()
            .map(|product| Item { product_id: product.id, quantity: rng.random_range(1..=3) })
            .collect();
        let card = if matches!(behaviour, Behaviour::PaysAgain | Behaviour::CancelsAfterDecline) {
            DECLINED
        } else {
            VISA
        };
        let has_code = rng.random_range(0..100) < self.with_code;
        let order = PlaceOrder {
            items,
            payment_method: card.to_owned(),
            codes: has_code.then(|| assortment.code.clone()).into_iter().collect(),
            expected_total: None,
            // The parcel of an order without an address waits for one.
            shipping_address: rng.random_bool(0.9).then(address),
            note: None,
        };
        PlannedOrder { at: within.mul_f64(rng.random()), behaviour, order }
    }

    fn behaviour(&self, rng: &mut StdRng) -> Behaviour {
        let drawn = rng.random_range(0..100);
        let scarce = self.scarce;
        let pay_again = scarce + self.pay_again;
        let cancel_after_decline = pay_again + self.cancel_after_decline;
        let cancel_later = cancel_after_decline + self.cancel_later;
        match drawn {
            _ if drawn < scarce => Behaviour::BuysScarce,
            _ if drawn < pay_again => Behaviour::PaysAgain,
            _ if drawn < cancel_after_decline => Behaviour::CancelsAfterDecline,
            _ if drawn < cancel_later => Behaviour::CancelsLater(self.cancel_within.mul_f64(rng.random())),
            _ => Behaviour::Buys,
        }
    }
}
