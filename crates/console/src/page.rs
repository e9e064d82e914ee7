//! The answers of handlers: a page made of a template, or a redirect after a form.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use web::Problem;

use crate::View;

/// What a handler returns. Problems are shown as pages by the layers around it.
pub type PageResult = Result<Response, Problem>;

/// The page of a template, with status 200.
///
/// # Errors
/// 500 when the template cannot be written, which the log explains.
pub fn page(template: &impl Template) -> PageResult {
    page_with(StatusCode::OK, template)
}

/// The page of a template with another status, such as 422 for a form with faults.
///
/// # Errors
/// As [`page`].
pub fn page_with(status: StatusCode, template: &impl Template) -> PageResult {
    Ok((status, [(header::CONTENT_TYPE, web::face::HTML)], render(template)?).into_response())
}

/// The HTML of a template.
pub(crate) fn render(template: &impl Template) -> Result<String, Problem> {
    template.render().map_err(|error| {
        tracing::error!(%error, "a page was not written");
        Problem::internal()
    })
}

/// The redirect after a form was accepted (303): the browser requests the page at `path`, which is without the prefix of a
/// proxy. `notice` is a code of `text::notices`, whose text that page shows; empty for none.
pub fn see_other(view: &View, path: &str, notice: &str) -> Response {
    let separator = if path.contains('?') { '&' } else { '?' };
    let location =
        view.to(path) + &if notice.is_empty() { String::new() } else { format!("{separator}gedaan={notice}") };
    let location = HeaderValue::try_from(location).unwrap_or_else(|_| HeaderValue::from_static(crate::ROOT));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}
