//! A subscription as it is asked for: the object of [`super::view`] read from a request, every fault named.
//!
//! It decides nothing about consent or start positions; it only says what the owner wants.

use std::{num::NonZeroU32, time::Duration};

use egress::Policy;
use model::{
    KanaalName, Timestamp,
    consent::Validation,
    event::Born,
    selection::{Kenmerken, NativeSelection},
    subscription::{Format, Order, Rendering, RetryPolicy, Thousandths},
};
use serde_json::{Map, Value};

use super::{credential, credential::CredentialInput, filter, headers};
use crate::{
    api::v1::members::{Faults, Members},
    problem::{Fault, Problem},
};

/// Longest URL of a sink, in bytes.
const MAX_SINK: usize = 2_000;
/// Most kanalen, types and kenmerken of one subscription.
const MAX_LIST: usize = 256;

/// What the owner wants.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// `id`, when the body names one.
    pub id: Option<String>,
    /// Which events; `None` when no member of the body says anything about it.
    pub selection: Option<NativeSelection>,
    /// Where to.
    pub sink: String,
    /// What proves to the sink that it is us; `None` when the body does not say.
    pub credential: Option<CredentialInput>,
    /// The TLS profile for the sink.
    pub tls: Option<String>,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The shape.
    pub format: Format,
    /// The order.
    pub order: Order,
    /// What happens on failure.
    pub retry: RetryPolicy,
    /// Most requests at once.
    pub max_in_flight: Option<NonZeroU32>,
    /// The rate to ask for.
    pub requested_rate: Option<NonZeroU32>,
    /// How consent is asked for.
    pub validation: Validation,
    /// Where to start; `None` when the body does not say.
    pub start: Option<Start>,
    /// When it lapses.
    pub expires: Option<Timestamp>,
}

/// Where a new subscription starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With the next event.
    Now,
    /// With the oldest event that is kept.
    Beginning,
    /// With the first event accepted at or after a moment.
    At(Timestamp),
}

/// Gives the members that the Subscriptions API of VNG spells in camel case their CloudEvents names.
pub fn rename(object: &mut Map<String, Value>) -> Result<(), Problem> {
    for (other, name) in [("sinkCredential", "sinkcredential"), ("protocolSettings", "protocolsettings")] {
        if let Some(value) = object.remove(other)
            && object.insert(name.to_owned(), value).is_some()
        {
            return Err(Problem::invalid(vec![Fault::new(other, format!("is the same as {name}; give one of them"))]));
        }
    }
    if let Some(Value::Object(credential)) = object.get_mut("sinkcredential") {
        credential::rename(credential);
    }
    Ok(())
}

/// Reads a renamed object (see [`rename`]). Members of `retry` that it does not name are those of `default_retry`.
pub fn read(object: &Map<String, Value>, policy: &Policy, default_retry: RetryPolicy) -> Result<Wanted, Problem> {
    let faults = Faults::default();
    let top = Members::new(object, &faults);
    top.only(&[
        "id",
        "source",
        "types",
        "filters",
        "sink",
        "protocol",
        "protocolsettings",
        "sinkcredential",
        "config",
        "status",
        "owner",
        "created",
        "changed",
        "expires",
        "approvals",
    ]);
    let empty = Map::new();
    let config = top.object("config");
    let config = config.unwrap_or_else(|| Members::new(&empty, &faults));
    config.only(&[
        "kanalen",
        "born",
        "kenmerken",
        "abonnement",
        "format",
        "rendering",
        "batch",
        "order",
        "validation",
        "agreement",
        "rate",
        "maxInFlight",
        "start",
        "retry",
        "tls",
    ]);
    top.required("protocol").and_then(|_| top.word("protocol", &[("HTTP", ())]));
    let wanted = Wanted {
        id: top.free_text("id").map(str::to_owned),
        selection: selection(&top, &config),
        sink: sink(&top, policy),
        credential: credential::read(&top, policy),
        tls: tls(&config),
        headers: headers::read(&top),
        format: format(&config),
        order: config.word("order", &[("none", Order::None), ("key", Order::Key)]).unwrap_or_default(),
        retry: retry(&config, default_retry),
        max_in_flight: positive(&config, "maxInFlight", 10_000),
        requested_rate: positive(&config, "rate", u64::from(u32::MAX)),
        validation: validation(&config),
        start: start(&config),
        expires: top.moment("expires"),
    };
    faults.check(wanted)
}

/// The name of a TLS profile; whether there is one is checked where the caller is known.
fn tls(config: &Members<'_>) -> Option<String> {
    config.text("tls").map(str::to_owned)
}

/// Refuses an end that is over already.
pub fn check_expires(expires: Option<Timestamp>, now: Timestamp) -> Result<(), Problem> {
    match expires {
        Some(expires) if expires <= now => {
            Err(Problem::invalid(vec![Fault::new("expires", "must be in the future").at("/expires")]))
        }
        _ => Ok(()),
    }
}

