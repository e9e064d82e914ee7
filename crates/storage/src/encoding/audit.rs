//! Stored form of a line of the audit trail, and the chain of hashes.
//!
//! A line is one JSON object whose last member is `hash`: the SHA-256 of everything before it, that is the line up to but not
//! including `,"hash":"…"}`. `prev` is the hash of the line before it in the chain. So a line can be checked with standard
//! tools. Lines are read leniently: members that this program does not know stay in the text.

use model::{
    Timestamp,
    audit::{Entry, Object, Subject},
};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Written, corrupt};
use crate::{
    Error,
    audit::{Line, Link, NO_HASH, Record, RecordedChange},
};

const KIND: &str = "audit";
/// 2: with actor, origin, action, object, members and chain. Nothing reads a line to decide, so programs that know only
/// version 1 are not disturbed.
const NEWEST: u32 = 2;

/// Before the hash at the end of a line.
const HASH: &str = ",\"hash\":\"";

#[derive(Serialize)]
struct Form<'a> {
    chain: Uuid,
    seq: u64,
    at: String,
    actor: Actor<'a>,
    scopes: Vec<&'static str>,
    origin: Origin<'a>,
    action: &'static str,
    object: ObjectForm<'a>,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<Change<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    touched: Vec<ObjectForm<'a>>,
    #[serde(skip_serializing_if = "is_one")]
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    prev: &'a str,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde requires")]
fn is_one(count: &u64) -> bool {
    *count == 1
}

#[derive(Serialize)]
struct Actor<'a> {
    kind: &'a str,
    id: &'a str,
}

#[derive(Serialize)]
struct Origin<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    node: &'a str,
    interface: &'a str,
}

#[derive(Serialize)]
struct ObjectForm<'a> {
    kind: &'a str,
    id: &'a str,
}

#[derive(Serialize)]
struct Change<'a> {
    member: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    hidden: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a str>,
}

impl<'a> From<&'a Object> for ObjectForm<'a> {
    fn from(object: &'a Object) -> Self {
        Self { kind: object.kind.label(), id: &object.id }
    }
}

/// The end of a chain: what the next line follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    id: Uuid,
    seq: u64,
    hash: String,
}

impl Chain {
    /// A new chain, behind the newest line of the trail if there is one.
    pub(crate) fn new(id: Uuid, newest: Option<&str>) -> Self {
        let hash = newest.and_then(hash_of).unwrap_or(NO_HASH).to_owned();
        Self { id, seq: 0, hash }
    }

    /// The chain that a line of this program is the newest of.
    ///
    /// # Errors
    /// `Corrupt` when it is none.
    pub(crate) fn after(line: &str) -> Result<Self, Error> {
        let unreadable = || corrupt(KIND, "the newest line of the audit trail cannot be read");
        let link = parse(line).link.ok_or_else(unreadable)?;
        Ok(Self { id: link.chain.parse().map_err(|_| unreadable())?, seq: link.seq, hash: link.hash })
    }

    /// The number of the newest line.
    pub(crate) const fn seq(&self) -> u64 {
        self.seq
    }

    /// The line of an entry, which is the newest of the chain from now on.
    pub(crate) fn seal(&mut self, entry: &Entry) -> Result<String, Error> {
        let source = &entry.source;
        let form = Form {
            chain: self.id,
            seq: self.seq + 1,
            at: entry.at.to_rfc3339(),
            actor: Actor { kind: source.subject.kind, id: &source.subject.id },
            scopes: labels(&source.subject).collect(),
            origin: Origin {
                address: source.origin.address.map(|address| address.to_string()),
                node: &source.node,
                interface: source.origin.interface.label(),
            },
            action: entry.action.label(),
            object: (&entry.object).into(),
            result: entry.verdict.label(),
            reason: entry.verdict.reason(),
            changes: entry
                .changes
                .iter()
                .map(|change| Change {
                    member: change.member,
                    hidden: change.hidden,
                    before: change.before.as_deref(),
                    after: change.after.as_deref(),
                })
                .collect(),
            touched: entry.touched.iter().map(ObjectForm::from).collect(),
            count: entry.count,
            request: source.origin.request,
            trace: source.origin.trace.map(|trace| format!("{trace:032x}")),
            prev: &self.hash,
        };
        let written = serde_json::to_string(&Written { kind: KIND, v: NEWEST, body: form });
        let mut line = written.map_err(|error| corrupt(KIND, error.to_string()))?;
        line.pop();
        let hash = hex(line.as_bytes());
        line.push_str(HASH);
        line.push_str(&hash);
        line.push_str("\"}");
        (self.seq, self.hash) = (self.seq + 1, hash);
        Ok(line)
    }
}

