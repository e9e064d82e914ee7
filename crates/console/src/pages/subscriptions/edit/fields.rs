//! The fields of the form as they are shown, by section.

use model::{Subscription, selection::Selection};

use super::{
    credential,
    faults::{Faults, id_in_row},
    typed::{SECRETS, Typed, id_of, rows},
};
use crate::{
    Console, View,
    choice::Choice,
    text::{
        filter_guide::{EXPRESSIONS, WAYS},
        subscription_form::{Field, Texts},
    },
};

/// The button that checks the receiver of a new subscription.
pub const CHECK: &str = "controleren";

/// Empty rows behind those that are filled in.
const EMPTY_ROWS: usize = 1;

/// A part of the form with a heading.
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// What is in it.
    pub items: Vec<Item>,
}

/// A part of a section.
pub enum Item {
    /// A field.
    Field(FieldView),
    /// Rows of fields.
    Rows(Rows),
    /// A button that shows the form again.
    Button(&'static str, &'static str),
    /// A text.
    Note(String),
    /// The guide to filters.
    FilterGuide(FilterGuide),
}

/// The examples of the guide to filters.
pub struct FilterGuide {
    /// The ways to compare: name, attribute, value, and what matches.
    pub ways: Vec<(&'static str, &'static str, &'static str, &'static str)>,
    /// Expressions, and what matches.
    pub expressions: Vec<(&'static str, &'static str)>,
}

/// Rows of fields, with a button for another one.
pub struct Rows {
    /// The id, by which the page shows them again.
    pub id: &'static str,
    /// The heading.
    pub title: &'static str,
    /// How they work.
    pub hint: &'static str,
    /// The fields of each row.
    pub fields: Vec<Vec<FieldView>>,
}

/// How a field is filled in.
pub enum Control {
    /// One line.
    Line,
    /// One line that is not shown.
    Secret,
    /// More lines.
    Area,
    /// One of a list.
    Choice(Vec<Choice>),
    /// Yes or no.
    Tick(bool),
    /// Any of a list.
    Ticks(Vec<Choice>),
}

/// A field as it is shown.
pub struct FieldView {
    /// The id of the element.
    pub id: String,
    /// The name in the form.
    pub name: &'static str,
    /// The label.
    pub label: String,
    /// The format; empty for none.
    pub hint: String,
    /// The value.
    pub value: String,
    /// The fault; empty for none.
    pub error: String,
    /// How it is filled in.
    pub control: Control,
    /// Whether it must be filled in.
    pub is_required: bool,
    /// Whether it begins with the focus.
    pub has_focus: bool,
}

impl FieldView {
    /// The ids that describe the field, separated by spaces; empty for none.
    pub fn described_by(&self) -> String {
        let ids = [(&self.error, "fout"), (&self.hint, "uitleg")];
        let ids = ids.into_iter().filter(|(text, _)| !text.is_empty()).map(|(_, end)| format!("{}-{end}", self.id));
        ids.collect::<Vec<_>>().join(" ")
    }

    /// Whether the value is a secret.
    pub const fn is_secret(&self) -> bool {
        matches!(self.control, Control::Secret)
    }

    /// Whether it has more lines.
    pub const fn is_area(&self) -> bool {
        matches!(self.control, Control::Area)
    }

    /// The value in words; empty for a secret.
    pub fn words(&self) -> String {
        let chosen = |choices: &[Choice]| {
            let texts = choices.iter().filter(|choice| choice.is_chosen).map(|choice| choice.text.as_str());
            texts.collect::<Vec<_>>().join(", ")
        };
        match &self.control {
            Control::Line | Control::Area => self.value.clone(),
            Control::Secret | Control::Tick(false) => String::new(),
            Control::Choice(choices) | Control::Ticks(choices) => chosen(choices),
            Control::Tick(true) => self.label.clone(),
        }
    }
}

