//! What a person typed in the form of a subscription, without secrets; and the same made of a subscription.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use model::{
    AttributeName, Subscription, Timestamp,
    consent::Validation,
    credential::Credential,
    event::PublishedAs,
    filter::Filter,
    selection::{NativeSelection, Selection},
    subscription::{Format, Order, Rendering, RetryPolicy, Thousandths},
};

use crate::{View, form::Form, sink_text::sink_text, text::subscription_form::Field};

/// Most rows of a list in the form.
pub const MAX_ROWS: usize = 100;

/// The fields of one value, secrets left out.
const SINGLE: [Field; 37] = [
    Field::Owner,
    Field::Sink,
    Field::Kind,
    Field::User,
    Field::TokenPlace,
    Field::TokenEnd,
    Field::TokenUrl,
    Field::Client,
    Field::ClientWay,
    Field::Scope,
    Field::Audience,
    Field::TokenTls,
    Field::Tls,
    Field::GrantHash,
    Field::PublishedAs,
    Field::Types,
    Field::Source,
    Field::Format,
    Field::BatchSize,
    Field::BatchWait,
    Field::Order,
    Field::Rate,
    Field::InFlight,
    Field::Retries,
    Field::Factor,
    Field::Base,
    Field::Cap,
    Field::Jitter,
    Field::LadderOnly,
    Field::Consent,
    Field::Agreement,
    Field::Expires,
    Field::Name,
    Field::Contact,
    Field::Description,
    Field::Start,
    Field::StartAt,
];

/// The fields whose values are secrets.
pub const SECRETS: [Field; 5] =
    [Field::Authorization, Field::Password, Field::Token, Field::RefreshToken, Field::ClientSecret];

/// A row of a filter: attribute, comparison and value.
pub type FilterRow = [String; 3];

/// The values of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    single: HashMap<&'static str, String>,
    /// The chosen kanalen.
    pub kanalen: Vec<String>,
    /// The names of headers.
    pub headers: Vec<String>,
    /// The kenmerken, each with its value.
    pub kenmerken: Vec<[String; 2]>,
    /// The filters that are rows.
    pub filters: Vec<FilterRow>,
    /// The ids of the other filters that stay.
    pub other_filters: Vec<String>,
}

impl Typed {
    /// The value of a field; empty when it has none.
    pub fn get(&self, field: Field) -> &str {
        self.single.get(field.name()).map_or("", String::as_str)
    }

    fn set(&mut self, field: Field, value: impl Into<String>) {
        self.single.insert(field.name(), value.into());
    }

    /// The values of a posted form. Rows without any value are left out.
    pub fn of_form(form: &Form) -> Self {
        let mut typed = Self::default();
        for field in SINGLE {
            // Browsers end lines in this way.
            typed.set(field, form.text(field.name()).replace("\r\n", "\n"));
        }
        let all = |field: Field| form.all(field.name()).map(|text| text.trim().to_owned());
        typed.kanalen = all(Field::Kanalen).collect();
        typed.other_filters = all(Field::OtherFilters).collect();
        let headers = all(Field::Header).zip(form.all(Field::HeaderValue.name())).take(MAX_ROWS);
        let filled = headers.filter(|(name, value)| !name.is_empty() || !value.is_empty());
        typed.headers = filled.map(|(name, _)| name).collect();
        let kenmerken = all(Field::Kenmerk).zip(all(Field::KenmerkValue)).map(|(key, value)| [key, value]);
        typed.kenmerken = kenmerken.take(MAX_ROWS).filter(|row| row.iter().any(|cell| !cell.is_empty())).collect();
        let filters = all(Field::FilterAttribute).zip(all(Field::FilterKind)).zip(all(Field::FilterValue));
        let filters = filters.map(|((attribute, kind), value)| [attribute, kind, value]);
        typed.filters = filters.take(MAX_ROWS).filter(|[one, _, two]| !one.is_empty() || !two.is_empty()).collect();
        typed
    }

    /// The form of a new subscription.
    pub fn new(view: &View, retry: RetryPolicy, owner: &str) -> Self {
        let mut typed = Self::default();
        for (field, value) in [
            (Field::Owner, owner),
            (Field::Kind, "geen"),
            (Field::Format, "structured"),
            (Field::Order, "none"),
            (Field::Consent, "handshake"),
            (Field::Start, "nu"),
        ] {
            typed.set(field, value);
        }
        typed.set_retry(view, retry);
        typed
    }

