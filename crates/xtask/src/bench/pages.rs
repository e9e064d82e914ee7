//! Milliseconds from request to answer of each page of the console at rest, beside the aim of 50: over a store with many subscriptions
//! and dead letters, which the example `fill_store` of the package `storage` writes through its ports.

use std::process::{Command, Stdio};
use std::time::Instant;

use hyper::Request;
use serde_json::json;

use super::Bench;
use super::client::Client;
use super::gateway::Gateway;
use super::report::Table;
use super::statistics::percentile;
use crate::workspace::{Failure, execute, output};

/// What a page should take at most, in milliseconds.
const AIM: f64 = 50.0;

/// How often each page is requested after its first time.
const TIMES: usize = 20;

/// The most that a page should have, in bytes.
const MAX_BYTES: usize = 150 * 1024;

/// The first subscription that the store is filled with, which has a tenth of the dead letters.
const SUBSCRIPTION: &str = "00000000-0001-0000-0000-000000000000";

/// The pages, below `/beheer`; `{id}` is the subscription.
const PAGES: [&str; 31] = [
    "",
    "/abonnementen",
    "/abonnementen?pagina=100",
    "/abonnementen?zoek=afnemer-7",
    "/abonnementen/{id}",
    "/abonnementen/{id}?periode=maand",
    "/abonnementen/{id}/bezorgingen",
    "/abonnementen/{id}/wijzigen",
    "/abonnementen/{id}/herhalen",
    "/abonnementen/nieuw",
    "/kanalen",
    "/kanalen/kanaal-0",
    "/goedkeuringen",
    "/events",
    "/events?pagina=50",
    "/events?kanaal=kanaal-0",
    "/events/urn%3Anld%3Aoin%3A00000001823288444000%3Asysteem%3Azaaksysteem/7",
    "/live",
    "/dead-letters",
    "/dead-letters?pagina=50",
    "/dead-letters?abonnement={id}",
    "/dead-letters?status=422",
    "/runs",
    "/publiceren",
    "/typen",
    "/applicaties",
    "/configuratie",
    "/systeem",
    "/logboek",
    "/sessies",
    "/over",
];

/// A way in for the session of the measurement.
const LOG_IN: [&str; 11] = [
    "login-link",
    "--role",
    "beheerder",
    "--role",
    "platform",
    "--role",
    "auditor",
    "--right",
    "inhoud",
    "--right",
    "publiceren",
];

pub async fn measure(bench: &Bench<'_>) -> Result<Table, Failure> {
    if !bench.is_embedded() {
        return Err("pages are measured on the embedded file only".to_owned());
    }
    let (subscriptions, letters) = bench.pick((10_000, 1_000_000), (1_000, 20_000));
    let program = bench.workspace.binary("release/examples", "fill_store");
    let start = Instant::now();
    let sections = "[console]\norganisation = \"Meting\"\n";
    let gateway = Gateway::start_filled(bench, sections, |data| {
        let mut fill = Command::new(&program);
        fill.arg(data).args([subscriptions, letters].map(|number| number.to_string())).stdin(Stdio::null());
        execute(&mut fill)
    })
    .await?;
    println!("Filled and started in {:.0} s.", start.elapsed().as_secs_f64());
    let client = Client::new(None);
    let cookie = log_in(&gateway, &client).await?;
    let mut table = Table::new(
        "pages",
        format!(
            "Milliseconds to a page, aim {AIM}: {subscriptions} subscriptions, {letters} dead letters ({TIMES} requests)"
        ),
        &["page", "within", "first", "p50", "max", "KiB"],
    );
    for page in PAGES {
        let path = format!("/beheer{}", page.replace("{id}", SUBSCRIPTION));
        let (mut first, mut times, mut bytes) = (0.0, Vec::with_capacity(TIMES), 0);
        for number in 0..=TIMES {
            let request = Request::builder().uri(gateway.at(&path)).header("cookie", &cookie);
            let start = Instant::now();
            let (status, body) = client.send(request, axum::body::Bytes::new()).await?;
            let took = start.elapsed().as_secs_f64() * 1_000.0;
            if status != 200 {
                return Err(format!("{path}: {status}"));
            }
            bytes = body.len();
            if number == 0 { first = took } else { times.push(took) }
        }
        times.sort_by(f64::total_cmp);
        let (median, highest) = (percentile(&times, 0.5), percentile(&times, 1.0));
        let within = if median <= AIM { "yes" } else { "no" };
        let figures = json!({ "page": path, "first": first, "p50": median, "max": highest, "bytes": bytes });
        let texts = vec![
            path.clone(),
            within.to_owned(),
            format!("{first:.1}"),
            format!("{median:.1}"),
            format!("{highest:.1}"),
            format!("{:.0}", bytes as f64 / 1024.0),
        ];
        table.row(texts, figures);
        if bytes > MAX_BYTES {
            table.note(format!("{path} has more than {} KiB", MAX_BYTES / 1024));
        }
    }
    Ok(table)
}

/// Logs in with a link of the command line; returns the cookie of the session.
async fn log_in(gateway: &Gateway, client: &Client) -> Result<String, Failure> {
    let link = output(gateway.command(&LOG_IN).stdin(Stdio::null()).stderr(Stdio::null()))?;
    let code = link.trim().split_once("?code=").map(|(_, code)| code.to_owned());
    let code = code.ok_or_else(|| format!("a link without code: {link}"))?;
    let request = Request::builder()
        .method("POST")
        .uri(gateway.at("/beheer/inloglink"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    let (status, headers, body) = client.exchange(request, format!("code={code}").into()).await?;
    let cookie = headers.get("set-cookie").and_then(|cookie| cookie.to_str().ok());
    let cookie = cookie.and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
    cookie.ok_or_else(|| format!("no session: {status} {}", String::from_utf8_lossy(&body)))
}
