//! Query parameters and members that choose dead letters.

use management::journal::DeadLetter;
use model::{KanaalName, SubscriptionId};
use web::problem::Problem;

use crate::list::Query;

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
