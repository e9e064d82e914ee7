//! Which dead letters a list or a redrive is about, narrowed to what the caller may see.

use model::{KanaalName, SubscriptionId};
use storage::journal::{DeadLetter, DeadLetterQuery};

use crate::{
    api::v1::{list::Query, subscriptions::access},
    app::App,
    auth::Caller,
    problem::Problem,
};

/// Names a kanaal in a query; a name that cannot be one matches nothing.
pub fn kanaal(text: &str) -> Option<KanaalName> {
    KanaalName::new(text)
}

/// The subscription that a list is narrowed to: the one it names, or none that there is for records that nobody can
/// read.
pub fn subscription(query: &Query) -> Result<Option<SubscriptionId>, Problem> {
    let subscription = query.uuid("subscription")?.map(SubscriptionId);
    let rule = "must be true, and stand without subscription";
    let only = |text: &str| (text == "true" && subscription.is_none()).then_some(DeadLetter::NOBODY);
    Ok(query.typed("unreadable", rule, only)?.or(subscription))
}

/// The queries that together give the caller's part of `query`: itself for an administrator or when it names one
/// of the caller's subscriptions, else one for each of the caller's subscriptions.
pub fn visible(app: &App, caller: &Caller, query: DeadLetterQuery) -> Result<Vec<DeadLetterQuery>, Problem> {
    if caller.is_beheer() {
        return Ok(vec![query]);
    }
    if query.subscription == Some(DeadLetter::NOBODY) {
        return Ok(vec![]);
    }
    if let Some(id) = query.subscription {
        access::find(app, caller, &id.to_string())?;
        return Ok(vec![query]);
    }
    let registry = app.registry.read();
    let own = registry.subscriptions().filter(|subscription| access::owns(caller, subscription));
    let of = |id: SubscriptionId| DeadLetterQuery { subscription: Some(id), ..query.clone() };
    Ok(own.map(|subscription| of(subscription.id)).collect())
}

/// How many dead letters these queries give together.
pub async fn count(app: &App, queries: &[DeadLetterQuery]) -> Result<u64, Problem> {
    let mut count = 0;
    for query in queries {
        count += app.journal.count_dead_letters(query.clone()).await?;
    }
    Ok(count)
}
