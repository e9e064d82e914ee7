//! The texts of mailings: which kanalen have their own, and what a person would get about a sample event.

use askama::Template;
use axum::extract::{Path, State};
use model::addressee::Language;
use people::administration::{KanaalTexts, Preview};
use web::Problem;

use super::{administration, path_of};
use crate::{
    Console, View,
    choice::Choice,
    page::{PageResult, page},
    paging::{self, Paging},
};

/// The parameter with the language of the message.
const LANGUAGE: &str = "bericht";

#[derive(Template)]
#[template(path = "to_people_texts.html")]
struct List<'a> {
    view: &'a View,
    /// Whether anything is sent.
    is_sending: bool,
    rows: Vec<Row>,
    paging: Paging,
}

/// A kanaal in the table.
struct Row {
    kanaal: String,
    path: String,
    languages: String,
    class: &'static str,
}

/// The list.
pub async fn list(State(console): State<Console>, view: View) -> PageResult {
    let administration = administration(&console)?;
    let kanalen = console.management.list_kanalen();
    let mut names = paging::part(&view, kanalen.iter().map(|kanaal| kanaal.naam.clone()));
    let paging = Paging::of(&view, &mut names);
    let texts = administration.texts(names);
    let is_sending = texts.is_some();
    let text = &view.text.to_people;
    let row = |own: KanaalTexts| {
        let languages: Vec<_> = own.languages.iter().map(|language| (text.language)(*language)).collect();
        Row {
            path: path_of(own.kanaal.as_str()),
            class: (text.class)(own.class),
            kanaal: own.kanaal.to_string(),
            languages: if languages.is_empty() { text.built_in.to_owned() } else { languages.join(", ") },
        }
    };
    page(&List { rows: texts.into_iter().flatten().map(row).collect(), is_sending, paging, view: &view })
}

#[derive(Template)]
#[template(path = "to_people_preview.html")]
struct PreviewPage<'a> {
    view: &'a View,
    kanaal: &'a str,
    path: String,
    languages: Vec<Choice>,
    /// The message, or why there is none.
    preview: Result<Preview, String>,
    /// The language of the message.
    message_language: &'static str,
}

/// The message of a kanaal in a language.
pub async fn preview(State(console): State<Console>, Path(naam): Path<String>, view: View) -> PageResult {
    let administration = administration(&console)?;
    let kanaal = console.management.find_kanaal(&naam)?;
    let (language, tag) = match view.parameter(LANGUAGE).as_deref() {
        Some("en") => (Language::English, "en"),
        _ => (Language::Dutch, "nl"),
    };
    let preview = administration.preview(&kanaal.naam, language);
    let preview = preview.ok_or_else(|| Problem::not_found("This gateway sends no messages to people."))?;
    let names = [("nl", Language::Dutch), ("en", Language::English)];
    let names = names.map(|(tag, language)| (tag, (view.text.to_people.language)(language)));
    page(&PreviewPage {
        kanaal: kanaal.naam.as_str(),
        path: path_of(kanaal.naam.as_str()),
        languages: Choice::list(names, tag),
        preview: preview.map_err(|fault| fault.to_string()),
        message_language: tag,
        view: &view,
    })
}
