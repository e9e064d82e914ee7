//! The page to log in on.

use askama::Template;
use axum::extract::State;

use super::provider::is_own_path;
use crate::{
    Console, View,
    guard::TARGET_PARAMETER,
    page::{PageResult, page},
};

/// The command that prints a login link.
const COMMAND: &str = "gateway login-link --config gateway.toml --role beheerder --minutes 5";

#[derive(Template)]
#[template(path = "log_in.html")]
struct LogIn<'a> {
    view: &'a View,
    /// The name of the provider, and where the log-in begins.
    provider: Option<(&'a str, String)>,
    command: &'static str,
}

/// How to log in.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let target = view.parameter(TARGET_PARAMETER).filter(|target| is_own_path(target));
    let query = target.map(|target| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair(TARGET_PARAMETER, &target).finish();
        format!("?{query}")
    });
    let begin = view.to(&format!("/beheer/oidc/start{}", query.unwrap_or_default()));
    let provider = console.provider.as_ref().map(|provider| (provider.name.as_str(), begin));
    page(&LogIn { view: &view, provider, command: COMMAND })
}
