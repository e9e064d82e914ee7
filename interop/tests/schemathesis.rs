//! Schemathesis makes thousands of requests, right and wrong, from the OpenAPI documents that the gateway serves: no
//! answer is a 5xx, none is undocumented, none takes long, and what is described is what comes back.

use std::time::Duration;

use interop::gateway::{BEHEER, Gateway, KANAAL};
use interop::{Failure, http, sources, tools};
use serde_json::json;
use tokio::process::Command;

/// A document, and what is made of it.
struct Document {
    name: &'static str,
    path: &'static str,
    /// Checked of every answer.
    checks: &'static str,
    /// The least number of requests that must come of it.
    least: u64,
}

/// Not checked is that a request which fits the document is taken, since a rule such as "no two members with the same name"
/// cannot be said in it; nor that what was deleted is gone, since a run that was stopped can still be read.
const DOCUMENTS: &[Document] = &[Document {
    name: "native",
    path: "/v1/openapi.json",
    checks: "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
        response_schema_conformance,negative_data_rejection,unsupported_method,ensure_resource_availability,ignored_auth",
    least: 2000,
}];

/// Longest one document may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// Something to find: a kanaal with an event, and a subscription that wants it.
async fn furnish(gateway: &Gateway, token: &str) -> Result<(), Failure> {
    let event = json!({ "specversion": "1.0", "id": "1", "source": "urn:test", "type": "t", "data": {} });
    let sink = json!({ "sink": "http://127.0.0.1:9/", "config": { "kanalen": [KANAAL] } });
    let made = http::send("POST", &gateway.url("/v1/subscriptions"), token, Some(&sink)).await?;
    assert_eq!(made.0, 201, "{}", made.1);
    let url = gateway.url(&format!("/v1/events?kanaal={KANAAL}"));
    let posted = http::send_as("application/cloudevents+json", "POST", &url, token, Some(&event)).await?;
    assert_eq!(posted.0, 202, "{}", posted.1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_gets_an_answer_that_is_not_documented() -> Result<(), Failure> {
    let python = tools::python(&sources().join("schemathesis"))?;
    let mut gateway = Gateway::start("").await?;
    let token = gateway.token(BEHEER).await?;
    furnish(&gateway, &token).await?;
    for Document { name, path, checks, least } in DOCUMENTS {
        let folder = tempfile::tempdir().map_err(Failure::file(&std::env::temp_dir()))?;
        let mut command = Command::new(python.join("bin/schemathesis"));
        command.args(["run", &gateway.url(path), "--header", &format!("Authorization: Bearer {token}")]);
        command.args([
            "--seed",
            "1",
            "--max-examples",
            "30",
            "--phases",
            "examples,coverage,fuzzing,stateful",
            "--no-shrink",
        ]);
        command.args(["--checks", checks, "--workers", "1", "--request-timeout", "20", "--max-response-time", "10"]);
        command.args(["--warnings", "off", "--continue-on-failure"]);
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
