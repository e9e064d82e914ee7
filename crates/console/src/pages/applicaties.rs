//! The applicaties that the person may see, with their rights and use, and never a secret. They are declared in the
//! configuration, so nothing is changed here.

use askama::Template;
use axum::extract::State;
use management::applicaties::{ApplicatieState, RightsSource};
use model::{Timestamp, applicatie::Scope};

use crate::{
    Console, View,
    page::{PageResult, page},
    paging::{self, Paging},
};

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
}

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
}

impl Row {
    fn new(view: &View, state: ApplicatieState) -> Self {
        let labels = |scopes: &[Scope]| scopes.iter().map(|scope| scope.label()).collect();
        let texts = &view.text.applicaties;
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
        }
    }
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let asked = view.parameter("naam").map(|text| text.trim().to_owned()).unwrap_or_default();
    let mut found = console.management.list_applicaties(&view.actor);
    found.retain(|state| state.applicatie.client_id.contains(&asked));
    let total = found.len();
    let mut found = paging::part(&view, found);
    let paging = Paging::of(&view, &mut found);
    let rows = found.into_iter().map(|state| Row::new(&view, state)).collect();
    page(&Applicaties { view: &view, asked, rows, total, paging })
}