/// The SHA-256 of bytes, in hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;

    let mut text = String::with_capacity(64);
    for byte in digest(&SHA256, bytes).as_ref() {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What the hash of a line covers, and the hash.
fn split(line: &str) -> Option<(&str, &str)> {
    let (covered, hash) = line.rsplit_once(HASH)?;
    let hash = hash.strip_suffix("\"}")?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hash.then_some((covered, hash))
}

/// The hash of a line; `None` before version 2.
pub(crate) fn hash_of(line: &str) -> Option<&str> {
    split(line).map(|(_, hash)| hash)
}

#[derive(Deserialize)]
struct Head {
    kind: String,
    v: u32,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Read {
    chain: Option<String>,
    seq: u64,
    at: String,
    actor: ReadObject,
    scopes: Vec<String>,
    origin: ReadOrigin,
    action: String,
    object: ReadObject,
    result: String,
    reason: Option<String>,
    changes: Vec<ReadChange>,
    touched: Vec<ReadObject>,
    count: Option<u64>,
    request: Option<String>,
    trace: Option<String>,
    prev: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ReadObject {
    kind: String,
    id: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ReadOrigin {
    address: Option<String>,
    node: String,
    interface: String,
}

#[derive(Deserialize)]
struct ReadChange {
    member: String,
    #[serde(default)]
    hidden: bool,
    before: Option<String>,
    after: Option<String>,
}

/// Version 1.
#[derive(Deserialize)]
struct First {
    accepted: bool,
    touched: Vec<(String, String)>,
    rejection: Option<String>,
    at: super::Micros,
}

/// The line at a place.
pub(crate) fn line(place: u64, text: String) -> Line {
    Line { place, record: parse(&text), text }
}

/// The contents of a line. Its version is 0 when it cannot be read.
fn parse(text: &str) -> Record {
    let head = serde_json::from_str::<Head>(text).ok().filter(|head| head.kind == KIND);
    let found = head.and_then(|head| if head.v == 1 { first(text) } else { current(text, head.v) });
    found.unwrap_or_default()
}

fn first(text: &str) -> Option<Record> {
    let form: First = serde_json::from_str(text).ok()?;
    let mut touched = form.touched.into_iter();
    let (object_kind, object_id) = touched.next().unwrap_or_default();
    Some(Record {
        version: 1,
        at: form.at.into(),
        actor_kind: Subject::unknown().kind.to_owned(),
        result: if form.accepted { "accepted" } else { "rejected" }.to_owned(),
        reason: form.rejection,
        object_kind,
        object_id,
        touched: touched.collect(),
        count: 1,
        ..Record::default()
    })
}

fn current(text: &str, version: u32) -> Option<Record> {
    let form: Read = serde_json::from_str(text).ok()?;
    let (covered, hash) = split(text)?;
    let link = Link {
        chain: form.chain?,
        seq: form.seq,
        previous: form.prev,
        hash: hash.to_owned(),
        is_intact: hex(covered.as_bytes()) == hash,
    };
    Some(Record {
        version,
        link: Some(link),
        at: Timestamp::parse_rfc3339(&form.at)?,
        actor_kind: form.actor.kind,
        actor_id: form.actor.id,
        scopes: form.scopes,
        address: form.origin.address,
        node: form.origin.node,
        interface: form.origin.interface,
        action: form.action,
        object_kind: form.object.kind,
        object_id: form.object.id,
        result: form.result,
        reason: form.reason,
        changes: form
            .changes
            .into_iter()
            .map(|change| RecordedChange {
                member: change.member,
                hidden: change.hidden,
                before: change.before,
                after: change.after,
            })
            .collect(),
        touched: form.touched.into_iter().map(|object| (object.kind, object.id)).collect(),
        count: form.count.unwrap_or(1),
        request: form.request,
        trace: form.trace,
    })
}

/// Logs a line that is stored, for a SIEM.
pub(crate) fn log(line: &str) {
    let record = parse(line);
    let Some(link) = &record.link else { return };
    tracing::info!(
        target: crate::audit::LOG_TARGET,
        action = record.action,
        actor_kind = record.actor_kind,
        actor = record.actor_id,
        address = record.address,
        node = record.node,
        interface = record.interface,
        object_kind = record.object_kind,
        object = record.object_id,
        result = record.result,
        reason = record.reason,
        count = record.count,
        request = record.request,
        trace = record.trace,
        chain = link.chain,
        seq = link.seq,
        hash = link.hash,
        "audit entry"
    );
}

/// The labels of scopes, roles and extra rights, which do not overlap.
pub(super) fn labels(subject: &Subject) -> impl Iterator<Item = &'static str> {
    subject.scopes.iter().map(|scope| scope.label()).chain(subject.roles.iter().copied())
}

#[cfg(test)]
mod tests {
    use model::{
        Actor, Interface, Origin,
        applicatie::Scope,
        audit::{Action, MemberChange, ObjectKind, Source, Verdict},
    };

    use super::*;
    use crate::audit::{Problem, Trimming, Verifier};

    fn entry() -> Entry {
        let origin = Origin {
            address: "192.0.2.1".parse().ok(),
            request: Some(Uuid::from_u128(7)),
            trace: Some(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c),
            ..Origin::of(Interface::Native)
        };
        let source = Source::new(&Actor::applicatie("zaken", [Scope::Beheer]).with_origin(origin), "node-1");
        let what = (Action::KanaalChange, Object::new(ObjectKind::Kanaal, "zaken \"é\""));
        let mut entry = Entry::new(Timestamp::from_seconds(1_800_000_000), source, what, Verdict::Accepted);
        entry.changes = vec![
            MemberChange { member: "filters", hidden: false, before: None, after: Some("bron".into()) },
            MemberChange { member: "sink", hidden: true, before: None, after: None },
        ];
        entry.touched = vec![Object::new(ObjectKind::Subscription, "5")];
        entry
    }

    fn refused() -> Entry {
        let source = Source { subject: Subject::unverified("wie"), ..Source::unknown() };
        let what = (Action::TokenRefuse, Object::new(ObjectKind::Route, ""));
        let verdict = Verdict::Refused("signature".into());
        Entry { count: 12, ..Entry::new(Timestamp::from_seconds(1_800_000_060), source, what, verdict) }
    }

    fn trail(lines: usize) -> Vec<String> {
        let mut chain = Chain::new(Uuid::from_u128(1), None);
        (0..lines).map(|_| chain.seal(&entry()).unwrap()).collect()
    }

    fn problems(lines: &[String]) -> Vec<Problem> {
        let mut verifier = Verifier::new(Trimming::Recorded, None);
        for (place, text) in (1..).zip(lines) {
            verifier.next(&line(place, text.clone()));
        }
        verifier.finish().problems
    }

    /// The samples were written by the first program with version 2 and must not change.
    #[test]
    fn version_2_is_written_and_read() {
        let samples = include_str!("../../tests/stored/v2/audit.jsonl");
        let mut chain = Chain::new(Uuid::from_u128(1), None);
        let written = [entry(), refused()].map(|entry| chain.seal(&entry).unwrap());
        assert_eq!(written.to_vec(), samples.lines().collect::<Vec<_>>());
        let [first, second] = [0, 1].map(|at| parse(&written[at]));
        assert_eq!((first.action.as_str(), first.object_id.as_str()), ("kanaal.change", "zaken \"é\""));
        assert_eq!(
            (first.actor_id.as_str(), first.node.as_str(), first.interface.as_str()),
            ("zaken", "node-1", "native")
        );
        assert_eq!((first.address.as_deref(), first.scopes.len(), first.changes.len()), (Some("192.0.2.1"), 1, 2));
        assert_eq!(first.trace.as_deref(), Some("0af7651916cd43dd8448eb211c80319c"));
        assert_eq!(
            (second.count, second.reason.as_deref(), second.result.as_str()),
            (12, Some("signature"), "refused")
        );
        assert_eq!(second.link.unwrap().previous, first.link.unwrap().hash);
    }

    #[test]
    fn version_1_is_read() {
        let record = parse(include_str!("../../tests/stored/v1/audit.json").trim_end());
        assert_eq!((record.version, record.object_id.as_str(), record.at.as_micros()), (1, "open-zaak", 5));
        assert_eq!((record.actor_kind.as_str(), record.link), ("unknown", None));
    }

    #[test]
    fn what_is_no_line_has_version_0() {
        let good = trail(1).remove(0);
        for text in
            ["", "{}", "x", r#"{"kind":"audit","v":2}"#, &good[..good.len() - 1], &good.replace("audit", "other")]
        {
            assert_eq!(parse(text).version, 0, "{text}");
        }
    }

    #[test]
    fn an_untouched_trail_has_no_problems() {
        assert_eq!(problems(&trail(5)), []);
        let mut lines = trail(3);
        // Another node begins behind the newest line.
        let mut other = Chain::new(Uuid::from_u128(2), lines.last().map(String::as_str));
        lines.push(other.seal(&entry()).unwrap());
        lines.push(other.seal(&refused()).unwrap());
        assert_eq!(problems(&lines), []);
    }

    #[test]
    fn a_chain_goes_on_after_its_newest_line() {
        let mut lines = trail(3);
        let mut chain = Chain::after(lines.last().unwrap()).unwrap();
        assert_eq!(chain.seq(), 3);
        lines.push(chain.seal(&refused()).unwrap());
        assert_eq!(problems(&lines), []);
    }

    #[test]
    fn a_changed_line_is_found() {
        let mut lines = trail(5);
        lines[2] = lines[2].replace("192.0.2.1", "192.0.2.2");
        let chain = Uuid::from_u128(1).to_string();
        assert_eq!(problems(&lines), [Problem::Changed { place: 3, chain, seq: 3 }]);
    }

    #[test]
    fn a_changed_line_with_a_new_hash_is_found() {
        let mut lines = trail(5);
        let (covered, _) = split(&lines[2]).unwrap();
        let covered = covered.replace("192.0.2.1", "192.0.2.2");
        lines[2] = format!("{covered}{HASH}{}\"}}", hex(covered.as_bytes()));
        let chain = Uuid::from_u128(1).to_string();
        assert_eq!(problems(&lines), [Problem::Replaced { place: 4, chain, seq: 4 }]);
    }

    #[test]
    fn a_removed_line_is_found() {
        let mut lines = trail(5);
        lines.remove(2);
        let chain = Uuid::from_u128(1).to_string();
        assert_eq!(problems(&lines), [Problem::OutOfOrder { place: 3, chain: chain.clone(), found: 4, expected: 3 }]);
        let mut lines = trail(5);
        lines.remove(0);
        assert_eq!(problems(&lines), [Problem::NoBeginning { chain, seq: 2 }]);
    }

    #[test]
    fn swapped_lines_are_found() {
        let mut lines = trail(5);
        lines.swap(1, 2);
        let found = problems(&lines);
        assert!(
            found.iter().all(|problem| matches!(problem, Problem::OutOfOrder { .. })) && found.len() == 3,
            "{found:?}"
        );
    }

    #[test]
    fn an_added_line_is_found() {
        let mut lines = trail(5);
        lines.insert(2, lines[1].clone());
        assert!(!problems(&lines).is_empty());
        let mut lines = trail(2);
        let stranger = Chain::new(Uuid::from_u128(3), Some(trail(5).last().unwrap())).seal(&entry()).unwrap();
        lines.push(stranger);
        let chain = Uuid::from_u128(3).to_string();
        assert_eq!(problems(&lines), [Problem::NoPredecessor { place: 3, chain }]);
    }

    #[test]
    fn a_removal_with_an_entry_is_no_problem_and_a_noted_hash_must_be_there() {
        let mut chain = Chain::new(Uuid::from_u128(1), None);
        let mut lines: Vec<String> = (0..4).map(|_| chain.seal(&entry()).unwrap()).collect();
        let what = (Action::AuditTrim, Object::new(ObjectKind::Audit, "3"));
        let trim = Entry::new(Timestamp::default(), Source::new(&Actor::gateway(), ""), what, Verdict::Accepted);
        lines.push(chain.seal(&trim).unwrap());
        let newest = hash_of(lines.last().unwrap()).unwrap().to_owned();
        let kept = lines.split_off(2);
        assert_eq!(problems(&kept), []);
        for (left, there) in [(kept.len(), true), (kept.len() - 1, false)] {
            let mut verifier = Verifier::new(Trimming::Brokers, Some(newest.clone()));
            for (place, text) in (3..).zip(&kept[..left]) {
                verifier.next(&line(place, text.clone()));
            }
            let report = verifier.finish();
            assert_eq!(report.problems.is_empty(), there, "{report:?}");
        }
    }
}
