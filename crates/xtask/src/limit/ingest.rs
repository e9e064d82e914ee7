//! The bare limit of taking events in: an HTTP server that keeps nothing, and one that keeps the bytes in SQLite with
//! the same durability as the gateway's embedded log, and nothing else of what a gateway does.

use std::path::Path;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::any;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::workspace::Failure;

/// The most bodies in one commit, and the most that wait for the writer.
const GROUP: usize = 512;
const QUEUE: usize = 4096;

/// A body, and the sender that reports that it is on disk.
type Entry = (Bytes, oneshot::Sender<()>);

pub fn null() -> Router {
    Router::new().fallback(any(async |_: Bytes| StatusCode::NO_CONTENT))
}

pub fn sqlite(file: &Path) -> Result<Router, Failure> {
    let database = open(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let (sender, receiver) = mpsc::channel(QUEUE);
    std::thread::spawn(move || {
        if let Err(error) = write(&database, receiver) {
            eprintln!("limit: writer stopped: {error}");
        }
    });
    Ok(Router::new().fallback(any(store)).with_state(sender))
}

async fn store(State(writer): State<mpsc::Sender<Entry>>, body: Bytes) -> StatusCode {
    let (sender, durable) = oneshot::channel();
    if writer.send((body, sender)).await.is_ok() && durable.await.is_ok() {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

fn open(file: &Path) -> rusqlite::Result<Connection> {
    let database = Connection::open(file)?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE IF NOT EXISTS bodies (position INTEGER PRIMARY KEY, body BLOB NOT NULL);",
    )?;
    Ok(database)
}

/// Writes the waiting bodies, at most a group, in one transaction; answers after the commit.
fn write(database: &Connection, mut receiver: mpsc::Receiver<Entry>) -> rusqlite::Result<()> {
    let mut waiting = Vec::with_capacity(GROUP);
    while let Some(first) = receiver.blocking_recv() {
        let transaction = database.unchecked_transaction()?;
        let mut insert = transaction.prepare_cached("INSERT INTO bodies (body) VALUES (?1)")?;
        let mut next = Some(first);
        while let Some((body, sender)) = next {
            insert.execute([&body[..]])?;
            waiting.push(sender);
            next = if waiting.len() < GROUP { receiver.try_recv().ok() } else { None };
        }
        drop(insert);
        transaction.commit()?;
        for sender in waiting.drain(..) {
            // Fails only when the client has disconnected.
            let _ = sender.send(());
        }
    }
    Ok(())
}
