//! Waits until delivery has settled: until `gateway audit deliveries` counts nothing that is open. There is no bound on the
//! time as long as something moves.

use std::time::{Duration, Instant};

use super::node::Node;
use super::subscriptions::Subscriptions;
use crate::workspace::Failure;

/// How long nothing may move; the longest wait of the gateway is 48 seconds.
const PATIENCE: Duration = Duration::from_mins(3);
const BETWEEN: Duration = Duration::from_secs(1);

/// Waits, and returns how long it took.
pub async fn settle(node: &Node, subscriptions: &Subscriptions) -> Result<Duration, Failure> {
    let start = Instant::now();
    let mut moved = (Instant::now(), (0, 0));
    loop {
        let (_, printed) = node.examine(&["audit", "deliveries"])?;
        let Some(open) = open(&printed) else { return Err(format!("gateway audit deliveries printed:\n{printed}")) };
        if open == 0 {
            return Ok(start.elapsed());
        }
        let arrived = subscriptions.receivers.iter().map(|receiver| receiver.count()).sum();
        if (arrived, open) != moved.1 {
            moved = (Instant::now(), (arrived, open));
        }
        if moved.0.elapsed() > PATIENCE {
            return Err(format!("nothing moves for {PATIENCE:?}, and {open} deliveries are open:\n{printed}"));
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// The number of open deliveries of all subscriptions; `None` when there is no subscription in the text.
fn open(printed: &str) -> Option<u64> {
    let lines = printed.lines().filter(|line| line.contains(" subscription "));
    let counts = lines.map(|line| {
        let before = line.split(" open").next().unwrap_or_default();
        before.rsplit(' ').next().and_then(|count| count.parse::<u64>().ok())
    });
    let counts: Option<Vec<u64>> = counts.collect();
    counts.filter(|counts| !counts.is_empty()).map(|counts| counts.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_deliveries_are_read_from_what_audit_prints() {
        let line = |open| {
            format!(
                "ok     subscription x: 9 wanted = 7 delivered + 0 dead letters + 0 ended + 0 expired + {open} open"
            )
        };
        let two = format!("{}\n{} + 1 without an outcome: a, b", line(2), line(40));
        assert_eq!((open(&line(3)), open(&two), open("BAD    cannot be read")), (Some(3), Some(42), None));
    }
}
