//! Lists entries of the audit trail, newest first.

use model::{Actor, SubscriptionId, Timestamp, audit::Subject};
use storage::audit::Line;

use super::reader::TrailReader;
use crate::{Error, Management, Right, journal::Page};

/// Most lines that are read for one page.
const MAX_LINES: usize = 20_000;

/// Which entries are wanted; `None` for any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// The id of the actor, or the kind of an actor that has no id: `gateway`, `configuration`.
    pub actor: Option<String>,
    /// The action, or the part before its dot: `kanaal` for every action on kanalen.
    pub action: Option<String>,
    /// The name or id of the object, or of another object that changed with it.
    pub object: Option<String>,
    /// The kind of object.
    pub object_kind: Option<String>,
    /// `accepted`, `rejected`, `refused` or `failed`.
    pub result: Option<String>,
    /// Only at or after this moment.
    pub from: Option<Timestamp>,
    /// Only before this moment.
    pub until: Option<Timestamp>,
}

/// The beginning of lines whose values are in them as they are.
const PLAIN: &str = "{\"kind\":\"audit\",\"v\":2,";

/// Whether a line as stored may have a value; surely not when it does not contain it.
fn may_have(text: &str, value: &str) -> bool {
    let is_escaped = |character: char| matches!(character, '"' | '\\') || character.is_control();
    !text.starts_with(PLAIN) || value.contains(is_escaped) || text.contains(value)
}

/// Kind and id of the object of a line as stored; `None` when its contents have to be read for that.
fn stored_object(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = text.strip_prefix(PLAIN)?.split_once("\"object\":{\"kind\":\"")?;
    let (kind, rest) = rest.split_once("\",\"id\":\"")?;
    let (id, _) = rest.split_once('"')?;
    // An id with an escaped quote is cut there.
    (!id.contains('\\')).then_some((kind, id))
}

impl AuditQuery {
    /// Whether a line as stored may be wanted. Reading the contents of many lines takes long, so those that lack a wanted value are
    /// passed over; JSON has values as they are, unless it escapes a character of them.
    fn may_match(&self, text: &str) -> bool {
        let wanted = [&self.actor, &self.action, &self.object, &self.object_kind, &self.result];
        wanted.into_iter().flatten().all(|wanted| may_have(text, wanted))
    }

    /// Whether a line is wanted.
    pub fn matches(&self, line: &Line) -> bool {
        let record = &line.record;
        let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
        let actor = if record.actor_id.is_empty() { &record.actor_kind } else { &record.actor_id };
        let group = record.action.split_once('.').map_or(record.action.as_str(), |(group, _)| group);
        let objects =
            || record.touched.iter().map(|(kind, id)| (kind, id)).chain([(&record.object_kind, &record.object_id)]);
        is(&self.actor, actor)
            && (is(&self.action, &record.action) || is(&self.action, group))
            && objects().any(|(kind, id)| is(&self.object_kind, kind) && is(&self.object, id))
            && is(&self.result, &record.result)
            && self.from.is_none_or(|from| record.at >= from)
            && self.until.is_none_or(|until| record.at < until)
    }
}

impl Management {
    /// The entries that the query matches, newest first. An actor with [`Right::SeeOwnAudit`] alone sees those about its own
    /// actions, and those about its own subscriptions and kanalen without who else acted and from where, whatever actor the
    /// query names.
    ///
    /// [`Error::Forbidden`] for an actor without that right, [`Error::TooBroad`] when the page is not complete after 20,000 lines.
    pub async fn list_audit(&self, actor: &Actor, query: &AuditQuery, page: Page) -> Result<Vec<Line>, Error> {
        if !Right::SeeOwnAudit.is_granted_to(actor) {
            return Err(Error::Forbidden("Only an administrator may read the audit trail.".to_owned()));
        }
        let own = (!Right::SeeAudit.is_granted_to(actor)).then(|| Subject::from(&actor.identity));
        let mut reader = TrailReader::new(&self.trail, query.from, query.until);
        let (mut skip, mut found) = (page.offset, Vec::new());
        while reader.lines() < MAX_LINES {
            for line in reader.next_stored().await? {
                let may_see = own.as_ref().is_none_or(|own| self.may_be_shown((actor, own), &line.text));
                if !may_see || !query.may_match(&line.text) {
                    continue;
                }
                let mut line = line.read();
                if own.as_ref().is_some_and(|own| !is_by(own, &line)) {
                    if !self.is_own_object(actor, (line.record.object_kind.as_str(), line.record.object_id.as_str())) {
                        continue;
                    }
                    remove_actor(&mut line);
                }
                if !query.matches(&line) {
                    continue;
                }
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                found.push(line);
                if found.len() == page.limit as usize {
                    return Ok(found);
                }
            }
            if reader.is_over() {
                return Ok(found);
            }
        }
        Err(Error::TooBroad(
            "Too many entries would have to be looked at; narrow the list by from and until.".to_owned(),
        ))
    }
}

impl Management {
    /// Whether a line as stored may be by the actor, or about what it owns.
    fn may_be_shown(&self, (actor, own): (&Actor, &Subject), text: &str) -> bool {
        may_have(text, &own.id) || stored_object(text).is_none_or(|object| self.is_own_object(actor, object))
    }

