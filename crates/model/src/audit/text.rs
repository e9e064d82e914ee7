//! Values of members as texts for the audit trail, without what is secret.

use std::fmt::Write;

use crate::{
    AttributeName, KanaalName, Mark, Partition,
    approval::{Approval, ApprovalState},
    clearance::Clearance,
    consent::{Consent, Rate, Validation},
    credential::{Credential, TokenEndpoint},
    data_filter::{DataCondition, DataFilter},
    event::PublishedAs,
    filter::Filter,
    profile::Rules,
    run::RunSelection,
    selection::{Kenmerken, Selection},
    subscription::{Format, Order, Rendering, RetryPolicy, Status},
};

/// Most entries of a list.
const MAX_ENTRIES: usize = 50;

/// A list, separated by commas; `None` for an empty one.
pub(super) fn list<T: AsRef<str>>(entries: impl IntoIterator<Item = T>) -> Option<String> {
    let mut entries = entries.into_iter();
    let mut text = entries.next()?.as_ref().to_owned();
    for entry in entries.by_ref().take(MAX_ENTRIES - 1) {
        text.push_str(", ");
        text.push_str(entry.as_ref());
    }
    let more = entries.count();
    if more > 0 {
        // Writing to a string does not fail.
        let _ = write!(text, " and {more} more");
    }
    Some(text)
}

/// A URL without user, query and fragment, which may be secret; `None` for an empty one.
pub(super) fn url(url: &str) -> Option<String> {
    if url.is_empty() {
        return None;
    }
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (rest, cut) = (&url[..end], if end < url.len() { "?…" } else { "" });
    let Some((scheme, rest)) = rest.split_once("://") else { return Some(format!("{rest}{cut}")) };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    Some(format!("{scheme}://{host}{path}{cut}"))
}

pub(super) fn rules(rules: Rules) -> Option<String> {
    let profile = rules.profile.map(|profile| format!("profile {}", profile.label()));
    let mode = rules.mode.map(|mode| format!("mode {}", mode.label()));
    let privacy = rules.privacy.map(|mode| format!("privacy {}", mode.label()));
    list([profile, mode, privacy].into_iter().flatten())
}

pub(super) fn clearance(clearance: &Clearance) -> String {
    let entries = |entries: &[String]| list(entries).unwrap_or_default();
    format!(
        "classifications [{}], regulations [{}]",
        entries(&clearance.classifications),
        entries(&clearance.regulations)
    )
}

/// The kind of credential, and where its token comes from.
pub(super) fn credential(credential: &Credential) -> Option<String> {
    let endpoint = |kind: &str, endpoint: &TokenEndpoint| {
        let client = endpoint.client.as_ref().map(|client| format!(", client {}", client.id)).unwrap_or_default();
        format!("{kind} from {}{client}", url(&endpoint.url).unwrap_or_default())
    };
    Some(match credential {
        Credential::None => return None,
        Credential::Authorization(_) => "authorization".to_owned(),
        Credential::QueryToken(_) => "query token".to_owned(),
        Credential::AccessToken(_) => "access token".to_owned(),
        Credential::RefreshToken(refresh) => endpoint("refresh token", &refresh.endpoint),
        Credential::Zgw(client) => format!("zgw client {}", client.client_id),
        Credential::OAuth2(client) => endpoint("oauth2", &client.endpoint),
    })
}

pub(super) fn format(format: Format) -> String {
    match format {
        Format::Legacy => "legacy".to_owned(),
        Format::Structured(Rendering::Canonical) => "structured".to_owned(),
        Format::Structured(Rendering::On116) => "structured as Open Notificaties 1.16".to_owned(),
        Format::Binary => "binary".to_owned(),
        Format::Batch { max_events, linger } => format!("batch of {max_events}, linger {} ms", linger.as_millis()),
    }
}

pub(super) const fn order(order: Order) -> &'static str {
    match order {
        Order::None => "none",
        Order::Key => "key",
    }
}

pub(super) fn retry(retry: RetryPolicy) -> String {
    let ladder = if retry.ladder_only { ", ladder only" } else { "" };
    format!(
        "{} retries, base {} s, factor {}, cap {} s, jitter {}{ladder}",
        retry.max_retries,
        retry.base.as_f64(),
        retry.factor.as_f64(),
        retry.cap.as_secs(),
        retry.jitter.as_f64(),
    )
}

/// The texts of sinks and of agreements are left out.
pub(super) fn validation(validation: &Validation) -> String {
    match validation {
        Validation::Handshake => "handshake".to_owned(),
        Validation::Probe => "probe".to_owned(),
        Validation::Manual { .. } => "manual".to_owned(),
    }
}

pub(super) fn consent(consent: &Consent) -> String {
    match consent {
        Consent::Validating { attempts, .. } => format!("validating, {attempts} attempts"),
        Consent::PendingCallback { .. } => "pending callback".to_owned(),
        Consent::Granted { origin, rate: Rate::Unlimited, .. } => format!("granted to {origin}, any rate"),
        Consent::Granted { origin, rate: Rate::PerMinute(rate), .. } => format!("granted to {origin}, {rate} a minute"),
        Consent::Refused { .. } => "refused".to_owned(),
    }
}

pub(super) fn status(status: &Status) -> String {
    match status {
        Status::Active => "active".to_owned(),
        Status::Paused => "paused".to_owned(),
        Status::Suspended { .. } => "suspended".to_owned(),
        Status::Gone { .. } => "gone".to_owned(),
        Status::Expired { .. } => "expired".to_owned(),
    }
}

pub(super) fn mark((kanaal, partition, mark): &(KanaalName, Partition, Mark)) -> String {
    format!("{kanaal}/{} from {}", partition.0, mark.0)
}

