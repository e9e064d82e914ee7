//! The applicaties that the person may see, with their rights and use, and never a secret. They are declared in the
//! configuration, so nothing is changed here; rights that come from an Autorisaties API are asked for again.

use askama::Template;
use axum::extract::State;
use management::{
    Right,
    applicaties::{ApplicatieState, RightsSource},
};
use model::{Timestamp, applicatie::Scope};
use web::csv;

use crate::{
    Console, View, curl,
    form::Form,
    list_file::{self, Files},
    page::{PageResult, page, see_other},
    paging::{self, Paging},
};

/// The path of the form that asks for rights again.
pub const RIGHTS: &str = "/beheer/applicaties/rechten";

/// The path of the page.
pub const PATH: &str = "/beheer/applicaties";

#[derive(Template)]
#[template(path = "applicaties.html")]
struct Applicaties<'a> {
    view: &'a View,
    asked: String,
    rows: Vec<Row>,
    total: usize,
    paging: Paging,
    files: Files,
    curl: String,
}

/// The columns of the file; never a secret.
const COLUMNS: [&str; 8] =
    ["clientId", "scopes", "rightsFrom", "rightsAgeSeconds", "source", "secrets", "lastUsed", "refusedLastDay"];

/// An applicatie.
struct Row {
    client_id: String,
    scopes: Option<Vec<&'static str>>,
    from: &'static str,
    /// The age of the rights, in seconds.
    age: Option<u64>,
    error: Option<String>,
    source: Option<String>,
    secrets: usize,
    last_used: Option<Timestamp>,
    refused: u64,
    /// Whether the person may ask for its rights again.
    may_ask: bool,
}

impl Row {
    fn new(view: &View, state: ApplicatieState) -> Self {
        let labels = |scopes: &[Scope]| scopes.iter().map(|scope| scope.label()).collect();
        let texts = &view.text.applicaties;
        let may_ask = matches!(state.rights, RightsSource::Asked(_)) && view.may(Right::Recheck) && !view.is_portal();
        let (from, scopes, age, error) = match state.rights {
            RightsSource::Declared => (texts.declared, Some(labels(&state.applicatie.scopes)), None, None),
            RightsSource::Asked(None) => (texts.asked, None, None, None),
            RightsSource::Asked(Some(cached)) => {
                (texts.asked, cached.scopes.as_deref().map(labels), cached.age, cached.error)
            }
        };
        Self {
            client_id: state.applicatie.client_id.clone(),
            scopes,
            from,
            age: age.map(|age| age.as_secs()),
            error,
            source: state.applicatie.source.clone(),
            secrets: state.applicatie.secrets.len(),
            last_used: state.activity.last_used,
            refused: state.activity.refused_last_day,
            may_ask,
        }
    }
}

/// Asks for the rights of an applicatie again. The list shows it with what is known then.
pub async fn ask_rights(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let client_id = form.text("client");
    console.management.ask_rights(&view.actor, client_id).await?;
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("naam", client_id).finish();
    Ok(see_other(&view, &format!("{PATH}?{query}"), "rechten-opgevraagd"))
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let asked = view.parameter("naam").map(|text| text.trim().to_owned()).unwrap_or_default();
    let mut found = console.management.list_applicaties(&view.actor);
    found.retain(|state| state.applicatie.client_id.contains(&asked));
    if let Some(form) = list_file::form(&view)? {
        return csv::answer_rows(form, "applicaties", &COLUMNS, found.into_iter().map(cells)).await;
    }
    let total = found.len();
    let mut found = paging::part(&view, found);
    let paging = Paging::of(&view, &mut found);
    let rows = found.into_iter().map(|state| Row::new(&view, state)).collect();
    let (files, curl) = (Files::of(&view), curl::command(&view, "/v1/applicaties", &[]));
    page(&Applicaties { view: &view, asked, rows, total, paging, files, curl })
}

fn cells(state: ApplicatieState) -> csv::Row {
    let labels = |scopes: &[Scope]| scopes.iter().map(|scope| scope.label()).collect::<Vec<_>>().join(" ");
    let (from, scopes, age) = match state.rights {
        RightsSource::Declared => ("declared", labels(&state.applicatie.scopes), None),
        RightsSource::Asked(None) => ("asked", String::new(), None),
        RightsSource::Asked(Some(cached)) => {
            ("asked", cached.scopes.as_deref().map(labels).unwrap_or_default(), cached.age)
        }
    };
    vec![
        state.applicatie.client_id.clone(),
        scopes,
        from.to_owned(),
        age.map(|age| age.as_secs().to_string()).unwrap_or_default(),
        state.applicatie.source.clone().unwrap_or_default(),
        state.applicatie.secrets.len().to_string(),
        state.activity.last_used.map(Timestamp::to_rfc3339).unwrap_or_default(),
        state.activity.refused_last_day.to_string(),
    ]
}
