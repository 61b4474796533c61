//! What customers mean to do, drawn before the load begins.

use super::Shelves;
use crate::{DECLINED, VISA};
use contract::orders::{Item, PlaceOrder};
use rand::{RngExt, rngs::StdRng};
use std::time::Duration;

/// What a customer means to do with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Pays with a good card.
    Buys,
    /// Wants something that there is not enough of for everybody.
    WantsScarce,
    /// Pays with a bad card first, then with a good one.
    PaysAgain,
    /// Pays with a bad card, then cancels.
    GivesUp,
    /// Cancels after a while, wherever the order is by then.
    CallsOff(Duration),
}

/// How many orders in a hundred go which way; the rest just buys.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    /// Want something scarce.
    pub scarce: u32,
    /// Pay again after a decline.
    pub pay_again: u32,
    /// Cancel after a decline.
    pub give_up: u32,
    /// Cancel at some moment.
    pub call_off: u32,
    /// The latest such moment after the order was answered.
    pub call_off_within: Duration,
}

impl Default for Mix {
    fn default() -> Self {
        Self { scarce: 15, pay_again: 15, give_up: 10, call_off: 10, call_off_within: Duration::from_secs(1) }
    }
}

/// An order to be placed.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// So long after the load began.
    pub(super) at: Duration,
    pub(super) way: Way,
    pub(super) order: PlaceOrder,
}

impl Mix {
    /// Draws an order that is placed some time `within`.
    pub(super) fn draw(&self, chance: &mut StdRng, shelves: &Shelves, within: Duration) -> Step {
        let way = self.way(chance);
        let mut products: Vec<_> = shelves.plenty.iter().collect();
        while products.len() > 1 && chance.random_bool(0.5) {
            products.swap_remove(chance.random_range(0..products.len()));
        }
        if way == Way::WantsScarce {
            products.push(&shelves.scarce);
        }
        let items = products
            .into_iter()
            .map(|product| Item { product_id: product.id, quantity: chance.random_range(1..=3) })
            .collect();
        let card = if matches!(way, Way::PaysAgain | Way::GivesUp) { DECLINED } else { VISA };
        let order = PlaceOrder {
            items,
            payment_method: card.to_owned(),
            expected_total: None,
            shipping_address: None,
            note: None,
        };
        Step { at: within.mul_f64(chance.random()), way, order }
    }

    fn way(&self, chance: &mut StdRng) -> Way {
        let drawn = chance.random_range(0..100);
        let scarce = self.scarce;
        let pay_again = scarce + self.pay_again;
        let give_up = pay_again + self.give_up;
        let call_off = give_up + self.call_off;
        match drawn {
            _ if drawn < scarce => Way::WantsScarce,
            _ if drawn < pay_again => Way::PaysAgain,
            _ if drawn < give_up => Way::GivesUp,
            _ if drawn < call_off => Way::CallsOff(self.call_off_within.mul_f64(chance.random())),
            _ => Way::Buys,
        }
    }
}
