//! Calls made together: what waits goes with one request, and each has its own answer. Used by the workers'
//! clients of order-service and catalog-service.
//!
//! There is no timer: a call that comes alone is made at once. While as many requests are under way as may be, what
//! comes meanwhile goes with the next one.

use crate::client::CallError;
use std::{future::Future, sync::Arc};
use tokio::sync::{Semaphore, mpsc, oneshot};

/// Requests at a time: while one is worked on there, the next is on its way.
const UNDER_WAY: usize = 2;
/// Calls that may wait. Further callers wait for a place.
const WAITING: usize = 1024;

/// Makes calls of one kind together.
pub struct Together<T, A>(mpsc::Sender<Waiting<T, A>>);

struct Waiting<T, A> {
    call: T,
    answer: oneshot::Sender<Result<A, CallError>>,
}

impl<T: Send + 'static, A: Send + 'static> Together<T, A> {
    /// Makes up to `most` calls with one `request`, whose answers are in the order of the calls.
    pub fn new<F, Fut>(most: usize, request: F) -> Self
    where
        F: Fn(Vec<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<A>, CallError>> + Send,
    {
        let (sender, mut receiver) = mpsc::channel(WAITING);
        let request = Arc::new(request);
        let under_way = Arc::new(Semaphore::new(UNDER_WAY));
        tokio::spawn(async move {
            while let Ok(permit) = Arc::clone(&under_way).acquire_owned().await {
                let mut waiting = Vec::new();
                if receiver.recv_many(&mut waiting, most).await == 0 {
                    break;
                }
                let request = Arc::clone(&request);
                tokio::spawn(async move {
                    make(waiting, &*request).await;
                    drop(permit);
                });
            }
        });
        Self(sender)
    }

    /// Makes a call. One whose caller gives up before it is sent is not made.
    pub async fn call(&self, call: T) -> Result<A, CallError> {
        let (answer, answered) = oneshot::channel();
        if self.0.send(Waiting { call, answer }).await.is_err() {
            return Err(CallError::Unanswered);
        }
        answered.await.unwrap_or(Err(CallError::Unanswered))
    }
}

async fn make<T, A, F, Fut>(waiting: Vec<Waiting<T, A>>, request: &F)
where
    F: Fn(Vec<T>) -> Fut,
    Fut: Future<Output = Result<Vec<A>, CallError>>,
{
    let wanted = waiting.into_iter().filter(|waiting| !waiting.answer.is_closed());
    let (calls, waiting): (Vec<_>, Vec<_>) = wanted.map(|waiting| (waiting.call, waiting.answer)).unzip();
    if calls.is_empty() {
        return;
    }
    match request(calls).await {
        // Where there are fewer answers than calls, the rest hears that there is none.
        Ok(answers) => {
            for (waiting, answer) in waiting.into_iter().zip(answers) {
                drop(waiting.send(Ok(answer)));
            }
        }
        Err(error) => {
            let error = Arc::new(error);
            for waiting in waiting {
                drop(waiting.send(Err(CallError::Together(Arc::clone(&error)))));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::sync::Mutex;

    /// Doubles numbers once it may, and remembers how many came together.
    fn doubling(sizes: &Arc<Mutex<Vec<usize>>>, go: &Arc<Semaphore>) -> Together<u32, u32> {
        let (sizes, go) = (Arc::clone(sizes), Arc::clone(go));
        Together::new(8, move |numbers: Vec<u32>| {
            let (sizes, go) = (Arc::clone(&sizes), Arc::clone(&go));
            async move {
                go.acquire().await.unwrap().forget();
                sizes.lock().unwrap().push(numbers.len());
                if numbers.contains(&13) {
                    return Err(CallError::Unanswered);
                }
                Ok(numbers.into_iter().map(|number| 2 * number).collect())
            }
        })
    }

    #[tokio::test]
    async fn what_waits_goes_together_and_each_has_its_own_answer() {
        let (sizes, go) = (Arc::default(), Arc::new(Semaphore::new(0)));
        let together = doubling(&sizes, &go);
        let calls = join_all((20..40).map(|number| together.call(number)));
        let (answers, ()) = tokio::join!(calls, async {
            while together.0.capacity() != WAITING {
                // All but those under way are waiting by now, or soon.
                tokio::task::yield_now().await;
                go.add_permits(1);
            }
            go.add_permits(20);
        });
        let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, (20..40).map(|number| 2 * number).collect::<Vec<_>>());
        let sizes = sizes.lock().unwrap();
        assert_eq!(sizes.iter().sum::<usize>(), 20);
        assert!(sizes.len() < 20 && sizes.iter().all(|size| *size <= 8), "{sizes:?}");
    }

    #[tokio::test]
    async fn a_request_that_fails_fails_for_all_that_went_with_it_and_for_nobody_else() {
        let (sizes, go) = (Arc::default(), Arc::new(Semaphore::new(2)));
        let together = doubling(&sizes, &go);
        assert!(matches!(together.call(13).await, Err(CallError::Together(_))));
        assert_eq!(together.call(1).await.unwrap(), 2);
    }
}
