//! Measures PostgreSQL and RabbitMQ alone on this machine, with the same tables and the same kind of queue.
//! No service can be faster.

use crate::{extent::Extent, figures::Figures, system::System};
use anyhow::{Context as _, Result, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, future::try_join_all, stream};
use lapin::{
    BasicProperties, Confirmation,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};
use messaging::connection::{Broker, BrokerOptions};
use sqlx::PgPool;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The number of orders in a grouped commit.
const GROUP_SIZE: usize = 100;
/// The body of an event, with a realistic size.
const BODY: &str = concat!(
    r#"{"id":"019359a0-0000-7000-8000-000000000000","type":"order_created","schema":1,"at":"2026-01-01T00:00:00Z","#,
    r#""order_id":"019359a0-0000-7000-8000-000000000001","user_id":"019359a0-0000-7000-8000-000000000002","#,
    r#""version":1,"status":"new","items":[{"product_id":"019359a0-0000-7000-8000-000000000003","quantity":1}]}"#,
);
/// The number of unconfirmed messages.
const IN_FLIGHT: usize = 1000;
/// A durable quorum queue of a worker.
const QUEUE: &str = "order-processor";

pub(super) async fn measure(system: &System, extent: Extent) -> Result<Figures> {
    let (mut single, mut grouped, mut published) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..extent.rounds {
        system.clear().await?;
        single.push(insert(&system.orders, 16, 1, extent.length).await?);
        system.clear().await?;
        grouped.push(insert(&system.orders, 4, GROUP_SIZE, extent.length).await?);
        system.clear().await?;
        published.push(publish(system, extent.length).await?);
        system.clear().await?;
    }
    let mut figures = Figures::default();
    figures.add("PostgreSQL alone, an order and its event a commit, 16 connections", "orders/s", single);
    figures.add("PostgreSQL alone, 100 orders and their events a commit", "orders/s", grouped);
    figures.add("RabbitMQ alone, confirmed, 1,000 in flight", "messages/s", published);
    Ok(figures)
}

/// Inserts orders with their events. Returns orders per second.
async fn insert(db: &PgPool, connections: usize, group: usize, length: Duration) -> Result<f64> {
    let begun = Instant::now();
    let writers = (0..connections).map(async |_| {
        let mut connection = db.acquire().await?;
        let mut written = 0;
        while begun.elapsed() < length {
            let ids: Vec<_> = (0..group).map(|_| Uuid::now_v7()).collect();
            let events: Vec<_> = (0..group).map(|_| Uuid::now_v7()).collect();
            // There is no row in the outbox, so the relay of the running service does not publish the events.
            sqlx::query(
                "with input as (select * from unnest($1::uuid[], $2::uuid[]) as input (id, event)), placed as (
                     insert into orders (id, user_id, status, version, attempt, items, payment_method, created_at,
                                         updated_at)
                     select id, id, 'new', 1, 1, '[]', 'pm_card_visa', now(), now() from input)
                 insert into order_events (id, order_id, version, body)
                 select event, id, 1, $3::json from input",
            )
            .bind(&ids)
            .bind(&events)
            .bind(BODY)
            .execute(&mut *connection)
            .await?;
            written += group;
        }
        anyhow::Ok(written)
    });
    let written: usize = try_join_all(writers).await?.into_iter().sum();
    Ok(written as f64 / begun.elapsed().as_secs_f64())
}

/// Publishes messages. Returns confirmed messages per second.
async fn publish(system: &System, length: Duration) -> Result<f64> {
    let amqp_url = system.stack.amqp_url()?.as_str().parse()?;
    let (connection, channel) = Broker::new(&BrokerOptions { amqp_url }, "bench").connect("publish").await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let begun = Instant::now();
    let sending = stream::iter(0_u64..).take_while(|_| std::future::ready(begun.elapsed() < length));
    let confirmed: Vec<()> = sending
        .map(async |_| {
            let properties = BasicProperties::default().with_delivery_mode(2);
            let options = BasicPublishOptions::default();
            let sent =
                channel.basic_publish("".into(), QUEUE.into(), options, BODY.as_bytes(), properties).await?;
            ensure!(matches!(sent.await?, Confirmation::Ack(_)), "the broker did not confirm a message");
            anyhow::Ok(())
        })
        .buffer_unordered(IN_FLIGHT)
        .try_collect()
        .await
        .context("publish")?;
    let rate = confirmed.len() as f64 / begun.elapsed().as_secs_f64();
    connection.close(200, "done".into()).await?;
    Ok(rate)
}
