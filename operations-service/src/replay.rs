//! Sends parked messages back to their work queues.

use crate::{
    amqp,
    db::replays::{self, Claim, Claimed},
    domain::selection::Action,
};
use contract::parked::{ParkedOutcome, ParkedResult};
use messaging::publisher::{PublishError, Publisher, Verdict};
use runtime::crash;
use sqlx::PgPool;
use std::{collections::BTreeMap, sync::Arc};
use tracing::Instrument;
use uuid::Uuid;

/// The bytes of bodies that are published together. The broker confirms them in time, and they fit into memory.
const MAX_BATCH_BYTES: usize = 16 * 1024 * 1024;

/// Replays messages. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Replayer {
    pool: PgPool,
    publisher: Arc<Publisher>,
}

/// Why a replay did not end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// It is not known whether messages are back in their queues. They are still parked.
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error("the replay ended in a panic")]
    Died,
}

impl Replayer {
    pub(crate) fn new(pool: PgPool, publisher: Publisher) -> Self {
        Self { pool, publisher: Arc::new(publisher) }
    }

    /// Replays messages. Claims them, publishes each one, and marks it after the broker has confirmed it. The
    /// replay continues if the client disconnects.
    pub(crate) async fn replay(
        &self,
        action: Action,
        ids: Vec<Uuid>,
    ) -> Result<Vec<ParkedResult>, ReplayError> {
        let replayer = self.clone();
        let replay = async move { replayer.run(&action, &ids).await };
        tokio::spawn(replay.in_current_span()).await.unwrap_or(Err(ReplayError::Died))
    }

    async fn run(&self, action: &Action, ids: &[Uuid]) -> Result<Vec<ParkedResult>, ReplayError> {
        let Claim { audit_id, claimed, mut results } = replays::claim(&self.pool, action, ids).await?;
        if claimed.is_empty() {
            return Ok(results);
        }
        let mut outcomes = BTreeMap::new();
        let mut published = Ok(());
        for batch in batches(&claimed) {
            published = self.publish(audit_id, &batch, &mut outcomes).await;
            if published.is_err() {
                break;
            }
        }
        for result in results.iter_mut().filter(|result| result.outcome == ParkedOutcome::Replayed) {
            result.outcome = outcomes.get(&result.id).copied().unwrap_or(ParkedOutcome::Refused);
        }
        let ended = replays::end(&self.pool, audit_id, &results).await;
        published?;
        ended?;
        Ok(results)
    }

    /// Publishes a batch, and marks the confirmed messages.
    async fn publish(
        &self,
        audit_id: Uuid,
        batch: &[Uuid],
        outcomes: &mut BTreeMap<Uuid, ParkedOutcome>,
    ) -> Result<(), ReplayError> {
        let messages = replays::read(&self.pool, audit_id, batch).await?;
        let ids: Vec<_> = messages.iter().map(|message| message.id).collect();
        let outgoing: Vec<_> = messages.into_iter().map(amqp::replay).collect();
        let verdicts = self.publisher.publish_all(&outgoing).await?;
        crash::point("replay.published");
        let results = ids.into_iter().zip(verdicts.into_iter().map(outcome));
        let results: Vec<_> = results.collect();
        let replayed = results.iter().filter(|(_, outcome)| *outcome == ParkedOutcome::Replayed);
        let replayed: Vec<_> = replayed.map(|(id, _)| *id).collect();
        outcomes.extend(results);
        Ok(replays::mark(&self.pool, audit_id, &replayed).await?)
    }
}

fn outcome(verdict: Verdict) -> ParkedOutcome {
    match verdict {
        Verdict::Confirmed => ParkedOutcome::Replayed,
        Verdict::Unroutable => ParkedOutcome::NoQueue,
        Verdict::Refused | Verdict::Unanswered => ParkedOutcome::Refused,
    }
}

/// Splits the messages into batches of a limited size. A batch has each message id only once, because the
/// publisher recognises a returned message by its id.
fn batches(claimed: &[Claimed]) -> Vec<Vec<Uuid>> {
    let mut batches: Vec<Vec<&Claimed>> = Vec::new();
    for message in claimed {
        let fits = |batch: &&mut Vec<&Claimed>| {
            let bytes: usize = batch.iter().map(|other| other.bytes).sum();
            let is_new = batch.iter().all(|other| other.message_id != message.message_id);
            is_new && bytes + message.bytes <= MAX_BATCH_BYTES
        };
        match batches.last_mut().filter(fits) {
            Some(batch) => batch.push(message),
            None => batches.push(vec![message]),
        }
    }
    batches.into_iter().map(|batch| batch.into_iter().map(|message| message.id).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_a_limited_size_and_each_message_id_once() {
        let message = |message_id: Option<&str>, bytes| Claimed {
            id: Uuid::now_v7(),
            message_id: message_id.map(str::to_owned),
            bytes,
        };
        let claimed = [
            message(Some("a"), 1),
            message(Some("b"), MAX_BATCH_BYTES),
            message(Some("c"), MAX_BATCH_BYTES + 1),
            message(None, 1),
            message(Some("a"), 1),
            message(None, 1),
        ];
        let sizes: Vec<_> = batches(&claimed).iter().map(Vec::len).collect();
        assert_eq!(sizes, [1, 1, 1, 2, 1]);
        assert_eq!(batches(&claimed).concat(), claimed.each_ref().map(|message| message.id));
    }
}
