//! Shows statuses as they arrive.

use super::{
    colour::colour,
    context::Context,
    failure::Failure,
    output::{Output, moment},
    table::{Cell, Table},
};
use contract::{
    orders::{Order, OrderStatus},
    push::StatusFrame,
};
use orderctl::{Follow, Session, Update, Watch};

/// Shows the current status of an order and each later one, until the order waits for its customer or ends.
pub(crate) async fn to_its_end(context: &Context, session: &Session, order: &Order) -> Result<(), Failure> {
    // Start at the previous version, so that the current status is shown but older ones are not.
    let after = Some(order.version.saturating_sub(1));
    let mut watch = session.watch(Follow::Order { id: order.id, after }).await?;
    loop {
        let frame = next(context, &mut watch).await?;
        show(context.output, &frame, false)?;
        match frame.status {
            OrderStatus::Completed => return Ok(()),
            // The order waits for its customer. If the order has a later version, this status is only
            // history.
            OrderStatus::PaymentFailed if session.order(order.id).await?.version > frame.version => {}
            OrderStatus::PaymentFailed => return Err(ended(&frame)),
            status if status.is_final() => return Err(ended(&frame)),
            _ => {}
        }
    }
}

/// Shows every status of every order, without end.
pub(crate) async fn all(context: &Context, session: &Session) -> Result<(), Failure> {
    let mut watch = session.watch(Follow::All).await?;
    context.output.note("Following all your orders. Press Ctrl-C to stop.");
    loop {
        let frame = next(context, &mut watch).await?;
        show(context.output, &frame, true)?;
    }
}

fn ended(frame: &StatusFrame) -> Failure {
    Failure::Ended { order: frame.order_id, status: frame.status }
}

async fn next(context: &Context, watch: &mut Watch) -> Result<StatusFrame, Failure> {
    loop {
        match watch.update().await? {
            Update::Status(frame) => return Ok(frame),
            Update::Lost(error) => context.output.note(&format!("Connection lost: {error}. Trying again.")),
            Update::Resumed => context.output.note("Connected again."),
        }
    }
}

fn show(output: Output, frame: &StatusFrame, with_order: bool) -> Result<(), Failure> {
    Ok(output.record(frame, |frame| row(frame, with_order))?)
}

fn row(frame: &StatusFrame, with_order: bool) -> Table {
    let time = Cell::text(moment(frame.at));
    let status = Cell::text(frame.status.as_str()).coloured(colour(frame.status));
    let reason = Cell::text(frame.reason.as_deref().unwrap_or_default());
    let mut row = Table::new();
    if with_order {
        row.row([time, Cell::text(frame.order_id.short()), status, reason]);
    } else {
        row.row([time, status, reason]);
    }
    row
}