fn sink(top: &Members<'_>, policy: &Policy) -> String {
    let Some(sink) = top.required("sink") else { return String::new() };
    if sink.len() > MAX_SINK {
        top.fault("sink", format!("has more than {MAX_SINK} characters"));
    } else if let Err(error) = policy.check_url(sink) {
        top.fault("sink", error.to_string());
    }
    sink.to_owned()
}

fn selection(top: &Members<'_>, config: &Members<'_>) -> Option<NativeSelection> {
    let told = ["source", "types", "filters"].iter().any(|name| top.names(name))
        || ["kanalen", "born", "kenmerken"].iter().any(|name| config.names(name));
    let kanalen = config.texts("kanalen", MAX_LIST).into_iter().filter_map(|naam| {
        let name = KanaalName::new(naam);
        if name.is_none() {
            config.fault("kanalen", "the name of a kanaal has 1 to 50 characters");
        }
        name
    });
    let selection = NativeSelection {
        kanalen: kanalen.collect(),
        born: config.word("born", &[("notificatie", Born::Notificatie), ("cloudevent", Born::CloudEvent)]),
        types: top.texts("types", MAX_LIST).into_iter().map(str::to_owned).collect(),
        source: top.value("source").and_then(|_| top.text("source")).map(str::to_owned),
        filters: filter::read(top),
        kenmerken: kenmerken(config),
    };
    told.then_some(selection)
}

fn kenmerken(config: &Members<'_>) -> Kenmerken {
    let Some(object) = config.object("kenmerken") else { return Kenmerken::default() };
    if object.iter().nth(MAX_LIST).is_some() {
        config.fault("kenmerken", format!("has more than {MAX_LIST} members"));
    }
    Kenmerken::new(object.iter().filter_map(|(key, _)| Some((key.as_str(), object.free_text(key)?))))
}

fn format(config: &Members<'_>) -> Format {
    #[derive(Clone, Copy, PartialEq)]
    enum Word {
        Structured,
        Binary,
        Batch,
        Legacy,
    }
    let words =
        [("structured", Word::Structured), ("binary", Word::Binary), ("batch", Word::Batch), ("legacy", Word::Legacy)];
    let word = config.word("format", &words).unwrap_or(Word::Structured);
    let rendering = config.word("rendering", &[("canonical", Rendering::Canonical), ("on116", Rendering::On116)]);
    if rendering.is_some() && word != Word::Structured {
        config.fault("rendering", "only goes with format structured");
    }
    let batch = config.object("batch");
    if batch.is_some() && word != Word::Batch {
        config.fault("batch", "only goes with format batch");
    }
    match word {
        Word::Structured => Format::Structured(rendering.unwrap_or(Rendering::Canonical)),
        Word::Binary => Format::Binary,
        Word::Legacy => Format::Legacy,
        Word::Batch => {
            let member =
                |name: &str, least: u64, most: u64| batch.as_ref().and_then(|batch| batch.integer(name, least, most));
            if let Some(batch) = &batch {
                batch.only(&["maxEvents", "lingerMs"]);
            }
            let max_events = member("maxEvents", 1, 1_000).and_then(|number| NonZeroU32::new(number as u32));
            Format::Batch {
                max_events: max_events.unwrap_or(const { NonZeroU32::new(100).expect("not zero") }),
                linger: Duration::from_millis(member("lingerMs", 0, 60_000).unwrap_or(1_000)),
            }
        }
    }
}

fn retry(config: &Members<'_>, default: RetryPolicy) -> RetryPolicy {
    let Some(retry) = config.object("retry") else { return default };
    retry.only(&["maxRetries", "factor", "base", "capSeconds", "jitter", "ladderOnly"]);
    let number = |name: &str, least: f64, most: f64, default: Thousandths| {
        retry.number(name, least, most).and_then(Thousandths::from_f64).unwrap_or(default)
    };
    RetryPolicy {
        max_retries: retry.integer("maxRetries", 0, 100).map_or(default.max_retries, |number| number as u32),
        factor: number("factor", 0.0, 3_600.0, default.factor),
        base: number("base", 1.0, 10.0, default.base),
        cap: retry.integer("capSeconds", 1, 86_400).map_or(default.cap, Duration::from_secs),
        jitter: number("jitter", 0.0, 1.0, default.jitter),
        ladder_only: retry.boolean("ladderOnly").unwrap_or(default.ladder_only),
    }
}

fn validation(config: &Members<'_>) -> Validation {
    #[derive(Clone, Copy, PartialEq)]
    enum Word {
        Handshake,
        Probe,
        Manual,
    }
    let words = [("handshake", Word::Handshake), ("probe", Word::Probe), ("manual", Word::Manual)];
    match config.word("validation", &words).unwrap_or(Word::Handshake) {
        Word::Manual => Validation::Manual { agreement: config.required("agreement").unwrap_or_default().to_owned() },
        automatic => {
            if config.value("agreement").is_some() {
                config.fault("agreement", "only goes with validation manual");
            }
            if automatic == Word::Probe { Validation::Probe } else { Validation::Handshake }
        }
    }
}

