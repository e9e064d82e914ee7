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

impl AuditQuery {
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
            for mut line in reader.next().await? {
                if own.as_ref().is_some_and(|own| !is_by(own, &line)) {
                    if !self.is_about_own(actor, &line) {
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
    /// Whether a line is about a subscription or a kanaal that the actor owns, or for whose owner it acts.
    fn is_about_own(&self, actor: &Actor, line: &Line) -> bool {
        let record = &line.record;
        let registry = self.registry.read();
        let is_own = |kind: &str, id: &str| {
            let owner = match kind {
                "subscription" => {
                    let id = id.parse().ok().map(SubscriptionId);
                    id.and_then(|id| registry.subscription(id)).map(|own| own.owner.as_str())
                }
                "kanaal" => registry.kanaal(id).and_then(|kanaal| kanaal.owner.as_deref()),
                _ => None,
            };
            owner.is_some_and(|owner| actor.may_manage(owner))
        };
        is_own(&record.object_kind, &record.object_id)
    }
}

/// Whether this actor did what the line is about.
fn is_by(actor: &Subject, line: &Line) -> bool {
    line.record.actor_kind == actor.kind && line.record.actor_id == actor.id
}

/// Removes what the line tells about another actor, but for the kind of its identity, and further objects that it changed.
fn remove_actor(line: &mut Line) {
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
