//! `order_created`: holds the stock at current prices.

use super::Processor;
use crate::catalog::Reserved;
use contract::{
    catalog::{Reservation, ReservationRefusal, ReservationStatus},
    ids::OrderId,
    money::Money,
    orders::{Item, OrderStatus, StatusUpdate},
};
use rest::{client::CallError, orders_client::Patched};
use runtime::crash;

pub(super) async fn handle(
    processor: &Processor,
    order_id: OrderId,
    items: Vec<Item>,
    expected_total: Option<Money>,
) -> Result<(), CallError> {
    match processor.catalog.reserve(order_id, items, expected_total).await? {
        Reserved::Yes(reservation) => reserved(processor, reservation).await,
        Reserved::No(refusal) => rejected(processor, order_id, refusal).await,
    }
}

async fn reserved(processor: &Processor, reservation: Reservation) -> Result<(), CallError> {
    let Reservation { order_id, status, lines, total } = reservation;
    let (ReservationStatus::Held, Some(total)) = (status, total) else {
        // Released: the cancellation overtook this event, and the order has ended. Committed: the order is
        // paid, so this event was handled before.
        tracing::info!(reservation = ?status, "nothing to reserve");
        return Ok(());
    };
    crash::point("stock.reserved");
    match processor.orders.patch(order_id, &StatusUpdate::Reserved { lines, total }).await? {
        // The order ended during the reservation. A rejected order has no later event that releases its
        // stock. `order_cancelled` may have been handled before the reservation. So this handler releases
        // the stock.
        Patched::Conflict(status @ (OrderStatus::Cancelled | OrderStatus::Rejected)) => {
            tracing::info!(%status, "the order has ended; releasing its stock");
            processor.catalog.release(order_id).await
        }
        // The order has a later status, so this event was handled before. The order keeps its stock.
        Patched::Conflict(_) | Patched::Accepted => Ok(()),
    }
}

async fn rejected(
    processor: &Processor,
    order_id: OrderId,
    refusal: ReservationRefusal,
) -> Result<(), CallError> {
    let ReservationRefusal { reason, detail } = refusal;
    match processor.orders.patch(order_id, &StatusUpdate::Rejected { reason, detail }).await? {
        Patched::Accepted => tracing::info!(reason = reason.as_str(), "rejected"),
        // Either the order was cancelled, or a concurrent delivery of the same event found new stock. This
        // delivery holds nothing in both cases.
        Patched::Conflict(status) => tracing::info!(%status, "not rejected; the order has moved on"),
    }
    Ok(())
}
