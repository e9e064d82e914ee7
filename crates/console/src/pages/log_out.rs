//! The log-out: the session is ended on every node, and its cookie removed.

use askama::Template;
use axum::{extract::State, response::IntoResponse};
use http::header;
use model::revocation::Revoked;

use crate::{
    Console, View,
    page::{self, PageResult, see_other},
    session::cookie::Cookie,
};

#[derive(Template)]
#[template(path = "logged_out.html")]
struct LoggedOut<'a> {
    view: &'a View,
    /// The name of the provider, and where its session is ended.
    provider: Option<(&'a str, String)>,
}

/// Ends the session in this browser.
pub async fn post(State(console): State<Console>, view: View) -> PageResult {
    if let Some(session) = &view.session {
        console.management.end_sessions(&view.actor, Revoked::Session(session.id)).await?;
    }
    let removal = Cookie::Session.removal(view.head.is_https());
    Ok(([(header::SET_COOKIE, removal)], see_other(&view, "/beheer/uitgelogd", "")).into_response())
}

/// What the log-out did.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let provider = match &console.provider {
        None => None,
        Some(provider) => {
            let back = view.url(crate::guard::LOG_IN);
            provider.end_session_url(&back, view.now).await.map(|href| (provider.name.as_str(), href))
        }
    };
    page::page(&LoggedOut { view: &view, provider })
}
