//! What a dry run found, as the pages show it.

use management::{
    by_hand::DryRun,
    events::{Receiver, Receives},
};
use web::language::Language;

use crate::{Console, View, pages::subscriptions, sink_text::sink_text};

/// The result of a dry run.
pub struct Outcome {
    /// The kanaal of the event.
    pub kanaal: String,
    /// The type of the event.
    pub kind: String,
    /// The findings: rule, member and text.
    pub findings: Vec<(&'static str, String, String)>,
    /// The subscriptions that would receive the event, then others.
    pub receivers: Vec<Row>,
    /// How many would receive it immediately.
    pub number: usize,
}

/// A subscription.
pub struct Row {
    /// Its page.
    pub path: String,
    /// Its name or receiver.
    pub name: String,
    /// Its owner.
    pub owner: String,
    /// The colour of the badge.
    pub badge: &'static str,
    /// Whether it receives the event, in a word.
    pub word: &'static str,
    /// Why not, or not yet.
    pub why: &'static str,
}

impl Outcome {
    /// The result in the language of the page.
    pub fn new(console: &Console, view: &View, run: DryRun) -> Self {
        let DryRun { draft, receivers } = run;
        let findings = draft.findings.iter().map(|finding| {
            let text = match view.language {
                Language::Dutch => &finding.text_nl,
                Language::English => &finding.text_en,
            };
            (finding.rule, finding.member.to_string(), text.to_string())
        });
        Self {
            kanaal: draft.kanaal.naam.to_string(),
            kind: draft.accepted.event.kind().to_owned(),
            findings: findings.collect(),
            number: receivers.iter().filter(|receiver| receiver.receives == Receives::Now).count(),
            receivers: receivers.iter().map(|receiver| row(console, view, receiver)).collect(),
        }
    }
}

fn row(console: &Console, view: &View, receiver: &Receiver) -> Row {
    let own = console.management.find_subscription(&view.actor, receiver.id);
    let (name, owner) = own.map_or_else(
        |_| (receiver.id.to_string(), String::new()),
        |own| (own.name.clone().unwrap_or_else(|| sink_text(&own.sink)), own.owner.clone()),
    );
    let (event, own) = (&view.text.event, &view.text.publish);
    let (badge, word, why) = match receiver.receives {
        Receives::Now => ("success", own.receives, ""),
        Receives::After(reason) => ("warning", event.after, (event.why)(reason)),
        Receives::Not(reason) => ("neutral", own.receives_not, (event.why)(reason)),
    };
    Row { path: subscriptions::path_of(receiver.id), name, owner, badge, word, why }
}
