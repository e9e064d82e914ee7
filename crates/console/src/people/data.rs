//! The page of what is stored of a person: overview, another address, attributes, leaving all, a copy, and erasure (CH-65).

use askama::Template;
use http::StatusCode;
use model::{
    Timestamp,
    addressee::{Frequency, StateKind},
};
use people::{AttributeKind, Overview};
use web::language::Language;

use super::view::View;
use crate::page::{PageResult, page, page_with};

#[derive(Template)]
#[template(path = "people_data.html")]
struct Data<'a> {
    view: &'a View<'a>,
    overview: &'a Overview,
    rows: Vec<Row<'a>>,
    /// The choices of how often mails come; empty where there is no choice.
    frequencies: Vec<Choice>,
    /// The attributes that the person may change.
    attributes: Vec<Field<'a>>,
    /// Whether messages of one of the kanalen must be sent.
    has_obligatory: bool,
    /// Whether something can be left.
    can_leave: bool,
    /// Whether what was entered is no address.
    is_wrong: bool,
}

struct Choice {
    value: &'static str,
    text: &'static str,
    is_chosen: bool,
}

/// An attribute in the form.
struct Field<'a> {
    name: &'a str,
    label: &'a str,
    value: &'a str,
    kind: AttributeKind,
    is_wrong: bool,
}

impl Field<'_> {
    /// The `inputmode` of a field to type in; empty for a choice of yes and no.
    const fn input_mode(&self) -> &'static str {
        match self.kind {
            AttributeKind::Text => "text",
            AttributeKind::Number => "decimal",
            AttributeKind::YesNo => "",
        }
    }
}

/// What was entered before the page is shown.
pub enum Entered {
    /// Nothing, or what was right.
    Nothing,
    /// What is no address.
    WrongAddress,
    /// Attributes of which some have no value of their kind.
    WrongAttributes {
        /// Their names.
        wrong: Vec<String>,
        /// The names and what was typed for each.
        typed: Vec<(String, String)>,
    },
}

struct Row<'a> {
    kanaal: &'a str,
    /// The state in words, and since when.
    state: String,
    /// The page of this one.
    page: Option<String>,
}

#[derive(Template)]
#[template(path = "people_erased.html")]
struct Erased<'a> {
    view: &'a View<'a>,
}

/// The page; 422 when what was entered is not right.
pub fn write(view: &View<'_>, overview: &Overview, entered: &Entered) -> PageResult {
    let text = &view.text.data;
    let rows = overview.rows.iter().map(|row| {
        let state = match row.state {
            StateKind::Unconfirmed => text.unconfirmed,
            StateKind::Confirmed => text.confirmed,
            StateKind::Ended => text.ended,
        };
        let token = row.page.as_deref().and_then(|url| url.rsplit('/').next());
        let state = format!("{state} {}", day(row.since, view.language));
        Row { kanaal: row.kanaal.as_str(), state, page: token.map(|token| view.to(token)) }
    });
    let can_leave = overview.rows.iter().any(|row| row.state == StateKind::Confirmed);
    let has_choice = overview.can_change && !overview.is_number;
    let choices = Frequency::ALL.into_iter().zip(text.frequencies).filter(|_| has_choice);
    let choice =
        |(own, text): (Frequency, _)| Choice { value: own.label(), text, is_chosen: own == overview.frequency };
    let frequencies = choices.map(choice).collect();
    let attributes = fields(view, overview, entered);
    let is_wrong = matches!(entered, Entered::WrongAddress);
    let has_obligatory = view.has_obligatory(overview.rows.iter().map(|row| &row.kanaal));
    let rows = rows.collect();
    let data = Data { view, overview, rows, frequencies, attributes, has_obligatory, can_leave, is_wrong };
    let is_right = matches!(entered, Entered::Nothing);
    page_with(if is_right { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }, &data)
}

/// The fields of the attributes, with what was typed before, if it was.
fn fields<'a>(view: &View<'_>, overview: &'a Overview, entered: &'a Entered) -> Vec<Field<'a>> {
    let (wrong, typed) = match entered {
        Entered::WrongAttributes { wrong, typed } => (wrong.as_slice(), typed.as_slice()),
        Entered::Nothing | Entered::WrongAddress => (&[][..], &[][..]),
    };
    let field = |own: &'a people::ShownAttribute| {
        let name = own.attribute.name.as_str();
        let before = typed.iter().find(|(other, _)| other == name).map(|(_, typed)| typed.as_str());
        let [dutch, english] = &own.attribute.label;
        Field {
            name,
            label: match view.language {
                Language::Dutch => dutch,
                Language::English => english,
            },
            value: before.unwrap_or(&own.value),
            kind: own.attribute.kind,
            is_wrong: wrong.iter().any(|other| other == name),
        }
    };
    overview.attributes.iter().map(field).collect()
}

/// The page after erasure.
pub fn write_erased(view: &View<'_>) -> PageResult {
    page(&Erased { view })
}

/// The day of a moment, by UTC.
fn day(at: Timestamp, language: Language) -> String {
    let text = at.to_rfc3339();
    let day = text.get(..10).unwrap_or_default();
    match (language, day.split('-').collect::<Vec<_>>().as_slice()) {
        (Language::Dutch, [year, month, day]) => format!("{day}-{month}-{year}"),
        _ => day.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_in_the_language() {
        let at = Timestamp::from_seconds(1_700_000_000);
        assert_eq!(day(at, Language::Dutch), "14-11-2023");
        assert_eq!(day(at, Language::English), "2023-11-14");
    }
}
