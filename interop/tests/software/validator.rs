//! `webhook-validator` against a subscriber made with the JavaScript SDK for CloudEvents: it fails no requirement, in any
//! format that it can be set to; and members that the SDK invents are found.

use std::process::Stdio;

use interop::program::Server;
use interop::{Failure, sources, target, tools};
use serde_json::Value;
use tokio::process::Command;

#[tokio::test]
async fn a_subscriber_with_the_javascript_sdk_passes() -> Result<(), Failure> {
    let modules = tools::node(&sources().join("js"))?;
    let mut command = Command::new("node");
    let program = sources().join("js/subscriber.js");
    command.arg(program).args(["gateway.example", "the-token"]).env("NODE_PATH", modules);
    let subscriber = Server::start("subscriber", command).await?;
    for format in ["structured", "binary", "batch"] {
        let mut command = Command::new(target()?.join("debug").join("webhook-validator"));
        command.arg(format!("http://127.0.0.1:{}/events", subscriber.port)).args(["--json", "--format", format]);
        command.args([
            "--allow",
            "127.0.0.0/8",
            "--origin",
            "gateway.example",
            "--rate",
            "6000",
            "--slow-after",
            "3600",
        ]);
        command.args(["--authorization", "Bearer the-token"]);
        let what = format!("{command:?}");
        let fault = |why: String| Failure::Exchange { what: what.clone(), why };
        let output = command.stdin(Stdio::null()).output().await.map_err(|error| fault(error.to_string()))?;
        let report: Value = serde_json::from_slice(&output.stdout).map_err(|error| fault(error.to_string()))?;
        let with = |verdict: &str| -> Vec<Value> {
            let findings = report["findings"].as_array().cloned().unwrap_or_default();
            findings
                .into_iter()
                .filter(|finding| finding["verdict"] == verdict)
                .map(|finding| finding["id"].clone())
                .collect()
        };
        assert_eq!(with("fail"), [""; 0], "{format}: {report:#}");
        // The test machine has no TLS, and the SDK gives an event in JSON without id one of its own.
        let warned = if format == "binary" { &["NLG-WH-01"][..] } else { &["NLG-WH-01", "CE-CTX-01"] };
        assert_eq!(with("warn"), warned, "{format}: {report:#}");
        assert!(with("pass").len() > 20, "{format}: {report:#}");
    }
    Ok(())
}
