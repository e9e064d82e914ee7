//! The catalogue of types of events with their schemas, to read.

use askama::Template;
use axum::extract::{Path, State};
use management::{
    Right,
    types::{EventType, TypeFilter},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    Console, View,
    page::{PageResult, page},
    pages::portal::catalogue::subscribe_path,
    paging::{self, Paging},
};

/// The path of the list.
pub const PATH: &str = "/beheer/typen";

/// The path of one type.
pub const ONE: &str = "/beheer/typen/{type}";

#[derive(Template)]
#[template(path = "types.html")]
struct Types<'a> {
    view: &'a View,
    asked: Asked,
    rows: Vec<Row>,
    total: usize,
    paging: Paging,
}

/// The fields of the filter, as they were filled in.
struct Asked {
    kanaal: String,
    publisher: String,
}

impl Asked {
    fn is_empty(&self) -> bool {
        self.kanaal.is_empty() && self.publisher.is_empty()
    }
}

/// A type in the list.
struct Row {
    kind: String,
    link: String,
    description: String,
    kanaal: Option<String>,
    publisher: Option<String>,
}

impl Row {
    fn new(view: &View, found: EventType) -> Self {
        let link = view.to(&format!("{PATH}/{}", utf8_percent_encode(&found.kind, NON_ALPHANUMERIC)));
        Self {
            link,
            description: found.schema.description.clone(),
            kanaal: found.kanaal.map(|kanaal| kanaal.naam.to_string()),
            publisher: found.schema.owner.clone(),
            kind: found.kind,
        }
    }
}

/// The list.
pub async fn list(State(console): State<Console>, view: View) -> PageResult {
    let text = |name| view.parameter(name).map(|value| value.trim().to_owned()).unwrap_or_default();
    let asked = Asked { kanaal: text("kanaal"), publisher: text("aanbieder") };
    let wanted = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let query = TypeFilter { kanaal: wanted(&asked.kanaal), publisher: wanted(&asked.publisher) };
    let found = console.management.list_types(&query);
    let total = found.len();
    let mut found = paging::part(&view, found);
    let paging = Paging::of(&view, &mut found);
    let rows = found.into_iter().map(|found| Row::new(&view, found)).collect();
    page(&Types { view: &view, asked, rows, total, paging })
}

#[derive(Template)]
#[template(path = "type.html")]
struct One<'a> {
    view: &'a View,
    found: EventType,
    /// The form of a new subscription to the type.
    subscribe: String,
    /// The query of the form to publish an event of the type.
    publish: String,
    may_publish: bool,
}

/// A type with its schema.
pub async fn read(State(console): State<Console>, Path(kind): Path<String>, view: View) -> PageResult {
    let found = console.management.find_type(&kind)?;
    let naam = found.kanaal.as_ref().map(|kanaal| kanaal.naam.to_string());
    let fields = [("kanaal", naam.as_deref().unwrap_or_default()), ("type", kind.as_str())];
    let publish = form_urlencoded::Serializer::new(String::new()).append_pair("voorbeeld", &kind).finish();
    page(&One {
        view: &view,
        subscribe: subscribe_path(&fields),
        publish,
        may_publish: view.may(Right::PublishByHand),
        found,
    })
}
