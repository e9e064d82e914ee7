//! The pages that only the portal has: what is one's own, for subscribers and publishers.
//!
//! Not here: the pages that the console has too, such as a subscription and its deliveries; they have one handler for both.

pub mod catalogue;
pub mod create;
pub mod credential;
mod credential_fields;
pub mod home;
pub mod own_kanalen;
pub mod recover;
pub mod test;

use std::sync::Arc;

use management::subscriptions::SubscriptionFilter;
use model::Subscription;
use web::Problem;

use super::subscriptions;
use crate::{Console, View};

/// The subscription with the id in a path, if the person may change it. What belongs to others is not there.
fn own_subscription(console: &Console, view: &View, id: &str) -> Result<Arc<Subscription>, Problem> {
    let own = console.management.find_subscription(&view.actor, subscriptions::id_of(id)?)?;
    let may_manage = view.actor.may_manage(&own.owner);
    may_manage.then_some(own).ok_or_else(|| Problem::not_found("There is no such subscription."))
}

/// The subscriptions that the person may change, newest first.
async fn own_subscriptions(console: &Console, view: &View) -> Vec<Arc<Subscription>> {
    let mut own = console.management.list_subscriptions(&view.actor, &SubscriptionFilter::default()).await;
    own.retain(|one| view.actor.may_manage(&one.owner));
    own
}

/// The name of a subscription, or else its receiver.
fn title_of(own: &Subscription) -> String {
    own.name.clone().unwrap_or_else(|| crate::sink_text::sink_text(&own.sink))
}
