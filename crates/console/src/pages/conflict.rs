//! What somebody changed while a form was open: who did, when, and both versions. Every form that is refused for that (412) shows it
//! with `conflict.html`. Not a page of its own.

use management::{Right, audit::LastChange};
use model::{
    Kanaal, Subscription, Timestamp,
    approval::ApprovalDecision,
    audit::{Action, Object, ObjectKind},
};

use crate::{Console, View, pages::audit};

/// The actions that make a new version of a subscription.
const SUBSCRIPTION: [Action; 2] = [Action::SubscriptionChange, Action::SubscriptionCredential];
/// The decisions about a subscription.
const DECISION: [Action; 2] = [Action::SubscriptionApprove, Action::SubscriptionReject];
/// The actions that change a kanaal, or make one with the name of one that was deleted.
const KANAAL: [Action; 3] = [Action::KanaalCreate, Action::KanaalChange, Action::KanaalSending];

/// A change by somebody else, for the form that it refuses.
pub struct Conflict {
    /// What it means for the form.
    pub what: &'static str,
    /// Who made it; `None` when the audit trail does not answer or does not show it.
    pub changed_by: Option<LastChange>,
    /// The page with the audit trail of the object.
    pub history: Option<String>,
    /// The heads of the two versions.
    pub heads: [&'static str; 2],
    /// The members that differ.
    pub differences: Vec<Difference>,
    /// What is said when none differs.
    pub same: &'static str,
}

/// A member that differs.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its label.
    pub member: String,
    /// Its value in each version.
    pub values: [String; 2],
}

/// The two versions of a [`Conflict`].
pub enum Versions {
    /// The stored one, and what was typed.
    Typed(Vec<Difference>),
    /// What the form showed, and the stored one.
    Seen(Vec<Difference>),
}

impl Conflict {
    /// Somebody made a new version of a subscription.
    pub async fn of_subscription(
        (console, view): (&Console, &View),
        own: &Subscription,
        what: &'static str,
        versions: Versions,
    ) -> Self {
        let object = Object::new(ObjectKind::Subscription, own.id.to_string());
        Self::of((console, view), (&object, &SUBSCRIPTION), Some(own.changed), (what, versions)).await
    }

    /// Somebody decided about a subscription.
    pub async fn of_decision(
        (console, view): (&Console, &View),
        own: &Subscription,
        decision: Option<&ApprovalDecision>,
        (what, versions): (&'static str, Versions),
    ) -> Self {
        let object = Object::new(ObjectKind::Subscription, own.id.to_string());
        let since = decision.map(|decision| decision.at);
        Self::of((console, view), (&object, &DECISION), since, (what, versions)).await
    }

    /// Somebody changed a kanaal.
    pub async fn of_kanaal(
        (console, view): (&Console, &View),
        own: &Kanaal,
        what: &'static str,
        versions: Versions,
    ) -> Self {
        let object = Object::new(ObjectKind::Kanaal, own.naam.as_str());
        Self::of((console, view), (&object, &KANAAL), None, (what, versions)).await
    }

    async fn of(
        (console, view): (&Console, &View),
        change: (&Object, &[Action]),
        since: Option<Timestamp>,
        (what, versions): (&'static str, Versions),
    ) -> Self {
        let text = &view.text.conflict;
        let changed_by = console.management.last_change(&view.actor, change, since).await.ok().flatten();
        let query = || form_urlencoded::Serializer::new(String::new()).append_pair("object", &change.0.id).finish();
        let (heads, differences, same) = match versions {
            Versions::Typed(differences) => ([text.stored, text.typed], differences, text.no_difference),
            Versions::Seen(differences) => ([text.seen, text.now], differences, text.other_members),
        };
        let history = view.may(Right::SeeOwnAudit).then(|| format!("{}?{}", audit::PATH, query()));
        Self { what, changed_by, history, heads, differences, same }
    }
}

/// A member with its label, as a form shows it.
pub type Member = (&'static str, String);

/// The members in which two versions differ; both have the same members.
pub fn differences(first: Vec<Member>, second: Vec<Member>) -> Vec<Difference> {
    let pairs = first.into_iter().zip(second).filter(|((_, first), (_, second))| first != second);
    pairs
        .map(|((member, first), (_, second))| Difference { member: member.to_owned(), values: [first, second] })
        .collect()
}

/// What a form showed, for a hidden field of it. Members are without secrets.
pub fn seen(members: &[Member]) -> String {
    let values: Vec<&str> = members.iter().map(|(_, value)| value.as_str()).collect();
    serde_json::to_string(&values).unwrap_or_default()
}

/// The members that are no longer as the form showed them; none for a form that does not tell.
pub fn changed_since(seen: &str, members: Vec<Member>) -> Vec<Difference> {
    let values: Vec<String> = serde_json::from_str(seen).unwrap_or_default();
    if values.len() != members.len() {
        return vec![];
    }
    let before = members.iter().zip(values).map(|((label, _), value)| (*label, value)).collect();
    differences(before, members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_members_that_changed_since_the_form_was_made_are_differences() {
        let members = |name: &str| vec![("Name", name.to_owned()), ("Receiver", "https://a.example/".to_owned())];
        let form = seen(&members("\"old\", <b>"));
        assert_eq!(changed_since(&form, members("\"old\", <b>")), []);
        let expected = Difference { member: "Name".to_owned(), values: ["\"old\", <b>".to_owned(), "new".to_owned()] };
        assert_eq!(changed_since(&form, members("new")), [expected]);
        for other in ["", "[]", "{}", "[\"one\"]", "[1, 2]"] {
            assert_eq!(changed_since(other, members("new")), [], "{other}");
        }
    }
}
