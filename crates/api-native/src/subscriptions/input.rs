//! Reads a subscription from a request: the object of [`super::view`], with every fault named.
//!
//! Consent and start positions are decided in `management`.

use std::{num::NonZeroU32, time::Duration};
use web::problem::{Fault, Problem};

use management::subscriptions::{
    Start, SubscriptionRequest,
    rules::{self, BatchBounds, CheckUrl, FormatWord, MAX_LIST, ValidationWord},
};
use model::{
    KanaalName, Sink,
    consent::Validation,
    selection::{Kenmerken, NativeSelection, Selection},
    subscription::{Format, Fsc, RetryPolicy, Thousandths},
};
use serde_json::{Map, Value};

use super::{credential, filter, headers};
use crate::{
    Api,
    members::{Faults, Members},
};

/// What a body asks for.
#[derive(Debug, Clone)]
pub struct SubscriptionInput {
    /// `id`, when the body names one.
    pub id: Option<String>,
    /// Everything else.
    pub request: SubscriptionRequest,
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

/// Reads a renamed object (see [`rename`]) by the rules and defaults of this gateway.
pub fn read_for(api: &Api, object: &Map<String, Value>) -> Result<SubscriptionInput, Problem> {
    let check_url = |url: &str| api.management.receivers.check_url(url);
    read(object, &check_url, api.management.settings.default_retry)
}

/// Reads a renamed object. Members of `retry` that it does not name are those of `default_retry`.
fn read(
    object: &Map<String, Value>,
    check_url: CheckUrl<'_>,
    default_retry: RetryPolicy,
) -> Result<SubscriptionInput, Problem> {
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
        "credentialChanged",
        "expires",
        "approvals",
        "warnings",
    ]);
    let empty = Map::new();
    let config = top.object("config");
    let config = config.unwrap_or_else(|| Members::new(&empty, &faults));
    config.only(&[
        "name",
        "contact",
        "description",
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
        "fsc",
    ]);
    top.required("protocol").and_then(|_| top.word("protocol", &[("HTTP", ())]));
    let input = SubscriptionInput {
        id: top.free_text("id").map(str::to_owned),
        request: SubscriptionRequest {
            name: checked(&config, "name", rules::check_name),
            contact: checked(&config, "contact", rules::check_contact),
            description: checked(&config, "description", rules::check_description),
            selection: selection(&top, &config).map(Selection::Native),
            sink: sink(&top, check_url),
            credential: credential::read(&top, check_url),
            tls: config.text("tls").map(str::to_owned),
            fsc: fsc(&config),
            headers: headers::read(&top),
            format: format(&config),
            order: config.word("order", &rules::ORDERS).unwrap_or_default(),
            retry: retry(&config, default_retry),
            max_in_flight: positive(&config, "maxInFlight", rules::MAX_IN_FLIGHT),
            requested_rate: positive(&config, "rate", u32::MAX),
            validation: validation(&config),
            start: start(&config),
            expires: top.timestamp("expires"),
        },
    };
    faults.check(input)
}

/// The contract of an FSC Outway.
fn fsc(config: &Members<'_>) -> Option<Fsc> {
    let fsc = config.object("fsc")?;
    fsc.only(&["grantHash"]);
    fsc.required("grantHash");
    checked(&fsc, "grantHash", rules::check_grant_hash).map(|grant_hash| Fsc { grant_hash })
}

/// A text that keeps to a rule.
fn checked(object: &Members<'_>, name: &str, check: impl Fn(&str) -> Result<(), String>) -> Option<String> {
    let text = object.free_text(name)?;
    if let Err(rule) = check(text) {
        object.fault(name, rule);
    }
    Some(text.to_owned())
}

fn sink(top: &Members<'_>, check_url: CheckUrl<'_>) -> Sink {
    let Some(sink) = top.required("sink") else { return Sink::Webhook(String::new()) };
    if let Err(rule) = rules::check_sink(sink, check_url) {
        top.fault("sink", rule);
    }
    Sink::Webhook(sink.to_owned())
}

/// Reads the members that select events; `None` when there is none of them.
pub(super) fn selection(top: &Members<'_>, config: &Members<'_>) -> Option<NativeSelection> {
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
        published_as: config.word("born", &rules::PUBLISHED_AS),
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
    let word = config.word("format", &rules::FORMATS).unwrap_or_default();
    let rendering = config.word("rendering", &rules::RENDERINGS);
    let batch = config.object("batch").map(|batch| {
        // Bounds that go with no batch break that rule only.
        if word != FormatWord::Batch {
            return BatchBounds::default();
        }
        batch.only(&["maxEvents", "lingerMs"]);
        BatchBounds {
            max_events: positive(&batch, "maxEvents", rules::MAX_BATCH),
            linger: batch.integer("lingerMs", 0, rules::MAX_LINGER_MS).map(Duration::from_millis),
        }
    });
    rules::format(word, rendering, batch, &mut |member, rule| config.fault(member, rule))
}

