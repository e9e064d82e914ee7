//! The steps of the demonstration: kanaal, subscriptions, consent, a notification, a CloudEvent, and their deliveries.

use std::{fmt::Write, time::Duration};

use http::Method;
use model::{Clock, Timestamp, clock::SystemClock};
use serde_json::Value;

use super::{
    Failure,
    environment::Environment,
    subscriber::ReceivedRequest,
    transcript::{Transcript, format_json},
};

pub const JSON: (&str, &str) = ("Content-Type", "application/json");

const NOTIFICATION: &str = r#"{"kanaal": "parkeren", "hoofdObject": "https://parkeren.example.nl/api/v1/vergunningen/d7a22", "resource": "vergunning", "resourceUrl": "https://parkeren.example.nl/api/v1/vergunningen/d7a22", "actie": "create", "aanmaakdatum": "2025-01-01T12:00:00.123456Z", "kenmerken": {"zone": "A1"}}"#;

/// One sink of the demonstration, with its subscription once it is created.
struct Sink {
    name: &'static str,
    format: &'static str,
    id: String,
}

/// Runs the steps; fails when an expected request does not arrive within a minute.
pub async fn run(environment: &mut Environment, transcript: &mut Transcript) -> Result<(), Failure> {
    let clock = SystemClock::default();
    transcript.step(&format!(
        "A gateway runs at {}, with its storage in one directory and nothing else to install;\n   a subscriber runs at {}.",
        environment.gateway, environment.subscriber
    ));
    kanaal(environment, transcript).await?;
    let mut sinks = [
        Sink { name: "klassiek", format: "legacy", id: String::new() },
        Sink { name: "modern", format: "structured", id: String::new() },
    ];
    subscribe(environment, transcript, &mut sinks).await?;
    consent(environment, transcript, &sinks).await?;

    transcript.step("A publisher posts a notification, as it always did:");
    let before = clock.now();
    post(environment, transcript, "/api/v1/notificaties", &[JSON], NOTIFICATION).await?;
    show_deliveries(environment, transcript, before, sinks.len()).await?;

    transcript.step("Another publisher posts a CloudEvent, in binary mode:");
    let headers = [
        ("ce-specversion", "1.0"),
        ("ce-id", "6d1f2b8c"),
        ("ce-source", "urn:nld:oin:00000001823288444000:systeem:parkeren"),
        ("ce-type", "nl.overheid.parkeren.vergunning-verlengd"),
        ("ce-subject", "d7a22"),
        JSON,
    ];
    let before = clock.now();
    post(environment, transcript, "/v1/events", &headers, r#"{"zone": "A1", "tot": "2026-01-01"}"#).await?;
    show_deliveries(environment, transcript, before, sinks.len()).await?;

    outcome(environment, transcript, &sinks).await
}

async fn kanaal(environment: &Environment, transcript: &mut Transcript) -> Result<(), Failure> {
    transcript.step("A kanaal is registered, where events about parking permits go:");
    let body = r#"{"naam": "parkeren", "filters": ["zone"]}"#;
    post(environment, transcript, "/v1/kanalen", &[JSON], body).await.map(drop)
}

async fn subscribe(environment: &Environment, transcript: &mut Transcript, sinks: &mut [Sink]) -> Result<(), Failure> {
    transcript.step("Two subscriptions: \"klassiek\" wants notifications, \"modern\" wants CloudEvents:");
    for sink in sinks {
        let (subscriber, name, format) = (&environment.subscriber, sink.name, sink.format);
        let body = format!(
            r#"{{"sink": "{subscriber}/{name}", "protocol": "HTTP", "config": {{"kanalen": ["parkeren"], "format": "{format}", "rate": 6000}}}}"#
        );
        let made = post(environment, transcript, "/v1/subscriptions", &[JSON], &body).await?;
        made["id"].as_str().unwrap_or_default().clone_into(&mut sink.id);
    }
    Ok(())
}

async fn consent(environment: &mut Environment, transcript: &mut Transcript, sinks: &[Sink]) -> Result<(), Failure> {
    transcript.step("Before anything is sent, the gateway asks each sink for consent (the handshake):");
    for _ in sinks {
        let seen = environment.next_request().await?;
        if seen.method != Method::OPTIONS {
            return Err(format!("expected the handshake, but {} {} came", seen.method, seen.uri));
        }
        transcript.show(&seen.block());
    }
    for sink in sinks {
        let path = format!("/v1/subscriptions/{}", sink.id);
        until(|| async {
            let state = environment.client.send(Method::GET, &path, &[], "").await?.json()?;
            Ok((state["status"]["state"] == "granted").then_some(()))
        })
        .await?;
    }
    transcript.note("");
    transcript.note("Both said yes, to this origin and at this rate: the subscriptions are granted.");
    Ok(())
}

/// Shows the deliveries of an event posted at `posted`, in the order of arrival.
async fn show_deliveries(
    environment: &mut Environment,
    transcript: &mut Transcript,
    posted: Timestamp,
    count: usize,
) -> Result<(), Failure> {
    transcript.step("It arrives at both, in the shape each of them asked for:");
    for _ in 0..count {
        let seen: ReceivedRequest = environment.next_request().await?;
        if seen.method != Method::POST {
            return Err(format!("expected a delivery, but {} {} came", seen.method, seen.uri));
        }
        transcript.show(&format!(
            "{}\n({})",
            seen.block(),
            format_duration(seen.at.since(posted), "after it was posted")
        ));
    }
    Ok(())
}

async fn outcome(environment: &Environment, transcript: &mut Transcript, sinks: &[Sink]) -> Result<(), Failure> {
    transcript.step("The gateway knows what became of every delivery:");
    for sink in sinks {
        let path = format!("/v1/subscriptions/{}/deliveries", sink.id);
        let list = until(|| async {
            let list = environment.client.send(Method::GET, &path, &[], "").await?.json()?;
            // An event is indexed a moment after its delivery; until then its row has no id.
            let settled = |row: &Value| row["outcome"] == "delivered" && row["event"]["id"].is_string();
            let done = list["results"].as_array().is_some_and(|rows| rows.len() == 2 && rows.iter().all(settled));
            Ok(done.then_some(list))
        })
        .await?;
        let mut block = format!("GET {path}");
        for row in list["results"].as_array().into_iter().flatten() {
            let attempt = &row["attempts"][0];
            // Writing to a string cannot fail.
            let _ = write!(
                block,
                "\n  event {}: {} after {} attempt(s); the sink answered {} in {} ms",
                row["event"]["id"].as_str().unwrap_or("?"),
                row["outcome"].as_str().unwrap_or("?"),
                row["attemptsMade"],
                attempt["status"],
                attempt["durationMs"],
            );
        }
        transcript.show(&block);
    }
    Ok(())
}

/// Posts a body and shows request and answer.
pub async fn post(
    environment: &Environment,
    transcript: &Transcript,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Value, Failure> {
    let clock = SystemClock::default();
    let start = clock.now();
    let answer = environment.client.send(Method::POST, path, headers, body).await?;
    let time = clock.now().since(start);
    let mut block = format!("POST {path}");
    for (name, value) in headers {
        let _ = write!(block, "\n{name}: {value}");
    }
    let body = format_json(body);
    let _ = write!(block, "\n\n{body}\n\n-> {} ({})", answer.status, format_duration(time, "stored durably"));
    transcript.show(&block);
    if answer.body.is_empty() { Ok(Value::Null) } else { answer.json() }
}

fn format_duration(time: Duration, what: &str) -> String {
    format!("{:.1} ms, {what}", time.as_secs_f64() * 1_000.0)
}

/// Asks until there is an answer, for a minute at least.
pub async fn until<T, F, Asking>(ask: F) -> Result<T, Failure>
where
    F: Fn() -> Asking,
    Asking: Future<Output = Result<Option<T>, Failure>>,
{
    for _ in 0..1_200 {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err("the gateway did not get there within a minute".to_owned())
}
