//! Reads a secret from a text file that an editor may have saved with a byte order mark. It trims nothing: callers decide
//! which white space belongs to a secret.

use std::{io, path::Path};

/// The byte order mark of UTF-8, which is never part of a secret.
const BOM: &str = "\u{feff}";

/// The text of a file, without a byte order mark.
///
/// # Errors
/// Of the file system, and for a file that is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    let text = String::from_utf8(std::fs::read(path)?);
    let mut text =
        text.map_err(|_| io::Error::other("it is not UTF-8 text; save it as plain text (ASCII or UTF-8)"))?;
    if text.starts_with(BOM) {
        text.drain(..BOM.len());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f6_a_byte_order_mark_is_no_part_of_a_secret() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        for (bytes, text) in [
            (&b"geheim\n"[..], Some("geheim\n")),
            (b"\xef\xbb\xbfgeheim", Some("geheim")),
            (b"", Some("")),
            (b"\xff\xfeg\0e\0", None),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let read = read_text(&path).map_err(|error| error.to_string());
            match text {
                Some(text) => assert_eq!(read.as_deref(), Ok(text)),
                None => assert!(read.unwrap_err().contains("UTF-8")),
            }
        }
    }
}