fn retry(config: &Members<'_>, default: RetryPolicy) -> RetryPolicy {
    let Some(retry) = config.object("retry") else { return default };
    retry.only(&["maxRetries", "factor", "base", "capSeconds", "jitter", "ladderOnly"]);
    let number = |name: &str, (least, most): (f64, f64), default: Thousandths| {
        retry.number(name, least, most).and_then(Thousandths::from_f64).unwrap_or(default)
    };
    RetryPolicy {
        max_retries: retry
            .integer("maxRetries", 0, rules::MAX_RETRIES)
            .map_or(default.max_retries, |number| number as u32),
        factor: number("factor", rules::FACTOR, default.factor),
        base: number("base", rules::BASE, default.base),
        cap: retry.integer("capSeconds", 1, rules::MAX_CAP_SECONDS).map_or(default.cap, Duration::from_secs),
        jitter: number("jitter", rules::JITTER, default.jitter),
        ladder_only: retry.boolean("ladderOnly").unwrap_or(default.ladder_only),
    }
}

fn validation(config: &Members<'_>) -> Validation {
    let word = config.word("validation", &rules::VALIDATIONS).unwrap_or_default();
    if word != ValidationWord::Manual && config.value("agreement").is_some() {
        config.fault("agreement", "only goes with validation manual");
    }
    match word {
        ValidationWord::Manual => {
            Validation::Manual { agreement: config.required("agreement").unwrap_or_default().to_owned() }
        }
        ValidationWord::Probe => Validation::Probe,
        ValidationWord::Handshake => Validation::Handshake,
    }
}

fn start(config: &Members<'_>) -> Option<Start> {
    let start = rules::start(config.text("start")?);
    if start.is_none() {
        config.fault("start", rules::START);
    }
    start
}

fn positive(object: &Members<'_>, name: &str, most: u32) -> Option<NonZeroU32> {
    object.integer(name, 1, u64::from(most)).and_then(|number| NonZeroU32::new(number as u32))
}

#[cfg(test)]
mod tests {
    use egress::Policy;
    use model::subscription::Rendering;
    use serde_json::json;

    use super::*;

    fn parse(body: Value) -> Result<SubscriptionRequest, Problem> {
        let policy = Policy { allow: vec!["127.0.0.0/8".parse().unwrap()], allow_http: vec![] };
        let check_url = |url: &str| policy.check_url(url).map(drop).map_err(|error| error.to_string());
        let Value::Object(mut object) = body else { panic!("not an object") };
        rename(&mut object)?;
        Ok(read(&object, &check_url, RetryPolicy::default())?.request)
    }

    #[test]
    fn only_sink_and_protocol_are_required_ce_sub_07_15() {
        let input = parse(json!({"sink": "https://s.example/x?y=1", "protocol": "HTTP"})).unwrap();
        assert!(input.selection.is_none() && input.credential.is_none() && input.start.is_none());
        assert_eq!(input.format, Format::Structured(Rendering::Canonical));
        assert_eq!((input.retry, input.validation), (RetryPolicy::default(), Validation::Handshake));
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
            (json!({"config": {"name": ""}}), "config.name"),
            (json!({"config": {"fsc": {}}}), "config.fsc.grantHash"),
            (json!({"config": {"fsc": {"grantHash": "a b"}}}), "config.fsc.grantHash"),
            (json!({"config": {"fsc": {"grant": "a"}}}), "config.fsc.grant"),
            (json!({"config": {"fsc": "a"}}), "config.fsc"),
            (json!({"config": {"name": "x".repeat(101)}}), "config.name"),
            (json!({"config": {"contact": "somebody"}}), "config.contact"),
            (json!({"config": {"description": "x".repeat(1_001)}}), "config.description"),
            (json!({"config": {"description": 1}}), "config.description"),
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
        let config = json!({"format": "binary", "batch": {"maxEvents": 0, "more": 1}, "validation": "manual"});
        let headers = json!({"headers": {"Host": "x"}});
        let body = json!({"sink": "ftp://x", "protocol": "HTTP", "protocolsettings": headers, "config": config});
        let problem = parse(body).unwrap_err();
        let members: Vec<_> = problem.errors.iter().map(|fault| fault.member.as_str()).collect();
        assert_eq!(members, ["sink", "protocolsettings.headers.Host", "config.batch", "config.agreement"]);
    }
}