/// What the fields are made with.
pub struct Maker<'a> {
    /// The use cases.
    pub console: &'a Console,
    /// The person and the texts.
    pub view: &'a View,
    /// The subscription that is changed; `None` for a new one.
    pub present: Option<&'a Subscription>,
    /// The values.
    pub typed: &'a Typed,
    /// The faults.
    pub faults: &'a Faults,
    /// The names of the secrets that were typed and are not shown again.
    pub dropped: &'a [&'static str],
    /// The rows of which another one was asked for.
    pub more: &'a str,
}

impl Maker<'_> {
    const fn text(&self) -> &'static Texts {
        &self.view.text.subscription_form
    }

    /// The sections.
    pub fn sections(&self) -> Vec<Section> {
        let text = self.text();
        let section = |title, items| Section { title, items };
        vec![
            section(text.where_to, self.where_to()),
            section(text.what, self.what()),
            section(text.how, self.how()),
            section(text.retry, self.retry()),
            section(text.names, self.names()),
            section(text.period, self.period()),
        ]
    }

    fn where_to(&self) -> Vec<Item> {
        let text = self.text();
        let kinds = credential::KINDS.into_iter().zip(text.kinds);
        let has_present = self.present.is_some();
        let kinds = kinds.filter(|(word, _)| has_present || *word != "houden");
        let kind = self.typed.get(Field::Kind);
        let mut items = vec![
            Item::Field(FieldView { is_required: true, ..self.line(Field::Sink) }),
            Item::Field(self.choice(Field::Kind, kinds)),
            Item::Button("soort", text.show_kind),
        ];
        for field in credential::fields(kind) {
            items.push(Item::Field(match field {
                Field::TokenPlace => self.choice(*field, ["header", "query"].into_iter().zip(text.places)),
                Field::ClientWay => self.choice(*field, ["basic", "post"].into_iter().zip(text.client_ways)),
                secret if SECRETS.contains(secret) => {
                    self.secret(*secret, secret.name().to_owned(), (text.hint)(*secret).to_owned())
                }
                other => self.line(*other),
            }));
        }
        items.push(Item::Rows(Rows {
            id: "headers",
            title: text.headers,
            hint: "",
            fields: self.rows("headers", self.typed.headers.len(), |row| {
                let name = self.typed.headers.get(row);
                let known = self.present.map_or(&[][..], |present| present.headers.as_slice());
                let is_known = name.is_some_and(|name| known.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)));
                let hint = if is_known { text.header_stays.to_owned() } else { String::new() };
                let value = self.secret(Field::HeaderValue, id_in_row(Field::HeaderValue, row), hint);
                vec![
                    self.cell(Field::Header, row, name.cloned().unwrap_or_default(), Control::Line),
                    FieldView { label: numbered((text.label)(Field::HeaderValue), row), ..value },
                ]
            }),
        }));
        items.extend([Field::Tls, Field::GrantHash].map(|field| Item::Field(self.line(field))));
        if !has_present {
            items.push(Item::Note(text.check_receiver_hint.to_owned()));
            items.push(Item::Button(CHECK, text.check_receiver));
        }
        items
    }

    fn filter_guide(&self) -> FilterGuide {
        let (guide, names) = (&self.view.text.filter_guide, self.text().filter_kinds);
        let ways = names.into_iter().zip(WAYS).zip(guide.what);
        FilterGuide {
            ways: ways.map(|((name, (attribute, value)), what)| (name, attribute, value, what)).collect(),
            expressions: EXPRESSIONS.into_iter().zip(guide.meanings).collect(),
        }
    }

    fn what(&self) -> Vec<Item> {
        let text = self.text();
        if let Some(present) = self.present
            && matches!(present.selection, Selection::Abonnement(_))
        {
            return vec![Item::Note((text.abonnement)(&self.view.text.selection.selection(&present.selection)))];
        }
        let names = self.console.management.list_kanalen();
        let mut names: Vec<String> = names.iter().map(|kanaal| kanaal.naam.to_string()).collect();
        let gone: Vec<_> = self.typed.kanalen.iter().filter(|naam| !names.contains(naam)).cloned().collect();
        names.extend(gone);
        let chosen = |naam: &String| self.typed.kanalen.contains(naam);
        let kanalen =
            names.into_iter().map(|naam| Choice { is_chosen: chosen(&naam), text: naam.clone(), value: naam });
        let published_as = ["", "notificatie", "cloudevent"].into_iter().zip(text.published_as);
        let mut items = vec![
            Item::Field(self.field(Field::Kanalen, String::new(), Control::Ticks(kanalen.collect()))),
            Item::Field(self.choice(Field::PublishedAs, published_as)),
            Item::Field(self.field(Field::Types, self.typed.get(Field::Types).to_owned(), Control::Area)),
            Item::Field(self.line(Field::Source)),
        ];
        items.push(Item::Rows(Rows {
            id: "kenmerken",
            title: text.kenmerken,
            hint: text.kenmerken_hint,
            fields: self.rows("kenmerken", self.typed.kenmerken.len(), |row| {
                let [key, value] = self.typed.kenmerken.get(row).cloned().unwrap_or_default();
                vec![
                    self.cell(Field::Kenmerk, row, key, Control::Line),
                    self.cell(Field::KenmerkValue, row, value, Control::Line),
                ]
            }),
        }));
        items.push(Item::Rows(Rows {
            id: "filters",
            title: text.filters,
            hint: text.filters_hint,
            fields: self.rows("filters", self.typed.filters.len(), |row| {
                let [attribute, kind, value] = self.typed.filters.get(row).cloned().unwrap_or_default();
                let kinds = ["exact", "prefix", "suffix", "not", "sql"].into_iter().zip(text.filter_kinds);
                vec![
                    self.cell(Field::FilterAttribute, row, attribute, Control::Line),
                    self.cell(Field::FilterKind, row, kind.clone(), Control::Choice(Choice::list(kinds, &kind))),
                    self.cell(Field::FilterValue, row, value, Control::Line),
                ]
            }),
        }));
        items.push(Item::FilterGuide(self.filter_guide()));
        let others = self.other_filters();
        if !others.is_empty() {
            items.push(Item::Field(self.field(Field::OtherFilters, String::new(), Control::Ticks(others))));
        }
        items.push(Item::Button("voorbeeld", text.preview));
        items
    }

    /// The filters of the subscription that are no rows.
    fn other_filters(&self) -> Vec<Choice> {
        let Some(Selection::Native(native)) = self.present.map(|present| &present.selection) else { return vec![] };
        let others = native.filters.iter().filter(|filter| rows(filter).is_none());
        let choice = |filter| {
            let value = id_of(filter);
            Choice {
                is_chosen: self.typed.other_filters.contains(&value),
                text: self.view.text.selection.filter(filter),
                value,
            }
        };
        others.map(choice).collect()
    }

    fn how(&self) -> Vec<Item> {
        let text = self.text();
        let orders = [self.view.text.subscription.order_none, self.view.text.subscription.order_key];
        let formats = ["structured", "on116", "binary", "batch", "legacy"].into_iter().zip(text.formats);
        let consents = ["handshake", "probe", "manual"].into_iter().zip(text.consents);
        let is_manual = self.typed.get(Field::Consent) == "manual";
        let may_agree = is_manual || self.view.actor.is_beheer();
        let consents = consents.filter(|(word, _)| may_agree || *word != "manual");
        let mut items = vec![
            self.choice(Field::Format, formats),
            self.line(Field::BatchSize),
            self.line(Field::BatchWait),
            self.choice(Field::Order, ["none", "key"].into_iter().zip(orders)),
            self.line(Field::Rate),
            self.line(Field::InFlight),
            self.choice(Field::Consent, consents),
        ];
        if may_agree {
            items.push(self.line(Field::Agreement));
        }
        items.into_iter().map(Item::Field).collect()
    }

    fn retry(&self) -> Vec<Item> {
        let lines = [Field::Retries, Field::Factor, Field::Base, Field::Cap, Field::Jitter];
        let mut items: Vec<Item> = lines.map(|field| Item::Field(self.line(field))).into();
        let ticked = !self.typed.get(Field::LadderOnly).is_empty();
        items.push(Item::Field(self.field(Field::LadderOnly, "ja".to_owned(), Control::Tick(ticked))));
        items
    }

    fn names(&self) -> Vec<Item> {
        let mut items = vec![
            self.line(Field::Name),
            self.line(Field::Contact),
            self.field(Field::Description, self.typed.get(Field::Description).to_owned(), Control::Area),
        ];
        if self.present.is_none() {
            items.insert(0, self.choice(Field::Owner, owners(self.console, self.view)));
        }
        items.into_iter().map(Item::Field).collect()
    }

    fn period(&self) -> Vec<Item> {
        let text = self.text();
        let mut items = Vec::new();
        if self.present.is_none() {
            items.push(self.choice(Field::Start, ["nu", "oudste", "moment"].into_iter().zip(text.starts)));
            items.push(self.line(Field::StartAt));
        }
        items.push(self.line(Field::Expires));
        items.into_iter().map(Item::Field).collect()
    }

    /// The filled rows and empty ones behind them.
    fn rows(&self, id: &str, filled: usize, row: impl Fn(usize) -> Vec<FieldView>) -> Vec<Vec<FieldView>> {
        let is_asked = self.more == id;
        let shown = filled + EMPTY_ROWS + usize::from(is_asked);
        let mut rows: Vec<_> = (0..shown).map(row).collect();
        if is_asked && let Some(first) = rows.last_mut().and_then(|row| row.first_mut()) {
            first.has_focus = true;
        }
        rows
    }

    fn line(&self, field: Field) -> FieldView {
        self.field(field, self.typed.get(field).to_owned(), Control::Line)
    }

    fn choice<V, T>(&self, field: Field, choices: impl IntoIterator<Item = (V, T)>) -> FieldView
    where
        V: Into<String>,
        T: Into<String>,
    {
        let chosen = self.typed.get(field);
        self.field(field, String::new(), Control::Choice(Choice::list(choices, chosen)))
    }

    fn cell(&self, field: Field, row: usize, value: String, control: Control) -> FieldView {
        let label = numbered((self.text().label)(field), row);
        let id = id_in_row(field, row);
        FieldView { error: self.faults.of(&id), id, label, ..self.field(field, value, control) }
    }

    fn secret(&self, field: Field, id: String, hint: String) -> FieldView {
        let is_dropped = self.dropped.contains(&field.name());
        let again = if is_dropped { self.text().secret_again } else { "" };
        let hint = format!("{hint} {again}").trim().to_owned();
        FieldView { error: self.faults.of(&id), id, hint, ..self.field(field, String::new(), Control::Secret) }
    }

    fn field(&self, field: Field, value: String, control: Control) -> FieldView {
        let (text, id) = (self.text(), field.name().to_owned());
        FieldView {
            name: field.name(),
            label: (text.label)(field).to_owned(),
            hint: (text.hint)(field).to_owned(),
            error: self.faults.of(&id),
            id,
            value,
            control,
            is_required: false,
            has_focus: false,
        }
    }
}

/// The clients to which a new subscription may belong, each with a text. Those of nobody are for administrators.
pub fn owners(console: &Console, view: &View) -> Vec<(String, String)> {
    let nobody = view.actor.is_beheer().then(|| (String::new(), view.text.subscription_form.no_owner.to_owned()));
    let own = console.management.list_applicaties(&view.actor).into_iter().map(|own| own.applicatie.client_id.clone());
    let own = own.filter(|client_id| view.actor.may_manage(client_id)).map(|client_id| (client_id.clone(), client_id));
    nobody.into_iter().chain(own).collect()
}

fn numbered(label: &str, row: usize) -> String {
    format!("{label} {}", row + 1)
}
