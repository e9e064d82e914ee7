//! The answer to a form whose session has ended: whether what was typed is kept, and where to log in.

use askama::Template;
use axum::response::IntoResponse;
use http::{HeaderValue, StatusCode, header};

use crate::{
    View,
    guard::log_in_link,
    page::{PageResult, page_with},
};

#[derive(Template)]
#[template(path = "session_over.html")]
struct SessionOver<'a> {
    view: &'a View,
    is_kept: bool,
    log_in: String,
}

/// The page (401), with the cookie that keeps the form; `None` when the form is too large to be kept.
pub(crate) fn answer(view: &View, page: &str, cookie: Option<HeaderValue>) -> PageResult {
    let template = SessionOver { view: &view.at(page), is_kept: cookie.is_some(), log_in: log_in_link(view, page) };
    let answer = page_with(StatusCode::UNAUTHORIZED, &template)?;
    Ok(match cookie {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], answer).into_response(),
        None => answer,
    })
}
