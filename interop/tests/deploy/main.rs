//! The files in `deploy/` that run the gateway: the chart is rendered by Helm's own packages and its manifests are checked
//! against the schemas of Kubernetes, the Compose file is read by Compose's own package, and the result is run: the gateway
//! as a process with the environment and files of its container, against a real Kafka. No container is started, so what the
//! images bring (libraries, users) is not tried here.

mod authority;
mod broker;
mod chart;
mod compose;
mod container;
mod examples;
mod image;
mod monitoring;
mod nginx;
mod nodes;
mod refusals;
mod rules;
mod tokens;
mod unit;

use std::path::PathBuf;
use std::time::Duration;

use interop::{Failure, program, sources, tools};
use serde_json::Value;
use tokio::process::Command;

/// Longest that a tool may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// A file of `deploy/`.
fn deploy(path: &str) -> PathBuf {
    sources().join("../deploy").join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(deploy(path)).unwrap_or_else(|error| panic!("deploy/{path}: {error}"))
}

/// What the tools of Compose and Helm make of a file or folder; see `interop/deploy/main.go`.
async fn ask<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>) -> Result<Value, Failure> {
    let mut command = Command::new(tools::go(&sources().join("deploy"))?);
    command.args(arguments);
    Ok(program::run("the tools of Compose and Helm", command, PATIENCE).await?.pop().unwrap_or_default())
}

/// The strings of a JSON array.
fn texts(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}
