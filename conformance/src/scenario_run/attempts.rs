//! Checks several requests together: the time between them, and whether they are attempts of one delivery.

use std::collections::BTreeSet;

use crate::clock::Instant;
use crate::evidence::{Fault, shown_request};
use crate::expect::Expect;
use crate::message::Request;
use crate::receiver::Arrived;

/// Headers that may differ between attempts of one delivery.
const VARYING: &[&str] = &["authorization", "traceparent", "tracestate", "date"];

/// `requested` is when the suite began to send the request that brought them about. Everything that is measured from is
/// earlier than its cause at the target, so a slow machine makes no time too short.
pub fn check_times(
    expect: &Expect,
    requested: Option<Instant>,
    before: Option<&Arrived>,
    arrived: &[Arrived],
) -> Result<(), Fault> {
    let (Some(first), Some(last)) = (arrived.first(), arrived.last()) else { return Ok(()) };
    if let Some(least) = expect.after_ms {
        let before = before.ok_or_else(|| Fault::new("there is no request before it to measure from"))?;
        let gap = first.at.saturating_duration_since(before.answered.unwrap_or(before.at)).as_millis();
        if gap < u128::from(least) {
            return Err(Fault::new(format!("it came {gap} ms after the answer before it, expected at least {least}")));
        }
    }
    if let Some(least) = expect.spread_ms {
        let spread = last.at.saturating_duration_since(requested.unwrap_or(first.at)).as_millis();
        if spread < u128::from(least) {
            return Err(Fault::new(format!("the last came {spread} ms after the request, expected at least {least}")));
        }
    }
    Ok(())
}

pub fn check_identical(arrived: &[Arrived]) -> Result<(), Fault> {
    let constant = |request: &Request| {
        let varies = |name: &str| VARYING.iter().any(|varying| name.eq_ignore_ascii_case(varying));
        let headers: BTreeSet<_> = request.headers.iter().filter(|(name, _)| !varies(name)).cloned().collect();
        (headers, request.body.clone(), request.target.clone())
    };
    for pair in arrived.windows(2) {
        if constant(&pair[0].request) != constant(&pair[1].request) {
            let evidence = format!("{}\n\n{}", shown_request(&pair[0].request), shown_request(&pair[1].request));
            return Err(Fault { what: "two attempts differ".to_owned(), evidence });
        }
    }
    Ok(())
}
