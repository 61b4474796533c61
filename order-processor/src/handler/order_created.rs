//! `order_created`: holds the stock, and with it the price.

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
        // Released: the cancellation overtook us, and the order has its end. Committed: the order is
        // paid, so this event has been dealt with before.
        tracing::info!(reservation = ?status, "nothing left to reserve");
        return Ok(());
    };
    crash::point("stock.reserved");
    match processor.orders.patch(order_id, &StatusUpdate::Reserved { lines, total }).await? {
        // The order ended while its stock was being set aside. Its `order_cancelled` may have been
        // handled before there was anything to release, and a rejected order has no such event:
        // whoever reserved last must give back.
        Patched::Conflict(status @ (OrderStatus::Cancelled | OrderStatus::Rejected)) => {
            tracing::info!(%status, "the order ended meanwhile; giving its stock back");
            processor.catalog.release(order_id).await
        }
        // Further on its way already: this event came before, and the stock is the order's own.
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
        // Cancelled meanwhile; or the same event, handled at the same time, found stock that came in
        // between. Nothing is held by us in either case.
        Patched::Conflict(status) => tracing::info!(%status, "not rejected; the order has moved on"),
    }
    Ok(())
}
