//! The nodes: this one with its disk, memory and what waits in it, and others as far as they are known.

use askama::Template;
use axum::extract::State;
use management::nodes::Nodes;

use crate::{
    Console, View, curl,
    page::{PageResult, page},
    pages::lag::{self, LagRow},
    refresh::Refresh,
};

/// The path of the page.
pub const PATH: &str = "/beheer/systeem";

/// The share of the disk below which its free space is low: one in this number.
const LOW: u64 = 10;

/// Most partitions in the table.
const PARTITIONS: usize = 20;

#[derive(Template)]
#[template(path = "system.html")]
struct System<'a> {
    view: &'a View,
    nodes: Nodes,
    disk_is_low: bool,
    /// The partitions that are furthest behind.
    lags: Vec<LagRow>,
    refresh: Refresh,
    curl: String,
}

impl System<'_> {
    /// Numbers of shards as text.
    fn shards(&self, shards: &[u32]) -> String {
        if shards.is_empty() {
            return self.view.text.common.none.to_owned();
        }
        shards.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
    }
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let nodes = console.management.list_nodes().await;
    let disk_is_low = nodes.own.facts.disk.is_some_and(|disk| disk.free < disk.size / LOW);
    let lags = lag::rows(&view, console.management.slowest_partitions(PARTITIONS));
    let curl = curl::command(&view, "/v1/nodes", &[]);
    page(&System { refresh: Refresh::of(&view), curl, lags, nodes, disk_is_low, view: &view })
}
