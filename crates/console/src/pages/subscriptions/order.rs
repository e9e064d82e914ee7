//! The order of the list of subscriptions: by a column that the query names, else the newest first.

use std::sync::Arc;

use model::{Subscription, SubscriptionId};

use super::shown::format_text;
use crate::{Console, View, sink_text::sink_text, sorting::Order, statuses::statuses};

/// The name, or else the receiver.
pub const NAME: &str = "ontvanger";
/// The client that owns it.
pub const OWNER: &str = "eigenaar";
/// The format.
pub const FORMAT: &str = "vorm";
/// The state, in words.
pub const STATE: &str = "toestand";
/// The number of waiting events.
pub const WAITING: &str = "wachtend";
/// The oldest waiting event.
pub const OLDEST: &str = "oudste";
/// The share of deliveries that failed in the last 24 hours.
pub const FAILED: &str = "mislukt";
/// The last success.
pub const LAST_SUCCESS: &str = "gelukt";

/// The columns that the list can be sorted by.
pub const COLUMNS: [&str; 8] = [NAME, OWNER, FORMAT, STATE, WAITING, OLDEST, FAILED, LAST_SUCCESS];

/// The list in the order of the query.
pub struct Sorted {
    /// The subscriptions.
    pub list: Vec<Arc<Subscription>>,
    /// The order, if the query names one.
    pub order: Option<Order>,
    /// How many come last because their deliveries were not looked at.
    pub unknown: usize,
}

/// Sorts a list that is newest first.
pub async fn sorted(console: &Console, view: &View, list: Vec<Arc<Subscription>>) -> Sorted {
    let order = Order::of(view, &COLUMNS);
    let Some(own) = order else { return Sorted { list, order, unknown: 0 } };
    let mut unknown = 0;
    let list = match own.column {
        NAME => by_text(own, list, |one| one.name.clone().unwrap_or_else(|| sink_text(&one.sink))),
        OWNER => by_text(own, list, |one| one.owner.clone()),
        FORMAT => by_text(own, list, |one| format_text(one, view.text).to_owned()),
        FAILED => {
            let failures = console.management.read_failures(&view.actor, list.iter().map(|one| one.id));
            let share =
                |id: &SubscriptionId| failures.get(id).and_then(|own| (own.failed * 1_000_000).checked_div(own.ended));
            own.sort(list.into_iter().map(|one| (share(&one.id), one)).collect())
        }
        LAST_SUCCESS => {
            let ids: Vec<SubscriptionId> = list.iter().map(|one| one.id).collect();
            if let Ok(moments) = console.management.read_last_delivered(&view.actor, &ids).await {
                own.sort(moments.into_iter().zip(list).collect())
            } else {
                unknown = list.len();
                list
            }
        }
        column => {
            let found = statuses(&console.management, &list).await;
            unknown = found.iter().filter(|status| status.is_none()).count();
            let rows = list.into_iter().zip(found);
            match column {
                STATE => {
                    let word = |state| view.state_words(state).name.to_lowercase();
                    own.sort(rows.map(|(one, status)| (status.map(|status| word(status.state)), one)).collect())
                }
                OLDEST => {
                    let at = rows.map(|(one, status)| (status.and_then(|status| status.oldest_undelivered), one));
                    own.sort(at.collect())
                }
                _ => own.sort(rows.map(|(one, status)| (status.map(|status| status.lag), one)).collect()),
            }
        }
    };
    Sorted { list, order, unknown }
}

fn by_text(
    order: Order,
    list: Vec<Arc<Subscription>>,
    text: impl Fn(&Subscription) -> String,
) -> Vec<Arc<Subscription>> {
    order.sort(list.into_iter().map(|one| (Some(text(&one).to_lowercase()), one)).collect())
}
