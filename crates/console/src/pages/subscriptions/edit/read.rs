//! Reads what was typed into the request of a use case, by the rules of `management`. Every fault is named by its field.

use std::{num::NonZeroU32, time::Duration};

use management::{
    Update,
    subscriptions::{
        Start, SubscriptionRequest,
        rules::{self, BatchBounds, FormatWord, MAX_LIST, MAX_TEXT},
    },
};
use model::{
    AttributeName, KanaalName, Sink, Subscription, Timestamp,
    consent::Validation,
    event::PublishedAs,
    filter::Filter,
    selection::{Kenmerken, NativeSelection, Selection},
    subscription::{Format, Fsc, Order, Rendering, RetryPolicy, Thousandths},
};

use super::{
    credential,
    faults::{Faults, id_in_row},
    typed::{MAX_ROWS, Typed, id_of, rows},
};
use crate::{
    Console, View,
    form::Form,
    sink_text::sink_text,
    text::subscription_form::{Field, Texts},
};

/// What a form is read with.
pub struct Reading<'a> {
    /// The use cases.
    pub console: &'a Console,
    /// The texts and the time zone.
    pub view: &'a View,
    /// The posted form, which alone has the secrets.
    pub form: &'a Form,
    /// The same without secrets.
    pub typed: &'a Typed,
    /// The subscription that is changed; `None` for a new one.
    pub present: Option<&'a Subscription>,
    /// The faults that were found.
    pub faults: &'a Faults,
}

