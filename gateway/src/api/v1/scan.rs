//! Paging through a list of the journal of which the caller may see only some rows.
//!
//! The journal knows no owners, so rows are read in order and those that are the caller's are counted. The work is
//! bounded: a list that would take more answers that it must be narrowed.

use std::future::Future;

use storage::journal::Page;

use super::list::Paging;
use crate::problem::Problem;

/// Rows of one read.
const CHUNK: u32 = 1_000;
/// Most reads for one page.
const MAX_CHUNKS: u64 = 20;

/// The rows of a page, and one more if there is one, among those that `keep` keeps. `fetch` gives rows in order.
pub async fn page<T, F, K, Fetching, Keeping>(paging: Paging, fetch: F, keep: K) -> Result<Vec<T>, Problem>
where
    F: Fn(Page) -> Fetching,
    Fetching: Future<Output = Result<Vec<T>, storage::Error>>,
    K: Fn(T) -> Keeping,
    Keeping: Future<Output = Result<Option<T>, Problem>>,
{
    let mut skip = paging.skip();
    let mut rows = Vec::new();
    for chunk in 0..MAX_CHUNKS {
        let read = fetch(Page { offset: chunk * u64::from(CHUNK), limit: CHUNK }).await?;
        let last = read.len() < CHUNK as usize;
        for row in read {
            let Some(row) = keep(row).await? else { continue };
            if skip > 0 {
                skip -= 1;
                continue;
            }
            rows.push(row);
            if rows.len() == paging.take() {
                return Ok(rows);
            }
        }
        if last {
            return Ok(rows);
        }
    }
    Err(Problem::bad_request(
        "too-broad",
        "Too many rows would have to be looked at; narrow the list by its query parameters.",
    ))
}
