//! Changes a stored event in the file of a stopped gateway: one byte of its payload. Not when that happens, nor what the gateway makes of
//! it.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::workspace::Failure;

/// The header with the id in a stored record, as its name.
const ID: &[u8] = b"ce_id";
/// How the payload of every posted event begins; what follows may be any letter.
const PAYLOAD: &[u8] = b"\"opvulling\":\"";
/// The payload begins within so many bytes behind the id.
const REACH: usize = 1_500;

/// Changes a byte of one of the events in the file, but not of those that were changed before: the one that `pick` chooses. Returns its
/// id; `None` when there is no such event, or when the file has a write-ahead log, in which a changed byte would end the log.
pub fn change(file: &Path, pick: u64, changed: &BTreeSet<String>) -> Result<Option<String>, Failure> {
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    let log = file.with_file_name(format!("{}-wal", file.file_name().unwrap_or_default().to_string_lossy()));
    if log.metadata().is_ok_and(|log| log.len() > 0) {
        return Ok(None);
    }
    let content = std::fs::read(file).map_err(failed)?;
    let mut found = list(&content);
    found.retain(|(id, _)| !changed.contains(id));
    let Some(last) = (found.len() as u64).checked_sub(1) else { return Ok(None) };
    let (id, at) = found.swap_remove((pick % (last + 1)) as usize);
    let byte = content[at] ^ 1;
    let opened = File::options().write(true).open(file).map_err(failed)?;
    opened.write_all_at(&[byte], at as u64).and_then(|()| opened.sync_all()).map_err(failed)?;
    Ok(Some(id))
}

/// The ids of the events in a file, each with the place of a letter of its payload.
fn list(content: &[u8]) -> Vec<(String, usize)> {
    let ids: Vec<usize> = memchr_all(content, ID);
    let mut found = Vec::new();
    for (number, start) in ids.iter().enumerate() {
        // A byte with the length of the value, then the value.
        let value = start + ID.len() + 1;
        let Some(length) = content.get(value - 1).map(|length| usize::from(*length)) else { continue };
        let id = content.get(value..value + length).and_then(|id| std::str::from_utf8(id).ok());
        let Some(id) = id.filter(|id| id.starts_with('p') && !id.contains(char::is_whitespace)) else { continue };
        // Up to the next record.
        let end = ids.get(number + 1).copied().unwrap_or(content.len()).min(value + REACH).min(content.len());
        if let Some(place) = memchr_all(&content[value..end], PAYLOAD).first() {
            let letter = value + place + PAYLOAD.len();
            if content.get(letter) == Some(&b'x') {
                found.push((id.to_owned(), letter));
            }
        }
    }
    found
}

/// Every place of a text.
fn memchr_all(content: &[u8], text: &[u8]) -> Vec<usize> {
    (0..content.len().saturating_sub(text.len() - 1)).filter(|at| content[*at..].starts_with(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, payload: &str) -> Vec<u8> {
        let mut bytes = b"\x05ce_id".to_vec();
        bytes.push(id.len() as u8);
        bytes.extend(id.as_bytes());
        bytes.extend(format!("\x07ce_typeabcdefg{payload}").as_bytes());
        bytes
    }

    #[test]
    fn one_letter_of_the_payload_of_one_event_is_changed() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("gateway.sqlite");
        let payload = "{\"opvulling\":\"xxxx\"}";
        let content =
            [record("p0-1", payload), record("other", payload), record("p1-2", "{}"), record("p2-3-4", payload)];
        std::fs::write(&file, content.concat()).expect("written");
        let mut changed = BTreeSet::new();
        for pick in [7, 6] {
            let id = change(&file, pick, &changed).expect("it is changed").expect("there is one");
            assert!(changed.insert(id));
        }
        assert_eq!(changed.iter().collect::<Vec<_>>(), ["p0-1", "p2-3-4"]);
        assert_eq!(change(&file, 0, &changed), Ok(None), "there is no other");
        let now = std::fs::read(&file).expect("read");
        let differing = now.iter().zip(content.concat()).filter(|(now, before)| *now != before).count();
        assert_eq!((now.len(), differing), (content.concat().len(), 2));
        std::fs::write(directory.path().join("gateway.sqlite-wal"), "a frame").expect("written");
        assert_eq!(change(&file, 0, &BTreeSet::new()), Ok(None), "a write-ahead log is left alone");
    }
}