impl Reading<'_> {
    /// The texts of the form.
    pub fn text(&self) -> &'static Texts {
        &self.view.text.subscription_form
    }

    /// The request; what has faults has any value.
    pub fn request(&self) -> SubscriptionRequest {
        let sink = self.sink();
        let is_other = self.present.is_some_and(|present| !present.sink.is_same_origin(&sink));
        SubscriptionRequest {
            name: self.checked(Field::Name, rules::check_name),
            contact: self.checked(Field::Contact, rules::check_contact),
            description: self.checked(Field::Description, rules::check_description),
            selection: self.selection().map(Selection::Native),
            credential: credential::read(self, is_other),
            tls: self.bounded(Field::Tls),
            fsc: self.checked(Field::GrantHash, rules::check_grant_hash).map(|grant_hash| Fsc { grant_hash }),
            headers: self.headers(is_other),
            format: self.format(),
            order: match self.typed.get(Field::Order) {
                "key" => Order::Key,
                "none" => Order::None,
                _ => self.wrong(Field::Order),
            },
            retry: self.retry(),
            max_in_flight: self.positive(Field::InFlight, rules::MAX_IN_FLIGHT),
            requested_rate: self.positive(Field::Rate, u32::MAX),
            validation: self.validation(),
            start: if self.present.is_none() { self.start() } else { None },
            expires: self.moment(Field::Expires),
            sink,
        }
    }

    /// What the form selects; `None` for a subscription that selects as the Notificaties API does.
    pub fn selection(&self) -> Option<NativeSelection> {
        if self.present.is_some_and(|present| matches!(present.selection, Selection::Abonnement(_))) {
            return None;
        }
        let kanalen: Vec<_> = self.typed.kanalen.iter().map(|naam| KanaalName::new(naam)).collect();
        if kanalen.len() > MAX_LIST || kanalen.iter().any(Option::is_none) {
            self.faults.wrong(self.text(), Field::Kanalen);
        }
        let types: Vec<String> = self
            .typed
            .get(Field::Types)
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        if types.len() > MAX_LIST {
            self.faults.wrong(self.text(), Field::Types);
        }
        Some(NativeSelection {
            kanalen: kanalen.into_iter().flatten().collect(),
            published_as: match self.typed.get(Field::PublishedAs) {
                "" => None,
                "notificatie" => Some(PublishedAs::Notificatie),
                "cloudevent" => Some(PublishedAs::CloudEvent),
                _ => self.wrong(Field::PublishedAs),
            },
            types,
            source: self.bounded(Field::Source),
            filters: self.filters(),
            kenmerken: self.kenmerken(),
        })
    }

    /// The text of a field that is not empty.
    pub fn filled(&self, field: Field) -> Option<&str> {
        Some(self.typed.get(field)).filter(|text| !text.is_empty())
    }

    /// The same, of at most 2,000 bytes.
    pub fn bounded(&self, field: Field) -> Option<String> {
        self.checked(field, |text| rules::check_length(text, MAX_TEXT))
    }

    /// Adds the rule of a field, and returns any value.
    pub fn wrong<T: Default>(&self, field: Field) -> T {
        self.faults.wrong(self.text(), field);
        T::default()
    }

    /// Checks that deliveries to a URL are permitted.
    pub fn check_url(&self, field: Field, url: &str) {
        let receivers = &self.console.management.receivers;
        if !url.contains("://") {
            self.faults.wrong(self.text(), field);
        } else if let Err(rule) = rules::check_sink(url, &|url| receivers.check_url(url)) {
            self.faults.add(field.name().to_owned(), (self.text().sink_wrong)(&rule));
        }
    }

    /// The moment in a field; `None` when it is empty.
    pub fn moment(&self, field: Field) -> Option<Timestamp> {
        let moment = self.view.read_moment(self.filled(field)?);
        if moment.is_none() {
            self.faults.wrong(self.text(), field);
        }
        moment
    }

    fn checked(&self, field: Field, check: impl Fn(&str) -> Result<(), String>) -> Option<String> {
        let text = self.filled(field)?;
        if check(text).is_err() {
            self.faults.wrong(self.text(), field);
        }
        Some(text.to_owned())
    }

    /// The address of the receiver. One that is shown without its query is the present one.
    fn sink(&self) -> Sink {
        let typed = self.typed.get(Field::Sink);
        if let Some(present) = self.present.filter(|present| sink_text(&present.sink) == typed) {
            return present.sink.clone();
        }
        self.check_url(Field::Sink, typed);
        Sink::Webhook(typed.to_owned())
    }

    fn headers(&self, is_other_sink: bool) -> Vec<(String, Update<String>)> {
        let names = self.form.all(Field::Header.name()).zip(self.form.all(Field::HeaderValue.name()));
        let filled = names.take(MAX_ROWS).filter(|(name, value)| !name.trim().is_empty() || !value.is_empty());
        let mut read: Vec<(String, Update<String>)> = Vec::new();
        for (row, (name, value)) in filled.enumerate() {
            let name = name.trim();
            if row >= rules::MAX_HEADERS || rules::check_header_name(name, &read).is_err() {
                self.faults.wrong_in_row(self.text(), Field::Header, row);
            }
            if rules::check_header_value(value).is_err() {
                self.faults.wrong_in_row(self.text(), Field::HeaderValue, row);
            }
            let is_known = self
                .present
                .is_some_and(|present| present.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)));
            let value = if is_known && value.is_empty() { Update::Keep } else { Update::Set(value.to_owned()) };
            if value == Update::Keep && is_other_sink {
                self.faults.add(id_in_row(Field::HeaderValue, row), self.text().header_other_sink.to_owned());
            }
            read.push((name.to_owned(), value));
        }
        read
    }

    fn kenmerken(&self) -> Kenmerken {
        let rows = &self.typed.kenmerken;
        for (row, [key, value]) in rows.iter().enumerate() {
            if key.is_empty() || row >= MAX_LIST || rows[..row].iter().any(|[before, _]| before == key) {
                self.faults.wrong_in_row(self.text(), Field::Kenmerk, row);
            }
            if value.is_empty() || rules::check_length(value, MAX_TEXT).is_err() {
                self.faults.wrong_in_row(self.text(), Field::KenmerkValue, row);
            }
        }
        Kenmerken::new(rows.iter().map(|[key, value]| (key.as_str(), value.as_str())))
    }

    /// The filters of the rows, and the others of the subscription that stay.
    fn filters(&self) -> Vec<Filter> {
        let rows_typed = self.typed.filters.iter().enumerate();
        let mut filters: Vec<Filter> = rows_typed.filter_map(|(row, cells)| self.filter(row, cells)).collect();
        let others = self.present.map(|present| match &present.selection {
            Selection::Native(native) => native.filters.iter().filter(|filter| rows(filter).is_none()).collect(),
            Selection::Abonnement(_) => Vec::new(),
        });
        let others = others.unwrap_or_default();
        for id in &self.typed.other_filters {
            match others.iter().find(|filter| id_of(filter) == *id) {
                Some(filter) => filters.push((*filter).clone()),
                None => self.faults.wrong(self.text(), Field::OtherFilters),
            }
        }
        filters
    }

    fn filter(&self, row: usize, [attribute, kind, value]: &[String; 3]) -> Option<Filter> {
        let wrong = |field| self.faults.wrong_in_row(self.text(), field, row);
        if value.is_empty() || rules::check_length(value, MAX_TEXT).is_err() {
            wrong(Field::FilterValue);
            return None;
        }
        if kind == "sql" {
            let sql = Filter::sql(value).map_err(|error| {
                let text = (self.text().refused)(&error.to_string());
                self.faults.add(id_in_row(Field::FilterValue, row), text);
            });
            if !attribute.is_empty() {
                wrong(Field::FilterAttribute);
            }
            return sql.ok();
        }
        let Ok(name) = AttributeName::new(attribute) else {
            wrong(Field::FilterAttribute);
            return None;
        };
        let pair = vec![(name, value.as_str().into())];
        match kind.as_str() {
            "exact" => Some(Filter::Exact(pair)),
            "prefix" => Some(Filter::Prefix(pair)),
            "suffix" => Some(Filter::Suffix(pair)),
            "not" => Some(Filter::Not(Box::new(Filter::Exact(pair)))),
            _ => {
                wrong(Field::FilterKind);
                None
            }
        }
    }

    fn format(&self) -> Format {
        let (word, rendering) = match self.typed.get(Field::Format) {
            "structured" => (FormatWord::Structured, Some(Rendering::Canonical)),
            "on116" => (FormatWord::Structured, Some(Rendering::On116)),
            "binary" => (FormatWord::Binary, None),
            "batch" => (FormatWord::Batch, None),
            "legacy" => (FormatWord::Legacy, None),
            _ => (self.wrong(Field::Format), None),
        };
        // Bounds go with no other format, so that a format can be tried without emptying them.
        let batch = (word == FormatWord::Batch).then(|| BatchBounds {
            max_events: self.positive(Field::BatchSize, rules::MAX_BATCH),
            linger: self.whole(Field::BatchWait, 0, rules::MAX_LINGER_MS).map(Duration::from_millis),
        });
        rules::format(word, rendering, batch, &mut |_, _| self.faults.wrong(self.text(), Field::Format))
    }

    fn retry(&self) -> RetryPolicy {
        let default = self.console.management.settings.default_retry;
        let number = |field, bounds, default| self.number(field, bounds).unwrap_or(default);
        RetryPolicy {
            max_retries: self
                .whole(Field::Retries, 0, rules::MAX_RETRIES)
                .and_then(|number| u32::try_from(number).ok())
                .unwrap_or(default.max_retries),
            factor: number(Field::Factor, rules::FACTOR, default.factor),
            base: number(Field::Base, rules::BASE, default.base),
            cap: self.whole(Field::Cap, 1, rules::MAX_CAP_SECONDS).map_or(default.cap, Duration::from_secs),
            jitter: number(Field::Jitter, rules::JITTER, default.jitter),
            ladder_only: self.filled(Field::LadderOnly).is_some(),
        }
    }

    fn validation(&self) -> Validation {
        match self.typed.get(Field::Consent) {
            "handshake" => Validation::Handshake,
            "probe" => Validation::Probe,
            "manual" => {
                let agreement = self.bounded(Field::Agreement).unwrap_or_else(|| self.wrong(Field::Agreement));
                let is_kept =
                    self.present.is_some_and(|present| matches!(present.validation, Validation::Manual { .. }));
                if !is_kept && !self.view.actor.is_beheer() {
                    self.faults.wrong(self.text(), Field::Consent);
                }
                Validation::Manual { agreement }
            }
            _ => {
                self.faults.wrong(self.text(), Field::Consent);
                Validation::Handshake
            }
        }
    }

    fn start(&self) -> Option<Start> {
        match self.typed.get(Field::Start) {
            "nu" => Some(Start::Now),
            "oudste" => Some(Start::Beginning),
            "moment" => match self.moment(Field::StartAt) {
                Some(at) => Some(Start::At(at)),
                None => self.wrong(Field::StartAt),
            },
            _ => self.wrong(Field::Start),
        }
    }

    fn whole(&self, field: Field, least: u64, most: u64) -> Option<u64> {
        let number = self.filled(field)?.parse().ok().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.faults.wrong(self.text(), field);
        }
        number
    }

    fn positive(&self, field: Field, most: u32) -> Option<NonZeroU32> {
        let number = self.whole(field, 1, u64::from(most))?;
        u32::try_from(number).ok().and_then(NonZeroU32::new)
    }

    /// A number in the notation of either language.
    fn number(&self, field: Field, (least, most): (f64, f64)) -> Option<Thousandths> {
        let number = self.filled(field)?.replace(',', ".").parse::<f64>().ok();
        let number = number.filter(|number| (least..=most).contains(number)).and_then(Thousandths::from_f64);
        if number.is_none() {
            self.faults.wrong(self.text(), field);
        }
        number
    }
}
