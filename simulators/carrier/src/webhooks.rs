//! Sends a signed webhook for each event of a parcel, and repeats it until it gets a success.
//!
//! A webhook that gets no success is given up after some time. The receiver must ask for the parcel then.

use crate::{
    domain::parcel::{Event, Parcel, Status},
    faults::{Faults, Sending},
};
use chrono::Utc;
use reqwest::{Client, Url};
use rest::webhook::WebhookSecret;
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, time::sleep};

/// The number of concurrent requests.
const CONCURRENCY: usize = 16;
/// The pauses between the tries of a webhook.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];
/// A late webhook waits for this many steps, so that the next ones overtake it.
const LATE_STEPS: u32 = 2;

/// Sends webhooks. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Webhooks(Arc<Sender>);

struct Sender {
    http: Client,
    url: Url,
    secret: WebhookSecret,
    /// Signs the forged webhooks.
    forger: WebhookSecret,
    faults: Arc<Faults>,
    step: Duration,
    permits: Semaphore,
}

/// The body of a webhook.
#[derive(Clone, Serialize)]
struct Body {
    parcel: String,
    reference: String,
    event: Event,
}

impl Webhooks {
    pub(crate) fn new(
        http: Client,
        url: Url,
        [secret, forger]: [WebhookSecret; 2],
        faults: Arc<Faults>,
        step: Duration,
    ) -> Self {
        let permits = Semaphore::new(CONCURRENCY);
        Self(Arc::new(Sender { http, url, secret, forger, faults, step, permits }))
    }

    /// Sends a webhook in the background.
    pub(crate) fn send(&self, parcel: &Parcel, event: &Event) {
        let Sending { copies, is_late, has_forgery } = self.0.faults.sending();
        let delay = self.0.faults.delay() + if is_late { self.0.step * LATE_STEPS } else { Duration::ZERO };
        let body =
            Body { parcel: parcel.id.clone(), reference: parcel.reference.clone(), event: event.clone() };
        for _ in 0..copies {
            let (sender, body) = (Arc::clone(&self.0), body.clone());
            tokio::spawn(async move {
                sleep(delay).await;
                sender.deliver(&body).await;
            });
        }
        if has_forgery {
            let mut forged = body;
            forged.event.id = format!("{}-forged", forged.event.id);
            forged.event.status = Status::Returned;
            let sender = Arc::clone(&self.0);
            tokio::spawn(async move { sender.attempt(&forged, &sender.forger).await });
        }
    }
}

impl Sender {
    /// Sends a webhook until it gets a success.
    async fn deliver(&self, body: &Body) {
        for pause in PAUSES {
            if self.attempt(body, &self.secret).await {
                return;
            }
            sleep(pause).await;
        }
        tracing::warn!(
            parcel = body.parcel,
            event = body.event.id,
            "a webhook got no success and is given up"
        );
        metrics::counter!("webhooks_given_up_total").increment(1);
    }

    /// Sends a webhook once, and returns whether it got a success. Each try has a new signature.
    async fn attempt(&self, body: &Body, secret: &WebhookSecret) -> bool {
        let Ok(json) = serde_json::to_vec(body) else { return false };
        let Ok(_permit) = self.permits.acquire().await else { return false };
        let request = self
            .http
            .post(self.url.clone())
            .header("Carrier-Signature", secret.sign(Utc::now(), &json))
            .header("Content-Type", "application/json")
            .body(json);
        match request.send().await {
            Ok(response) => {
                let status = response.status();
                metrics::counter!("webhooks_sent_total", "status" => status.as_u16().to_string())
                    .increment(1);
                status.is_success()
            }
            Err(error) => {
                tracing::debug!(%error, "a webhook got no answer");
                false
            }
        }
    }
}
