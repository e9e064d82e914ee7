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

/// The sections of the configuration that the pages need. Nothing answers at the relay, and nothing is sent.
const SECTIONS: &str = "[console]\norganisation = \"Meting\"\n[portaal]\n\
    [people]\nurl = \"https://berichten.example.nl\"\norganisation = \"Meting\"\n\
    [email]\nhost = \"localhost\"\nport = 9\nsecurity = \"plain\"\nfrom = \"noreply@meting.example\"\nname = \"Meting\"\n";

/// The pages of the console, below `/beheer`; `{id}` is the subscription. Every list is among them.
const PAGES: [&str; 58] = [
    "",
    "/abonnementen",
    "/abonnementen?pagina=100",
    "/abonnementen?rijen=200",
    "/abonnementen?zoek=afnemer-7",
    "/abonnementen?toestand=granted",
    "/abonnementen?toestand=outage",
    "/abonnementen?kanaal=kanaal-7",
    "/abonnementen?sorteer=ontvanger",
    "/abonnementen?sorteer=-mislukt",
    "/abonnementen?sorteer=-gelukt",
    "/abonnementen?sorteer=-wachtend",
    "/abonnementen/{id}",
    "/abonnementen/{id}?periode=maand",
    "/abonnementen/{id}/bezorgingen",
    "/abonnementen/{id}/bezorgingen?uitkomst=dead-lettered",
    "/abonnementen/{id}/bezorgingen?uitkomst=refused",
    "/abonnementen/{id}/wijzigen",
    "/abonnementen/{id}/herhalen",
    "/abonnementen/nieuw",
    "/kanalen",
    "/kanalen?sorteer=-wachtend",
    "/kanalen/kanaal-0",
    "/kanalen/kanaal-0?pagina=10",
    "/kanalen/kanaal-0/cijfers",
    "/goedkeuringen",
    "/events",
    "/events?pagina=50",
    "/events?kanaal=kanaal-0",
    "/events?type=nl.overheid.zaken.soort-9",
    "/events/urn%3Anld%3Aoin%3A00000001823288444000%3Asysteem%3Azaaksysteem/7",
    "/live",
    "/dead-letters",
    "/dead-letters?pagina=50",
    "/dead-letters?abonnement={id}",
    "/dead-letters?kanaal=kanaal-0",
    "/dead-letters?status=422",
    "/dead-letters?status=418",
    "/dead-letters?type=nl.overheid.zaken.soort-9",
    "/runs",
    "/publiceren",
    "/typen",
    "/applicaties",
    "/configuratie",
    "/systeem",
    "/logboek",
    "/logboek?pagina=100",
    "/logboek?object=kanaal-7",
    "/logboek?actor=niemand",
    "/sessies",
    "/zoek?q=afnemer-7",
    "/zoek?q=nergens",
    "/mensen",
    "/mensen/mailings",
    "/mensen/onbestelbaar",
    "/mensen/opzoeken",
    "/mensen/teksten",
    "/over",
];

/// The pages of the portal, below `/portaal`, for the owner of the subscription and of 49 others.
const PORTAL_PAGES: [&str; 17] = [
    "",
    "/abonnementen",
    "/abonnementen?sorteer=-mislukt",
    "/abonnementen/{id}",
    "/abonnementen/{id}/bezorgingen",
    "/abonnementen/{id}/testen",
    "/herstellen",
    "/catalogus",
    "/kanalen",
    "/typen",
    "/events",
    "/dead-letters",
    "/runs",
    "/applicaties",
    "/goedkeuringen",
    "/mijn-kanalen",
    "/logboek",
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

/// A way in to the portal, for the owner of the subscription.
const PORTAL_LOG_IN: [&str; 7] =
    ["login-link", "--role", "afnemer", "--role", "kanaaleigenaar", "--client", "afnemer-0"];

pub async fn measure(bench: &Bench<'_>) -> Result<Table, Failure> {
    if !bench.is_embedded() {
        return Err("pages are measured on the embedded file only".to_owned());
    }
    let (subscriptions, letters) = bench.pick((10_000, 1_000_000), (1_000, 20_000));
    let program = bench.workspace.binary("release/examples", "fill_store");
    let start = Instant::now();
    let gateway = Gateway::start_filled(bench, SECTIONS, |data| {
        let mut fill = Command::new(&program);
        fill.arg(data).args([subscriptions, letters].map(|number| number.to_string())).stdin(Stdio::null());
        execute(&mut fill)
    })
    .await?;
    println!("Filled and started in {:.0} s.", start.elapsed().as_secs_f64());
    let client = Client::new(None);
    let areas = [("/beheer", PAGES.as_slice(), LOG_IN.as_slice()), ("/portaal", &PORTAL_PAGES, &PORTAL_LOG_IN)];
    let mut table = Table::new(
        "pages",
        format!(
            "Milliseconds to a page, aim {AIM}: {subscriptions} subscriptions, {letters} dead letters ({TIMES} requests)"
        ),
        &["page", "within", "first", "p50", "max", "KiB"],
    );
    for (base, pages, way_in) in areas {
        let cookie = log_in(&gateway, &client, way_in).await?;
        for page in pages {
            let path = format!("{base}{}", page.replace("{id}", SUBSCRIPTION));
            measure_page((&gateway, &client), &path, &cookie, &mut table).await?;
        }
    }
    Ok(table)
}

/// Requests a page many times, and adds its row to the table.
async fn measure_page(
    (gateway, client): (&Gateway, &Client),
    path: &str,
    cookie: &str,
    table: &mut Table,
) -> Result<(), Failure> {
    let (mut first, mut times, mut bytes) = (0.0, Vec::with_capacity(TIMES), 0);
    for number in 0..=TIMES {
        let request = Request::builder().uri(gateway.at(path)).header("cookie", cookie);
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
        path.to_owned(),
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
    Ok(())
}

/// Logs in with a link of the command line; returns the cookie of the session.
async fn log_in(gateway: &Gateway, client: &Client, way_in: &[&str]) -> Result<String, Failure> {
    let link = output(gateway.command(way_in).stdin(Stdio::null()).stderr(Stdio::null()))?;
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
