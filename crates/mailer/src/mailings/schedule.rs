//! Mailings that wait for the moment of their event (CH-97, CH-99). What is waited for is in the event, so a restart waits on.

use std::time::Duration;

use model::{Clock, Timestamp};
use tokio_util::sync::CancellationToken;

/// The longest sleep: the wall clock may be set meanwhile.
const LOOK: Duration = Duration::from_millis(500);

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    /// The moment is there.
    Due,
    /// The mailing was stopped first.
    Stopped,
    /// The program ends; the next one waits on.
    Ending,
}

/// Waits for a moment.
pub(super) async fn until(
    due: Timestamp,
    clock: &dyn Clock,
    stopped: &CancellationToken,
    ending: &CancellationToken,
) -> Waited {
    loop {
        let now = clock.now();
        if now >= due {
            return Waited::Due;
        }
        tokio::select! {
            () = tokio::time::sleep(due.since(now).min(LOOK)) => {}
            () = stopped.cancelled() => return Waited::Stopped,
            () = ending.cancelled() => return Waited::Ending,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::clock::ManualClock;

    use super::*;

    #[tokio::test]
    async fn ch_97_a_moment_is_met_also_when_the_clock_is_set() {
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
        let (stopped, ending) = (CancellationToken::new(), CancellationToken::new());
        let due = clock.now() + Duration::from_hours(24);
        let waiting = {
            let (clock, stopped, ending) = (Arc::clone(&clock), stopped.clone(), ending.clone());
            tokio::spawn(async move { until(due, clock.as_ref(), &stopped, &ending).await })
        };
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        // It would sleep for a day without another look.
        clock.advance(Duration::from_hours(24));
        assert_eq!(waiting.await.expect("it ends"), Waited::Due);
        // What is due in the past is not waited for, and both tokens end a wait.
        assert_eq!(until(clock.now(), clock.as_ref(), &stopped, &ending).await, Waited::Due);
        let later = clock.now() + Duration::from_hours(1);
        stopped.cancel();
        assert_eq!(until(later, clock.as_ref(), &stopped, &ending).await, Waited::Stopped);
        ending.cancel();
        assert_eq!(until(later, clock.as_ref(), &CancellationToken::new(), &ending).await, Waited::Ending);
    }
}
