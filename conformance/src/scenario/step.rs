//! A step of a scenario file: what it does, and what is expected. Reads; runs nothing.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::expect::Expect;
use crate::target::Sender;
use crate::token::TokenOptions;

/// One step. Exactly one of the members that are an action is present; [`Step::action`] returns it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// An HTTP request to send to the target.
    pub request: Option<String>,
    /// Sends these bytes: lines of the head end in CR LF, nothing is added to them.
    pub raw: Option<String>,
    /// Whether the request is sent without a credential.
    #[serde(default)]
    pub anonymous: bool,
    /// Name of the client whose credential is sent.
    #[serde(rename = "as")]
    pub client: Option<String>,
    /// A token to send that differs from the usual one of its client.
    pub token: Option<TokenOptions>,
    /// Over HTTP/2 with prior knowledge.
    #[serde(default)]
    pub http2: bool,
    /// How often it is sent; `{{n}}` counts from 1.
    #[serde(default = "once")]
    pub times: u32,
    /// Sends it again until the answer is as expected, or patience is over.
    #[serde(default)]
    pub eventually: bool,
    /// Placeholders to take from what came: a dotted path into JSON, or `header:Name`.
    #[serde(default)]
    pub save: BTreeMap<String, String>,
    /// Waits for deliveries at this subscriber.
    pub arrives: Option<String>,
    /// How many; the expectation holds for each, `{{n}}` counts from 1.
    #[serde(default = "once")]
    pub count: u32,
    /// Only deliveries that contain this text, usually an id.
    pub about: Option<String>,
    /// Waits for a handshake at this subscriber.
    pub handshake: Option<String>,
    /// Waits for a request at this subscriber that is one of its probes.
    pub probed: Option<String>,
    /// Nothing may be delivered to this subscriber for a while.
    pub silent: Option<String>,
    /// How long that is, in milliseconds.
    #[serde(default = "a_while")]
    pub for_ms: u64,
    /// Publishes one more event and expects it as the next delivery, so that nothing came before it.
    pub nothing_else: Option<String>,
    /// Changes what this subscriber answers from now on.
    pub script: Option<String>,
    /// The new answers to deliveries.
    #[serde(default)]
    pub answers: Vec<String>,
    /// The new answers to handshakes.
    #[serde(default)]
    pub consents: Vec<String>,
    /// Creates the subscription of this subscriber now.
    pub subscribe: Option<String>,
    /// Waits until the subscription of each subscriber has a state.
    pub state: Option<BTreeMap<String, String>>,
    /// Waits for a record on this topic.
    pub record: Option<String>,
    /// Reads this topic to its end; a step must have checked every record there.
    pub no_record: Option<String>,
    /// Checks the settings of this topic.
    pub topic: Option<String>,
    /// Produces a record on this topic.
    pub produce: Option<String>,
    /// Its header lines, an empty line, its value.
    #[serde(default)]
    pub message: String,
    /// Key of the record to produce.
    pub key: Option<String>,
    /// Whether it has no value at all.
    #[serde(default)]
    pub tombstone: bool,
    /// What is expected of the answer, the delivery or the handshake.
    #[serde(default)]
    pub expect: Expect,
}

fn once() -> u32 {
    1
}

fn a_while() -> u64 {
    300
}

/// The action of a step, with the name or text it applies to.
#[derive(Debug, Clone, Copy)]
pub enum Action<'a> {
    /// Sends a request to the target.
    Request(&'a str),
    /// Sends bytes to the target.
    Raw(&'a str),
    /// Waits for deliveries at this subscriber.
    Arrives(&'a str),
    /// Waits for a handshake at this subscriber.
    Handshake(&'a str),
    /// Waits for a probe at this subscriber.
    Probed(&'a str),
    /// Checks that nothing is delivered to this subscriber for a while.
    Silent(&'a str),
    /// Checks with one more event that nothing else is delivered before it.
    NothingElse(&'a str),
    /// Changes the script of this subscriber.
    Script(&'a str),
    /// Creates the subscription of this subscriber.
    Subscribe(&'a str),
    /// Waits until subscriptions have a state, by subscriber.
    State(&'a BTreeMap<String, String>),
    /// Waits for a record on a topic.
    Record(&'a str),
    /// Checks that a topic has no record that no step has checked.
    NoRecord(&'a str),
    /// Checks the settings of a topic.
    Topic(&'a str),
    /// Produces a record on a topic.
    Produce(&'a str),
}

impl Step {
    /// The action of the step; none when it has no action or more than one.
    pub fn action(&self) -> Option<Action<'_>> {
        let actions = [
            self.request.as_deref().map(Action::Request),
            self.raw.as_deref().map(Action::Raw),
            self.arrives.as_deref().map(Action::Arrives),
            self.handshake.as_deref().map(Action::Handshake),
            self.probed.as_deref().map(Action::Probed),
            self.silent.as_deref().map(Action::Silent),
            self.nothing_else.as_deref().map(Action::NothingElse),
            self.script.as_deref().map(Action::Script),
            self.subscribe.as_deref().map(Action::Subscribe),
            self.state.as_ref().map(Action::State),
            self.record.as_deref().map(Action::Record),
            self.no_record.as_deref().map(Action::NoRecord),
            self.topic.as_deref().map(Action::Topic),
            self.produce.as_deref().map(Action::Produce),
        ];
        let mut given = actions.into_iter().flatten();
        let action = given.next();
        if given.next().is_some() { None } else { action }
    }

    /// The client whose credential is sent with its request.
    pub fn sender(&self) -> Sender<'_> {
        match (self.anonymous, &self.token, &self.client) {
            (true, ..) => Sender::Anonymous,
            (_, Some(options), _) => Sender::Token(options),
            (_, _, Some(client)) => Sender::Client(client),
            _ => Sender::Main,
        }
    }

    /// The subscribers the step names.
    pub(super) fn sinks(&self) -> Vec<&str> {
        let named = [
            &self.arrives,
            &self.handshake,
            &self.probed,
            &self.silent,
            &self.nothing_else,
            &self.script,
            &self.subscribe,
        ];
        let states = self.state.iter().flat_map(BTreeMap::keys);
        named.into_iter().flatten().chain(states).map(String::as_str).collect()
    }
}
