//! The pages of subscriptions: the list, one with its state and actions, its form, its deliveries, and events delivered again.

mod act;
mod bulk;
mod delete;
mod deliveries;
mod delivery;
mod detail;
mod edit;
mod export;
mod figures;
mod list;
mod order;
mod receiver;
mod replay;
pub mod seen;
mod shown;

use model::SubscriptionId;
use web::Problem;

pub use self::{
    act::{pause, redeliver, resume, revalidate},
    bulk::{handler as ask_bulk, post as bulk},
    delete::{handler as ask_delete, post as delete},
    deliveries::handler as deliveries,
    delivery::{handler as delivery, path_of as delivery_path},
    detail::{credential_text, handler as detail},
    edit::{ask_change, change, create, new, redraw_change, redraw_new},
    export::handler as export,
    list::{contains, handler as list},
    receiver::{check, test},
    replay::{handler as ask_replay, post as replay},
};

/// The path of the list.
pub const LIST: &str = "/beheer/abonnementen";

/// The id in a path.
///
/// # Errors
/// 404 for a text that is no id.
pub fn id_of(text: &str) -> Result<SubscriptionId, Problem> {
    let id = text.parse().map(SubscriptionId);
    id.map_err(|_| Problem::not_found("There is no such subscription."))
}

/// The path of the page of a subscription.
pub fn path_of(id: SubscriptionId) -> String {
    format!("{LIST}/{id}")
}
