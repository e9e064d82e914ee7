//! A new subscription as far as it is filled in: its fields, their faults, and the request that they make.

use std::num::NonZeroU32;

use management::subscriptions::{
    Start, SubscriptionRequest,
    rules::{CheckUrl, MAX_LIST, check_contact, check_name, check_sink},
};
use model::{
    KanaalName, Sink,
    consent::Validation,
    event::PublishedAs,
    selection::{Kenmerken, NativeSelection, Selection},
    subscription::{Format, Order, Rendering, RetryPolicy},
};

use super::Step;
use crate::{View, form::Form};

/// The longest text of a field that has no rule of its own, in characters.
const MAX_FIELD: usize = 2_000;

/// The names of the fields, in the order of the steps.
const FIELDS: [&str; 11] =
    ["eigenaar", "naam", "contact", "ontvanger", "kanaal", "typen", "kenmerken", "vorm", "start", "moment", "tempo"];

/// A fault: the field, and its text.
pub(super) type Fault = (&'static str, String);

/// The fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub owner: String,
    pub name: String,
    pub contact: String,
    pub sink: String,
    pub kanalen: Vec<String>,
    /// One a line.
    pub types: String,
    /// One a line: `naam=waarde`.
    pub kenmerken: String,
    pub format: String,
    pub start: String,
    pub moment: String,
    pub rate: String,
    pub is_ordered: bool,
}

impl Draft {
    /// The fields that a form holds.
    pub fn of_form(form: &Form) -> Self {
        let text = |name| form.text(name).to_owned();
        Self {
            owner: text("eigenaar"),
            name: text("naam"),
            contact: text("contact"),
            sink: text("ontvanger"),
            kanalen: form.all("kanaal").map(str::to_owned).collect(),
            types: text("typen"),
            kenmerken: text("kenmerken"),
            format: text("vorm"),
            start: text("start"),
            moment: text("moment"),
            rate: text("tempo"),
            is_ordered: form.is_ticked("volgorde"),
        }
    }

    /// The fields of every step but one, as a form passes them on.
    pub fn hidden(&self, shown: Step) -> Vec<(&'static str, String)> {
        let mut fields: Vec<(&'static str, String)> = vec![
            ("eigenaar", self.owner.clone()),
            ("naam", self.name.clone()),
            ("contact", self.contact.clone()),
            ("ontvanger", self.sink.clone()),
            ("typen", self.types.clone()),
            ("kenmerken", self.kenmerken.clone()),
            ("vorm", self.format.clone()),
            ("start", self.start.clone()),
            ("moment", self.moment.clone()),
            ("tempo", self.rate.clone()),
        ];
        fields.extend(self.kanalen.iter().map(|naam| ("kanaal", naam.clone())));
        fields.extend(self.is_ordered.then(|| ("volgorde", "ja".to_owned())));
        fields.retain(|(name, value)| Step::of_field(name) != shown && !value.is_empty());
        fields
    }

