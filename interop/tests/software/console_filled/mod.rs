//! The web console in a browser (`interop/console/filled.js`, Chromium by Playwright), of a gateway in which something of
//! everything is: hostile data, pictures, the jobs of an administrator, and people who log in with Keycloak. Not the pages of an empty one: those are in `console`.

mod filled;
mod jobs;
mod keycloak;
mod pages;
mod pictures;

use std::time::Duration;

use interop::{Failure, program, sources, tools};
use serde_json::Value;
use tokio::process::Command;

/// Longest that a browser prints nothing: for one page, or one task.
const PATIENCE: Duration = Duration::from_mins(20);

/// Runs the browser on a task (`filled.js`); returns its lines.
async fn browse(task: &Value) -> Result<Vec<Value>, Failure> {
    let folder = sources().join("console");
    let mut command = Command::new("node");
    command.arg(folder.join("filled.js")).arg(tools::node(&folder)?).arg(task.to_string());
    program::run("the browser", command, PATIENCE).await
}

/// Runs the browser on a task that prints one line.
async fn browse_once(task: &Value) -> Result<Value, Failure> {
    let mut lines = browse(task).await?;
    assert_eq!(lines.len(), 1, "{lines:?}");
    Ok(lines.remove(0))
}

fn is_empty(line: &Value, member: &str) -> bool {
    line[member].as_array().is_some_and(Vec::is_empty)
}
