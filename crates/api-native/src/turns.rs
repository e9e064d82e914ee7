//! Bounds how many lists are made at the same time: the rows of a page and their JSON are in memory together, so that many
//! requests for large pages would take many times that (finding C1). The others wait for their turn.
//!
//! Answers that are made already are bounded by the server.

use tokio::sync::Semaphore;

/// Most lists that are made at the same time.
const AT_ONCE: usize = 8;

/// The turns of the requests for lists.
#[derive(Debug)]
pub struct Turns(Semaphore);

impl Default for Turns {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

impl Turns {
    /// Makes an answer when it is its turn.
    pub async fn take<T>(&self, make: impl Future<Output = T>) -> T {
        // It is never closed; without a permit the answer would be made all the same.
        let _turn = self.0.acquire().await;
        make.await
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn c1_few_lists_are_made_at_once_and_all_are_made() {
        let (turns, now, most, made) = (Turns::default(), Cell::new(0), Cell::new(0), Cell::new(0));
        let make = async || {
            now.set(now.get() + 1);
            most.set(now.get().max(most.get()));
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            now.set(now.get() - 1);
            made.set(made.get() + 1);
        };
        futures_util::future::join_all((0..100).map(|_| turns.take(make()))).await;
        assert_eq!((most.get(), made.get(), now.get()), (AT_ONCE, 100, 0));
    }
}
