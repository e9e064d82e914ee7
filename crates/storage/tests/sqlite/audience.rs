//! The contract suite of addressees on the embedded file, and what is special about that file: its mode, its size, and how it
//! belongs to its store.

use std::{os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use model::{
    Timestamp,
    addressee::{Addressee, Attributes, Channel, EndReason, Message, State},
    clock::ManualClock,
};
use rusqlite::Connection;
use storage::{
    Audience, Error, Mailings,
    audience::{Outgoing, OutgoingId, Purge, Put, Walk},
    sqlite::{Embedded, Notice, Options, SqliteAudience, verify},
    suite::{
        audience::{AudienceHarness, address, addressee},
        collected::{CollectedHarness, Ports},
        inbox::InboxHarness,
        mailings::MailingsHarness,
        replacements::{self, ReplacementsHarness},
        sample,
    },
};
use tempfile::TempDir;

pub const FILE: &str = "audience.db";

fn options() -> Options {
    let mut options = Options::new(Arc::new(ManualClock::new(Timestamp::from_seconds(1_700_000_000))));
    options.deadline = Duration::from_mins(1);
    options
}

pub fn open(dir: &Path) -> Arc<SqliteAudience> {
    Embedded::open(dir, options()).expect("the store opens").open_audience(&options()).expect("the audience opens")
}

struct InDirectory(TempDir);

#[async_trait]
impl AudienceHarness for InDirectory {
    async fn open(&mut self) -> Arc<dyn Audience> {
        open(self.0.path())
    }

    async fn close(&mut self, audience: Arc<dyn Audience>) {
        drop(audience);
    }

    async fn occurrences(&mut self, text: &str) -> usize {
        occurrences(self.0.path(), text.as_bytes())
    }
}

/// How often these bytes are in the files of a directory.
fn occurrences(dir: &Path, sought: &[u8]) -> usize {
    let entries = std::fs::read_dir(dir).expect("a directory");
    let count = |path: &Path| {
        let bytes = std::fs::read(path).expect("read");
        memchr::memmem::find_iter(&bytes, sought).count()
    };
    entries.map(|entry| count(&entry.expect("an entry").path())).sum()
}

/// The number of sealed addresses in the files of a directory.
fn sealed_addresses(dir: &Path) -> usize {
    occurrences(dir, b"sealed-address-")
}

struct MailingsInDirectory(TempDir);

#[async_trait]
impl MailingsHarness for MailingsInDirectory {
    async fn open(&mut self) -> Arc<dyn Mailings> {
        open(self.0.path())
    }

    async fn close(&mut self, mailings: Arc<dyn Mailings>) {
        drop(mailings);
    }
}

struct CollectedInDirectory(TempDir);

#[async_trait]
impl CollectedHarness for CollectedInDirectory {
    async fn open(&mut self) -> Ports {
        let store = open(self.0.path());
        (Arc::clone(&store) as Arc<dyn Audience>, store)
    }

    async fn close(&mut self, ports: Ports) {
        drop(ports);
    }
}

mod collected_suite {
    storage::collected_suite!(super::CollectedInDirectory(tempfile::tempdir().expect("a directory")));
}

struct ReplacementsInDirectory(TempDir);

#[async_trait]
impl ReplacementsHarness for ReplacementsInDirectory {
    async fn open(&mut self) -> replacements::Ports {
        let store = open(self.0.path());
        (Arc::clone(&store) as Arc<dyn Mailings>, store)
    }

    async fn close(&mut self, ports: replacements::Ports) {
        drop(ports);
    }
}

mod replacements_suite {
    storage::replacements_suite!(super::ReplacementsInDirectory(tempfile::tempdir().expect("a directory")));
}

struct InboxInDirectory(TempDir);

#[async_trait]
impl InboxHarness for InboxInDirectory {
    async fn open(&mut self) -> Arc<dyn storage::Inbox> {
        open(self.0.path())
    }

    async fn close(&mut self, inbox: Arc<dyn storage::Inbox>) {
        drop(inbox);
    }

    async fn occurrences(&mut self, bytes: &[u8]) -> usize {
        occurrences(self.0.path(), bytes)
    }
}

mod inbox_suite {
    storage::inbox_suite!(super::InboxInDirectory(tempfile::tempdir().expect("a directory")));
}

mod mailings_suite {
    storage::mailings_suite!(super::MailingsInDirectory(tempfile::tempdir().expect("a directory")));
}

mod suite {
    storage::audience_suite!(super::InDirectory(tempfile::tempdir().expect("a directory")));
}

async fn put(audience: &dyn Audience, numbers: impl Iterator<Item = u128>) {
    let puts = numbers.map(|number| Put::new(addressee(number, "weg")));
    audience.put(puts.collect()).await.expect("stored");
}

#[tokio::test]
async fn the_files_are_for_their_owner_only_ch_134() {
    let dir = tempfile::tempdir().expect("a directory");
    let audience = open(dir.path());
    put(&*audience, 0..10).await;
    for name in [FILE, "audience.db-wal", "audience.db-shm"] {
        let mode = std::fs::metadata(dir.path().join(name)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

/// A million rows take less than 300 MiB; so do 20,000 in proportion.
#[tokio::test]
async fn an_addressee_takes_at_most_300_bytes() {
    const ROWS: u128 = 20_000;
    let dir = tempfile::tempdir().expect("a directory");
    let audience = open(dir.path());
    for first in (0..ROWS).step_by(1_000) {
        put(&*audience, first..first + 1_000).await;
    }
    drop(audience);
    let bytes = std::fs::metadata(dir.path().join(FILE)).expect("a file").len();
    assert!(!dir.path().join("audience.db-wal").exists());
    let each = bytes / ROWS as u64;
    assert!(each <= 300, "{each} bytes each");
}

/// The findings of `verify` that are not good.
fn problems(dir: &Path) -> Vec<String> {
    let findings = verify(dir).expect("findings");
    assert!(findings.iter().any(|finding| finding.text.starts_with("addressees: ")), "{findings:?}");
    findings.into_iter().filter(|finding| !finding.good).map(|finding| finding.text).collect()
}

#[tokio::test]
async fn verify_examines_rows_counts_and_slots() {
    let dir = tempfile::tempdir().expect("a directory");
    let audience = open(dir.path());
    put(&*audience, 0..30).await;
    for number in 0..10 {
        audience.erase(addressee(number, "weg").digest, Timestamp::from_seconds(1)).await.expect("erased");
    }
    put(&*audience, 30..34).await;
    let due = Outgoing {
        id: OutgoingId(uuid::Uuid::from_u128(1)),
        message: Message::AlreadySubscribed,
        secret: Some(address(34)),
        created: Timestamp::from_seconds(1),
    };
    audience.put(vec![Put::new(addressee(34, "weg")).with_due(due)]).await.expect("stored");
    // Also while the store is open.
    assert_eq!(problems(dir.path()), Vec::<String>::new());
    drop(audience);
    let connection = Connection::open(dir.path().join(FILE)).expect("a file");
    for (sql, expected) in [
        ("UPDATE addressee SET version = version + 1 WHERE number = 20", "addressees: 35: 1 cannot be read"),
        ("UPDATE tally SET count = count + 1 WHERE state = 1", "counts of addressees: 2 differ"),
        ("UPDATE personal SET body = randomblob(length(body)) WHERE slot = (SELECT min(slot) FROM free_slot)", "slots"),
        ("UPDATE outgoing SET message = 3", "due messages: 1: 1 cannot be read"),
    ] {
        assert_eq!(connection.execute(sql, []).expect("written"), 1, "{sql}");
        let found = problems(dir.path());
        assert!(found.iter().any(|text| text.starts_with(expected)), "{expected}: {found:?}");
    }
}

#[tokio::test]
async fn a_damaged_row_is_passed_over_by_walks_and_can_be_erased() {
    let dir = tempfile::tempdir().expect("a directory");
    let audience = open(dir.path());
    put(&*audience, 0..100).await;
    drop(audience);
    let connection = Connection::open(dir.path().join(FILE)).expect("a file");
    let sql =
        "UPDATE personal SET body = CAST(substr(body, 1, 21) || x'00' || substr(body, 23) AS BLOB) WHERE slot = 7";
    let damaged = connection.execute(sql, []).expect("written");
    assert_eq!(damaged, 1);
    drop(connection);
    let audience = open(dir.path());
    let walk = Walk {
        kanaal: sample::name("weg"),
        channel: Channel::Email,
        after: None,
        state: None,
        filters: None,
        limit: 1_000,
    };
    let chunk = audience.walk(walk.clone()).await.expect("a chunk");
    assert_eq!((chunk.addressees.len(), chunk.damaged, chunk.next), (99, 1, None));
    let damaged = addressee(6, "weg");
    let error = audience.get(damaged.id).await.expect_err("damaged");
    assert!(error.to_string().contains("checksum"), "{error}");
    let erased = audience.erase(damaged.digest, Timestamp::from_seconds(1)).await.expect("erased");
    let chunk = audience.walk(walk).await.expect("a chunk");
    assert_eq!((erased, chunk.addressees.len(), chunk.damaged), (1, 100, 0));
}

#[tokio::test]
async fn a_file_of_another_store_is_refused() {
    let (dir, other) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    put(&*open(dir.path()), 0..10).await;
    drop(open(other.path()));
    std::fs::copy(dir.path().join(FILE), other.path().join(FILE)).expect("copied");
    let store = Embedded::open(other.path(), options()).expect("the store opens");
    let error = store.open_audience(&options()).expect_err("another store");
    assert!(matches!(&error, Error::Corrupt { reason, .. } if reason.contains("another store")), "{error}");
    // The same in a store without any: its addressees were left behind by one whose log is lost.
    drop(store);
    for name in ["gateway.sqlite", "journal.sqlite"] {
        std::fs::remove_file(other.path().join(name)).expect("removed");
    }
    let store = Embedded::open(other.path(), options()).expect("the store opens");
    assert!(matches!(store.open_audience(&options()), Err(Error::Corrupt { .. })));
}

#[tokio::test]
async fn an_older_copy_of_either_file_still_belongs_to_the_store() {
    let (dir, copies) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let names = [FILE, "gateway.sqlite"];
    put(&*open(dir.path()), 0..10).await;
    for name in names {
        std::fs::copy(dir.path().join(name), copies.path().join(name)).expect("copied");
    }
    for name in names {
        drop(open(dir.path()));
        put(&*open(dir.path()), std::iter::empty()).await;
        std::fs::copy(copies.path().join(name), dir.path().join(name)).expect("copied");
        let audience = open(dir.path());
        assert_eq!(audience.notices(), []);
        assert!(audience.get(addressee(3, "weg").id).await.expect("read").is_some());
        drop(audience);
    }
}

#[tokio::test]
async fn a_copy_without_its_write_ahead_log_is_noticed() {
    let (dir, copy) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let audience = open(dir.path());
    put(&*audience, 0..10).await;
    std::fs::copy(dir.path().join(FILE), copy.path().join(FILE)).expect("copied");
    drop(audience);
    std::fs::copy(copy.path().join(FILE), dir.path().join(FILE)).expect("copied");
    let audience = open(dir.path());
    assert_eq!(audience.notices(), [Notice::AudienceNotClosed]);
    drop(audience);
    assert_eq!(open(dir.path()).notices(), []);
}

#[tokio::test]
async fn addressees_that_are_missing_are_noticed() {
    let dir = tempfile::tempdir().expect("a directory");
    put(&*open(dir.path()), 0..10).await;
    let connection = Connection::open(dir.path().join(FILE)).expect("a file");
    connection.execute("UPDATE tally SET count = 7", []).expect("written");
    drop(connection);
    assert_eq!(open(dir.path()).notices(), [Notice::AddresseesMissing { missing: 3 }]);
}

/// The reason of a failure is about the file, never about a person.
#[tokio::test]
async fn errors_have_no_personal_data_ch_134() {
    let dir = tempfile::tempdir().expect("a directory");
    let audience = open(dir.path());
    put(&*audience, 0..2).await;
    std::fs::rename(dir.path().join(FILE), dir.path().join("gone")).expect("moved");
    let changed = Put::new(addressee(3, "weg"));
    let text = format!("{:?}", audience.put(vec![changed]).await.expect_err("the file is gone"));
    let sealed = String::from_utf8(address(3).ciphertext).expect("a text");
    assert!(text.contains(FILE) && !text.contains(&sealed) && !text.contains("postcode"), "{text}");
}

/// SQLite moves rows between pages and leaves copies in the unused parts of pages. After many rows were stored, changed,
/// lengthened, shortened and removed in any order, the files nevertheless have one address for each addressee, and no other.
#[tokio::test]
async fn files_have_no_copies_of_addresses_ch_135() {
    const PEOPLE: u64 = 1_500;
    let dir = tempfile::tempdir().expect("a directory");
    let audience = open(dir.path());
    for first in (0..PEOPLE).step_by(100) {
        put(&*audience, (first..first + 100).map(u128::from)).await;
    }
    // Pseudo-random numbers, the same in each run.
    let mut random = 12_345_u64;
    let mut below = |limit: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % limit
    };
    let id = |number: u64| addressee(number.into(), "weg").id;
    let mut erased = 0;
    for round in 0..200_u64 {
        let first = below(PEOPLE - 20);
        let mut puts = Vec::new();
        for number in first..first + 20 {
            let stored = audience.get(id(number)).await.expect("read").expect("an addressee");
            if stored.addressee.address.is_none() {
                continue;
            }
            let mut changed = stored.addressee.clone();
            let text = format!("{{\"a\":\"{}\"}}", "x".repeat(below(400) as usize));
            changed.attributes = Attributes::new(text).expect("attributes");
            if below(3) == 0 {
                changed.address = Some(address(u128::from(10_000 + round * 20 + number - first)));
            }
            puts.push(stored.change(changed));
        }
        audience.put(puts).await.expect("stored");
        if round % 4 == 0 {
            let digest = addressee(below(PEOPLE).into(), "weg").digest;
            erased += audience.erase(digest, Timestamp::from_seconds(1_800_000_000)).await.expect("erased");
        }
        if round % 50 == 49 {
            let purge = Purge::Ended { before: Timestamp::from_seconds(1_700_000_000) };
            let gone = (50_000 + round * 100..50_000 + round * 100 + 100).map(|number| {
                let state = State::Ended { at: Timestamp::from_seconds(1), reason: EndReason::Complaint };
                Put::new(Addressee { state, ..addressee(number.into(), "weg") })
            });
            audience.put(gone.collect()).await.expect("stored");
            assert_eq!(audience.purge(purge, 1_000).await.expect("purged"), 100);
        }
    }
    // The last write of all empties the write-ahead log, which has earlier pages.
    erased += audience.erase(addressee(3, "weg").digest, Timestamp::from_seconds(1_800_000_000)).await.expect("erased");
    assert!(erased > 20, "{erased}");
    assert_eq!(sealed_addresses(dir.path()), (PEOPLE - erased) as usize);
}
