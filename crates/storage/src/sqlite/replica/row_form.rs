//! The stored form of a row: the key is the name of its table, a zero byte and the columns of the primary key; the value is a version
//! and all columns in the order of the table. A table that got columns later has them at the end, so rows from before have fewer.

use rusqlite::types::Value;

use crate::Error;

/// The version of this form.
const VERSION: u8 = 1;

const NULL: u8 = 0;
const INTEGER: u8 = 1;
const REAL: u8 = 2;
const TEXT: u8 = 3;
const BLOB: u8 = 4;

/// The key of a row.
pub(super) fn key(table: &str, columns: &[Value]) -> Vec<u8> {
    let mut form = table.as_bytes().to_vec();
    form.push(0);
    for column in columns {
        write(&mut form, column);
    }
    form
}

/// The value of a row.
pub(super) fn value(columns: &[Value]) -> Vec<u8> {
    let mut form = vec![VERSION];
    for column in columns {
        write(&mut form, column);
    }
    form
}

/// The table and the columns of a key.
pub(super) fn read_key(form: &[u8]) -> Result<(&str, Vec<Value>), Error> {
    let end = form.iter().position(|byte| *byte == 0).ok_or_else(|| corrupt("its key has no table"))?;
    let table = std::str::from_utf8(&form[..end]).map_err(|_| corrupt("its table is not text"))?;
    Ok((table, read(&form[end + 1..])?))
}

/// The columns of a value.
///
/// # Errors
/// `NewerVersion`, `Corrupt`.
pub(super) fn read_value(form: &[u8]) -> Result<Vec<Value>, Error> {
    match form.split_first() {
        Some((&VERSION, columns)) => read(columns),
        Some((version, _)) if *version > VERSION => {
            Err(Error::NewerVersion { kind: "row", found: (*version).into(), known: VERSION.into() })
        }
        _ => Err(corrupt("it has no version")),
    }
}

/// A row has a table or columns that this program does not know.
pub(super) fn newer() -> Error {
    Error::NewerVersion { kind: "row", found: u32::from(VERSION) + 1, known: VERSION.into() }
}

pub(super) fn corrupt(reason: &str) -> Error {
    Error::Corrupt { kind: "row", reason: reason.into() }
}

fn write(form: &mut Vec<u8>, column: &Value) {
    let mut bytes = |kind, bytes: &[u8]| {
        form.push(kind);
        form.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
        form.extend_from_slice(bytes);
    };
    match column {
        Value::Text(text) => bytes(TEXT, text.as_bytes()),
        Value::Blob(blob) => bytes(BLOB, blob),
        Value::Null => form.push(NULL),
        Value::Integer(number) => {
            form.push(INTEGER);
            form.extend_from_slice(&number.to_be_bytes());
        }
        Value::Real(number) => {
            form.push(REAL);
            form.extend_from_slice(&number.to_be_bytes());
        }
    }
}

fn read(mut form: &[u8]) -> Result<Vec<Value>, Error> {
    let mut columns = Vec::new();
    while let Some((kind, rest)) = form.split_first() {
        form = rest;
        columns.push(match *kind {
            NULL => Value::Null,
            INTEGER => Value::Integer(i64::from_be_bytes(fixed(&mut form)?)),
            REAL => Value::Real(f64::from_be_bytes(fixed(&mut form)?)),
            TEXT => {
                let text = String::from_utf8(sized(&mut form)?.to_vec());
                Value::Text(text.map_err(|_| corrupt("a column is not text"))?)
            }
            BLOB => Value::Blob(sized(&mut form)?.to_vec()),
            _ => return Err(corrupt("a column has no kind that is known")),
        });
    }
    Ok(columns)
}

fn fixed<const N: usize>(form: &mut &[u8]) -> Result<[u8; N], Error> {
    let (bytes, rest) = form.split_first_chunk::<N>().ok_or_else(|| corrupt("it ends within a column"))?;
    *form = rest;
    Ok(*bytes)
}

fn sized<'a>(form: &mut &'a [u8]) -> Result<&'a [u8], Error> {
    let length = u32::from_be_bytes(fixed(form)?) as usize;
    let (bytes, rest) = form.split_at_checked(length).ok_or_else(|| corrupt("it ends within a column"))?;
    *form = rest;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Value> {
        vec![
            Value::Null,
            Value::Integer(-7),
            Value::Text("caf\u{e9}".into()),
            Value::Blob(vec![0, 255]),
            Value::Real(1.5),
            Value::Text(String::new()),
        ]
    }

    #[test]
    fn rows_come_back_and_the_first_version_is_still_read() {
        assert_eq!(read_value(&value(&columns())).unwrap(), columns());
        let (table, key_columns) = (String::from("evidence"), columns());
        assert_eq!(read_key(&key(&table, &key_columns)).unwrap(), (&*table, key_columns));
        // Version 1: an integer, a text and a blob.
        let stored = [&[1, 1, 0, 0, 0, 0, 0, 0, 0, 9, 3, 0, 0, 0, 1][..], b"a", &[4, 0, 0, 0, 2, 1, 2, 0]].concat();
        let read = read_value(&stored).unwrap();
        assert_eq!(
            read,
            [Value::Integer(9), Value::Text("a".into()), Value::Blob(vec![1, 2]), Value::Null],
            "{read:?}"
        );
        assert_eq!(value(&read), stored);
    }

    #[test]
    fn what_is_damaged_or_newer_is_refused() {
        let whole = value(&columns());
        assert!(matches!(read_value(&[2, 0]), Err(Error::NewerVersion { found: 2, known: 1, .. })));
        for form in [&[][..], &[0, 0], &[1, 9], &[1, 3, 0, 0, 0, 9, b'a'], &[1, 1, 0], &whole[..whole.len() - 1]] {
            assert!(matches!(read_value(form), Err(Error::Corrupt { .. })), "{form:?}");
        }
        for form in [&b"name"[..], &[255, 0], b"name\0\x03"] {
            assert!(matches!(read_key(form), Err(Error::Corrupt { .. })), "{form:?}");
        }
    }
}
