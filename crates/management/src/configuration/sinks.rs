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
    let wrong = |finding: (String, String)| {
        Check::new(item, Verdict::Wrong, finding).with_remedy((
            "allow its address in [egress], or change or delete the subscription",
            "sta het adres toe in [egress], of wijzig of verwijder het abonnement",
        ))
    };
    let named = refused.iter().take(MAX_SINKS);
    let named = named.map(|(id, rule)| {
        wrong((
            format!("the sink of subscription {id} {rule}"),
            format!("de ontvanger van abonnement {id} is niet toegestaan"),
        ))
    });
    let mut checks: Vec<Check> = named.collect();
    if let Some(more) = refused.len().checked_sub(MAX_SINKS).filter(|more| *more > 0) {
        checks.push(wrong((
            format!("the sinks of {more} more subscriptions are not allowed"),
            format!("ook de ontvangers van {more} andere abonnementen zijn niet toegestaan"),
        )));
    }
    if checks.is_empty() {
        let number = sinks.len();
        let finding = (
            format!("the sinks of {number} subscriptions are allowed"),
            format!("de ontvangers van {number} abonnementen zijn toegestaan"),
        );
        checks.push(Check::new(item, Verdict::Ok, finding));
    }
    checks
}
