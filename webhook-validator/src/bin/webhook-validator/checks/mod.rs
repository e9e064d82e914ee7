//! The order of the checks: address, handshake, and only with consent the test events; or the two probes instead.

mod delivery;
mod handshake;
mod probes;
mod problems;

use egress::{Egress, Policy, Settings, without_query};

use crate::arguments::{Arguments, Format};
use crate::clauses;
use crate::exchange::Wire;
use crate::report::{Report, Verdict};
use crate::text::Said;

/// Runs all checks. An error means that there is nothing to report: wrong usage, or no answer at all.
pub async fn run(arguments: &Arguments) -> Result<Report, Said> {
    let policy = Policy { allow: arguments.allow.clone(), allow_http: arguments.allow.clone() };
    let url = policy.check_url(&arguments.url).map_err(|error| problems::url(&error))?;
    let egress =
        Egress::new(Settings { policy, ..Settings::default() }).map_err(|error| Said::plain(error.to_string()))?;
    let mut report = Report::new(arguments.lang, without_query(&url));
    if url.scheme_str() == Some("https") {
        report.add(&clauses::HTTPS, Verdict::Pass, None, Said::plain("https"));
    } else {
        report.add(&clauses::HTTPS, Verdict::Warn, None, Said::plain("http"));
    }
    let mut wire = Wire::new(egress);
    match arguments.format {
        Format::Legacy => probes::run(&mut wire, &url, arguments, &mut report).await?,
        Format::Structured => {
            if let Some(rate) = handshake::run(&mut wire, &url, arguments, &mut report).await? {
                delivery::run(&mut wire, &url, arguments, rate, &mut report).await;
            } else {
                delivery::skip(&mut report);
            }
        }
    }
    Ok(report)
}
