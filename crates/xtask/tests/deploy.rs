//! The files of deploy/ hold what they promise: the systemd unit is well formed and confined. The container file is
//! checked by `cargo xtask tidy`, the sample configuration by the gateway's own tests.

use std::path::{Path, PathBuf};
use std::process::Command;

fn deploy(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(file)
}

fn unit() -> String {
    std::fs::read_to_string(deploy("gateway.service")).expect("deploy/gateway.service is there")
}

#[test]
fn the_service_is_confined() {
    let unit = unit();
    for line in [
        "DynamicUser=yes",
        "StateDirectory=gateway",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "PrivateDevices=yes",
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
        "SystemCallFilter=@system-service",
        "Restart=on-failure",
        "KillSignal=SIGTERM",
    ] {
        assert!(unit.lines().any(|present| present == line), "gateway.service lacks {line}");
    }
}

#[test]
fn systemd_accepts_the_service() {
    let Ok(version) = Command::new("systemd-analyze").arg("--version").output() else {
        println!("no systemd here: the unit is read by the other test only");
        return;
    };
    assert!(version.status.success(), "systemd-analyze does not run");
    // The binary is not installed where tests run; a program that is always there stands in for it.
    let unit = unit().replace("ExecStart=/usr/local/bin/gateway ", "ExecStart=/bin/true ");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gateway.service");
    std::fs::write(&file, unit).expect("a file for the copy");
    let verdict =
        Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&file).output().expect("it ran before");
    let said = String::from_utf8_lossy(&verdict.stderr);
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("gateway.service")).collect();
    assert!(verdict.status.success() && ours.is_empty(), "{said}");
}
