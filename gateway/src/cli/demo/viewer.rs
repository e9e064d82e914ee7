//! The page of the subscriber of the demonstration: what arrived there last, newest first, with its answers. It is for people who
//! look on in a browser; each look reads it again.

use std::{
    collections::VecDeque,
    fmt::Write,
    sync::{Mutex, PoisonError},
};

use axum::response::{IntoResponse, Response};
use http::header;

/// How many exchanges the page has.
const MOST: usize = 50;

/// What the browser may load and run for the page: nothing.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The last exchanges, the newest in front.
#[derive(Debug, Default)]
pub struct Recent(Mutex<VecDeque<String>>);

impl Recent {
    /// Adds an exchange, as text; the oldest beyond 50 is forgotten.
    pub fn add(&self, exchange: String) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front(exchange);
        kept.truncate(MOST);
    }

    /// The page.
    pub fn page(&self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (headers, self.html()).into_response()
    }

    fn html(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Subscriber of the demonstration</title></head>\n\
             <body>\n<main>\n<h1>Subscriber of the demonstration</h1>\n\
             <p>It answers the handshake (OPTIONS) on every path, and takes events. The last {MOST} requests are shown, the newest \
             first. <a href=\"/\">Read again</a></p>\n"
        );
        if kept.is_empty() {
            html.push_str("<p>Nothing arrived yet.</p>\n");
        }
        for (at, exchange) in kept.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = writeln!(html, "<h2>Request {}</h2>\n<pre tabindex=\"0\">{}</pre>", at + 1, escaped(exchange));
        }
        html.push_str("</main>\n</body>\n</html>\n");
        html
    }
}

/// A text as content of an element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_exchanges_are_shown_literally() {
        let recent = Recent::default();
        assert!(recent.html().contains("Nothing arrived yet."));
        for number in 0..=MOST {
            recent.add(format!("> POST /modern\n> <script>{number}</script> & more"));
        }
        let html = recent.html();
        assert_eq!(html.matches("<pre").count(), MOST);
        assert!(!html.contains("<script>") && html.contains("&lt;script&gt;50&lt;/script&gt; &amp; more"), "{html}");
        assert!(!html.contains("&lt;script&gt;0&lt;"), "the oldest is forgotten");
        let newest = html.find("script&gt;50&lt;").expect("the newest");
        assert!(newest < html.find("script&gt;1&lt;").expect("the oldest that is kept"));
    }
}