    /// Whether an object is a subscription or a kanaal that the actor owns, or for whose owner it acts.
    fn is_own_object(&self, actor: &Actor, (kind, id): (&str, &str)) -> bool {
        let registry = self.registry.read();
        let owner = match kind {
            "subscription" => {
                let id = id.parse().ok().map(SubscriptionId);
                id.and_then(|id| registry.subscription(id)).map(|own| own.owner.as_str())
            }
            "kanaal" => registry.kanaal(id).and_then(|kanaal| kanaal.owner.as_deref()),
            _ => None,
        };
        owner.is_some_and(|owner| actor.may_manage(owner))
    }
}

/// Whether this actor did what the line is about.
pub(super) fn is_by(actor: &Subject, line: &Line) -> bool {
    line.record.actor_kind == actor.kind && line.record.actor_id == actor.id
}

/// Removes what the line tells about another actor, but for the kind of its identity, and further objects that it changed.
pub(super) fn remove_actor(line: &mut Line) {
    line.text.clear();
    let record = &mut line.record;
    record.actor_id.clear();
    record.scopes.clear();
    record.node.clear();
    record.touched.clear();
    (record.address, record.request, record.trace, record.link) = (None, None, None, None);
}

#[cfg(test)]
mod tests {
    use storage::audit::Record;

    use super::*;

    fn line() -> Line {
        let record = Record {
            version: 2,
            at: Timestamp::from_seconds(100),
            actor_kind: "applicatie".into(),
            actor_id: "zaken".into(),
            action: "kanaal.change".into(),
            object_kind: "kanaal".into(),
            object_id: "zaken".into(),
            touched: vec![("subscription".into(), "5".into())],
            result: "accepted".into(),
            ..Record::default()
        };
        Line { place: 1, text: String::new(), record }
    }

    #[test]
    fn a_line_that_lacks_a_wanted_value_is_passed_over_unless_it_may_be_written_otherwise() {
        let text = |text: &str| Some(text.to_owned());
        let stored = r#"{"kind":"audit","v":2,"actor":{"kind":"applicatie","id":"zaken"},"action":"kanaal.change","object":{"kind":"kanaal","id":"zaken \"1\""},"result":"accepted"}"#;
        let first = r#"{"kind":"audit","v":1,"accepted":true,"touched":[["kanaal","zaken"]],"at":1}"#;
        let none = AuditQuery::default();
        for (query, may, may_first) in [
            (none.clone(), true, true),
            (AuditQuery { actor: text("zaken"), ..none.clone() }, true, true),
            (AuditQuery { actor: text("anders"), ..none.clone() }, false, true),
            (AuditQuery { action: text("kanaal"), ..none.clone() }, true, true),
            (AuditQuery { action: text("subscription"), ..none.clone() }, false, true),
            (AuditQuery { object: text("zaken \"1\""), ..none.clone() }, true, true),
            (AuditQuery { object: text("zaken"), object_kind: text("route"), ..none.clone() }, false, true),
            (AuditQuery { result: text("refused"), ..none }, false, true),
        ] {
            assert_eq!((query.may_match(stored), query.may_match(first)), (may, may_first), "{query:?}");
        }
        assert_eq!(stored_object(stored), None, "the id has an escaped quote");
        assert_eq!(stored_object(&stored.replace(r#" \"1\""#, "")), Some(("kanaal", "zaken")));
        assert_eq!(stored_object(first), None);
    }

    #[test]
    fn every_condition_counts() {
        let text = |text: &str| Some(text.to_owned());
        let none = AuditQuery::default();
        for (query, matches) in [
            (none.clone(), true),
            (AuditQuery { actor: text("zaken"), ..none.clone() }, true),
            (AuditQuery { actor: text("applicatie"), ..none.clone() }, false),
            (AuditQuery { action: text("kanaal.change"), ..none.clone() }, true),
            (AuditQuery { action: text("kanaal"), ..none.clone() }, true),
            (AuditQuery { action: text("kanaal.create"), ..none.clone() }, false),
            (AuditQuery { object: text("zaken"), ..none.clone() }, true),
            (AuditQuery { object: text("5"), ..none.clone() }, true),
            (AuditQuery { object: text("5"), object_kind: text("kanaal"), ..none.clone() }, false),
            (AuditQuery { object_kind: text("subscription"), ..none.clone() }, true),
            (AuditQuery { result: text("refused"), ..none.clone() }, false),
            (AuditQuery { from: Some(Timestamp::from_seconds(100)), ..none.clone() }, true),
            (AuditQuery { from: Some(Timestamp::from_seconds(101)), ..none.clone() }, false),
            (AuditQuery { until: Some(Timestamp::from_seconds(100)), ..none.clone() }, false),
            (AuditQuery { until: Some(Timestamp::from_seconds(101)), ..none }, true),
        ] {
            assert_eq!(query.matches(&line()), matches, "{query:?}");
        }
        let mut other = line();
        other.record.address = Some("192.0.2.1".into());
        remove_actor(&mut other);
        assert!(!format!("{:?}", other.record).contains("192.0.2.1") && other.record.touched.is_empty());
        assert_eq!((other.record.actor_kind.as_str(), other.record.actor_id.as_str()), ("applicatie", ""));
        let gateway = Record { actor_kind: "gateway".into(), actor_id: String::new(), ..line().record };
        let query = AuditQuery { actor: text("gateway"), ..AuditQuery::default() };
        assert!(query.matches(&Line { record: gateway, ..line() }));
    }
}
