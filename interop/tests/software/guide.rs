//! The subscribers of `docs/subscriber.md`: the page shows the files that run here, `webhook-validator` finds nothing to
//! correct in them but the missing TLS, and each receives events from the gateway once, in every format.

use std::process::Stdio;
use std::time::Duration;

use interop::gateway::{CONSUMER, Gateway, KANAAL, PUBLISHER};
use interop::{Failure, http, sources, target, tools};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

const ORIGIN: &str = "gateway.interop.example";
const TOKEN: &str = "the-token";

/// A running subscriber; it ends with this value.
struct Subscriber {
    url: String,
    output: tempfile::NamedTempFile,
    _process: Child,
}

impl Subscriber {
    async fn start(mut command: Command) -> Result<Subscriber, Failure> {
        let what = format!("{command:?}");
        let fault = |why: String| Failure::Exchange { what: what.clone(), why };
        let port = free_port::free_port();
        let output = tempfile::NamedTempFile::new().map_err(|error| fault(error.to_string()))?;
        let file = output.reopen().map_err(|error| fault(error.to_string()))?;
        command.args([&port.to_string(), ORIGIN, TOKEN]).stdin(Stdio::null()).stdout(file).kill_on_drop(true);
        let mut process = command.spawn().map_err(|error| fault(error.to_string()))?;
        let url = format!("http://127.0.0.1:{port}/events");
        for _ in 0..6_000 {
            if http::send("OPTIONS", &url, "", None).await.is_ok() {
                return Ok(Subscriber { url, output, _process: process });
            }
            if let Ok(Some(status)) = process.try_wait() {
                return Err(fault(format!("ended with {status}")));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(fault("does not answer".to_owned()))
    }

    fn printed(&self) -> String {
        std::fs::read_to_string(self.output.path()).unwrap_or_default()
    }
}

async fn every() -> Result<Vec<Subscriber>, Failure> {
    let guide = sources().join("guide");
    let mut python = Command::new("python3");
    python.arg(guide.join("subscriber.py"));
    let mut node = Command::new("node");
    node.arg(guide.join("subscriber.mjs"));
    let mut java = Command::new("java");
    java.args(["-cp", &tools::java(&guide)?, "Subscriber"]);
    let mut running = Vec::new();
    for command in [python, node, java] {
        running.push(Subscriber::start(command).await?);
    }
    Ok(running)
}

#[test]
fn g13_the_page_shows_the_files_that_are_tested() {
    let read = |path: &str| std::fs::read_to_string(sources().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"));
    let page = read("../docs/subscriber.md");
    for (language, file) in [("python", "subscriber.py"), ("javascript", "subscriber.mjs"), ("java", "Subscriber.java")]
    {
        let block = format!("```{language}\n{}```\n", read(&format!("guide/{file}")));
        assert!(page.contains(&block), "docs/subscriber.md does not show interop/guide/{file} as it is");
    }
}

#[tokio::test]
async fn g13_the_subscribers_of_the_guide_pass_the_validator() -> Result<(), Failure> {
    for subscriber in every().await? {
        for format in ["structured", "binary", "batch"] {
            let mut command = Command::new(target()?.join("debug").join("webhook-validator"));
            command.arg(&subscriber.url).args(["--json", "--allow", "127.0.0.0/8", "--rate", "6000"]);
            command.args(["--format", format, "--origin", ORIGIN, "--slow-after", "3600"]);
            command.args(["--authorization", &format!("Bearer {TOKEN}")]);
            let what = format!("{command:?}");
            let fault = |why: String| Failure::Exchange { what: what.clone(), why };
            let output = command.stdin(Stdio::null()).output().await.map_err(|error| fault(error.to_string()))?;
            let report: Value = serde_json::from_slice(&output.stdout).map_err(|error| fault(error.to_string()))?;
            let findings = report["findings"].as_array().cloned().unwrap_or_default();
            let with = |verdict: &str| -> Vec<&str> {
                let found = findings.iter().filter(|finding| finding["verdict"] == verdict);
                found.filter_map(|finding| finding["id"].as_str()).collect()
            };
            assert_eq!(with("fail"), [""; 0], "{what}: {report:#}");
            assert_eq!(with("warn"), ["NLG-WH-01"], "the test has no TLS; {what}: {report:#}");
            assert!(with("pass").len() > 20, "{what}: {report:#}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn g13_the_subscribers_of_the_guide_receive_from_the_gateway() -> Result<(), Failure> {
    let subscribers = every().await?;
    let gateway = Gateway::start("").await?;
    let (consumer, publisher) = (gateway.token(CONSUMER).await?, gateway.token(PUBLISHER).await?);
    for subscriber in &subscribers {
        for format in ["structured", "binary", "batch"] {
            let credential = json!({
                "credentialtype": "ACCESSTOKEN", "accesstoken": TOKEN, "accesstokentype": "bearer",
                "accesstokenexpiresutc": null,
            });
            let config = json!({"kanalen": [KANAAL], "format": format});
            let more = json!({"sinkcredential": credential, "config": config});
            gateway.subscribe(&consumer, &subscriber.url, more).await?;
        }
    }
    for id in ["een", "twee"] {
        let event = json!({
            "specversion": "1.0", "id": id, "source": "urn:nld:oin:00000001823288444000:systeem:x",
            "type": "nl.overheid.interop.x", "data": {"n": 1},
        });
        let url = gateway.url("/v1/events");
        let answer = http::send_as("application/cloudevents+json", "POST", &url, &publisher, Some(&event)).await?;
        assert_eq!(answer.0, 202, "{}", answer.1);
    }
    for subscriber in &subscribers {
        let complete = |text: &str| ["x een\n", "x twee\n"].iter().all(|line| text.contains(line));
        for _ in 0..6_000 {
            if complete(&subscriber.printed()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let text = subscriber.printed();
        assert!(complete(&text), "{}: {text:?}\n{}", subscriber.url, gateway.log());
        assert_eq!(text.lines().count(), 2, "an event that comes three times is processed once: {text}");
    }
    Ok(())
}
