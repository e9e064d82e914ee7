//! `GET /v1/audit`: entries by actor, action, object, result and time, newest first.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::audit::{AuditQuery, Line, RecordedChange};
use model::audit::{Action, ObjectKind, Verdict};
use serde::Serialize;
use utoipa::ToSchema;
use web::{accept, audit::Unrecorded, audit_csv, auth::Caller, problem::Problem};

use crate::{
    Api,
    list::{List, Query},
};

/// Who did what, to which object, with which result.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
#[serde(rename_all = "camelCase")]
pub struct EntryView {
    /// When.
    #[schema(format = "date-time")]
    at: String,
    /// Who.
    actor: ActorView,
    /// From where.
    origin: OriginView,
    /// What was done, or attempted: `kanaal.create`, `token.refuse`.
    action: String,
    /// To what.
    object: ObjectView,
    /// `accepted`, `rejected` (the state did not allow it), `refused` (not allowed, or not valid) or `failed`.
    result: String,
    /// Why it was not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The members that changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<ChangeView>,
    /// Further objects that changed with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    touched: Vec<ObjectView>,
    /// How many attempts this entry is about.
    count: u64,
    /// The `instance` of the problem document that answered the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    /// The trace-id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    /// The place in the chain of hashes; absent for entries of early versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<ChainView>,
}

/// The actor of an entry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditActor)]
pub struct ActorView {
    /// `applicatie`, `person`, `configuration`, `gateway`, `unverified` (a token that was refused) or `unknown`.
    kind: String,
    /// The `client_id`, or issuer and subject of a person; empty for the others.
    id: String,
    /// The scopes at that moment.
    scopes: Vec<String>,
}

/// Where a request came from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditOrigin)]
pub struct OriginView {
    /// The address of the client.
    address: Option<String>,
    /// The node that took the request.
    node: String,
    /// `native`, `notificaties`, `console`, `portal`, `command-line` or `internal`.
    interface: String,
}

/// The object of an entry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditObject)]
pub struct ObjectView {
    /// The kind of object: `kanaal`, `subscription`.
    kind: String,
    /// Its name or id.
    id: String,
}

/// A member that changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditChange)]
pub struct ChangeView {
    /// The member.
    member: String,
    /// Whether the values are secret, so that only the change is recorded.
    hidden: bool,
    /// The value before, as text; null for none.
    before: Option<String>,
    /// The value after, as text; null for none.
    after: Option<String>,
}

/// The place of an entry in a chain of hashes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditChain)]
pub struct ChainView {
    /// The chain.
    id: String,
    /// The number in the chain, from 1.
    seq: u64,
    /// The hash of the entry before it.
    previous: String,
    /// Its own hash (SHA-256).
    hash: String,
    /// Whether that is the hash of the stored line.
    intact: bool,
}

impl From<RecordedChange> for ChangeView {
    fn from(change: RecordedChange) -> Self {
        let RecordedChange { member, hidden, before, after } = change;
        Self { member, hidden, before, after }
    }
}

impl From<Line> for EntryView {
    fn from(line: Line) -> Self {
        let record = line.record;
        Self {
            at: record.at.to_rfc3339(),
            actor: ActorView { kind: record.actor_kind, id: record.actor_id, scopes: record.scopes },
            origin: OriginView { address: record.address, node: record.node, interface: record.interface },
            action: record.action,
            object: ObjectView { kind: record.object_kind, id: record.object_id },
            result: record.result,
            reason: record.reason,
            changes: record.changes.into_iter().map(ChangeView::from).collect(),
            touched: record.touched.into_iter().map(|(kind, id)| ObjectView { kind, id }).collect(),
            count: record.count,
            request: record.request.map(|id| format!("urn:uuid:{id}")),
            trace: record.trace,
            chain: record.link.map(|link| ChainView {
                id: link.chain,
                seq: link.seq,
                previous: link.previous,
                hash: link.hash,
                intact: link.is_intact,
            }),
        }
    }
}

/// Lists entries of the audit trail.
///
/// The list as CSV is an export, which the trail records as one.
#[utoipa::path(
    get, path = "/v1/audit", tag = "audit", operation_id = "listAuditEntries",
    params(
        ("actor" = Option<String>, Query, description = "Only of this actor: its id, or its kind when it has no id"),
        ("action" = Option<String>, Query, description = "Only this action, or all that begin with this word: `kanaal`"),
        ("objectKind" = Option<String>, Query, description = "Only about this kind of object"),
        ("object" = Option<String>, Query, description = "Only about the object with this name or id"),
        ("result" = Option<String>, Query, description = "Only with this result"),
        ("from" = Option<String>, Query, description = "Only at or after this moment"),
        ("until" = Option<String>, Query, description = "Only before this moment"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses(
        (status = 200, description = "A page", content((List<EntryView> = "application/json"), (String = "text/csv"))),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let names = ["actor", "action", "objectKind", "object", "result", "from", "until", "page", "pageSize"];
    let query = Query::read(&api, &headers, &uri, &names)?;
    let paging = query.paging()?;
    let text = |name: &str| query.text(name).map(str::to_owned);
    let action = query.typed("action", "must be an action, or the word before its dot", |text| {
        let is_known = |action: Action| {
            let label = action.label();
            label == text || label.split_once('.').is_some_and(|(group, _)| group == text)
        };
        Action::ALL.into_iter().any(is_known).then(|| text.to_owned())
    })?;
    let wanted = AuditQuery {
        actor: text("actor"),
        action,
        object: text("object"),
        object_kind: query.typed("objectKind", "must be a kind of object", |text| {
            ObjectKind::from_label(text).map(|kind| kind.label().to_owned())
        })?,
        result: query.typed("result", "must be accepted, rejected, refused or failed", |text| {
            Verdict::LABELS.contains(&text).then(|| text.to_owned())
        })?,
        from: query.timestamp("from")?,
        until: query.timestamp("until")?,
    };
    let actor = caller.actor();
    if accept::prefers_csv(&headers) {
        let export = api.management.export_audit(&actor, wanted, "csv").await?;
        let mut response = audit_csv::answer("audit", export).await?;
        response.extensions_mut().insert(Unrecorded);
        return Ok(response);
    }
    let lines = api.management.list_audit(&actor, &wanted, paging.rows()).await?;
    Ok(Json(query.list(paging, lines.into_iter().map(EntryView::from).collect(), None)).into_response())
}
