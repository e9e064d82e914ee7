//! The inbox in the embedded file: which rows it has when there are very many people.

use std::sync::Arc;

use model::{
    Mark, Partition, Position, Timestamp,
    addressee::{Digest, EventReference},
    inbox::{Change, MessageId, NewMessage},
    mailing::FollowedTo,
};
use rusqlite::Connection;
use storage::{Inbox, sqlite::SqliteAudience, suite::sample};
use uuid::Uuid;

use super::audience::{FILE, open};

/// People who look at the message, and how many of them read it.
const PEOPLE: i64 = 100_000;
const READERS: i64 = 1_000;

const UNDO: std::time::Duration = std::time::Duration::from_secs(100);

fn person(number: i64) -> Digest {
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&number.to_be_bytes());
    Digest(digest)
}

/// The rows of messages and of states.
fn rows(dir: &std::path::Path) -> (i64, i64) {
    let file = Connection::open(dir.join(FILE)).expect("the file");
    let count =
        |table| file.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("a count");
    (count("inbox_message"), count("inbox_state"))
}

async fn read(inbox: Arc<SqliteAudience>, number: i64, id: MessageId, now: Timestamp) {
    let changed = inbox.change(person(number), id, Change::Read, now, UNDO).await.expect("stored");
    changed.expect("a message").expect("changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_for_a_hundred_thousand_people_is_one_row_and_one_for_each_reader_ch_13() {
    let dir = tempfile::tempdir().expect("a directory");
    let (inbox, now) = (open(dir.path()), Timestamp::from_seconds(1_700_000_000));
    let (id, kanaal) = (MessageId(Uuid::from_u128(1)), sample::name("berichten"));
    let message = NewMessage {
        id,
        event: EventReference { kanaal: kanaal.clone(), source: "urn:a".into(), id: "1".into() },
        partition: Partition(0),
        position: Position(0),
        person: None,
        due: now,
        expires: None,
    };
    let followed = FollowedTo { partition: Partition(0), mark: Mark(1) };
    assert_eq!(inbox.add(&kanaal, followed, vec![message], now).await.expect("added"), 1);
    for number in 0..PEOPLE {
        assert_eq!(inbox.page(person(number), None, 10).await.expect("read").len(), 1);
    }
    assert_eq!(rows(dir.path()), (1, 0));
    let mut readers = tokio::task::JoinSet::new();
    for number in 0..READERS {
        readers.spawn(read(Arc::clone(&inbox), number, id, now));
    }
    while let Some(read) = readers.join_next().await {
        read.expect("it is read");
    }
    assert_eq!(rows(dir.path()), (1, READERS));
}
