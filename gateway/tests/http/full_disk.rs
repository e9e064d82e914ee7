//! A disk that is full, as the program sees it: 503 with `Retry-After`, nothing half stored, and normal work again once there
//! is room. A limit on file sizes simulates the disk.

use std::{path::Path, process::Command};

use http::Method;
use model::{Clock, clock::SystemClock};
use serde_json::json;
use web::auth::jwt;

use crate::support::{Client, eventually, process::Process};

/// The largest file, in KiB: room for the schema and some events.
const KIBIBYTES: u32 = 512;

/// Starts the program under a bound on file sizes that makes writes fail instead of ending it.
fn start(config: &Path) -> Process {
    let script = format!("trap '' XFSZ; ulimit -S -f {KIBIBYTES}; exec \"$0\" serve --config \"$1\"");
    Process::start(Command::new("bash").args(["-c", &script, env!("CARGO_BIN_EXE_gateway")]).arg(config))
}

#[tokio::test]
async fn h2_a_full_disk_gives_503_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], free_port::free_port()));
    let config = dir.path().join("gateway.toml");
    let text = format!(
        "listen = \"{address}\"\ndata = \"{}\"\n[log]\nlevel = \"off\"\n[[applicatie]]\nclient_id = \"a\"\n\
         secret = \"a secret that is long\"\nscopes = [\"notificaties.publiceren\", \"notificaties.beheer\"]",
        dir.path().join("data").display()
    );
    std::fs::write(&config, text).unwrap();
    let program = start(&config);
    let client = Client::new(
        format!("http://{address}"),
        Some(jwt::mint("a", b"a secret that is long", SystemClock::default().now())),
    );
    eventually("a listener", || async { tokio::net::TcpStream::connect(address).await.is_ok().then_some(()) }).await;
    let publish = async |id: u32| {
        let event = json!({"specversion": "1.0", "id": id.to_string(), "source": "s", "type": "a.b.c",
            "datacontenttype": "application/json", "data": "x".repeat(4_000)});
        let headers = [("content-type", "application/cloudevents+json")];
        client.send(Method::POST, "/v1/events", &headers, event.to_string()).await
    };
    let mut accepted: Vec<u32> = Vec::new();
    let mut refused = None;
    for id in 0..1_000 {
        let answer = publish(id).await;
        if answer.status == 503 {
            refused = Some(answer);
            break;
        }
        answer.expect(202);
        accepted.push(id);
    }
    let refused = refused.expect("the disk is full at last");
    assert!(refused.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok_and(|s| s > 0)));
    assert_eq!(refused.problem(503).0, "unavailable");
    assert!(!accepted.is_empty(), "there was room for some");
    eventually("readiness notices", || async {
        let answer = client.get("/readyz").await;
        let reason = answer.json()["checks"]["storage"].as_str().unwrap_or_default().to_owned();
        (answer.status == 503 && reason.contains("storage is unavailable")).then_some(())
    })
    .await;

    let pid = program.0.id().to_string();
    let raised = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status().expect("prlimit runs");
    assert!(raised.success());
    eventually("room again", || async { (publish(5_000).await.status == 202).then_some(()) }).await;
    accepted.push(5_000);
    let found = eventually("every accepted event", || async {
        let list = client.get("/v1/events?pageSize=500").await.json();
        let rows = list["results"].as_array().cloned().unwrap_or_default();
        let mut ids: Vec<u32> = rows.iter().filter_map(|row| row["id"].as_str()?.parse().ok()).collect();
        ids.sort_unstable();
        (ids.len() >= accepted.len()).then_some(ids)
    })
    .await;
    assert_eq!(found, accepted, "what was refused is not there");
}
