//! What is asked about orders' stock, decided one after the other.

use super::reservation::{self, AlreadyReleased, Demand, HOLD, Offer, Step};
use chrono::{DateTime, Utc};
use contract::{
    catalog::{Reservation, ReservationRefusal, ReservationStatus},
    ids::{OrderId, ProductId},
    orders::Line,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What is asked about an order's stock.
#[derive(Debug)]
pub(crate) enum Request {
    Reserve(Demand),
    Commit(OrderId),
    Release(OrderId),
}

/// How an order's reservation stands after a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) reservation: Reservation,
    /// Whether this request made it.
    pub(crate) is_new: bool,
}

/// Why a request has changed nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The demand cannot be met.
    Unmet(ReservationRefusal),
    /// The order has not reserved anything.
    NotReserved(OrderId),
    /// The order has given its stock back.
    AlreadyReleased,
}

impl From<AlreadyReleased> for Refusal {
    fn from(_: AlreadyReleased) -> Self {
        Self::AlreadyReleased
    }
}

impl Request {
    pub(crate) fn order_id(&self) -> OrderId {
        match self {
            Self::Reserve(demand) => demand.order_id,
            Self::Commit(order_id) | Self::Release(order_id) => *order_id,
        }
    }

    /// The products that are wanted, where some are.
    pub(crate) fn product_ids(&self) -> impl Iterator<Item = ProductId> {
        let demand = if let Self::Reserve(demand) = self { Some(demand) } else { None };
        demand.into_iter().flat_map(Demand::product_ids)
    }
}

/// Pieces to be added to a product's, or taken where negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) on_hand: i64,
    pub(crate) reserved: i64,
    /// That of the offer which is taken up, where one is.
    pub(crate) as_of: Option<DateTime<Utc>>,
}

/// A reservation that gets another status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) order_id: OrderId,
    pub(crate) from: ReservationStatus,
    pub(crate) to: ReservationStatus,
}

/// The reservations and offers that some requests are about, as the requests so far have left them.
#[derive(Debug)]
pub(crate) struct Warehouse {
    reservations: HashMap<OrderId, Reservation>,
    offers: HashMap<ProductId, Offer>,
    made: HashSet<OrderId>,
    /// Those that were there before, and how.
    settled: HashMap<OrderId, ReservationStatus>,
    moved: BTreeMap<ProductId, Moved>,
}

impl Warehouse {
    /// As they are before the first request. `offers` are those products that the shop sells.
    pub(crate) fn new(reservations: HashMap<OrderId, Reservation>, offers: Vec<Offer>) -> Self {
        Self {
            reservations,
            offers: offers.into_iter().map(|offer| (offer.product_id, offer)).collect(),
            made: HashSet::new(),
            settled: HashMap::new(),
            moved: BTreeMap::new(),
        }
    }

    /// Carries out the next request.
    pub(crate) fn carry_out(&mut self, request: &Request) -> Result<Standing, Refusal> {
        let standing = self.reservations.get(&request.order_id()).cloned();
        let reservation = match (request, standing) {
            (Request::Reserve(demand), None) => {
                let reservation = demand.met_by(&self.offers).map_err(Refusal::Unmet)?;
                self.shift(&reservation.lines, HOLD);
                return Ok(Standing { reservation: self.make(reservation), is_new: true });
            }
            (Request::Reserve(_), Some(reservation)) => reservation,
            (Request::Commit(order_id), None) => return Err(Refusal::NotReserved(*order_id)),
            (Request::Commit(_), Some(reservation)) => {
                let step = reservation::commit(reservation.status)?;
                self.settle(reservation, step)
            }
            (Request::Release(order_id), None) => self.make(reservation::forestalled(*order_id)),
            (Request::Release(_), Some(reservation)) => {
                let step = reservation::release(reservation.status);
                self.settle(reservation, step)
            }
        };
        Ok(Standing { reservation, is_new: false })
    }

    fn make(&mut self, reservation: Reservation) -> Reservation {
        self.made.insert(reservation.order_id);
        self.reservations.insert(reservation.order_id, reservation.clone());
        reservation
    }

    fn settle(&mut self, mut reservation: Reservation, step: Option<Step>) -> Reservation {
        if let Some(step) = step {
            self.shift(&reservation.lines, step);
            if !self.made.contains(&reservation.order_id) {
                self.settled.entry(reservation.order_id).or_insert(reservation.status);
            }
            reservation.status = step.to;
            self.reservations.insert(reservation.order_id, reservation.clone());
        }
        reservation
    }

    fn shift(&mut self, lines: &[Line], step: Step) {
        for line in lines {
            let quantity = i64::from(line.quantity);
            let moved = self.moved.entry(line.product_id).or_default();
            moved.on_hand += step.on_hand * quantity;
            moved.reserved += step.reserved * quantity;
            if let Some(offer) = self.offers.get_mut(&line.product_id) {
                moved.as_of = Some(offer.updated_at);
                offer.available += (step.on_hand - step.reserved) * quantity;
            }
        }
    }

    /// The reservations that were not there before.
    pub(crate) fn made(&self) -> Vec<&Reservation> {
        self.made.iter().filter_map(|order_id| self.reservations.get(order_id)).collect()
    }

    /// Those that were, and have another status now.
    pub(crate) fn settled(&self) -> Vec<Settled> {
        let settled = self.settled.iter().filter_map(|(order_id, from)| {
            let to = self.reservations.get(order_id)?.status;
            Some(Settled { order_id: *order_id, from: *from, to })
        });
        settled.collect()
    }

    /// What has become of the products' stock, all requests together.
    pub(crate) fn moved(&self) -> Vec<(ProductId, Moved)> {
        self.moved.iter().map(|(product_id, moved)| (*product_id, *moved)).collect()
    }
}
