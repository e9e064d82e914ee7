//! The one table of the members of what control changes: which values an entry may contain.
//!
//! A test destructures every type, so a new member does not compile until it is in the table.

use super::{cut, text};
use crate::{Kanaal, PayloadSchema, Subscription, applicatie::Applicatie, profile::has_bsn, run::Run};

/// A member of an object, before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberChange {
    /// The member.
    pub member: &'static str,
    /// Whether only the change is recorded, and not the values.
    pub hidden: bool,
    /// The value before, as text; `None` for none.
    pub before: Option<String>,
    /// The value after, as text; `None` for none.
    pub after: Option<String>,
}

/// What an entry may contain of a member.
#[derive(Debug)]
pub enum Visibility<T> {
    /// Its value as this text.
    Public(fn(&T) -> Option<String>),
    /// A text that leaves out what is secret. A change that the text does not show is recorded without values.
    Partial(fn(&T) -> Option<String>),
    /// Nothing: it follows from other members or is in the entry elsewhere.
    Omitted,
}

/// A line of the table.
#[derive(Debug)]
pub struct Member<T> {
    /// The name, as in the type.
    pub name: &'static str,
    /// What an entry may contain of it.
    pub visibility: Visibility<T>,
    is_same: fn(&T, &T) -> bool,
}

/// The text that replaces a value that may contain a BSN.
pub const MASKED: &str = "(masked: may contain a BSN)";

/// The members that differ.
pub(super) fn changes_of<T>(table: &[Member<T>], before: Option<&T>, after: Option<&T>) -> Vec<MemberChange> {
    let changed = |member: &Member<T>| {
        if let (Some(before), Some(after)) = (before, after)
            && (member.is_same)(before, after)
        {
            return None;
        }
        let (show, is_partial) = match member.visibility {
            Visibility::Public(show) => (show, false),
            Visibility::Partial(show) => (show, true),
            Visibility::Omitted => return None,
        };
        let text = |value: Option<&T>| value.and_then(show).map(masked);
        let (before_text, after_text) = (text(before), text(after));
        if before_text == after_text {
            let hidden = is_partial && before.is_some() && after.is_some();
            return hidden.then_some(MemberChange { member: member.name, hidden, before: None, after: None });
        }
        Some(MemberChange { member: member.name, hidden: false, before: before_text, after: after_text })
    };
    table.iter().filter_map(changed).collect()
}

/// The text as an entry may contain it: masked when it may contain a BSN, and bounded.
pub(super) fn masked(text: String) -> String {
    if has_bsn(text.as_bytes()) { MASKED.to_owned() } else { cut(text) }
}

macro_rules! member {
    ($type:ident . $name:ident, omitted) => {
        Member::<$type> { name: stringify!($name), visibility: Visibility::Omitted, is_same: |_, _| true }
    };
    ($type:ident . $name:ident, $visibility:ident, $show:expr) => {
        Member::<$type> {
            name: stringify!($name),
            visibility: Visibility::$visibility($show),
            is_same: |one, other| one.$name == other.$name,
        }
    };
}

/// Members of a kanaal.
pub static KANAAL: [Member<Kanaal>; 13] = [
    member!(Kanaal.id, omitted),
    member!(Kanaal.naam, omitted),
    member!(Kanaal.documentatie_link, Partial, |own| text::url(&own.documentatie_link)),
    member!(Kanaal.filters, Public, |own| text::list(own.filters.iter().map(|filter| filter.naam.as_str()))),
    member!(Kanaal.type_routes, Public, |own| text::list(&own.type_routes)),
    member!(Kanaal.source, Public, |own| own.source.clone()),
    member!(Kanaal.retention_seconds, Public, |own| own.retention_seconds.map(|seconds| seconds.to_string())),
    member!(Kanaal.owner, Public, |own| own.owner.clone()),
    member!(Kanaal.rules, Public, |own| text::rules(own.rules)),
    member!(Kanaal.payloads, Public, |own| Some(own.payloads.label().to_owned())),
    member!(Kanaal.clearance, Public, |own| own.clearance.as_ref().map(text::clearance)),
    member!(Kanaal.approval, Public, |own| Some(own.approval.to_string())),
    member!(Kanaal.created, omitted),
];

