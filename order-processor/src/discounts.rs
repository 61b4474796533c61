//! The client of discount-service's claims. Each call is idempotent. Concurrent calls share a request.

use contract::{
    discounts::{
        Claim, ClaimAnswer, ClaimAnswers, ClaimLine, ClaimRefusal, ClaimUpdate, ClaimUpdates, UsageUpdate,
    },
    ids::{OrderId, UserId},
    orders::Line,
    problems::ProblemDetails,
};
use reqwest::{Method, StatusCode};
use rest::{
    batcher::Batcher,
    client::{CallError, ServiceClient, body, refused},
};
use runtime::trace::TraceContext;
use std::sync::Arc;

/// The client of discount-service.
pub(crate) struct DiscountsClient(Batcher<ClaimUpdate, ClaimAnswer>);

/// The answer to a claim.
pub(crate) enum Priced {
    /// The order has a claim, new or old, in any status.
    Yes(Claim),
    /// A code cannot be used, and nothing is claimed.
    No(ClaimRefusal),
}

impl DiscountsClient {
    /// Creates a client. Must be called within a Tokio runtime.
    pub(crate) fn new(service: ServiceClient) -> Self {
        let service = Arc::new(service);
        Self(Batcher::new(ClaimUpdates::MAX_BATCH, move |updates| ask(Arc::clone(&service), updates)))
    }

    /// Prices an order, and claims one use of each promotion that applies.
    pub(crate) async fn claim(
        &self,
        order_id: OrderId,
        user_id: UserId,
        lines: &[Line],
        codes: Vec<String>,
    ) -> Result<Priced, CallError> {
        let line = |line: &Line| ClaimLine {
            product_id: line.product_id,
            category: line.category.clone(),
            quantity: line.quantity,
            list_price: line.unit_price,
        };
        let lines = lines.iter().map(line).collect();
        match self.update(order_id, UsageUpdate::Claim { user_id, lines, codes }).await? {
            ClaimAnswer::Claim(claim) => Ok(Priced::Yes(claim)),
            ClaimAnswer::Refusal(refusal) => Ok(Priced::No(refusal)),
            ClaimAnswer::Problem(problem) => Err(unexpected(order_id, problem)),
        }
    }

    /// Keeps the claimed uses for good.
    pub(crate) async fn commit(&self, order_id: OrderId) -> Result<(), CallError> {
        match self.update(order_id, UsageUpdate::Commit {}).await? {
            // 404: order-processor of a release before discounts reserved the order. 409: a refund has
            // released the uses, so this commit is late.
            ClaimAnswer::Problem(problem)
                if ![StatusCode::NOT_FOUND, StatusCode::CONFLICT]
                    .iter()
                    .any(|known| problem.status == *known) =>
            {
                Err(unexpected(order_id, problem))
            }
            _ => Ok(()),
        }
    }

    /// Frees the uses of an order, claimed or committed. A release before the claim prevents it.
    pub(crate) async fn release(&self, order_id: OrderId) -> Result<(), CallError> {
        match self.update(order_id, UsageUpdate::Release {}).await? {
            ClaimAnswer::Problem(problem) => Err(unexpected(order_id, problem)),
            ClaimAnswer::Claim(_) | ClaimAnswer::Refusal(_) => Ok(()),
        }
    }

    async fn update(&self, order_id: OrderId, update: UsageUpdate) -> Result<ClaimAnswer, CallError> {
        let traceparent = TraceContext::current().map(|context| context.child().to_string());
        self.0.call(ClaimUpdate { order_id, update, traceparent }).await
    }
}

/// `PATCH /claims`.
async fn ask(service: Arc<ServiceClient>, updates: Vec<ClaimUpdate>) -> Result<Vec<ClaimAnswer>, CallError> {
    let response = service.send(Method::PATCH, "claims", &ClaimUpdates { updates }).await?;
    if !response.status().is_success() {
        return Err(refused(response).await);
    }
    Ok(body::<ClaimAnswers>(response).await?.answers)
}

fn unexpected(order_id: OrderId, problem: ProblemDetails) -> CallError {
    CallError::of_part(format!("/claims/{order_id}"), problem)
}
