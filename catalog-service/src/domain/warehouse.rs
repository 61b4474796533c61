//! Decides a sequence of requests for the stock of orders, in memory.

use super::reservation::{self, AlreadyReleased, Demand, HOLD, Offer, Step};
use chrono::{DateTime, Utc};
use contract::{
    catalog::{Reservation, ReservationRefusal, ReservationStatus},
    ids::{OrderId, ProductId},
    orders::Line,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A request for an order's stock.
#[derive(Debug)]
pub(crate) enum Request {
    Reserve(Demand),
    Commit(OrderId),
    Release(OrderId),
}

/// The reservation of an order after a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) reservation: Reservation,
    /// Whether this request created the reservation.
    pub(crate) is_new: bool,
}

/// Why a request changed nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The demand cannot be met.
    Unmet(ReservationRefusal),
    /// The order has no reservation.
    NotReserved(OrderId),
    /// The order has released its stock.
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

    /// The products of a request to reserve. Other requests have none.
    pub(crate) fn product_ids(&self) -> impl Iterator<Item = ProductId> {
        let demand = if let Self::Reserve(demand) = self { Some(demand) } else { None };
        demand.into_iter().flat_map(Demand::product_ids)
    }
}

/// The changes to a product's stock. Negative numbers reduce it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) on_hand: i64,
    pub(crate) reserved: i64,
    /// `updated_at` of the offer that the decision depends on, if any.
    pub(crate) as_of: Option<DateTime<Utc>>,
}

/// A change of an existing reservation's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) order_id: OrderId,
    pub(crate) from: ReservationStatus,
    pub(crate) to: ReservationStatus,
}

/// The reservations and offers that a group of requests needs, with the effects of the requests so far.
#[derive(Debug)]
pub(crate) struct Warehouse {
    reservations: HashMap<OrderId, Reservation>,
    offers: HashMap<ProductId, Offer>,
    made: HashSet<OrderId>,
    /// The changed reservations that existed before, with their old status.
    settled: HashMap<OrderId, ReservationStatus>,
    moved: BTreeMap<ProductId, Moved>,
}

impl Warehouse {
    /// Creates the state before the first request. `offers` has the products that the shop sells.
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

    /// The new reservations.
    pub(crate) fn made(&self) -> Vec<&Reservation> {
        self.made.iter().filter_map(|order_id| self.reservations.get(order_id)).collect()
    }

    /// The changes of status of reservations that existed before.
    pub(crate) fn settled(&self) -> Vec<Settled> {
        let settled = self.settled.iter().filter_map(|(order_id, from)| {
            let to = self.reservations.get(order_id)?.status;
            Some(Settled { order_id: *order_id, from: *from, to })
        });
        settled.collect()
    }

    /// The changes to stock, summed over all requests.
    pub(crate) fn moved(&self) -> Vec<(ProductId, Moved)> {
        self.moved.iter().map(|(product_id, moved)| (*product_id, *moved)).collect()
    }
}
