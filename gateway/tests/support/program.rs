//! The commands of the gateway that tests need of a node: `serve` and `token`.

use std::{path::Path, process::Command};

/// `gateway serve` with this configuration.
pub fn serve(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    command.args(["serve", "--config"]).arg(config);
    // Tests publish as fast as they can.
    command.env("GATEWAY_LIMITS__REQUESTS_PER_SECOND", "0");
    // A change is never refused because the disk of the test machine is slow.
    command.env("GATEWAY_LIMITS__STORE_SECONDS", "300");
    command
}

/// What `gateway token` prints for an applicatie of this configuration.
pub fn token(config: &Path, client_id: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    let output = command.args(["token", client_id, "--config"]).arg(config).output().expect("gateway token");
    assert!(output.status.success(), "gateway token: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("a token").trim().to_owned()
}
