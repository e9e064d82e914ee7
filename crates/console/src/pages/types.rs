//! The catalogue of types of events with their schemas. Registering and withdrawing them is in `schemas`.

use askama::Template;
use axum::extract::{Path, State};
use management::{
    Right,
    types::{EventType, TypeFilter},
};
use model::PayloadSchema;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use web::csv;

use crate::{
    Console, View, curl,
    list_file::{self, Files},
    page::{PageResult, page},
    pages::{portal::catalogue::subscribe_path, schemas, subscriptions},
    paging::{self, Paging},
    sink_text::sink_text,
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
    may_register: bool,
    files: Files,
    curl: String,
    /// The first schemas of no type.
    untyped: Vec<Untyped>,
    /// How many there are, in words.
    untyped_number: String,
}

/// A schema of no type in the list.
struct Untyped {
    name: String,
    uri: String,
    description: String,
    kanaal: Option<String>,
    publisher: Option<String>,
    /// The page that withdraws it; `None` when the person may not.
    withdraw: Option<String>,
}

/// Most schemas of no type on the page.
const MOST_UNTYPED: usize = 50;

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
        let link = view.to(&path_of(&found.kind));
        Self {
            link,
            description: found.schema.description.clone(),
            kanaal: found.kanaal.map(|kanaal| kanaal.naam.to_string()),
            publisher: found.schema.owner.clone(),
            kind: found.kind,
        }
    }
}

/// The path of the page of a type.
pub fn path_of(kind: &str) -> String {
    format!("{PATH}/{}", utf8_percent_encode(kind, NON_ALPHANUMERIC))
}

/// Whether the person may register and withdraw schemas, which is done in the console only.
fn may_change(view: &View) -> bool {
    view.may(Right::Publish) && !view.is_portal()
}

/// The list.
pub async fn list(State(console): State<Console>, view: View) -> PageResult {
    let text = |name| view.parameter(name).map(|value| value.trim().to_owned()).unwrap_or_default();
    let asked = Asked { kanaal: text("kanaal"), publisher: text("aanbieder") };
    let wanted = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let query = TypeFilter { kanaal: wanted(&asked.kanaal), publisher: wanted(&asked.publisher) };
    let found = console.management.list_types(&query);
    let untyped = console.management.list_schemas_without_type(&query);
    if let Some(form) = list_file::form(&view)? {
        return csv::answer_rows(form, "typen", &COLUMNS, found.into_iter().map(cells)).await;
    }
    let total = found.len();
    let mut found = paging::part(&view, found);
    let paging = Paging::of(&view, &mut found);
    let rows = found.into_iter().map(|found| Row::new(&view, found)).collect();
    let parameters = [("kanaal", asked.kanaal.as_str()), ("publisher", asked.publisher.as_str())];
    page(&Types {
        curl: curl::command(&view, "/v1/types", &parameters),
        asked,
        rows,
        total,
        paging,
        may_register: may_change(&view),
        files: Files::of(&view),
        untyped_number: (view.text.types.untyped_number)(&view.number(untyped.len())),
        untyped: untyped.iter().take(MOST_UNTYPED).map(|schema| Untyped::new(&view, schema)).collect(),
        view: &view,
    })
}

impl Untyped {
    fn new(view: &View, schema: &PayloadSchema) -> Self {
        let is_own = schema.owner.as_ref().is_some_and(|owner| view.actor.may_manage(owner));
        Self {
            name: schema.name.to_string(),
            uri: schema.uri.clone(),
            description: schema.description.clone(),
            kanaal: schema.kanaal.as_ref().map(ToString::to_string),
            publisher: schema.owner.clone(),
            withdraw: (is_own && may_change(view)).then(|| schemas::withdrawal_of(schema.name.as_str())),
        }
    }
}

/// The columns of the file.
const COLUMNS: [&str; 4] = ["type", "description", "kanaal", "publisher"];

fn cells(found: EventType) -> csv::Row {
    vec![
        found.kind,
        found.schema.description.clone(),
        found.kanaal.map(|kanaal| kanaal.naam.to_string()).unwrap_or_default(),
        found.schema.owner.clone().unwrap_or_default(),
    ]
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
    /// The page that withdraws the schema; `None` when the person may not.
    withdraw: Option<String>,
    /// Path, name and owner of the first subscriptions that ask for the type.
    subscriptions: Vec<(String, String, String)>,
    /// How many there are.
    total: String,
}

/// Most subscriptions on the page of a type.
const MOST_SUBSCRIPTIONS: usize = 50;

/// A type with its schema.
pub async fn read(State(console): State<Console>, Path(kind): Path<String>, view: View) -> PageResult {
    let found = console.management.find_type(&kind)?;
    let naam = found.kanaal.as_ref().map(|kanaal| kanaal.naam.to_string());
    let fields = [("kanaal", naam.as_deref().unwrap_or_default()), ("type", kind.as_str())];
    let is_own = found.schema.owner.as_ref().is_some_and(|owner| view.actor.may_manage(owner));
    let may_withdraw = may_change(&view) && is_own;
    let sees_subscriptions = view.may(Right::SeeSubscriptions);
    let mut asking =
        if sees_subscriptions { console.management.list_subscriptions_of_type(&view.actor, &found) } else { vec![] };
    asking.retain(|own| !view.is_portal() || view.actor.may_manage(&own.owner));
    let shown = asking.iter().take(MOST_SUBSCRIPTIONS).map(|own| {
        let name = own.name.clone().unwrap_or_else(|| sink_text(&own.sink));
        (subscriptions::path_of(own.id), name, own.owner.clone())
    });
    let publish = form_urlencoded::Serializer::new(String::new()).append_pair("voorbeeld", &kind).finish();
    page(&One {
        view: &view,
        subscribe: subscribe_path(&fields),
        publish,
        subscriptions: shown.collect(),
        total: view.number(asking.len()),
        may_publish: view.may(Right::PublishByHand),
        withdraw: may_withdraw.then(|| schemas::withdrawal_of(found.schema.name.as_str())),
        found,
    })
}
