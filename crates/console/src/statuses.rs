//! How many subscriptions are doing, within bounds: looking at one may ask another node or storage.

use std::{sync::Arc, time::Duration};

use management::{Management, subscriptions::SubscriptionStatus};
use model::Subscription;
use tokio::time::{Instant, timeout_at};

/// Most subscriptions that are looked at for one page.
const MAX_ASKED: usize = 500;
/// How long looking at them may take in all.
const MAX_WAIT: Duration = Duration::from_secs(3);

/// The status of each subscription, in the same order; `None` for those that were not looked at, because there are too many or
/// the answer took too long.
pub async fn statuses(management: &Management, subscriptions: &[Arc<Subscription>]) -> Vec<Option<SubscriptionStatus>> {
    let end = Instant::now() + MAX_WAIT;
    let mut found = Vec::with_capacity(subscriptions.len());
    for (at, subscription) in subscriptions.iter().enumerate() {
        let asked = (at < MAX_ASKED).then(|| timeout_at(end, management.subscription_status(subscription)));
        found.push(match asked {
            Some(asked) => asked.await.ok().filter(|status| status.is_known),
            None => None,
        });
    }
    found
}
