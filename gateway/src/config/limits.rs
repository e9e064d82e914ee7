//! Section `[limits]`: bounds of what comes in, and of answers to it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Bounds of connections, requests and answers.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest body, in bytes (413).
    #[schema(minimum = 65536)]
    pub body_bytes: usize,
    /// Most events in one batch (400).
    #[schema(minimum = 1)]
    pub batch_events: usize,
    /// Most bytes of an attribute of a CloudEvent, name and value together (400).
    #[schema(minimum = 1024)]
    pub attribute_bytes: usize,
    /// Deepest nesting of JSON (400).
    #[schema(minimum = 8)]
    pub depth: usize,
    /// Most headers of a request (431).
    #[schema(minimum = 100)]
    pub headers: usize,
    /// Most bytes of names and values of all headers together (431).
    #[schema(minimum = 65536)]
    pub header_bytes: usize,
    /// Most events per second that one client may publish, in bursts of one second; each event of a batch counts (429). 0: no
    /// limit.
    pub requests_per_second: u32,
    /// How long a body may take to arrive, in seconds (408).
    #[schema(minimum = 1)]
    pub receive_seconds: u64,
    /// Most connections of a listener at the same time, and at most half of the files that the system lets the process open.
    /// When there are as many, the longest idle one is closed; when none is idle, new ones get 503, except for health.
    #[schema(minimum = 16)]
    pub connections: usize,
    /// Most connections of one address (IPv6: of a network of 64 bits); does not apply to `proxy.trusted`.
    #[schema(minimum = 1)]
    pub connections_per_address: usize,
    /// Connections that the system keeps until the gateway accepts them; the system may have a lower bound.
    #[schema(minimum = 1)]
    pub backlog: u32,
    /// From the acceptance of a connection to its first complete request head, TLS handshake included, in seconds.
    #[schema(minimum = 1)]
    pub first_request_seconds: u64,
    /// How long a connection may stay open without a request, in seconds.
    #[schema(minimum = 1)]
    pub idle_seconds: u64,
    /// How long a client may take to receive an answer, in seconds; one second more for each 16 KiB. Then its connection is
    /// closed.
    #[schema(minimum = 1)]
    pub answer_seconds: u64,
    /// Most bytes of answers that are not sent yet, of this node (503). A single answer may be larger.
    #[schema(minimum = 1048576)]
    pub answer_bytes: usize,
    /// Most bytes of answers that are not sent yet, of one connection (503). A single answer may be larger.
    #[schema(minimum = 65536)]
    pub answer_bytes_per_connection: usize,
    /// How long a published event may be expected to wait for its turn, in milliseconds, before new requests get 503. 0: no
    /// limit.
    pub queue_ms: u64,
    /// How long a change may wait until the embedded file has it, in seconds, before its request gets 503. On Kafka:
    /// `kafka.timeout_seconds`.
    #[schema(minimum = 1)]
    pub store_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1_048_576,
            batch_events: 1_000,
            attribute_bytes: 65_536,
            depth: 64,
            headers: 256,
            header_bytes: 131_072,
            requests_per_second: 1_000,
            receive_seconds: 30,
            connections: 4_096,
            connections_per_address: 512,
            backlog: 1_024,
            first_request_seconds: 15,
            idle_seconds: 75,
            answer_seconds: 30,
            answer_bytes: 67_108_864,
            answer_bytes_per_connection: 4_194_304,
            queue_ms: 500,
            store_seconds: 5,
        }
    }
}