/// The reason of a decision is free text and is left out.
pub(super) fn approval(approval: &Approval) -> String {
    let state = match &approval.state {
        ApprovalState::Awaiting => "awaiting".to_owned(),
        ApprovalState::Approved(decision) => format!("approved by {}", decision.by),
        ApprovalState::Rejected(decision) => format!("rejected by {}", decision.by),
    };
    let disclosed = approval.disclose.as_ref().map(|disclosure| {
        let attributes = disclosure.attributes.as_ref().map_or_else(
            || "all attributes".to_owned(),
            |names| format!("attributes [{}]", list(names.iter().map(AttributeName::as_str)).unwrap_or_default()),
        );
        format!(", discloses {attributes}{}", if disclosure.data { " and data" } else { "" })
    });
    format!("{}: {state}{}", approval.kanaal, disclosed.unwrap_or_default())
}

pub(super) fn run(what: &RunSelection) -> String {
    match what {
        RunSelection::Replay(ranges) => {
            let range = |range: &crate::run::Range| {
                format!("{}/{} from {} until {}", range.kanaal, range.partition.0, range.from.0, range.until.0)
            };
            format!("replay of {}", list(ranges.iter().map(range)).unwrap_or_else(|| "nothing".to_owned()))
        }
        RunSelection::Records(records) => format!("{} events", records.len()),
    }
}

/// Which events a selection selects, as the trail has it: for example `kanalen [zaken], types [a.b]`.
pub fn selection(selection: &Selection) -> String {
    let mut parts = Vec::new();
    match selection {
        Selection::Native(native) => {
            parts.extend(
                list(native.kanalen.iter().map(KanaalName::as_str)).map(|kanalen| format!("kanalen [{kanalen}]")),
            );
            parts.extend(native.published_as.map(|form| match form {
                PublishedAs::Notificatie => "notificaties only".to_owned(),
                PublishedAs::CloudEvent => "CloudEvents only".to_owned(),
            }));
            parts.extend(list(&native.types).map(|types| format!("types [{types}]")));
            parts.extend(native.source.as_ref().map(|source| format!("source {source}")));
            parts.extend(list(native.filters.iter().map(filter)).map(|filters| format!("filters [{filters}]")));
            parts.extend(kenmerken(&native.kenmerken).map(|kenmerken| format!("kenmerken {kenmerken}")));
        }
        Selection::Abonnement(abonnement) => {
            let entry = |name: &str, filters: &Kenmerken| format!("{name} {}", kenmerken(filters).unwrap_or_default());
            let kanalen = abonnement.kanalen.iter().map(|own| entry(own.naam.as_str(), &own.filters));
            parts.extend(list(kanalen).map(|kanalen| format!("kanalen [{kanalen}]")));
            let events = abonnement.cloudevents.iter().map(|own| entry(&own.type_substring, &own.filters));
            parts.extend(list(events).map(|events| format!("cloudevents [{events}]")));
            parts.extend(abonnement.send_cloudevents.then(|| "sends CloudEvents".to_owned()));
        }
    }
    list(parts).unwrap_or_else(|| "everything".to_owned())
}

fn kenmerken(kenmerken: &Kenmerken) -> Option<String> {
    let pairs = kenmerken.0.iter().map(|kenmerk| format!("{}={}", kenmerk.key, kenmerk.value));
    list(pairs).map(|pairs| format!("{{{pairs}}}"))
}

/// A filter as text, as the trail has it: for example `exact(type=a.b)`. Its depth is bounded by [`crate::filter::MAX_DEPTH`].
pub fn filter(own: &Filter) -> String {
    let pairs = |pairs: &[(AttributeName, compact_str::CompactString)]| {
        list(pairs.iter().map(|(name, value)| format!("{}={value}", name.as_str()))).unwrap_or_default()
    };
    let all = |filters: &[Filter]| list(filters.iter().map(filter)).unwrap_or_default();
    match own {
        Filter::Exact(own) => format!("exact({})", pairs(own)),
        Filter::Prefix(own) => format!("prefix({})", pairs(own)),
        Filter::Suffix(own) => format!("suffix({})", pairs(own)),
        Filter::All(own) => format!("all({})", all(own)),
        Filter::Any(own) => format!("any({})", all(own)),
        Filter::Not(own) => format!("not({})", filter(own)),
        Filter::Sql(expression) => format!("sql({})", expression.as_str()),
        Filter::Data(own) => data(own),
    }
}

fn data(own: &DataFilter) -> String {
    let path = own.path.as_str();
    match &own.condition {
        DataCondition::Exact(value) => format!("data({path}={value})"),
        DataCondition::In(values) => format!("data({path} in [{}])", list(values).unwrap_or_default()),
        DataCondition::Exists => format!("data({path} exists)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lose_what_may_be_secret() {
        for (from, to) in [
            ("https://a.example/hook", Some("https://a.example/hook")),
            ("https://a.example/hook?token=x", Some("https://a.example/hook?…")),
            ("https://a.example#x", Some("https://a.example?…")),
            ("https://u:p@a.example:8443/x", Some("https://a.example:8443/x")),
            ("https://u:p@a.example", Some("https://a.example")),
            ("", None),
        ] {
            assert_eq!(url(from).as_deref(), to, "{from}");
        }
    }

    #[test]
    fn lists_are_bounded() {
        assert_eq!(list(Vec::<String>::new()), None);
        assert_eq!(list(["a", "b"]).as_deref(), Some("a, b"));
        let many: Vec<String> = (0..60).map(|number| number.to_string()).collect();
        assert!(list(&many).unwrap().ends_with(", 49 and 10 more"));
    }
}
