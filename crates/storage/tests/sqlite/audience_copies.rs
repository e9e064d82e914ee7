//! The file with addressees in backups, restores and compactions: what people did is in them, and what was erased is not.

use std::{os::unix::fs::PermissionsExt, path::Path};

use model::{
    Timestamp,
    addressee::{Digest, Message},
};
use storage::{
    Audience,
    audience::{Outgoing, OutgoingId, Put},
    sqlite::{backup, compact, restore, verify},
    suite::audience::{address, addressee},
};
use uuid::Uuid;

use crate::audience::{FILE, open};

fn digest_of(number: u128) -> Digest {
    addressee(number, "weg").digest
}

/// Stores addressees 0 to 49 with a due message for each, and erases the first ten of them.
async fn fill(audience: &dyn Audience) {
    let puts = (0..50).map(|number| {
        let id = OutgoingId(Uuid::from_u128(number));
        let (secret, created) = (Some(address(number + 1_000)), Timestamp::from_seconds(number as i64));
        Put::new(addressee(number, "weg")).with_due(Outgoing {
            id,
            message: Message::AlreadySubscribed,
            secret,
            created,
        })
    });
    audience.put(puts.collect()).await.expect("stored");
    for number in 0..10 {
        audience.erase(digest_of(number), Timestamp::from_seconds(100)).await.expect("erased");
    }
}

/// The directory opens without a notice, has what was not erased, and no byte of what was.
async fn has_the_rest(dir: &Path) {
    let findings = verify(dir).expect("findings");
    assert!(findings.iter().all(|finding| finding.good), "{findings:?}");
    assert!(findings.iter().any(|finding| finding.text == "due messages: 40"), "{findings:?}");
    let mode = std::fs::metadata(dir.join(FILE)).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let bytes = std::fs::read(dir.join(FILE)).expect("read");
    let audience = open(dir);
    assert_eq!(audience.notices(), []);
    let due = audience.outbox(Timestamp::from_seconds(200), 1_000).await.expect("an outbox");
    assert_eq!(due.len(), 40);
    for number in 0..50 {
        let found = audience.of_address(digest_of(number)).await.expect("read").remove(0).addressee;
        assert_eq!(found.address, (number >= 10).then(|| address(number)));
        for sealed in [address(number), address(number + 1_000)] {
            let is_there = memchr::memmem::find(&bytes, &sealed.ciphertext).is_some();
            assert_eq!(is_there, number >= 10, "{number}");
        }
    }
}

#[tokio::test]
async fn a_backup_of_a_store_in_use_has_the_addressees_ch_135() {
    let above = tempfile::tempdir().expect("a directory");
    let [data, copy, restored] = ["data", "copy", "restored"].map(|name| above.path().join(name));
    let audience = open(&data);
    fill(&*audience).await;
    backup(&data, &copy).expect("a backup");
    restore(&copy, &restored).expect("restored");
    has_the_rest(&restored).await;
    has_the_rest(&copy).await;
    drop(audience);
    // A file with addressees alone is a store as well.
    let alone = above.path().join("alone");
    std::fs::create_dir(&alone).expect("a directory");
    std::fs::copy(copy.join(FILE), alone.join(FILE)).expect("a copy");
    backup(&data, &alone).expect_err("it would overwrite addressees");
    restore(&copy, &alone).expect_err("it would overwrite addressees");
}

#[tokio::test]
async fn compact_keeps_the_addressees_ch_135() {
    let dir = tempfile::tempdir().expect("a directory");
    let audience = open(dir.path());
    fill(&*audience).await;
    drop(audience);
    let done = compact(dir.path()).expect("compacted");
    assert!(done.iter().any(|file| file.file.ends_with(FILE)), "{done:?}");
    has_the_rest(dir.path()).await;
}
