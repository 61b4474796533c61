//! Tests of the checker. Each test breaks an invariant on purpose, and the checker must report it. If the
//! violation is about one order, the checker must name the order.

use contract::{
    ids::OrderId,
    orders::OrderStatus::{self, Cancelled, Completed},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use system_tests::{
    Checker, Diary,
    Invariant::{self, A, B, C, D, E, F, G, I},
    Load, LoadOutcome, Mix, Shop, Sighting, answer, eventually,
};

/// A shop after a small load. All invariants hold.
struct Scene {
    shop: Shop,
    outcome: LoadOutcome,
}

impl Scene {
    async fn after_a_load() -> Self {
        let shop = Shop::start().await;
        // Half of the orders enter the code, so some of those that complete use it.
        let mix = Mix { cancel_after_decline: 40, with_code: 50, ..Mix::default() };
        let load = Load::on(&shop).customers(2).orders(30, Duration::from_secs(1)).mix(mix);
        let outcome = load.runs().await;
        outcome.holds(&shop).await;
        Self { shop, outcome }
    }

    /// An order that ended with this status.
    fn one(&self, end: OrderStatus) -> OrderId {
        let seen = self.outcome.diaries.iter().flat_map(|diary| &diary.seen);
        let mut ended = seen.filter(|(_, seen)| seen.last().is_some_and(|last| last.status == end));
        *ended.next().unwrap_or_else(|| panic!("no order is {end}")).0
    }

    /// Changes an order directly in the database of a service.
    async fn alters(&self, service: &'static str, statement: &'static str, order: OrderId) {
        let done = sqlx::query(statement).bind(order.uuid()).execute(&self.shop.database(service)).await;
        assert!(done.unwrap().rows_affected() > 0, "{statement}");
    }

    /// Publishes a message with an order as its correlation id.
    async fn publishes(&self, exchange: &str, key: &str, order: OrderId) {
        let properties = json!({ "correlation_id": order, "message_id": "injected", "headers": {} });
        self.shop.broker().publish(exchange, key, &properties, "{}").await.unwrap();
    }

    /// Sends the provider a request that no worker sent.
    async fn provider(&self, path: &str, form: &str) -> Value {
        let request = self
            .shop
            .request(Method::POST, "payment-simulator", path)
            .bearer_auth(self.shop.stack().payment_provider_key())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned());
        let answer = answer(request).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// Waits until the checker reports a violation of this invariant, and of no other.
    async fn is_caught(&self, invariant: Invariant, order: Option<OrderId>) {
        self.is_caught_of(&self.outcome, invariant, order).await;
    }

    async fn is_caught_of(&self, outcome: &LoadOutcome, invariant: Invariant, order: Option<OrderId>) {
        // The broker updates its counts with a delay.
        eventually(&format!("{invariant:?} alone is violated, for {order:?}"), async || {
            let found = Checker::of(&self.shop, outcome).verdict().await.violations;
            let names_it = found.iter().any(|violation| violation.order == order);
            (names_it && found.iter().all(|violation| violation.invariant == invariant)).then_some(())
        })
        .await;
    }

    /// Like [`Self::is_caught`], after a change to the records of the customers.
    async fn is_caught_with(&self, invariant: Invariant, order: OrderId, falsify: impl Fn(&mut Diary)) {
        let mut outcome = self.outcome.clone();
        outcome.diaries.iter_mut().filter(|diary| diary.seen.contains_key(&order)).for_each(falsify);
        self.is_caught_of(&outcome, invariant, Some(order)).await;
    }
}

#[tokio::test]
async fn a_lost_stuck_or_duplicate_orders_are_caught() {
    let scene = Scene::after_a_load().await;
    let order = scene.one(Completed);
    // One key placed two orders, and the customer got no answer with the first one.
    scene.is_caught_with(A, order, |diary| diary.placed.retain(|_, placed| *placed != Some(order))).await;
    let lost = OrderId::new();
    let mut outcome = scene.outcome.clone();
    outcome.diaries[0].placed.insert("a key".to_owned(), Some(lost));
    scene.is_caught_of(&outcome, A, Some(lost)).await;

    scene.alters("order-service", "update orders set status = 'paid' where id = $1", order).await;
    scene.is_caught(A, Some(order)).await;
}

#[tokio::test]
async fn b_a_surplus_or_missing_charge_is_caught() {
    let scene = Scene::after_a_load().await;
    for order in [scene.one(Cancelled), scene.one(Completed)] {
        let charge = "amount=450&currency=eur&payment_method=pm_card_visa&confirm=true";
        let form = format!("{charge}&payment_method_types[]=card&metadata[order_id]={order}");
        let payment = scene.provider("/v1/payment_intents", &form).await;
        scene.is_caught(B, Some(order)).await;
        let form = format!("payment_intent={}", payment["id"].as_str().unwrap());
        scene.provider("/v1/refunds", &form).await;
    }
    scene.outcome.holds(&scene.shop).await;

    let order = scene.one(Completed);
    let paid_by =
        sqlx::query_scalar("select payment_id from charges where order_id = $1 and payment_id is not null");
    let payment: String =
        paid_by.bind(order.uuid()).fetch_one(&scene.shop.database("payment-worker")).await.unwrap();
    scene.provider("/v1/refunds", &format!("payment_intent={payment}")).await;
    scene.is_caught(B, Some(order)).await;
}

#[tokio::test]
async fn b_a_charge_with_an_unknown_outcome_is_caught() {
    let scene = Scene::after_a_load().await;
    let order = scene.one(Completed);
    let unknown =
        "update charges set status = 'started', payment_id = null, decline_code = null where order_id = $1";
    scene.alters("payment-worker", unknown, order).await;
    scene.is_caught(B, Some(order)).await;
}

#[tokio::test]
async fn c_missing_repeated_or_wrong_versions_are_caught() {
    let scene = Scene::after_a_load().await;
    let order = scene.one(Completed);
    scene
        .is_caught_with(C, order, |diary| {
            seen(diary, order).remove(0);
        })
        .await;
    scene
        .is_caught_with(C, order, |diary| {
            seen(diary, order).remove(1);
        })
        .await;
    scene
        .is_caught_with(C, order, |diary| {
            seen(diary, order).pop();
        })
        .await;
    scene.is_caught_with(C, order, |diary| seen(diary, order).swap(1, 2)).await;
    scene.is_caught_with(C, order, |diary| seen(diary, order)[1].status = Cancelled).await;
    scene
        .is_caught_with(C, order, |diary| {
            let last = *seen(diary, order).last().unwrap();
            seen(diary, order).push(last);
        })
        .await;
    scene.is_caught_with(C, order, |diary| seen(diary, order).clear()).await;

    let gap = "delete from order_events where order_id = $1 and version = 2";
    scene.alters("order-service", gap, order).await;
    scene.is_caught(C, Some(order)).await;
}

fn seen(diary: &mut Diary, order: OrderId) -> &mut Vec<Sighting> {
    diary.seen.get_mut(&order).unwrap()
}

#[tokio::test]
async fn d_unpublished_events_and_waiting_messages_are_caught() {
    let scene = Scene::after_a_load().await;
    let order = scene.one(Completed);
    // The lease never ends, so the relay does not publish the event.
    let unpublished = "insert into outbox (order_id, version, leased_until) values ($1, 1, 'infinity')";
    scene.alters("order-service", unpublished, order).await;
    scene.is_caught(D, Some(order)).await;
    let published = "delete from outbox where order_id = $1 and version = 1";
    scene.alters("order-service", published, order).await;

    let other = scene.one(Cancelled);
    scene.publishes("retry.30m", "payment-worker", other).await;
    scene.is_caught(D, Some(other)).await;
    scene.shop.broker().purge("retry.30m").await.unwrap();
    scene.outcome.holds(&scene.shop).await;

    scene.shop.stack().scale("payment-worker", 0).await.unwrap();
    scene.publishes("work", "payment-worker", order).await;
    scene.is_caught(D, Some(order)).await;
}

#[tokio::test]
async fn e_unexpected_and_missing_parked_messages_are_caught() {
    let scene = Scene::after_a_load().await;
    let order = scene.one(Completed);
    let expecting = || Checker::of(&scene.shop, &scene.outcome).expecting(["injected".to_owned()]);
    let found = expecting().verdict().await.violations;
    assert!(found.len() == 1 && found[0].invariant == E, "{found:?}");

    scene.publishes("park", "payment-worker", order).await;
    scene.is_caught(E, Some(order)).await;
    let verdict = expecting().settled().await;
    assert!(verdict.holds(), "{verdict}");
}

#[tokio::test]
async fn f_lost_reserved_or_released_stock_is_caught() {
    let scene = Scene::after_a_load().await;
    let order = scene.one(Completed);
    for [breaks, fixes] in [
        [
            "update products set on_hand = on_hand - 1 where on_hand > 1000 and $1::uuid is not null",
            "update products set on_hand = on_hand + 1 where on_hand > 1000 and $1::uuid is not null",
        ],
        [
            "update products set reserved = reserved + 1 where on_hand > 1000 and $1::uuid is not null",
            "update products set reserved = reserved - 1 where reserved > 0 and $1::uuid is not null",
        ],
    ] {
        scene.alters("catalog-service", breaks, order).await;
        scene.is_caught(F, None).await;
        scene.alters("catalog-service", fixes, order).await;
    }
    let given_away = "update reservations set status = 'released' where order_id = $1";
    scene.alters("catalog-service", given_away, order).await;
    scene.is_caught(F, Some(order)).await;
}

#[tokio::test]
async fn g_uses_past_a_limit_or_of_ended_orders_are_caught() {
    let scene = Scene::after_a_load().await;
    let (completed, cancelled) = (scene.one(Completed), scene.one(Cancelled));
    let unpaid = "update claims set status = 'claimed' where order_id = $1";
    let paid = "update claims set status = 'committed' where order_id = $1";
    let used = "insert into uses (order_id, promotion_id, user_id) select $1, id, id from promotions limit 1 \
                on conflict do nothing";
    let free = "delete from uses where order_id = $1";
    scene.alters("discount-service", unpaid, completed).await;
    scene.is_caught(G, Some(completed)).await;
    scene.alters("discount-service", paid, completed).await;

    scene.alters("discount-service", used, cancelled).await;
    scene.is_caught(G, Some(cancelled)).await;
    scene.alters("discount-service", free, cancelled).await;
    scene.outcome.holds(&scene.shop).await;

    let dearer =
        "update claims set pricing = jsonb_set(pricing, '{total,amount_minor}', '1') where order_id = $1";
    scene.alters("discount-service", dearer, completed).await;
    scene.is_caught(G, Some(completed)).await;
}

#[tokio::test]
async fn g_a_wrong_counter_or_an_exceeded_limit_is_caught() {
    let scene = Scene::after_a_load().await;
    let order = scene.one(Completed);
    let more = "update promotions set used = used + 1 where total_limit is null and $1::uuid is not null";
    let fewer = "update promotions set used = used - 1 where total_limit is null and $1::uuid is not null";
    scene.alters("discount-service", more, order).await;
    scene.is_caught(G, None).await;
    scene.alters("discount-service", fewer, order).await;
    scene.outcome.holds(&scene.shop).await;

    let limit = "alter table promotions drop constraint promotions_used_within_limit";
    sqlx::query(limit).execute(&scene.shop.database("discount-service")).await.unwrap();
    let lower =
        "update promotions set total_limit = 0 where total_limit is not null and $1::uuid is not null";
    scene.alters("discount-service", lower, order).await;
    scene.is_caught(G, None).await;
}

#[tokio::test]
async fn i_a_missing_or_surplus_shipment_and_a_delivery_that_moved_back_are_caught() {
    let scene = Scene::after_a_load().await;
    let (completed, cancelled) = (scene.one(Completed), scene.one(Cancelled));
    for [breaks, fixes] in [
        [
            "UPDATE delivery_events SET body = jsonb_set(body::jsonb, '{status}', '\"delivered\"')::json \
             WHERE version = 1 AND order_id = $1",
            "UPDATE delivery_events SET body = jsonb_set(body::jsonb, '{status}', '\"created\"')::json \
             WHERE version = 1 AND order_id = $1",
        ],
        [
            "UPDATE delivery_events SET version = version + 100 WHERE version = 1 AND order_id = $1",
            "UPDATE delivery_events SET version = version - 100 WHERE version = 101 AND order_id = $1",
        ],
    ] {
        scene.alters("delivery-service", breaks, completed).await;
        scene.is_caught(I, Some(completed)).await;
        scene.alters("delivery-service", fixes, completed).await;
    }
    scene.outcome.holds(&scene.shop).await;

    let surplus = "INSERT INTO shipments (order_id, user_id, promised_from, promised_to, version) \
                   VALUES ($1, $1, '2026-01-01', '2026-01-02', 0)";
    scene.alters("delivery-service", surplus, cancelled).await;
    scene.is_caught(I, Some(cancelled)).await;
    scene.alters("delivery-service", "DELETE FROM shipments WHERE order_id = $1", cancelled).await;

    // The search would create the missing shipment again.
    scene.shop.stack().scale("delivery-service", 0).await.unwrap();
    for missing in [
        "WITH gone AS (DELETE FROM reports WHERE order_id = $1) SELECT FROM shipments WHERE order_id = $1",
        "DELETE FROM delivery_events WHERE order_id = $1",
        "DELETE FROM shipments WHERE order_id = $1",
    ] {
        scene.alters("delivery-service", missing, completed).await;
    }
    scene.is_caught(I, Some(completed)).await;
}
