//! The library of Open Zaak and related applications, `notifications-api-common`, in a small Django project (`django/`): the
//! gateway replaces Open Notificaties for it, for publishing and for subscribing. The project checks what it receives; this
//! test checks that every step ran, and what the gateway reports about it.

use std::time::Duration;

use interop::gateway::{BEHEER, Gateway};
use interop::{Failure, http, program, sources, tools};
use serde_json::Value;
use tokio::process::Command;

/// What the project has to have done, in order.
const STEPS: &[&str] = &[
    "retried after a refusal",
    "kanalen registered, again, and changed",
    "webhooks registered",
    "every action notified and received",
    "a notification without source received",
    "retried after a refused connection",
    "CloudEvents with and without null members received",
];

/// Notifications and CloudEvents that the project sends.
const SENT: usize = 1 + 6 + 1 + 1 + 2;

/// Longest the project may take.
const PATIENCE: Duration = Duration::from_mins(10);

const APPLICATIE: &str = r#"
[[applicatie]]
client_id = "open-zaak"
secret = "the-secret-of-open-zaak-in-the-tests"
scopes = ["notificaties.publiceren", "notificaties.consumeren"]
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notifications_api_common_publishes_and_receives() -> Result<(), Failure> {
    let project = sources().join("django");
    let python = tools::python(&project)?;
    let gateway = Gateway::start(APPLICATIE).await?;
    let folder = tempfile::tempdir().map_err(Failure::file(&project))?;
    let mut command = Command::new(python.join("bin/python"));
    command.arg("scenario.py").arg(gateway.url("")).args(["open-zaak", "the-secret-of-open-zaak-in-the-tests"]);
    command.current_dir(&project).env("DATABASE", folder.path().join("database")).env("PYTHONDONTWRITEBYTECODE", "1");
    let lines = program::run("the Django project", command, PATIENCE).await?;

    let steps: Vec<_> = lines.iter().filter_map(|line| line["step"].as_str()).collect();
    assert_eq!(steps, STEPS);
    let beheer = gateway.token(BEHEER).await?;
    let url = gateway.url("/v1/events?kanaal=zaken");
    // The list follows the log.
    let (mut events, mut kept) = (Value::Null, 0);
    for _ in 0..3_000 {
        events = http::send("GET", &url, &beheer, None).await?.1;
        kept = events["results"].as_array().map_or(0, Vec::len);
        if kept >= SENT {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(kept, SENT, "{events}");
    let dead = http::send("GET", &gateway.url("/v1/dead-letters"), &beheer, None).await?.1;
    assert_eq!(dead["count"], 0, "{dead}");
    println!("{} steps of notifications-api-common, {kept} events, none twice, no dead letter", steps.len());
    Ok(())
}
