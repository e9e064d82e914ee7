//! `xtask limit`: the least any gateway can do on this machine, to measure the real one against in the same run.
//!
//! For comparison only: no validation, no authentication, no handling of failures. Servers print `listening on URL`.

mod ingest;
mod kafka;
mod push;
pub mod sink;
mod smtp;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use axum::Router;
use clap::Subcommand;
use tokio::net::TcpListener;

use crate::workspace::Failure;

pub use sink::consent;

#[derive(Subcommand)]
pub enum Mode {
    /// Read the body of a POST, keep nothing, answer 204
    IngestNull,
    /// Answer 204 once the body is in SQLite and synchronised to disk: one writer thread, commits in groups
    IngestSqlite { file: PathBuf },
    /// Answer 204 once all replicas have the body: idempotent producer, linger 1 ms, no compression
    IngestKafka { brokers: String, topic: String },
    /// A subscriber that consents to everything and counts; GET answers the count
    Sink {
        /// Consent, and then never answer a POST
        #[arg(long)]
        hang: bool,
        /// Refuse requests with any other `Authorization`, as receivers of the Notificaties API must
        #[arg(long, value_name = "VALUE")]
        authorization: Option<String>,
        /// Listen on this port
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// POST bodies to a URL over a fixed number of connections and print the requests per second
    Push {
        url: String,
        #[arg(long, default_value_t = 100_000)]
        requests: u64,
        #[arg(long, default_value_t = 64)]
        connections: usize,
        #[arg(long, default_value_t = 500)]
        bytes: usize,
    },
    /// A relay that accepts every mail and counts; GET answers the counts and its port for SMTP
    SmtpRelay {
        /// Take mails on this port
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// Send mails to a port over a fixed number of connections and print the mails per second
    SmtpPush {
        port: u16,
        #[arg(long, default_value_t = 100_000)]
        mails: u64,
        #[arg(long, default_value_t = 10)]
        connections: usize,
        #[arg(long, default_value_t = 1_000)]
        bytes: usize,
    },
}

pub fn run(mode: &Mode) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("no runtime: {error}"))?;
    runtime.block_on(async {
        match mode {
            Mode::IngestNull => serve(ingest::null(), 0).await,
            Mode::IngestSqlite { file } => serve(ingest::sqlite(file)?, 0).await,
            Mode::IngestKafka { brokers, topic } => serve(kafka::router(brokers, topic).await?, 0).await,
            Mode::Sink { hang, authorization, port } => serve(sink::router(*hang, authorization.clone()), *port).await,
            Mode::SmtpRelay { port } => smtp::relay(*port).await,
            Mode::SmtpPush { port, mails, connections, bytes } => smtp::push(*port, *mails, *connections, *bytes).await,
            Mode::Push { url, requests, connections, bytes } => push::run(url, *requests, *connections, *bytes).await,
        }
    })
}

async fn serve(router: Router, port: u16) -> Result<(), Failure> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address).await.map_err(|error| format!("no port to listen on: {error}"))?;
    let address = listener.local_addr().map_err(|error| format!("no port to listen on: {error}"))?;
    println!("listening on http://{address}");
    axum::serve(listener, router).await.map_err(|error| format!("server: {error}"))
}
