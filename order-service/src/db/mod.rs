//! All SQL of this service.

pub(crate) mod events;
pub(crate) mod idempotency;
pub(crate) mod orders;
pub(crate) mod outbox;
pub(crate) mod timers;

/// The schema, brought up to date at start.
pub(crate) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// A value that the schema rules out: somebody wrote to the table by hand.
fn corrupt(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

#[cfg(test)]
mod testing {
    //! Orders for the tests of this folder.

    use crate::domain::placing;
    use chrono::Utc;
    use common::contract::{
        events::OrderEvent,
        ids::{ProductId, UserId},
        orders::{Item, Order, PlaceOrder},
    };
    use sqlx::PgPool;

    /// What a customer sends.
    pub(super) fn request() -> PlaceOrder {
        PlaceOrder {
            items: vec![Item { product_id: ProductId::new(), quantity: 2 }],
            payment_method: "pm_card_visa".into(),
            expected_total: None,
            shipping_address: None,
            note: Some("Ring twice.".into()),
        }
    }

    /// An order in the database, with its first event.
    pub(super) async fn placed(db: &PgPool, user_id: UserId) -> (Order, OrderEvent) {
        let (order, event) = placing::place(user_id, request(), Utc::now()).unwrap();
        let mut transaction = db.begin().await.unwrap();
        super::orders::insert(&mut *transaction, &order).await.unwrap();
        super::events::append(&mut *transaction, &event, None).await.unwrap();
        transaction.commit().await.unwrap();
        (order, event)
    }
}