    /// The request that the fields make, or every fault of them. `is_kanaal` knows the kanalen.
    pub fn request(
        &self,
        view: &View,
        retry: RetryPolicy,
        check_url: CheckUrl<'_>,
        is_kanaal: impl Fn(&str) -> bool,
    ) -> Result<SubscriptionRequest, Vec<Fault>> {
        let text = &view.text.portal.create;
        let mut faults: Vec<Fault> = Vec::new();
        let mut fault = |field: &'static str, why: String| faults.push((field, why));
        if !view.actor.may_manage(&self.owner) || self.owner.is_empty() {
            fault("eigenaar", text.owner_wrong.to_owned());
        }
        if !self.name.is_empty() && check_name(&self.name).is_err() {
            fault("naam", text.name_wrong.to_owned());
        }
        if !self.contact.is_empty() && check_contact(&self.contact).is_err() {
            fault("contact", text.contact_wrong.to_owned());
        }
        if let Err(rule) = check_sink(&self.sink, check_url) {
            fault("ontvanger", (text.address_wrong)(&rule));
        }
        let kanalen: Option<Vec<KanaalName>> =
            self.kanalen.iter().map(|naam| KanaalName::new(naam).filter(|own| is_kanaal(own.as_str()))).collect();
        if self.kanalen.is_empty() || self.kanalen.len() > MAX_LIST {
            fault("kanaal", text.kanaal_needed.to_owned());
        } else if kanalen.is_none() {
            fault("kanaal", text.kanaal_unknown.to_owned());
        }
        let types = lines(&self.types);
        if types.len() > MAX_LIST || self.types.chars().nth(MAX_FIELD).is_some() {
            fault("typen", text.too_many.to_owned());
        }
        let pairs: Option<Vec<(String, String)>> = lines(&self.kenmerken).iter().map(|line| pair(line)).collect();
        if pairs.as_ref().is_none_or(|pairs| pairs.len() > MAX_LIST) || self.kenmerken.chars().nth(MAX_FIELD).is_some()
        {
            fault("kenmerken", text.kenmerken_wrong.to_owned());
        }
        let start = match self.start.as_str() {
            "begin" => Some(Start::Beginning),
            "moment" => view.read_moment(&self.moment).map(Start::At),
            _ => Some(Start::Now),
        };
        if start.is_none() {
            fault("moment", view.text.delivery.moment_wrong.to_owned());
        }
        let rate = if self.rate.is_empty() { Some(None) } else { self.rate.parse::<NonZeroU32>().ok().map(Some) };
        if rate.is_none() {
            fault("tempo", text.rate_wrong.to_owned());
        }
        let (Some(kanalen), Some(pairs), Some(start), Some(requested_rate)) = (kanalen, pairs, start, rate) else {
            return Err(faults);
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        let (format, validation, published_as) = match self.format.as_str() {
            "notificatie" => (Format::Legacy, Validation::Probe, Some(PublishedAs::Notificatie)),
            "binair" => (Format::Binary, Validation::Handshake, None),
            _ => (Format::Structured(Rendering::Canonical), Validation::Handshake, None),
        };
        let filled = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let selection =
            NativeSelection { kanalen, published_as, types, kenmerken: Kenmerken::new(pairs), ..Default::default() };
        Ok(SubscriptionRequest {
            name: filled(&self.name),
            contact: filled(&self.contact),
            selection: Some(Selection::Native(selection)),
            format,
            order: if self.is_ordered { Order::Key } else { Order::None },
            requested_rate,
            validation,
            start: Some(start),
            ..SubscriptionRequest::new(Sink::Webhook(self.sink.clone()), retry)
        })
    }
}

/// The field that a member of a refused request is filled in with; `None` for a member that the form does not have.
pub(super) fn field_of(member: &str) -> Option<&'static str> {
    Some(match member {
        "owner" => "eigenaar",
        "sink" => "ontvanger",
        "config.kanalen" => "kanaal",
        "types" => "typen",
        "config.start" => "moment",
        kenmerk if kenmerk.starts_with("config.kenmerken") => "kenmerken",
        _ => return None,
    })
}

/// The lines of a text that hold something.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Name and value of a line `naam=waarde`.
fn pair(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    (!name.is_empty() && !value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
}

impl Step {
    /// The step that a field belongs to.
    pub(super) fn of_field(name: &str) -> Self {
        match FIELDS.iter().position(|field| *field == name) {
            Some(0..=3) => Self::Where,
            Some(4..=6) => Self::What,
            Some(_) => Self::How,
            None if name == "volgorde" => Self::How,
            None => Self::Check,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_of_a_step_passes_on_the_fields_of_the_others() {
        let draft = Draft {
            sink: "https://a.example/".into(),
            kanalen: vec!["zaken".into(), "documenten".into()],
            start: "begin".into(),
            is_ordered: true,
            ..Draft::default()
        };
        let names = |shown| draft.hidden(shown).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(Step::Where), ["start", "kanaal", "kanaal", "volgorde"]);
        assert_eq!(names(Step::What), ["ontvanger", "start", "volgorde"]);
        assert_eq!(names(Step::How), ["ontvanger", "kanaal", "kanaal"]);
        assert_eq!(names(Step::Check), ["ontvanger", "start", "kanaal", "kanaal", "volgorde"]);
    }

    #[test]
    fn lines_and_pairs_are_read_without_white_space() {
        assert_eq!(lines(" a \r\n\n b"), ["a", "b"]);
        assert_eq!(pair("bron = x=y "), Some(("bron".to_owned(), "x=y".to_owned())));
        for wrong in ["", "a", "=a", "a="] {
            assert_eq!(pair(wrong), None, "{wrong}");
        }
    }
}