/// Members of a subscription.
pub static SUBSCRIPTION: [Member<Subscription>; 28] = [
    member!(Subscription.id, omitted),
    member!(Subscription.owner, Public, |own| Some(own.owner.clone())),
    member!(Subscription.name, Public, |own| own.name.clone()),
    // Both may contain personal data.
    member!(Subscription.contact, Partial, |_| None),
    member!(Subscription.description, Partial, |_| None),
    member!(Subscription.selection, Public, |own| Some(text::selection(&own.selection))),
    member!(Subscription.sink, Partial, |own| text::url(own.sink.key())),
    member!(Subscription.credential, Partial, |own| text::credential(&own.credential)),
    member!(Subscription.credential_changed, omitted),
    member!(Subscription.tls, Public, |own| own.tls.clone()),
    member!(Subscription.fsc, Public, |own| own.fsc.as_ref().map(|fsc| fsc.grant_hash.clone())),
    member!(Subscription.headers, Partial, |own| text::list(own.headers.iter().map(|(name, _)| name.as_str()))),
    member!(Subscription.format, Public, |own| Some(text::format(own.format))),
    member!(Subscription.order, Public, |own| Some(text::order(own.order).to_owned())),
    member!(Subscription.retry, Public, |own| Some(text::retry(own.retry))),
    member!(Subscription.max_in_flight, Public, |own| own.max_in_flight.map(|most| most.to_string())),
    member!(Subscription.requested_rate, Public, |own| own.requested_rate.map(|rate| rate.to_string())),
    member!(Subscription.validation, Public, |own| Some(text::validation(&own.validation))),
    member!(Subscription.consent, Public, |own| Some(text::consent(&own.consent))),
    member!(Subscription.generation, omitted),
    member!(Subscription.callback_secret, omitted),
    member!(Subscription.status, Public, |own| Some(text::status(&own.status))),
    member!(Subscription.start, Public, |own| text::list(own.start.iter().map(text::mark))),
    member!(Subscription.expires, Public, |own| own.expires.map(crate::Timestamp::to_rfc3339)),
    member!(Subscription.approvals, Partial, |own| text::list(own.approvals.iter().map(text::approval))),
    member!(Subscription.create_key, omitted),
    member!(Subscription.created, omitted),
    member!(Subscription.changed, omitted),
];

/// Members of an applicatie.
pub static APPLICATIE: [Member<Applicatie>; 4] = [
    member!(Applicatie.client_id, omitted),
    member!(Applicatie.secrets, Partial, |own| Some(format!("{} secrets", own.secrets.len()))),
    member!(Applicatie.scopes, Public, |own| text::list(own.scopes.iter().map(|scope| scope.label()))),
    member!(Applicatie.source, Public, |own| own.source.clone()),
];

/// Members of a run.
pub static RUN: [Member<Run>; 5] = [
    member!(Run.id, omitted),
    member!(Run.subscription, Public, |own| Some(own.subscription.to_string())),
    member!(Run.what, Public, |own| Some(text::run(&own.what))),
    member!(Run.asked_by, Public, |own| Some(own.asked_by.clone())),
    member!(Run.created, omitted),
];

/// Members of a payload schema. Its text and example never change; they may be long and are not recorded.
pub static SCHEMA: [Member<PayloadSchema>; 9] = [
    member!(PayloadSchema.name, omitted),
    member!(PayloadSchema.uri, Public, |own| Some(own.uri.clone())),
    member!(PayloadSchema.types, Public, |own| text::list(&own.types)),
    member!(PayloadSchema.kanaal, Public, |own| own.kanaal.as_ref().map(ToString::to_string)),
    member!(PayloadSchema.description, Public, |own| Some(own.description.clone()).filter(|text| !text.is_empty())),
    member!(PayloadSchema.example, Partial, |own| own.example.as_ref().map(|_| "set".to_owned())),
    member!(PayloadSchema.text, Partial, |own| Some(format!("{} bytes", own.text.len()))),
    member!(PayloadSchema.owner, Public, |own| own.owner.clone()),
    member!(PayloadSchema.created, omitted),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The members of a type. Does not compile when one is missing.
    macro_rules! members_of {
        ($type:ident { $($name:ident),* $(,)? }) => {{
            let _complete = |value: &$type| { let $type { $($name: _),* } = value; };
            vec![$(stringify!($name)),*]
        }};
    }

    fn names<T>(table: &[Member<T>]) -> Vec<&'static str> {
        table.iter().map(|member| member.name).collect()
    }

    #[test]
    fn every_member_is_in_the_table() {
        assert_eq!(
            names(&KANAAL),
            members_of!(Kanaal {
                id,
                naam,
                documentatie_link,
                filters,
                type_routes,
                source,
                retention_seconds,
                owner,
                rules,
                payloads,
                clearance,
                approval,
                created,
            })
        );
        assert_eq!(
            names(&SUBSCRIPTION),
            members_of!(Subscription {
                id,
                owner,
                name,
                contact,
                description,
                selection,
                sink,
                credential,
                credential_changed,
                tls,
                fsc,
                headers,
                format,
                order,
                retry,
                max_in_flight,
                requested_rate,
                validation,
                consent,
                generation,
                callback_secret,
                status,
                start,
                expires,
                approvals,
                create_key,
                created,
                changed,
            })
        );
        assert_eq!(names(&APPLICATIE), members_of!(Applicatie { client_id, secrets, scopes, source }));
        assert_eq!(names(&RUN), members_of!(Run { id, subscription, what, asked_by, created }));
        assert_eq!(
            names(&SCHEMA),
            members_of!(PayloadSchema { name, uri, types, kanaal, description, example, text, owner, created })
        );
    }

    #[test]
    fn a_value_that_may_contain_a_bsn_is_masked() {
        let with = |source: &str| Applicatie {
            client_id: "a".into(),
            secrets: vec![],
            scopes: vec![],
            source: Some(source.to_owned()),
        };
        let changes = changes_of(&APPLICATIE, Some(&with("urn:a")), Some(&with("urn:burger:999990342")));
        assert_eq!((changes[0].before.as_deref(), changes[0].after.as_deref()), (Some("urn:a"), Some(MASKED)));
    }
}
