//! Checks of the connection: TLS, its version, and the versions of HTTP. The certificate was verified by connecting.

use crate::http::AGENT;
use egress::{Request, SendError};
use http::header::USER_AGENT;
use http::{HeaderMap, Method};

use crate::check::clauses::connection::{HTTPS, TLS_VERSION};
use crate::check::report::Verdict;
use crate::check::session::Session;
use crate::check::text::{Said, Text};
use crate::check::wire::Way;

/// Reports on TLS.
pub async fn run(session: &mut Session<'_>) {
    if session.url.scheme_str() != Some("https") {
        session.report.add(&HTTPS, Verdict::Warn, None, Said::plain("http"));
        let why = Said::new("there is no TLS", "er is geen TLS");
        session.report.not_observed(&[&TLS_VERSION], &why);
        return;
    }
    session.report.add(&HTTPS, Verdict::Pass, None, Said::plain("https"));
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, AGENT);
    let url = session.url.clone();
    let question = Request { method: Method::OPTIONS, url, headers, body: bytes::Bytes::new(), tls: None };
    let purpose = Text { en: "with TLS 1.3 only", nl: "alleen met TLS 1.3" };
    let exchange = session.send(question, purpose, Way::Tls13).await;
    match &exchange.outcome {
        Ok(_) => session.report.add(&TLS_VERSION, Verdict::Pass, Some(&exchange), Said::plain("TLS 1.3")),
        Err(SendError::Tls(_)) => {
            let seen = Said::new("TLS 1.2 at most", "hoogstens TLS 1.2");
            session.report.add(&TLS_VERSION, Verdict::Warn, Some(&exchange), seen);
        }
        Err(error) => session.report.not_observed(&[&TLS_VERSION], &Said::plain(error.to_string())),
    }
}
