//! Whether the rules of today allow the stored sinks: rules may have changed since they were made. Pure.

use model::{Registry, Sink, SubscriptionId};

use super::{Check, Verdict};

/// Most subscriptions that are reported one by one.
const MAX_SINKS: usize = 20;

/// The URL of each subscription.
pub fn sinks_of(registry: &Registry) -> Vec<(SubscriptionId, String)> {
    let sinks = registry.subscriptions().map(|own| (own.id, own.sink.clone()));
    sinks.map(|(id, Sink::Webhook(url))| (id, url)).collect()
}

/// One verdict for each sink that is refused, or one for all together. `check_url` returns the rule that a URL breaks.
pub fn check_sinks(sinks: &[(SubscriptionId, String)], check_url: impl Fn(&str) -> Result<(), String>) -> Vec<Check> {
    let item = "subscription.sink";
    let refused: Vec<_> = sinks.iter().filter_map(|(id, url)| Some((id, check_url(url).err()?))).collect();
    let wrong = |finding: String| Check {
        remedy: Some("allow its address in [egress], or change or delete the subscription".to_owned()),
        ..Check::new(item, Verdict::Wrong, finding)
    };
    let named = refused.iter().take(MAX_SINKS);
    let mut checks: Vec<Check> =
        named.map(|(id, rule)| wrong(format!("the sink of subscription {id} {rule}"))).collect();
    if let Some(more) = refused.len().checked_sub(MAX_SINKS).filter(|more| *more > 0) {
        checks.push(wrong(format!("the sinks of {more} more subscriptions are not allowed")));
    }
    if checks.is_empty() {
        let finding = format!("the sinks of {} subscriptions are allowed", sinks.len());
        checks.push(Check::new(item, Verdict::Ok, finding));
    }
    checks
}
