//! `POST /carrier/events`: the webhook of the carrier.
//!
//! A request changes something only if its signature is valid and new, and its event was not recorded before.
//! The carrier repeats a webhook until it gets a success, so a repeated event is one, too.

use super::error::Error;
use crate::{db::reports::Recorded, domain::report::WebhookBody, state::AppState};
use axum::{
    body::Bytes,
    extract::{FromRequest as _, Request, State},
    http::StatusCode,
};
use chrono::Utc;
use contract::problems::{FieldError, ProblemType};
use rest::{extract, problem::Problem, server::BODY_LIMIT, webhook::SignatureError};
use runtime::trace;

/// The header with the signature.
const SIGNATURE: &str = "carrier-signature";

/// Receive an event of a parcel
///
/// For the carrier, which signs the time and the raw body with the shared secret: `Carrier-Signature:
/// t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>">`. An event with a known id changes nothing.
#[utoipa::path(
    post,
    path = "/carrier/events",
    tag = "carrier",
    params(("Carrier-Signature" = String, Header, description = "The time and the signature")),
    request_body(content = Object, description = "The parcel, the order as `reference`, and the event with `id`, `status` and `at`"),
    responses(
        (status = 204, description = "The event is recorded, now or before"),
        (status = 401, body = Problem, description = "The signature is missing, wrong or older than five minutes"),
        (status = 404, body = Problem, description = "The shop has no such parcel"),
        (status = 413, body = Problem, description = "The body is too large"),
        (status = 422, body = Problem, description = "The body is not an event"),
    )
)]
pub(super) async fn receive_event(
    State(state): State<AppState>,
    request: Request,
) -> Result<StatusCode, Error> {
    let received = receive(&state, request).await;
    let outcome = match &received {
        Ok(Recorded::New(_)) => "recorded",
        Ok(Recorded::Repeated) => "repeated",
        Ok(Recorded::Unknown) => "unknown_parcel",
        Err(Error::Signature(SignatureError::Old)) => "old_signature",
        Err(Error::Signature(_)) => "bad_signature",
        Err(Error::Problem(problem)) if problem.details.status == 413 => "too_large",
        Err(Error::Database(_)) => "failed",
        Err(_) => "malformed",
    };
    metrics::counter!("carrier_webhooks_total", "outcome" => outcome).increment(1);
    match received? {
        Recorded::New(_) | Recorded::Repeated => Ok(StatusCode::NO_CONTENT),
        Recorded::Unknown => Err(Error::UnknownParcel),
    }
}

async fn receive(state: &AppState, request: Request) -> Result<Recorded, Error> {
    let signature = request.headers().get(SIGNATURE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = read(request).await?;
    state.carrier_secret.verify(signature.as_deref(), &body, Utc::now())?;
    let WebhookBody { parcel, reference, event } = extract::parse(&body)?;
    trace::record_order(reference);
    if !event.is_short() || parcel.is_empty() || parcel.len() > 100 {
        let detail = "an id and a status have 100 characters at most";
        return Err(vec![FieldError::new("/event", detail)].into());
    }
    Ok(state.shipments.record(reference, &parcel, &[event]).await?)
}

async fn read(request: Request) -> Result<Bytes, Problem> {
    Bytes::from_request(request, &()).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            let detail = format!("A body may have {} KiB at most.", BODY_LIMIT / 1024);
            Problem::new(ProblemType::BodyTooLarge, detail)
        } else {
            Problem::bad_request("The body is incomplete. Send the request again.")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Service, event};
    use crate::db::testing::order;
    use chrono::{TimeDelta, Utc};
    use contract::ids::OrderId;
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn an_event_moves_the_delivery_and_a_repeated_one_changes_nothing(pool: PgPool) {
        let service = Service::new(pool);
        let order = order();
        service.ships(&order).await;
        let body = event(order.id, "P1", "in_transit", "e1");
        for _ in 0..2 {
            assert_eq!(service.webhook(&body, Utc::now()).await.status, 204);
        }
        let late = event(order.id, "P1", "accepted", "e2");
        assert_eq!(service.webhook(&late, Utc::now()).await.status, 204);
        let found = service.get(By::Staff, &format!("/deliveries/{}", order.id)).await.body;
        assert_eq!((&found["status"], &found["version"]), (&json!("in_transit"), &json!(2)));
        assert_eq!(found["reports"].as_array().unwrap().len(), 2);
    }

    #[sqlx::test]
    async fn a_bad_webhook_changes_nothing(pool: PgPool) {
        let service = Service::new(pool);
        let order = order();
        service.ships(&order).await;
        let body = event(order.id, "P1", "delivered", "e1");
        let now = Utc::now();
        let old = service.webhook(&body, now - TimeDelta::seconds(301)).await;
        assert_eq!((old.status.as_u16(), &old.body["type"]), (401, &json!("/problems/bad-signature")));
        let signature = service.signs(&body, now);
        let altered = body.replace("delivered", "returned");
        for (signature, sent) in
            [(Some(signature.as_str()), &altered), (Some("t=1,v1=00"), &body), (None, &body)]
        {
            assert_eq!(service.posts(signature, sent).await.status, 401, "{signature:?} {sent}");
        }
        let unknown = event(OrderId::new(), "P2", "delivered", "e2");
        assert_eq!(service.webhook(&unknown, now).await.status, 404);
        let large = "x".repeat(1_000_000);
        assert_eq!(service.webhook(&large, now).await.status, 413);
        for malformed in ["{}", "", "[]", &event(order.id, "P1", &"x".repeat(101), "e3")] {
            let refused = service.webhook(malformed, now).await.status.as_u16();
            assert!(matches!(refused, 400 | 422), "{malformed}: {refused}");
        }
        let found = service.get(By::Staff, &format!("/deliveries/{}", order.id)).await.body;
        assert_eq!((&found["status"], &found["reports"]), (&json!("created"), &json!([])));
    }
}
