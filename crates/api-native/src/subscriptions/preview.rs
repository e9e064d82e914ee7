//! `POST /v1/subscriptions/preview`: tests a selection on the newest events, without making a subscription.

use axum::{Json, extract::State};
use management::subscriptions::{KanaalPreview, MAX_LAST, Preview, PreviewRequest, PreviewedEvent};
use model::selection::{Criterion, NativeSelection};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use web::{auth::Caller, body::Payload, problem::Problem};

use super::{
    input,
    warnings::{self, SelectionWarning},
};
use crate::{
    Api,
    members::{self, Faults, Members},
};

/// The body.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
pub struct SelectionPreview {
    /// The members of a subscription that select events; each may be absent.
    selection: PreviewedSelection,
    /// How many of the newest events of each kanaal are examined; 100 when absent, or fewer with more than 50 kanalen.
    #[schema(minimum = 1, maximum = 200)]
    last: Option<u32>,
}

/// The members of a subscription that select events.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
pub struct PreviewedSelection {
    /// Only events with this `source`.
    source: Option<String>,
    /// Only events with one of these values of `type`; absent or empty for all.
    types: Option<Vec<String>>,
    /// Filters that all must hold; dialects exact, prefix, suffix, all, any, not, sql.
    #[schema(value_type = Option<Vec<Object>>)]
    filters: Option<Vec<Value>>,
    /// `kanalen`, `born` and `kenmerken`, as in a subscription.
    #[schema(value_type = Option<Object>)]
    config: Option<Value>,
}

/// What a selection does with the newest events.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SelectionPreviewed)]
pub struct PreviewView {
    /// How many events were examined.
    pub examined: usize,
    /// How many of them are selected.
    pub matched: usize,
    /// What the selection cannot do although it is valid; absent when there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub warnings: Vec<SelectionWarning>,
    /// Each kanaal that the selection covers.
    pub kanalen: Vec<KanaalPreviewView>,
    /// The newest events that are selected, at most 20.
    pub matches: Vec<PreviewedEventView>,
    /// The newest events that are not selected, at most 20.
    pub misses: Vec<PreviewedEventView>,
}

/// What a selection does with the newest events of one kanaal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KanaalPreviewed)]
pub struct KanaalPreviewView {
    /// The kanaal.
    pub kanaal: String,
    /// Whether nothing of it is examined, because its owner approves subscriptions and approved none of this client.
    pub withheld: bool,
    /// How many events were examined.
    pub examined: usize,
    /// How many of them are selected.
    pub matched: usize,
    /// Which members the other events fail first, most events first.
    pub missed: Vec<Missed>,
}

/// A member that events fail.
#[derive(Debug, Serialize, ToSchema)]
pub struct Missed {
    /// The member of the selection: `types`, `filters[0]`, `config.kenmerken.zaaktype`.
    pub part: String,
    /// How many events fail it first.
    pub count: usize,
}

/// An examined event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewedEvent)]
pub struct PreviewedEventView {
    /// Its `id`.
    pub id: String,
    /// Its `source`.
    pub source: String,
    /// Its `type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its `subject`.
    pub subject: Option<String>,
    /// Its kanaal.
    pub kanaal: String,
    /// When it was accepted.
    #[schema(format = "date-time")]
    pub accepted: String,
    /// The member of the selection that it fails first; null when it is selected.
    pub part: Option<String>,
}

/// Tests a selection on the newest events.
#[utoipa::path(
    post, path = "/v1/subscriptions/preview", tag = "subscriptions", operation_id = "previewSelection",
    request_body = SelectionPreview,
    responses(
        (status = 200, description = "What it selects, and why it does not select the rest", body = PreviewView),
        (status = 400, description = "A member breaks a rule, or too many kanalen are covered"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Payload(body): Payload,
) -> Result<Json<PreviewView>, Problem> {
    let request = read(&body)?;
    let selection = request.selection.clone();
    let preview = api.management.preview_selection(&caller.actor(), request).await?;
    Ok(Json(PreviewView::new(&preview, &selection)))
}

fn read(body: &[u8]) -> Result<PreviewRequest, Problem> {
    let object = members::object(body, false)?;
    let (faults, empty) = (Faults::default(), Map::new());
    let top = Members::new(&object, &faults);
    top.only(&["selection", "last"]);
    if top.value("selection").is_none() {
        top.fault("selection", "is required");
    }
    let selection = top.object("selection").unwrap_or_else(|| Members::new(&empty, &faults));
    selection.only(&["source", "types", "filters", "config"]);
    let config = selection.object("config").unwrap_or_else(|| Members::new(&empty, &faults));
    config.only(&["kanalen", "born", "kenmerken"]);
    let request = PreviewRequest {
        selection: input::selection(&selection, &config).unwrap_or_default(),
        last: top.integer("last", 1, MAX_LAST as u64).map(|number| number as usize),
    };
    faults.check(request)
}

impl PreviewView {
    fn new(preview: &Preview, selection: &NativeSelection) -> Self {
        let events =
            |events: &[PreviewedEvent]| events.iter().map(|event| PreviewedEventView::new(event, selection)).collect();
        Self {
            examined: preview.kanalen.iter().map(|kanaal| kanaal.examined).sum(),
            matched: preview.kanalen.iter().map(|kanaal| kanaal.matched).sum(),
            warnings: warnings::of(selection),
            kanalen: preview.kanalen.iter().map(|kanaal| KanaalPreviewView::new(kanaal, selection)).collect(),
            matches: events(&preview.matches),
            misses: events(&preview.misses),
        }
    }
}

impl KanaalPreviewView {
    fn new(preview: &KanaalPreview, selection: &NativeSelection) -> Self {
        let missed = preview.missed.iter();
        Self {
            kanaal: preview.kanaal.to_string(),
            withheld: preview.withheld,
            examined: preview.examined,
            matched: preview.matched,
            missed: missed.map(|(part, count)| Missed { part: part_name(*part, selection), count: *count }).collect(),
        }
    }
}

impl PreviewedEventView {
    fn new(event: &PreviewedEvent, selection: &NativeSelection) -> Self {
        Self {
            id: event.id.clone(),
            source: event.source.clone(),
            kind: event.kind.clone(),
            subject: event.subject.clone(),
            kanaal: event.kanaal.to_string(),
            accepted: event.accepted.to_rfc3339(),
            part: event.failing.map(|part| part_name(part, selection)),
        }
    }
}

/// A criterion as the member of the selection.
fn part_name(criterion: Criterion, selection: &NativeSelection) -> String {
    match criterion {
        Criterion::Kanaal => "config.kanalen".to_owned(),
        Criterion::PublishedAs => "config.born".to_owned(),
        Criterion::Type => "types".to_owned(),
        Criterion::Source => "source".to_owned(),
        Criterion::Filter(at) => format!("filters[{at}]"),
        Criterion::Kenmerk(at) => {
            let key = selection.kenmerken.0.get(at).map(|pair| pair.key.as_str());
            format!("config.kenmerken.{}", key.unwrap_or_default())
        }
    }
}
