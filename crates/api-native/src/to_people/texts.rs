//! `GET /v1/people/texts` and `GET /v1/people/texts/{naam}`: the texts of mailings, and what a person would get.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use model::addressee::Language;
use people::administration::{KanaalTexts, Preview, SmsPreview};
use serde::Serialize;
use utoipa::ToSchema;
use web::{
    accept,
    csv::{self, Form},
    problem::{Problem, ProblemType},
};

use super::administration;
use crate::{
    Api,
    list::{List, Query},
};

/// The texts of the mailings of a kanaal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailingTexts)]
pub struct KanaalTextsView {
    /// The name of the kanaal.
    pub kanaal: String,
    /// The languages in which it has texts of its own: `nl`, `en`. Without any, built-in texts are sent.
    pub languages: Vec<&'static str>,
    /// Whether its messages must be sent: `normal`, `obligatory`, or `wmebv` (docs/people.md).
    pub class: &'static str,
}

/// The message about a sample event to a person. Nothing in it is of a real event or person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailingPreview)]
pub struct PreviewView {
    /// The language: `nl` or `en`.
    pub language: &'static str,
    /// Whether it must be sent: `normal`, `obligatory` or `wmebv`.
    pub class: &'static str,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML part; null without one.
    pub html: Option<String>,
    /// The text message; null when this gateway sends none.
    pub sms: Option<SmsView>,
    /// Tokens that were not replaced by a value.
    pub remarks: Vec<RemarkView>,
}

/// The text message about a sample event, with what it costs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TextMessagePreview)]
pub struct SmsView {
    /// The text that is sent.
    pub text: String,
    /// The number of its characters.
    pub characters: usize,
    /// The alphabet that it is sent in: `GSM 7`, or `UCS-2` when a character is not in that.
    pub alphabet: &'static str,
    /// The number of segments that are paid for.
    pub segments: usize,
    /// The most segments that are sent. A message with more is refused.
    #[serde(rename = "maxSegments")]
    pub most: usize,
}

/// A token that was not replaced.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TokenRemark)]
pub struct RemarkView {
    /// The token, without braces.
    pub token: String,
    /// Why.
    pub reason: String,
}

impl KanaalTextsView {
    fn new(own: KanaalTexts) -> Self {
        Self {
            kanaal: own.kanaal.to_string(),
            languages: own.languages.into_iter().map(Language::label).collect(),
            class: own.class.label(),
        }
    }

    /// The columns of [`Self::cells`].
    const COLUMNS: [&str; 3] = ["kanaal", "languages", "class"];

    /// A row of the list as CSV.
    fn cells(self) -> csv::Row {
        vec![self.kanaal, self.languages.join(" "), self.class.to_owned()]
    }
}

impl PreviewView {
    fn new(language: Language, preview: Preview) -> Self {
        let remark = |(token, reason)| RemarkView { token, reason };
        let sms = |SmsPreview { text, characters, alphabet, segments, most }| SmsView {
            text,
            characters,
            alphabet,
            segments,
            most,
        };
        Self {
            language: language.label(),
            class: preview.class.label(),
            subject: preview.subject,
            text: preview.text,
            html: preview.html,
            sms: preview.sms.map(sms),
            remarks: preview.remarks.into_iter().map(remark).collect(),
        }
    }
}

fn nothing_sent() -> Problem {
    Problem::not_found("This gateway sends no messages to people.")
}

/// Lists the kanalen with the languages of their texts.
#[utoipa::path(
    get, path = "/v1/people/texts", tag = "people", operation_id = "listMailingTexts",
    params(
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses(
        (status = 200, description = "The kanalen", content((List<KanaalTextsView> = "application/json"), (String = "text/csv"))),
        (status = 404, description = "This gateway sends no messages to people"),
    ),
)]
pub async fn list(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let query = Query::read(&api, &headers, &uri, &["page", "pageSize"])?;
    let paging = query.paging()?;
    let kanalen = api.management.list_kanalen();
    if accept::prefers_csv(&headers) {
        let names = kanalen.iter().map(|kanaal| kanaal.naam.clone());
        let texts = administration(&api)?.texts(names).ok_or_else(nothing_sent)?;
        let rows = texts.into_iter().map(|own| KanaalTextsView::new(own).cells());
        return csv::answer_rows(Form::Csv, "texts", &KanaalTextsView::COLUMNS, rows).await;
    }
    let count = kanalen.len() as u64;
    let names = kanalen.iter().skip(paging.skip()).take(paging.take()).map(|kanaal| kanaal.naam.clone());
    let texts = administration(&api)?.texts(names).ok_or_else(nothing_sent)?;
    let rows = texts.into_iter().map(KanaalTextsView::new).collect();
    Ok(Json(query.list(paging, rows, Some(count))).into_response())
}

/// Shows what a person would get about a sample event.
#[utoipa::path(
    get, path = "/v1/people/texts/{naam}", tag = "people", operation_id = "previewMailing",
    params(
        ("naam" = String, Path, description = "The name of the kanaal"),
        ("language" = Option<String>, Query, description = "`nl` or `en`; `nl` when absent"),
    ),
    responses(
        (status = 200, description = "The message", body = PreviewView),
        (status = 404, description = "There is no such kanaal, or this gateway sends no messages to people"),
    ),
)]
pub async fn preview(
    State(api): State<Api>,
    Path(naam): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<PreviewView>, Problem> {
    let query = Query::read(&api, &headers, &uri, &["language"])?;
    let read = |text: &str| [Language::Dutch, Language::English].into_iter().find(|language| language.label() == text);
    let language = query.typed("language", "must be nl or en", read)?.unwrap_or_default();
    let administration = administration(&api)?;
    let kanaal = api.management.find_kanaal(&naam)?;
    let preview = administration.preview(&kanaal.naam, language).ok_or_else(nothing_sent)?;
    let preview = preview.map_err(|fault| Problem::new(ProblemType::InvalidRequest, fault.to_string()))?;
    Ok(Json(PreviewView::new(language, preview)))
}
