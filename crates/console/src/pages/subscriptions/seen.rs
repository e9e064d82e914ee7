//! What a form was made of: the version of a subscription, and the members that it showed, in hidden fields. After a change of
//! somebody else the form is refused, and both versions are shown.

use model::{Subscription, Timestamp};
use web::Problem;

use super::{detail, shown::format_text};
use crate::{
    Console, View,
    form::Form,
    pages::conflict::{Conflict, Member, Versions, changed_since, seen},
    sink_text::sink_text,
    text::subscription_form::Field,
};

/// The hidden fields.
pub struct Seen {
    /// The version.
    pub version: i64,
    /// The members.
    pub members: String,
}

impl Seen {
    /// The fields of a form that is made now.
    pub fn of(view: &View, own: &Subscription) -> Self {
        Self::with(own, &members(view, own))
    }

    /// The same with these members.
    pub fn with(own: &Subscription, members: &[Member]) -> Self {
        Self { version: own.changed.as_micros(), members: seen(members) }
    }
}

/// The version that a form was made of.
///
/// # Errors
/// 412 without one.
pub fn version(form: &Form) -> Result<Timestamp, Problem> {
    form.text("versie").parse().map(Timestamp::from_micros).map_err(|_| Problem::precondition_failed())
}

/// The members that were changed since a form was made.
pub fn versions(form: &Form, members: Vec<Member>) -> Versions {
    Versions::Seen(changed_since(form.text("gezien"), members))
}

/// The conflict of a form with the stored version.
pub async fn conflict(
    (console, view): (&Console, &View),
    own: &Subscription,
    form: &Form,
    what: &'static str,
) -> Conflict {
    Conflict::of_subscription((console, view), own, what, versions(form, members(view, own))).await
}

/// The members of a subscription that forms show, without a secret. The credential is only for those who manage the subscription.
pub fn members(view: &View, own: &Subscription) -> Vec<Member> {
    let text = view.text;
    let or_empty = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut members = vec![
        ((text.subscription_form.label)(Field::Name), or_empty(&own.name)),
        (text.approvals.contact, or_empty(&own.contact)),
        (text.subscriptions.receiver, sink_text(&own.sink)),
        (text.approvals.wants, text.selection.selection(&own.selection)),
        (text.subscriptions.format, format_text(own, text).to_owned()),
    ];
    if view.actor.may_manage(&own.owner) {
        let kind = detail::credential_text(&own.credential, text);
        members.push((text.subscription.credential, kind.to_owned()));
        members.push((text.subscription.credential_set, detail::credential_set(view, own).unwrap_or_default()));
    }
    members
}