fn start(config: &Members<'_>) -> Option<Start> {
    match config.text("start")? {
        "now" => Some(Start::Now),
        "beginning" => Some(Start::Beginning),
        moment => {
            let moment = Timestamp::parse_rfc3339(moment);
            if moment.is_none() {
                config.fault("start", "must be \"now\", \"beginning\" or an RFC 3339 moment");
            }
            moment.map(Start::At)
        }
    }
}

fn positive(config: &Members<'_>, name: &str, most: u64) -> Option<NonZeroU32> {
    config.integer(name, 1, most).and_then(|number| NonZeroU32::new(number as u32))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(body: Value) -> Result<Wanted, Problem> {
        let policy = Policy { allow: vec!["127.0.0.0/8".parse().unwrap()], allow_http: vec![] };
        let Value::Object(mut object) = body else { panic!("not an object") };
        rename(&mut object)?;
        read(&object, &policy, RetryPolicy::default())
    }

    #[test]
    fn only_sink_and_protocol_are_required_ce_sub_07_15() {
        let wanted = parse(json!({"sink": "https://s.example/x?y=1", "protocol": "HTTP"})).unwrap();
        assert!(wanted.selection.is_none() && wanted.credential.is_none() && wanted.start.is_none());
        assert_eq!(wanted.format, Format::Structured(Rendering::Canonical));
        assert_eq!((wanted.retry, wanted.validation), (RetryPolicy::default(), Validation::Handshake));
    }

    #[test]
    fn wrong_members_are_named_ce_sub_08_09_10_13_15_16() {
        for (change, member) in [
            (json!({"sink": null}), "sink"),
            (json!({"sink": "ftp://x"}), "sink"),
            (json!({"sink": "not a url"}), "sink"),
            (json!({"sink": "http://127.0.0.1/"}), "sink"),
            (json!({"sink": "https://10.0.0.1/"}), "sink"),
            (json!({"sink": "https://u@s.example/"}), "sink"),
            (json!({"source": ""}), "source"),
            (json!({"types": [""]}), "types"),
            (json!({"protocol": "http"}), "protocol"),
            (json!({"protocol": null}), "protocol"),
            (json!({"expires": "soon"}), "expires"),
            (json!({"protocol": "KAFKA"}), "protocol"),
            (json!({"sinc": 1}), "sinc"),
            (json!({"config": {"": 1}}), "config."),
            (json!({"config": {"kanaal": "x"}}), "config.kanaal"),
            (json!({"config": {"kanalen": ["x".repeat(51)]}}), "config.kanalen"),
            (json!({"config": {"born": "x"}}), "config.born"),
            (json!({"config": {"kenmerken": {"a": 1}}}), "config.kenmerken.a"),
            (json!({"config": {"format": "xml"}}), "config.format"),
            (json!({"config": {"format": "binary", "rendering": "on116"}}), "config.rendering"),
            (json!({"config": {"batch": {}}}), "config.batch"),
            (json!({"config": {"format": "batch", "batch": {"maxEvents": 0}}}), "config.batch.maxEvents"),
            (json!({"config": {"rate": 0}}), "config.rate"),
            (json!({"config": {"rate": 1.5}}), "config.rate"),
            (json!({"config": {"maxInFlight": "4"}}), "config.maxInFlight"),
            (json!({"config": {"retry": {"base": 0.5}}}), "config.retry.base"),
            (json!({"config": {"retry": {"more": 1}}}), "config.retry.more"),
            (json!({"config": {"start": "later"}}), "config.start"),
            (json!({"config": {"validation": "manual"}}), "config.agreement"),
            (json!({"config": {"agreement": "x"}}), "config.agreement"),
            (json!({"protocolsettings": {"method": "PUT"}}), "protocolsettings.method"),
            (json!({"protocolsettings": {"headers": {"Host": "x"}}}), "protocolsettings.headers.Host"),
            (json!({"sinkcredential": {}, "sinkCredential": {}}), "sinkCredential"),
        ] {
            let mut body = json!({"sink": "https://s.example/", "protocol": "HTTP"});
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let problem = parse(body).expect_err(&change.to_string());
            assert_eq!(problem.errors[0].member, member, "{change}");
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_ce_sub_21() {
        let problem = parse(json!({"sink": 1, "types": "x", "config": {"rate": -1}})).unwrap_err();
        let members: Vec<_> = problem.errors.iter().map(|fault| fault.member.as_str()).collect();
        assert_eq!(members, ["protocol", "types", "sink", "config.rate"]);
    }
}
