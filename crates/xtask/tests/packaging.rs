//! Checks of files that are not Rust: the scripts parse, can be run and ask before they fail, the systemd unit is
//! well formed and confined. The container file is checked by `cargo xtask tidy`, the sample configuration by the gateway.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn unit() -> String {
    std::fs::read_to_string(file("deploy/gateway.service")).expect("deploy/gateway.service is there")
}

#[test]
fn scripts_parse_and_can_be_run() {
    for (script, runnable) in [
        ("demo", true),
        ("test", true),
        (".ci/run", true),
        (".ci/need.sh", false),
        ("deploy/kafka/broker", true),
        ("deploy/kafka/local", true),
    ] {
        let parsed = Command::new("bash").arg("-n").arg(file(script)).status().expect("bash is there");
        assert!(parsed.success(), "{script} does not parse");
        let mode = std::fs::metadata(file(script)).expect("the script is there").permissions().mode();
        assert_eq!(mode & 0o111 != 0, runnable, "{script} has mode {mode:o}");
    }
}

#[test]
fn with_an_old_rust_the_scripts_say_what_to_do() {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("old-rust");
    std::fs::create_dir_all(&home).expect("a directory for the stand-in");
    let cargo = home.join("cargo");
    std::fs::write(&cargo, "#!/bin/sh\necho 'cargo 1.80.0 (a day in 2024)'\n").expect("a stand-in for cargo");
    std::fs::set_permissions(&cargo, Permissions::from_mode(0o755)).expect("it can be run");
    for script in ["demo", "test", ".ci/run"] {
        let path = format!("{}:/usr/bin:/bin", home.display());
        let ran = Command::new("bash").arg(file(script)).env("PATH", path).env("HOME", &home).output();
        let ran = ran.expect("bash is there");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(!ran.status.success() && said.contains("rustup") && said.contains("1.80.0"), "{script}: {said}");
    }
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
    // The binary is not installed where tests run; a program that always exists replaces it.
    let unit = unit().replace("ExecStart=/usr/local/bin/gateway ", "ExecStart=/bin/true ");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gateway.service");
    std::fs::write(&file, unit).expect("a file for the copy");
    let verdict =
        Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&file).output().expect("it ran before");
    let said = String::from_utf8_lossy(&verdict.stderr);
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("gateway.service")).collect();
    assert!(verdict.status.success() && ours.is_empty(), "{said}");
}
