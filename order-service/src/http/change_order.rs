//! Moving an order on: what `patch_order`, `cancel_order` and `pay_again` have in common.

use super::{Services, error::Error};
use crate::{
    db,
    domain::status::{self, Command},
};
use chrono::Utc;
use common::{
    auth::caller::Person,
    contract::{ids::OrderId, orders::Order},
    trace::{self, TraceContext},
};

/// Two writers meet now and then; that one of them loses this often in a row does not happen.
const TRIES: usize = 10;

/// Carries out a command and returns the order after it. The change and its event are one commit.
///
/// `owner`: whose order it must be; `None` for services and staff.
pub(super) async fn change_order(
    services: &Services,
    id: OrderId,
    owner: Option<Person>,
    command: &Command,
) -> Result<Order, Error> {
    trace::record_order(id);
    for _ in 0..TRIES {
        let mut order = find_visible(services, id, owner).await?;
        let Some(change) = status::decide(&order, command.clone())? else { return Ok(order) };
        let from = order.status;
        let event = status::apply(&mut order, change, Utc::now());

        let mut transaction = services.db.begin().await?;
        if db::orders::compare_and_set(&mut *transaction, &order).await? {
            db::events::append(&mut *transaction, &event, TraceContext::current()).await?;
            transaction.commit().await?;
            services.relay.committed();
            tracing::info!(%from, to = %order.status, version = order.version, "order moved on");
            metrics::counter!("order_transitions_total", "to" => order.status.as_str()).increment(1);
            return Ok(order);
        }
        transaction.rollback().await?;
    }
    Err(Error::Contended)
}

/// An order that the caller may see.
pub(super) async fn find_visible(
    services: &Services,
    id: OrderId,
    owner: Option<Person>,
) -> Result<Order, Error> {
    let order = db::orders::find(&services.db, id).await?.ok_or(Error::UnknownOrder(id))?;
    match owner {
        Some(person) if !person.is_staff() && person.id != order.user_id => Err(Error::UnknownOrder(id)),
        _ => Ok(order),
    }
}
