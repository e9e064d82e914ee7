//! The catalogue: the kanalen with the types of events that are registered for them, each with a link to subscribe.

use askama::Template;
use axum::extract::State;
use management::{
    Right,
    types::{EventType, TypeFilter},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    Console, View,
    page::{PageResult, page},
    pages::{kanalen, types},
    paging::{self, Paging},
};

/// The path of the page.
pub const PATH: &str = "/portaal/catalogus";

#[derive(Template)]
#[template(path = "portal_catalogue.html")]
struct Catalogue<'a> {
    view: &'a View,
    search: String,
    rows: Vec<Row>,
    paging: Paging,
    may_subscribe: bool,
}

/// A kanaal.
struct Row {
    path: String,
    naam: String,
    documentation: String,
    kenmerken: String,
    has_approval: bool,
    types: Vec<TypeRow>,
    subscribe: String,
}

/// A type of events on a kanaal.
struct TypeRow {
    path: String,
    kind: String,
    description: String,
    subscribe: String,
}

/// The page. A search is for a part of the name of a kanaal, of a type, or of the description of a type.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let search = view.parameter("zoek").map(|text| text.trim().to_owned()).unwrap_or_default();
    let sought = search.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&sought);
    let types = console.management.list_types(&TypeFilter::default());
    let of_kanaal = |naam: &str| -> Vec<&EventType> {
        types.iter().filter(|one| one.kanaal.as_ref().is_some_and(|own| own.naam.as_str() == naam)).collect()
    };
    let mut found = Vec::new();
    for kanaal in console.management.list_kanalen() {
        let naam = kanaal.naam.to_string();
        let types: Vec<_> = of_kanaal(&naam);
        if has(&naam) || types.iter().any(|one| has(&one.kind) || has(&one.schema.description)) {
            found.push(Row {
                path: kanalen::path_of(&naam),
                documentation: kanaal.documentatie_link.clone(),
                kenmerken: kanaal.filters.iter().map(|own| own.naam.as_str()).collect::<Vec<_>>().join(", "),
                has_approval: kanaal.approval,
                types: types.into_iter().map(|one| type_row(&naam, one)).collect(),
                subscribe: subscribe_path(&[("kanaal", &naam)]),
                naam,
            });
        }
    }
    let mut rows = paging::part(&view, found);
    let paging = Paging::of(&view, &mut rows);
    let may_subscribe = view.may(Right::ManageSubscriptions);
    page(&Catalogue { view: &view, search, rows, paging, may_subscribe })
}

fn type_row(naam: &str, found: &EventType) -> TypeRow {
    TypeRow {
        path: format!("{}/{}", types::PATH, utf8_percent_encode(&found.kind, NON_ALPHANUMERIC)),
        kind: found.kind.clone(),
        description: found.schema.description.clone(),
        subscribe: subscribe_path(&[("kanaal", naam), ("type", &found.kind)]),
    }
}

/// The path of the form of a new subscription with these fields filled in.
pub(crate) fn subscribe_path(fields: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    format!("{}?{query}", super::create::PATH)
}
