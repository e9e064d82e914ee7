//! Style sheets and images.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::header;
use web::Problem;

use crate::{Console, page::PageResult};

/// `/robots.txt`: no page is for search engines.
pub async fn robots() -> PageResult {
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], "User-agent: *\nDisallow: /\n").into_response())
}

/// A file. Its name contains a digest of its content, so that browsers keep it for a year.
pub async fn read(State(console): State<Console>, Path(file): Path<String>) -> PageResult {
    let asset = console.assets.find(&file).ok_or_else(|| Problem::not_found("There is no such file."))?;
    let headers = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok::<Response, Problem>((headers, asset.bytes.clone()).into_response())
}
