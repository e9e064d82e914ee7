//! Pages of a list of the journal of which the actor may see only some rows.
//!
//! The journal knows no owners, so rows are read in order and those that the actor may see are counted. The work and the
//! bytes of a page are bounded: a list that needs more is refused and must be narrowed.

use std::future::Future;

use storage::journal::{MAX_PAGE_BYTES, Page, RowBytes};

use crate::Error;

/// Rows of one read, at first and at least; long rows are read in smaller steps.
const CHUNK: u32 = 1_000;
const MIN_CHUNK: u32 = 8;
/// Most rows read for one page.
const MAX_ROWS: u64 = 20_000;

/// The error for a page whose rows are too long, or any other error of the journal.
pub(crate) fn page_error(error: storage::Error) -> Error {
    match error {
        storage::Error::TooLarge { limit, .. } => Error::TooBroad(format!(
            "The rows of this page have more than {limit} bytes; ask for fewer with a smaller pageSize."
        )),
        other => other.into(),
    }
}

/// The rows of `page` among those that `keep` keeps. `fetch` returns rows in order.
///
/// # Errors
/// [`Error::TooBroad`] when the page is not complete after 20,000 rows, or has more than [`MAX_PAGE_BYTES`].
pub(crate) async fn page<T, F, K, Fetching, Keeping>(page: Page, fetch: F, keep: K) -> Result<Vec<T>, Error>
where
    T: RowBytes,
    F: Fn(Page) -> Fetching,
    Fetching: Future<Output = Result<Vec<T>, storage::Error>>,
    K: Fn(T) -> Keeping,
    Keeping: Future<Output = Result<Option<T>, Error>>,
{
    match part(page, 0, fetch, keep, |_| {}).await? {
        (rows, true) => Ok(rows),
        (_, false) => Err(too_many()),
    }
}

/// The error for a page that is not complete after the most rows that are looked at.
pub(crate) fn too_many() -> Error {
    Error::TooBroad("Too many rows would have to be looked at; narrow the list by its query parameters.".to_owned())
}

/// The same from row `start` on, with whether the page is complete: it is not when 20,000 rows were looked at before. `seen` gets each
/// row that was looked at.
///
/// # Errors
/// [`Error::TooBroad`] when the page has more than [`MAX_PAGE_BYTES`].
pub(crate) async fn part<T, F, K, Fetching, Keeping>(
    page: Page,
    start: u64,
    fetch: F,
    keep: K,
    mut seen: impl FnMut(&T),
) -> Result<(Vec<T>, bool), Error>
where
    T: RowBytes,
    F: Fn(Page) -> Fetching,
    Fetching: Future<Output = Result<Vec<T>, storage::Error>>,
    K: Fn(T) -> Keeping,
    Keeping: Future<Output = Result<Option<T>, Error>>,
{
    let (mut skip, mut bytes) = (page.offset, 0);
    let mut rows = Vec::new();
    let (mut offset, mut limit) = (start, CHUNK);
    while offset < start + MAX_ROWS {
        let read = match fetch(Page { offset, limit }).await {
            Err(storage::Error::TooLarge { .. }) if limit > MIN_CHUNK => {
                limit = (limit / 4).max(MIN_CHUNK);
                continue;
            }
            read => read.map_err(page_error)?,
        };
        let last = read.len() < limit as usize;
        offset += read.len() as u64;
        for row in read {
            seen(&row);
            let Some(row) = keep(row).await? else { continue };
            if skip > 0 {
                skip -= 1;
                continue;
            }
            bytes += row.bytes();
            if bytes > MAX_PAGE_BYTES && !rows.is_empty() {
                return Err(page_error(storage::Error::TooLarge { bytes, limit: MAX_PAGE_BYTES }));
            }
            rows.push(row);
            if rows.len() == page.limit as usize {
                return Ok((rows, true));
            }
        }
        if last {
            return Ok((rows, true));
        }
    }
    Ok((rows, false))
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::{page as scan, *};

    /// A row of a size.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct Row(u64, usize);

    impl RowBytes for Row {
        fn bytes(&self) -> usize {
            self.1
        }
    }

    /// The even ones of so many numbers, of a size each, in a journal that bounds its pages.
    async fn even_numbers(rows: u64, size: usize, page: Page) -> Result<Vec<u64>, Error> {
        let fetch = |chunk: Page| {
            let end = (chunk.offset + u64::from(chunk.limit)).min(rows);
            let read: Vec<Row> = (chunk.offset..end).map(|number| Row(number, size)).collect();
            let bytes = read.len() * size;
            let fits = bytes <= MAX_PAGE_BYTES || read.len() < 2;
            ready(if fits { Ok(read) } else { Err(storage::Error::TooLarge { bytes, limit: MAX_PAGE_BYTES }) })
        };
        let kept = scan(page, fetch, |row| ready(Ok((row.0 % 2 == 0).then_some(row)))).await?;
        Ok(kept.into_iter().map(|row| row.0).collect())
    }

    #[tokio::test]
    async fn pages_hold_kept_rows_only() {
        assert_eq!(even_numbers(10, 1, Page { offset: 1, limit: 3 }).await.unwrap(), [2, 4, 6]);
        assert_eq!(even_numbers(10, 1, Page { offset: 4, limit: 3 }).await.unwrap(), [8]);
        assert_eq!(even_numbers(0, 1, Page { offset: 0, limit: 3 }).await.unwrap(), Vec::<u64>::new());
        let second_chunk = even_numbers(3_000, 1, Page { offset: 600, limit: 1 }).await.unwrap();
        assert_eq!(second_chunk, [1_200]);
    }

    #[tokio::test]
    async fn c1_long_rows_are_read_in_small_steps_and_a_page_has_bounded_bytes() {
        let size = MAX_PAGE_BYTES / 10;
        let some = even_numbers(3_000, size, Page { offset: 600, limit: 2 }).await.unwrap();
        assert_eq!(some, [1_200, 1_202]);
        let many = even_numbers(3_000, size, Page { offset: 0, limit: 500 }).await;
        assert!(matches!(many, Err(Error::TooBroad(_))), "{many:?}");
    }

    #[tokio::test]
    async fn a_scan_is_bounded() {
        let fetch = |_: Page| ready(Ok(vec![Row(0, 1); CHUNK as usize]));
        let page = scan(Page { offset: 0, limit: 1 }, fetch, |_| ready(Ok(None))).await;
        assert!(matches!(page, Err(Error::TooBroad(_))));
    }

    #[tokio::test]
    async fn a_part_begins_behind_the_rows_before_and_reports_what_it_looked_at() {
        let fetch = |chunk: Page| {
            let rows = chunk.offset..chunk.offset + u64::from(chunk.limit);
            ready(Ok(rows.map(|number| Row(number, 1)).collect()))
        };
        let keep = |row: Row| ready(Ok((row.0 == 20_500).then_some(row)));
        let only = Page { offset: 0, limit: 2 };
        let mut seen = Vec::new();
        let (found, is_complete) = part(only, 0, fetch, keep, |row| seen.push(row.0)).await.unwrap();
        assert_eq!((found, is_complete, seen.len(), seen.last()), (vec![], false, 20_000, Some(&19_999)));
        let (found, is_complete) = part(only, 20_000, fetch, keep, |row| seen.push(row.0)).await.unwrap();
        assert_eq!((found, is_complete, seen.last()), (vec![Row(20_500, 1)], false, Some(&39_999)));
    }
}
