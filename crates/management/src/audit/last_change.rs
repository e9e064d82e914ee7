//! Who changed an object last, for somebody whose own change was made of the version before.

use model::{
    Actor, Timestamp,
    audit::{Action, Object, Subject, Verdict},
};
use storage::audit::{Line, Record};

use super::{
    list::{is_by, remove_actor},
    reader::TrailReader,
};
use crate::{Error, Management, Right};

/// Most lines that are read.
const MAX_LINES: usize = 2_000;

/// The last change of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastChange {
    /// When.
    pub at: Timestamp,
    /// The kind of identity that made it, see [`Subject`].
    pub kind: String,
    /// The identity; empty for kinds without one, and when the actor may not see who others are.
    pub id: String,
    /// Whether the actor made it, for example in another window.
    pub is_own: bool,
}

impl Management {
    /// The newest of these actions that was done to the object, at or after `since`. `None` when it is not among the newest
    /// 2,000 lines, and for an actor without [`Right::SeeOwnAudit`]. Who did it is empty for an actor that sees the own lines only.
    pub async fn last_change(
        &self,
        actor: &Actor,
        (object, actions): (&Object, &[Action]),
        since: Option<Timestamp>,
    ) -> Result<Option<LastChange>, Error> {
        if !Right::SeeOwnAudit.is_granted_to(actor) {
            return Ok(None);
        }
        let own = Subject::from(&actor.identity);
        let mut reader = TrailReader::new(&self.trail, since, None);
        while reader.lines() < MAX_LINES && !reader.is_over() {
            let lines = reader.next().await?;
            if let Some(mut line) = lines.into_iter().find(|line| is_change(&line.record, object, actions, since)) {
                let is_own = is_by(&own, &line);
                if !is_own && !Right::SeeAudit.is_granted_to(actor) {
                    remove_actor(&mut line);
                }
                let Line { record, .. } = line;
                return Ok(Some(LastChange { at: record.at, kind: record.actor_kind, id: record.actor_id, is_own }));
            }
        }
        Ok(None)
    }
}

/// Whether a line is about one of the actions on the object, which was done.
fn is_change(record: &Record, object: &Object, actions: &[Action], since: Option<Timestamp>) -> bool {
    record.object_kind == object.kind.label()
        && record.object_id == object.id
        && record.result == Verdict::Accepted.label()
        && actions.iter().any(|action| record.action == action.label())
        && since.is_none_or(|since| record.at >= since)
}

#[cfg(test)]
mod tests {
    use model::audit::ObjectKind;

    use super::*;

    #[test]
    fn only_what_was_done_to_the_object_since_then_is_its_change() {
        let object = Object::new(ObjectKind::Kanaal, "zaken");
        let record = Record {
            version: 2,
            at: Timestamp::from_seconds(100),
            action: "kanaal.change".into(),
            object_kind: "kanaal".into(),
            object_id: "zaken".into(),
            result: "accepted".into(),
            ..Record::default()
        };
        let since = Some(Timestamp::from_seconds(100));
        for (record, expected) in [
            (record.clone(), true),
            (Record { at: Timestamp::from_seconds(99), ..record.clone() }, false),
            (Record { action: "kanaal.purge".into(), ..record.clone() }, false),
            (Record { object_kind: "subscription".into(), ..record.clone() }, false),
            (Record { object_id: "besluiten".into(), ..record.clone() }, false),
            (Record { result: "rejected".into(), ..record }, false),
        ] {
            assert_eq!(is_change(&record, &object, &[Action::KanaalChange], since), expected, "{record:?}");
        }
    }
}
