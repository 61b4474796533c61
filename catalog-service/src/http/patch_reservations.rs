//! `PATCH /reservations`

use super::{
    error::{Answer, Error},
    stock,
};
use crate::{
    domain::{reservation::Demand, warehouse::Request},
    state::AppState,
};
use axum::{Json, extract::State};
use contract::{
    catalog::{
        Reservation, ReservationAnswer, ReservationAnswers, ReservationRequest, ReservationUpdate,
        ReservationUpdates, StockUpdate,
    },
    claims::RESERVATIONS_WRITE,
    ids::OrderId,
    problems::FieldError,
};
use futures_util::future::join_all;
use rest::{auth::caller::Caller, extract, problem::Problem};
use runtime::trace;

/// In bytes. Enough for the largest number of orders with the largest number of lines.
pub(super) const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Update the reservations of several orders
///
/// Each update works like the route that it names, and gets its own answer. A refused update does not affect
/// the others.
#[utoipa::path(
    patch,
    path = "/reservations",
    tag = "reservations",
    extensions(("x-internal" = json!(true))),
    security(("bearer" = ["reservations:write"])),
    request_body = ReservationUpdates,
    responses(
        (status = 200, body = ReservationAnswers, description = "Each update has its own answer"),
        (status = 403, body = Problem, description = "Not a service with this scope"),
        (status = 422, body = Problem, description = "Fields are invalid, or there are too many updates"),
    )
)]
pub(super) async fn patch_reservations(
    State(state): State<AppState>,
    caller: Caller,
    extract::Json(ReservationUpdates { updates }): extract::Json<ReservationUpdates>,
) -> Result<Json<ReservationAnswers>, Error> {
    caller.require_scope(RESERVATIONS_WRITE)?;
    let most = ReservationUpdates::MAX_BATCH;
    if updates.len() > most {
        let detail = format!("a request has at most {most} updates, not {}", updates.len());
        return Err(vec![FieldError::new("/updates", detail)].into());
    }
    let answers = join_all(updates.into_iter().map(|update| answer(&state, update))).await;
    Ok(Json(ReservationAnswers { answers }))
}

async fn answer(state: &AppState, update: ReservationUpdate) -> ReservationAnswer {
    let ReservationUpdate { order_id, update, traceparent } = update;
    let carried_out = trace::part(traceparent.as_deref(), carry_out(state, order_id, update)).await;
    match carried_out.map_err(Answer::from) {
        Ok(reservation) => ReservationAnswer::Reservation(reservation),
        Err(Answer::Refusal(refusal)) => ReservationAnswer::Refusal(refusal),
        Err(Answer::Problem(problem)) => ReservationAnswer::Problem(problem.into()),
    }
}

async fn carry_out(state: &AppState, order_id: OrderId, update: StockUpdate) -> Result<Reservation, Error> {
    trace::record_order(order_id);
    let request = match update {
        StockUpdate::Reserve { items, expected_total } => {
            Request::Reserve(Demand::parse(ReservationRequest { order_id, items, expected_total })?)
        }
        StockUpdate::Commit {} => Request::Commit(order_id),
        StockUpdate::Release {} => Request::Release(order_id),
    };
    Ok(stock::carry_out(state, request).await?.reservation)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, PROCESSOR, Service};
    use contract::ids::OrderId;
    use serde_json::{Value, json};
    use sqlx::PgPool;

    #[sqlx::test]
    async fn each_update_has_its_own_answer(pool: PgPool) {
        let service = Service::new(pool);
        let tea = service.sells("Assam", 840, 5).await;
        let [sent, returned, greedy, unknown, bad] = std::array::from_fn(|_| OrderId::new());
        service.reserve(sent, &[(tea, 1)]).await;
        service.release(returned).await;
        let reserve =
            |quantity| json!({ "to": "reserve", "items": [{ "product_id": tea, "quantity": quantity }] });
        let updates: Vec<Value> = [
            (sent, json!({ "to": "commit" })),
            (greedy, reserve(100)),
            (returned, json!({ "to": "commit" })),
            (bad, reserve(0)),
            (unknown, json!({ "to": "commit" })),
            (greedy, reserve(4)),
            (unknown, json!({ "to": "release" })),
        ]
        .into_iter()
        .map(|(order_id, update)| json!({ "order_id": order_id, "update": update }))
        .collect();

        let answer = service.patch(PROCESSOR, "/reservations", json!({ "updates": updates })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let answers = answer.body["answers"].as_array().unwrap();
        assert_eq!(answers[0]["reservation"]["status"], "committed");
        assert_eq!(answers[1]["refusal"]["detail"], "Assam: 4 left, 100 ordered.");
        let released = &answers[2]["problem"];
        assert_eq!((&released["status"], &released["current_status"]), (&json!(409), &json!("released")));
        assert_eq!(answers[3]["problem"]["errors"][0]["pointer"], "/items/0/quantity");
        assert_eq!(answers[4]["problem"]["status"], 404);
        assert_eq!(answers[5]["reservation"]["status"], "held");
        assert_eq!(answers[6]["reservation"]["status"], "released");
        assert_eq!(service.stock(tea).await, (4, 4));
    }

    #[sqlx::test]
    async fn the_number_of_updates_is_limited_and_only_workers_may_send_them(pool: PgPool) {
        let service = Service::new(pool);
        let updates = |count: usize| {
            let update = |_| json!({ "order_id": OrderId::new(), "update": { "to": "release" } });
            json!({ "updates": (0..count).map(update).collect::<Vec<_>>() })
        };
        for (by, count, status) in
            [(PROCESSOR, 64, 200), (PROCESSOR, 65, 422), (By::Staff, 1, 403), (By::Nobody, 1, 401)]
        {
            assert_eq!(service.patch(by, "/reservations", updates(count)).await.status, status, "{count}");
        }
    }
}
