//! `GET /v1/nodes`: the nodes of the gateway, as far as the node that answers knows them.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::nodes::{Nodes, OtherNode, OwnNode};
use model::{KanaalName, Partition};
use serde::Serialize;
use utoipa::ToSchema;
use web::{
    accept,
    csv::{self, Form},
    problem::Problem,
};

use crate::{Api, list::Query};

/// The nodes that are known.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Nodes)]
#[serde(rename_all = "camelCase")]
pub struct NodesView {
    /// Whether these are all nodes.
    pub complete: bool,
    /// Why there may be others.
    pub remark: Option<String>,
    /// The node that answers, then others.
    pub results: Vec<NodeView>,
}

/// A node.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = Node)]
#[serde(rename_all = "camelCase")]
pub struct NodeView {
    /// The name of its machine and its port; of another node the id that Kafka knows it by.
    pub id: String,
    /// Whether it is the node that answers. Of other nodes only id, address and shards are known.
    pub answers: bool,
    /// Its address as the brokers see it; null for the node that answers.
    pub address: Option<String>,
    /// Its roles: `ingest`, `deliver`, `beheer`.
    pub roles: Option<Vec<&'static str>>,
    /// The version of the program.
    pub version: Option<&'static str>,
    /// `embedded` or `kafka`.
    pub store: Option<&'static str>,
    /// When it started.
    #[schema(format = "date-time")]
    pub started: Option<String>,
    /// The shards that it delivers.
    pub shards: Vec<u32>,
    /// The number of partitions that its shards read.
    pub partitions: Option<usize>,
    /// The partitions that are furthest behind, at most 20.
    pub slowest_partitions: Option<Vec<PartitionView>>,
    /// What waits in it.
    pub queues: Option<QueuesView>,
    /// Bytes that may still be written on the disk of its data directory.
    pub disk_free_bytes: Option<u64>,
    /// The size of that disk, in bytes.
    pub disk_size_bytes: Option<u64>,
    /// Memory in use, in bytes.
    pub memory_bytes: Option<u64>,
}

/// A partition that is behind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SlowPartition)]
#[serde(rename_all = "camelCase")]
pub struct PartitionView {
    /// Its kanaal.
    pub kanaal: String,
    /// Its number.
    pub partition: u32,
    /// Records that are not read yet.
    pub lag_events: u64,
}

/// What waits in a node.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NodeQueues)]
#[serde(rename_all = "camelCase")]
pub struct QueuesView {
    /// Requests to sinks under way.
    pub in_flight: u64,
    /// Deliveries that were read and are not settled.
    pub unsettled: u64,
    /// The age of the oldest of them, in seconds.
    pub oldest_unsettled_seconds: Option<u64>,
    /// Records that are not read yet.
    pub unread: u64,
    /// How long progress has waited to be stored, in seconds.
    pub checkpoint_age_seconds: u64,
    /// Entries of the journal that were lost since the start, because too many waited or the file is damaged.
    pub journal_lost: u64,
}

impl NodesView {
    fn new(nodes: Nodes) -> Self {
        let others = nodes.others.into_iter().map(NodeView::other);
        Self {
            complete: nodes.incomplete.is_none(),
            remark: nodes.incomplete,
            results: std::iter::once(NodeView::own(nodes.own)).chain(others).collect(),
        }
    }
}

impl NodeView {
    fn own(node: OwnNode) -> Self {
        let (facts, queues) = (node.facts, node.queues);
        let partition = |(kanaal, partition, lag_events): (KanaalName, Partition, u64)| PartitionView {
            kanaal: kanaal.to_string(),
            partition: partition.0,
            lag_events,
        };
        Self {
            id: facts.id,
            answers: true,
            address: None,
            roles: Some(facts.roles),
            version: Some(facts.version),
            store: Some(facts.store),
            started: Some(facts.started.to_rfc3339()),
            shards: node.shards,
            partitions: Some(node.partitions),
            slowest_partitions: Some(node.slowest.into_iter().map(partition).collect()),
            queues: Some(QueuesView {
                in_flight: queues.in_flight,
                unsettled: queues.unsettled,
                oldest_unsettled_seconds: queues.oldest_unsettled.map(|age| age.as_secs()),
                unread: queues.unread,
                checkpoint_age_seconds: queues.checkpoint_age.as_secs(),
                journal_lost: queues.journal_lost,
            }),
            disk_free_bytes: facts.disk.map(|disk| disk.free),
            disk_size_bytes: facts.disk.map(|disk| disk.size),
            memory_bytes: facts.memory,
        }
    }

    fn other(node: OtherNode) -> Self {
        Self { id: node.id, address: Some(node.host), shards: node.shards, ..Self::default() }
    }

    /// The columns of [`Self::cells`]. The slowest partitions are a list of their own.
    const COLUMNS: [&str; 18] = [
        "id",
        "answers",
        "address",
        "roles",
        "version",
        "store",
        "started",
        "shards",
        "partitions",
        "inFlight",
        "unsettled",
        "oldestUnsettledSeconds",
        "unread",
        "checkpointAgeSeconds",
        "journalLost",
        "diskFreeBytes",
        "diskSizeBytes",
        "memoryBytes",
    ];

    /// A row of the list as CSV.
    fn cells(self) -> csv::Row {
        let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let queues = self.queues.as_ref();
        let shards: Vec<String> = self.shards.iter().map(u32::to_string).collect();
        vec![
            self.id,
            self.answers.to_string(),
            self.address.unwrap_or_default(),
            self.roles.unwrap_or_default().join(" "),
            self.version.unwrap_or_default().to_owned(),
            self.store.unwrap_or_default().to_owned(),
            self.started.unwrap_or_default(),
            shards.join(" "),
            number(self.partitions.map(|partitions| partitions as u64)),
            number(queues.map(|queues| queues.in_flight)),
            number(queues.map(|queues| queues.unsettled)),
            number(queues.and_then(|queues| queues.oldest_unsettled_seconds)),
            number(queues.map(|queues| queues.unread)),
            number(queues.map(|queues| queues.checkpoint_age_seconds)),
            number(queues.map(|queues| queues.journal_lost)),
            number(self.disk_free_bytes),
            number(self.disk_size_bytes),
            number(self.memory_bytes),
        ]
    }
}

/// Lists the nodes of the gateway.
#[utoipa::path(
    get, path = "/v1/nodes", tag = "operations", operation_id = "listNodes",
    responses(
        (status = 200, description = "The nodes that are known", content((NodesView = "application/json"), (String = "text/csv"))),
    ),
)]
pub async fn handler(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    Query::read(&api, &headers, &uri, &[])?;
    let nodes = NodesView::new(api.management.list_nodes().await);
    if accept::prefers_csv(&headers) {
        let rows = nodes.results.into_iter().map(NodeView::cells);
        return csv::answer_rows(Form::Csv, "nodes", &NodeView::COLUMNS, rows).await;
    }
    Ok(Json(nodes).into_response())
}
