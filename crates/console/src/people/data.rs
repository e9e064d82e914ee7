//! The page of what is stored of a person: overview, another address, leaving all, a copy, and erasure (CH-65).

use askama::Template;
use http::StatusCode;
use model::{
    Timestamp,
    addressee::{Frequency, StateKind},
};
use people::Overview;
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

/// The page; 422 when what was entered is no address.
pub fn write(view: &View<'_>, overview: &Overview, is_wrong: bool) -> PageResult {
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
    let data = Data { view, overview, rows: rows.collect(), frequencies, can_leave, is_wrong };
    page_with(if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &data)
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
