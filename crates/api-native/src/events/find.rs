//! The query parameter `source`, which distinguishes events with equal ids.

use http::{HeaderMap, Uri};
use web::problem::Problem;

use crate::{Api, list::Query};

/// The query of a request that may name `source` and the parameters in `more`, and the `source` in it.
pub fn source(api: &Api, headers: &HeaderMap, uri: &Uri, more: &[&str]) -> Result<(Query, Option<String>), Problem> {
    let names: Vec<&str> = ["source"].iter().chain(more).copied().collect();
    let query = Query::read(api, headers, uri, &names)?;
    let source = query.text("source").map(str::to_owned);
    Ok((query, source))
}
