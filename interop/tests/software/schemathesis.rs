//! Schemathesis makes thousands of requests, right and wrong, from the OpenAPI documents that the gateway serves: no
//! answer is a 5xx, none is undocumented, and what is described is what comes back.

use std::time::Duration;

use interop::gateway::{BEHEER, Gateway, KANAAL};
use interop::{Failure, http, sources, tools};
use serde_json::json;
use tokio::process::Command;

/// Each document, where it is served, and the least number of requests that must come of it. Which checks run on the
/// answers, and why others do not, is in `schemathesis/schemathesis.toml`.
const DOCUMENTS: &[(&str, &str, u64)] =
    &[("native", "/v1/openapi.json", 2000), ("Notificaties API", "/api/v1/openapi.json", 1000)];

/// Longest one document may take.
const PATIENCE: Duration = Duration::from_mins(30);

/// Creates resources to find: a kanaal with an event, and a subscription that selects it.
async fn create_resources(gateway: &Gateway, token: &str) -> Result<(), Failure> {
    let event = json!({ "specversion": "1.0", "id": "1", "source": "urn:test", "type": "t", "data": {} });
    let sink = json!({ "protocol": "HTTP", "sink": "http://127.0.0.1:9/", "config": { "kanalen": [KANAAL] } });
    let made = http::send("POST", &gateway.url("/v1/subscriptions"), token, Some(&sink)).await?;
    assert_eq!(made.0, 201, "{}", made.1);
    let url = gateway.url(&format!("/v1/events?kanaal={KANAAL}"));
    let posted = http::send_as("application/cloudevents+json", "POST", &url, token, Some(&event)).await?;
    assert_eq!(posted.0, 202, "{}", posted.1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_gets_an_answer_that_is_not_documented() -> Result<(), Failure> {
    let settings = sources().join("schemathesis");
    let python = tools::python(&settings)?;
    let mut gateway = Gateway::start("").await?;
    let token = gateway.token(BEHEER).await?;
    create_resources(&gateway, &token).await?;
    for (name, path, least) in DOCUMENTS {
        let folder = tempfile::tempdir().map_err(Failure::file(&std::env::temp_dir()))?;
        let mut command = Command::new(python.join("bin/schemathesis"));
        command.arg("--config-file").arg(settings.join("schemathesis.toml"));
        command.args(["run", &gateway.url(path), "--header", &format!("Authorization: Bearer {token}")]);
        command.args(["--seed", "1", "--max-examples", "30", "--no-shrink", "--continue-on-failure"]);
        command.args(["--phases", "examples,coverage,fuzzing,stateful", "--warnings", "off"]);
        command.args(["--workers", "1", "--request-timeout", "120"]);
        // On a busy machine it would take its own slowness for an error in the document.
        command.args(["--suppress-health-check", "all"]);
        command.current_dir(folder.path()).kill_on_drop(true);
        let output = match tokio::time::timeout(PATIENCE, command.output()).await {
            Ok(output) => output.map_err(Failure::file(&python))?,
            Err(late) => panic!("{name}: not done after {} s: {late}", PATIENCE.as_secs()),
        };
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{name}: {said}{}", String::from_utf8_lossy(&output.stderr));
        let cases = cases(&said);
        println!("{name}: {cases} requests, each with an answer that is documented");
        assert!(cases >= *least, "{name}: only {cases} requests:\n{said}");
        assert!(gateway.runs(), "{}", gateway.log());
    }
    Ok(())
}

/// The number in `2694 generated, …` of the summary.
fn cases(said: &str) -> u64 {
    let line = said.lines().find(|line| line.contains(" generated"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok()).unwrap_or(0)
}
