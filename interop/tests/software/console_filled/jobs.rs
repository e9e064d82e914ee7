//! The jobs of an administrator, done by clicking only and without JavaScript (`interop/console/jobs.js`), with their steps counted.
//! How many steps each may take is in the table of `docs/console.md`.

use std::time::Duration;

use interop::gateway::{BEHEER, CONSUMER};
use interop::{Failure, http, sources};
use serde_json::{Value, json};

use super::{browse, filled::Filled};

/// The most steps of each job, from the table.
fn most_steps() -> Result<Vec<(String, u64)>, Failure> {
    let file = sources().join("../docs/console.md");
    let text = std::fs::read_to_string(&file).map_err(Failure::file(&file))?;
    let rows = text.lines().filter_map(|line| {
        let (job, rest) = line.strip_prefix("| `")?.split_once("` |")?;
        let steps = rest.trim_end_matches('|').rsplit('|').next()?.trim().parse().ok()?;
        Some((job.to_owned(), steps))
    });
    Ok(rows.collect())
}

/// Reads until an answer is as wanted, for as long as a slow machine may need.
async fn wait(url: &str, token: &str, is_wanted: impl Fn(&Value) -> bool) -> Result<(), Failure> {
    let mut last = Value::Null;
    for _ in 0..3_000 {
        last = http::send("GET", url, token, None).await?.1;
        if is_wanted(&last) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(Failure::Exchange { what: format!("{url} after five minutes"), why: last.to_string() })
}

/// Makes another subscription get the gateway's own events, and changes a filter.
/// Returns the id of the subscription whose filter was changed.
async fn prepare(filled: &Filled) -> Result<String, Failure> {
    let (gateway, beheer) = (&filled.gateway, filled.gateway.token(BEHEER).await?);
    let sink = format!("{}/neemt-aan?meldingen", filled.receivers());
    let config = json!({"kanalen": ["gateway"], "name": "Meldingen naar de servicedesk"});
    gateway.subscribe(&beheer, &sink, json!({"config": config})).await?;
    let [(_, id), _] = filled.failing();
    let path = gateway.url(&format!("/v1/subscriptions/{id}"));
    let consumer = gateway.token(CONSUMER).await?;
    let change = json!({"types": ["nl.overheid.zaken.zaak-aangemaakt"]});
    let changed = http::send_as("application/merge-patch+json", "PATCH", &path, &consumer, Some(&change)).await?;
    assert_eq!(changed.0, 200, "{}", changed.1);
    Ok(id.clone())
}

fn text<'a>(line: &'a Value, member: &str) -> &'a str {
    line["seen"][member].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_does_each_job_by_clicking_in_few_steps() -> Result<(), Failure> {
    let filled = Filled::as_in_an_organisation().await?;
    let changed = prepare(&filled).await?;
    let [(municipality, refusing), (down, _)] = filled.failing();
    let task = json!({
        "link": filled.gateway.login_link_of(&["beheerder", "auditor"], &[]).await?, "receivers": filled.receivers(),
        "municipality": municipality, "down": down, "awaiting": "Zaken naar de belastingdienst", "changed": changed,
    });
    let lines = browse(&json!({"base": filled.gateway.url(""), "jobs": task})).await?;
    let most = most_steps()?;
    let jobs: Vec<_> = lines.iter().filter_map(|line| line["job"].as_str()).collect();
    assert_eq!(jobs, most.iter().map(|(job, _)| job.as_str()).collect::<Vec<_>>(), "the jobs of the table");
    for (line, (job, most)) in lines.iter().zip(&most) {
        println!("{job}: {} steps", line["steps"]);
        assert!(line["steps"].as_u64().is_some_and(|steps| steps <= *most), "at most {most}: {line:#}");
    }
    let [missed, redrive, approve, subscribe, outage, audit] = lines.as_slice() else { panic!("{lines:#?}") };
    for (line, member, expected) in [
        (missed, "why", "De ontvanger weigert dit event."),
        (missed, "end", "Bezorgd"),
        (redrive, "counted", "Aantal"),
        (approve, "preview", "zaak/2026-00873"),
        (subscribe, "end", "aangenomen (204)"),
        (outage, "overview", "aandacht"),
        (outage, "end", "Meldingen naar de servicedesk"),
        (outage, "end", "Storing sinds"),
        (audit, "line", CONSUMER.0),
        (audit, "line", "nl.overheid.zaken.zaak-aangemaakt"),
        (audit, "file", "subscription.change"),
    ] {
        assert!(text(line, member).contains(expected), "{expected} in {line:#}");
    }
    // What the pages said is so: the receiver has what it missed, and the subscriber gets a part of each event.
    let beheer = filled.gateway.token(BEHEER).await?;
    let letters = filled.gateway.url(&format!("/v1/subscriptions/{refusing}/dead-letters"));
    wait(&letters, &beheer, |answer| answer["count"] == 0).await?;
    let url = filled.gateway.url("/v1/subscriptions?q=belastingdienst");
    let approved = http::send("GET", &url, &beheer, None).await?.1.to_string();
    assert!(approved.contains(r#"{"attributes":["subject","time"],"data":false}"#), "{approved}");
    Ok(())
}