    /// The form that changes a subscription.
    pub fn of(own: &Subscription, view: &View) -> Self {
        let mut typed = Self::default();
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        typed.set(Field::Owner, own.owner.as_str());
        typed.set(Field::Sink, sink_text(&own.sink));
        typed.set(Field::Kind, if own.credential == Credential::None { "geen" } else { "houden" });
        typed.headers = own.headers.iter().map(|(name, _)| name.clone()).collect();
        typed.set(Field::Tls, optional(&own.tls));
        typed.set(Field::GrantHash, own.fsc.as_ref().map(|fsc| fsc.grant_hash.clone()).unwrap_or_default());
        if let Selection::Native(native) = &own.selection {
            typed.set_selection(native);
        }
        typed.set_format(own.format);
        typed.set(Field::Order, if own.order == Order::Key { "key" } else { "none" });
        let number = |number: Option<std::num::NonZeroU32>| number.map(|number| number.to_string()).unwrap_or_default();
        typed.set(Field::Rate, number(own.requested_rate));
        typed.set(Field::InFlight, number(own.max_in_flight));
        typed.set_retry(view, own.retry);
        let (consent, agreement) = match &own.validation {
            Validation::Handshake => ("handshake", ""),
            Validation::Probe => ("probe", ""),
            Validation::Manual { agreement } => ("manual", agreement.as_str()),
        };
        typed.set(Field::Consent, consent);
        typed.set(Field::Agreement, agreement);
        typed.set(Field::Expires, own.expires.map(Timestamp::to_rfc3339).unwrap_or_default());
        typed.set(Field::Name, optional(&own.name));
        typed.set(Field::Contact, optional(&own.contact));
        typed.set(Field::Description, optional(&own.description));
        typed
    }

    fn set_selection(&mut self, native: &NativeSelection) {
        self.kanalen = native.kanalen.iter().map(ToString::to_string).collect();
        let published_as = match native.published_as {
            None => "",
            Some(PublishedAs::Notificatie) => "notificatie",
            Some(PublishedAs::CloudEvent) => "cloudevent",
        };
        self.set(Field::PublishedAs, published_as);
        self.set(Field::Types, native.types.join("\n"));
        self.set(Field::Source, native.source.clone().unwrap_or_default());
        self.kenmerken = native.kenmerken.0.iter().map(|own| [own.key.clone(), own.value.to_string()]).collect();
        for filter in &native.filters {
            match rows(filter) {
                Some(rows) => self.filters.extend(rows),
                None => self.other_filters.push(id_of(filter)),
            }
        }
    }

    fn set_format(&mut self, format: Format) {
        let word = match format {
            Format::Structured(Rendering::Canonical) => "structured",
            Format::Structured(Rendering::On116) => "on116",
            Format::Binary => "binary",
            Format::Batch { .. } => "batch",
            Format::Legacy => "legacy",
        };
        self.set(Field::Format, word);
        if let Format::Batch { max_events, linger } = format {
            self.set(Field::BatchSize, max_events.to_string());
            self.set(Field::BatchWait, linger.as_millis().to_string());
        }
    }

    fn set_retry(&mut self, view: &View, retry: RetryPolicy) {
        let number = |number: Thousandths| {
            let text = number.as_f64().to_string();
            if view.language == web::language::Language::Dutch { text.replace('.', ",") } else { text }
        };
        self.set(Field::Retries, retry.max_retries.to_string());
        self.set(Field::Factor, number(retry.factor));
        self.set(Field::Base, number(retry.base));
        self.set(Field::Cap, retry.cap.as_secs().to_string());
        self.set(Field::Jitter, number(retry.jitter));
        self.set(Field::LadderOnly, if retry.ladder_only { "ja" } else { "" });
    }
}

/// A filter as rows of the form; `None` for one that does not fit in rows.
pub fn rows(filter: &Filter) -> Option<Vec<FilterRow>> {
    match filter {
        Filter::Exact(own) => Some(pairs(own, "exact")),
        Filter::Prefix(own) => Some(pairs(own, "prefix")),
        Filter::Suffix(own) => Some(pairs(own, "suffix")),
        Filter::Not(inner) => match &**inner {
            Filter::Exact(own) if own.len() == 1 => Some(pairs(own, "not")),
            _ => None,
        },
        Filter::Sql(expression) => Some(vec![[String::new(), "sql".to_owned(), expression.as_str().to_owned()]]),
        Filter::All(_) | Filter::Any(_) | Filter::Data(_) => None,
    }
}

fn pairs<V: ToString>(pairs: &[(AttributeName, V)], kind: &str) -> Vec<FilterRow> {
    pairs.iter().map(|(name, value)| [name.to_string(), kind.to_owned(), value.to_string()]).collect()
}

/// An id of a filter, the same for equal filters.
pub fn id_of(filter: &Filter) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, format!("{filter:?}").as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(digest.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::kept::is_secret;

    #[test]
    fn what_is_kept_of_a_form_has_no_secrets() {
        assert!(SECRETS.into_iter().chain([Field::HeaderValue]).all(|field| is_secret(field.name())));
        assert!(!SINGLE.into_iter().any(|field| is_secret(field.name())));
    }
}
