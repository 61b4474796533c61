//! `order_created`: holds the stock, and claims the discounts.

use super::Processor;
use crate::{catalog::Reserved, discounts::Priced};
use contract::{
    catalog::{Reservation, ReservationRefusal, ReservationStatus},
    discounts::{Claim, ClaimStatus, Pricing},
    ids::{OrderId, UserId},
    money::Money,
    orders::{Item, Line, OrderStatus, RejectReason, StatusUpdate},
};
use rest::{client::CallError, orders_client::Patched};
use runtime::crash;
use std::collections::HashMap;

/// A placed order.
pub(super) struct Placed {
    pub(super) order_id: OrderId,
    pub(super) user_id: UserId,
    pub(super) items: Vec<Item>,
    pub(super) codes: Vec<String>,
    pub(super) expected_total: Option<Money>,
}

pub(super) async fn handle(processor: &Processor, placed: Placed) -> Result<(), CallError> {
    let Placed { order_id, user_id, items, codes, expected_total } = placed;
    let Reservation { status, lines, .. } = match processor.catalog.reserve(order_id, items).await? {
        Reserved::Yes(reservation) => reservation,
        Reserved::No(ReservationRefusal { reason, detail }) => {
            return reject(processor, order_id, reason, detail).await;
        }
    };
    if status != ReservationStatus::Held {
        // Released: the cancellation overtook this event, and the order has ended. Committed: the order is
        // paid, so this event was handled before.
        tracing::info!(reservation = ?status, "nothing to reserve");
        return Ok(());
    }
    crash::point("stock.reserved");
    let Pricing { lines: priced, total, .. } =
        match processor.discounts.claim(order_id, user_id, &lines, codes).await? {
            Priced::Yes(Claim {
                status: ClaimStatus::Claimed | ClaimStatus::Committed,
                pricing: Some(pricing),
                ..
            }) => pricing,
            Priced::Yes(Claim { status, .. }) => {
                tracing::info!(claim = ?status, "the order has ended; releasing its stock");
                return processor.release(order_id).await;
            }
            Priced::No(refusal) => {
                let reason = RejectReason::DiscountUnavailable;
                return reject(processor, order_id, reason, refusal.detail).await;
            }
        };
    crash::point("discounts.claimed");
    if let Some(expected) = expected_total.filter(|expected| *expected != total) {
        let detail = format!("The total is {total} now, not {expected}.");
        return reject(processor, order_id, RejectReason::PriceChanged, detail).await;
    }
    let mut prices: HashMap<_, _> = priced.into_iter().map(|line| (line.product_id, line)).collect();
    let with_price = |line: Line| match prices.remove(&line.product_id) {
        Some(price) => Line { adjustments: price.adjustments, total: price.total, ..line },
        None => line,
    };
    let lines = lines.into_iter().map(with_price).collect();
    match processor.orders.patch(order_id, &StatusUpdate::Reserved { lines, total }).await? {
        // The order ended in the meantime. The event of its end may have been handled before this one.
        Patched::Conflict(status @ (OrderStatus::Cancelled | OrderStatus::Rejected)) => {
            tracing::info!(%status, "the order has ended; releasing its stock");
            processor.release(order_id).await
        }
        // The order has a later status, so this event was handled before. The order keeps its stock.
        Patched::Conflict(_) | Patched::Accepted => Ok(()),
    }
}

/// Rejects the order. The handler of `order_rejected` releases the stock and the discounts.
async fn reject(
    processor: &Processor,
    order_id: OrderId,
    reason: RejectReason,
    detail: String,
) -> Result<(), CallError> {
    match processor.orders.patch(order_id, &StatusUpdate::Rejected { reason, detail }).await? {
        Patched::Accepted => tracing::info!(reason = reason.as_str(), "rejected"),
        // Either the order was cancelled, and `order_cancelled` releases everything. Or a concurrent delivery
        // of the same event reserved the order, which keeps its stock.
        Patched::Conflict(status) => tracing::info!(%status, "not rejected; the order has moved on"),
    }
    Ok(())
}
