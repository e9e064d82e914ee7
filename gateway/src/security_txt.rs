//! `/.well-known/security.txt` (RFC 9116): whom to tell about a weakness. Served only when `security.contact` is set; no
//! signature is made.

use std::fmt::Write;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;

use crate::{app::App, config::Config};

/// Where it is served (RFC 9116, section 3).
pub const PATH: &str = "/.well-known/security.txt";

/// The contact of this gateway.
pub async fn read(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text(&app.config)).into_response()
}

/// One field a line. `Canonical` needs a URL that does not depend on the request.
fn text(config: &Config) -> String {
    let security = &config.security;
    let mut text = String::new();
    // Writing to a String cannot fail.
    let mut field = |name: &str, value: &str| {
        let _ = writeln!(text, "{name}: {value}");
    };
    for contact in &security.contact {
        field("Contact", contact);
    }
    if let Some(expires) = &security.expires {
        field("Expires", expires);
    }
    if !security.languages.is_empty() {
        field("Preferred-Languages", &security.languages.join(", "));
    }
    if let Some(policy) = &security.policy {
        field("Policy", policy);
    }
    if config.public_url.as_ref().is_some_and(|url| url.starts_with("https://")) {
        field("Canonical", &format!("{}{PATH}", config.own_url()));
    }
    text
}
