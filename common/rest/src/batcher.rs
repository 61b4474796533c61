//! Batches calls: waiting calls share one request, and each call gets its own answer. Used by the workers'
//! clients of order-service and catalog-service.
//!
//! There is no timer: a single call is sent immediately. When the maximum number of requests is in progress,
//! new calls wait and share the next request.

use crate::client::CallError;
use std::{future::Future, sync::Arc};
use tokio::sync::{Semaphore, mpsc, oneshot};

/// The most requests at a time. While the service handles one, the next is on its way.
const MAX_REQUESTS: usize = 2;
/// The most calls in the queue. Further callers wait for a free place.
const QUEUE_CAPACITY: usize = 1024;

/// Sends calls of one kind in batches.
pub struct Batcher<T, A>(mpsc::Sender<Queued<T, A>>);

/// A call in the queue.
struct Queued<T, A> {
    call: T,
    answer: oneshot::Sender<Result<A, CallError>>,
}

impl<T: Send + 'static, A: Send + 'static> Batcher<T, A> {
    /// Sends up to `max_batch` calls with one `request`. Its answers must be in the order of the calls.
    pub fn new<F, Fut>(max_batch: usize, request: F) -> Self
    where
        F: Fn(Vec<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<A>, CallError>> + Send,
    {
        let (sender, mut receiver) = mpsc::channel(QUEUE_CAPACITY);
        let request = Arc::new(request);
        let permits = Arc::new(Semaphore::new(MAX_REQUESTS));
        tokio::spawn(async move {
            while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
                let mut batch = Vec::new();
                if receiver.recv_many(&mut batch, max_batch).await == 0 {
                    break;
                }
                let request = Arc::clone(&request);
                tokio::spawn(async move {
                    send(batch, &*request).await;
                    drop(permit);
                });
            }
        });
        Self(sender)
    }

    /// Makes a call. If the caller drops the future before the request begins, the call is not made.
    pub async fn call(&self, call: T) -> Result<A, CallError> {
        let (answer, answered) = oneshot::channel();
        if self.0.send(Queued { call, answer }).await.is_err() {
            return Err(CallError::Unanswered);
        }
        answered.await.unwrap_or(Err(CallError::Unanswered))
    }
}

async fn send<T, A, F, Fut>(batch: Vec<Queued<T, A>>, request: &F)
where
    F: Fn(Vec<T>) -> Fut,
    Fut: Future<Output = Result<Vec<A>, CallError>>,
{
    let wanted = batch.into_iter().filter(|queued| !queued.answer.is_closed());
    let (calls, callers): (Vec<_>, Vec<_>) = wanted.map(|queued| (queued.call, queued.answer)).unzip();
    if calls.is_empty() {
        return;
    }
    match request(calls).await {
        // If there are fewer answers than calls, the other callers get `CallError::Unanswered`.
        Ok(answers) => {
            for (caller, answer) in callers.into_iter().zip(answers) {
                drop(caller.send(Ok(answer)));
            }
        }
        Err(error) => {
            let error = Arc::new(error);
            for caller in callers {
                drop(caller.send(Err(CallError::Batch(Arc::clone(&error)))));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::sync::Mutex;

    /// Doubles numbers. Each request takes a permit, and records the size of its batch.
    fn doubling(sizes: &Arc<Mutex<Vec<usize>>>, permits: &Arc<Semaphore>) -> Batcher<u32, u32> {
        let (sizes, permits) = (Arc::clone(sizes), Arc::clone(permits));
        Batcher::new(8, move |numbers: Vec<u32>| {
            let (sizes, permits) = (Arc::clone(&sizes), Arc::clone(&permits));
            async move {
                permits.acquire().await.unwrap().forget();
                sizes.lock().unwrap().push(numbers.len());
                if numbers.contains(&13) {
                    return Err(CallError::Unanswered);
                }
                Ok(numbers.into_iter().map(|number| 2 * number).collect())
            }
        })
    }

    #[tokio::test]
    async fn waiting_calls_share_a_request_and_each_gets_its_own_answer() {
        let (sizes, permits) = (Arc::default(), Arc::new(Semaphore::new(0)));
        let batcher = doubling(&sizes, &permits);
        let calls = join_all((20..40).map(|number| batcher.call(number)));
        let (answers, ()) = tokio::join!(calls, async {
            while batcher.0.capacity() != QUEUE_CAPACITY {
                // Calls that have no request yet are in the queue now, or will be soon.
                tokio::task::yield_now().await;
                permits.add_permits(1);
            }
            permits.add_permits(20);
        });
        let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, (20..40).map(|number| 2 * number).collect::<Vec<_>>());
        let sizes = sizes.lock().unwrap();
        assert_eq!(sizes.iter().sum::<usize>(), 20);
        assert!(sizes.len() < 20 && sizes.iter().all(|size| *size <= 8), "{sizes:?}");
    }

    #[tokio::test]
    async fn a_failed_request_fails_only_the_calls_of_its_batch() {
        let (sizes, permits) = (Arc::default(), Arc::new(Semaphore::new(2)));
        let batcher = doubling(&sizes, &permits);
        assert!(matches!(batcher.call(13).await, Err(CallError::Batch(_))));
        assert_eq!(batcher.call(1).await.unwrap(), 2);
    }
}
