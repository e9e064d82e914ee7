//! `cargo xtask dist` with the programs of the debug build: the files are there and match their checksums, the bill of materials
//! names what is compiled in, and the Debian package can be installed and its gateway starts. Needs both programs built.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// The folder of the debug build: the parent of that of this test.
fn built() -> PathBuf {
    let test = std::env::current_exe().expect("this program");
    test.ancestors().nth(2).expect("the folder of the build").to_owned()
}

/// Installs the package into a folder of its own, as `dpkg -i` would into the system.
fn install(package: &Path, root: &Path) {
    std::fs::create_dir_all(root.join("var/lib/dpkg/updates")).expect("a folder");
    std::fs::create_dir_all(root.join("var/lib/dpkg/info")).expect("a folder");
    File::create(root.join("var/lib/dpkg/status")).expect("a file");
    let mut dpkg = Command::new("dpkg");
    dpkg.arg(format!("--root={}", root.display())).args([
        "--force-not-root",
        "--force-depends",
        "--log=/dev/null",
        "-i",
    ]);
    run(dpkg.arg(package).env("PATH", "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"));
}

/// Starts the installed gateway on its sample configuration until it is ready, and ends it.
fn start(root: &Path) {
    let log = root.join("log");
    let listen = format!("127.0.0.1:{}", free_port::free_port());
    let mut gateway = Command::new(root.join("usr/bin/gateway"))
        .args(["serve", "--listen", &listen, "--data"])
        .arg(root.join("data"))
        .arg("--config")
        .arg(root.join("usr/share/doc/event-gateway/examples/gateway.toml"))
        .stdin(Stdio::null())
        .stderr(File::create(&log).expect("a file"))
        .spawn()
        .expect("the gateway starts");
    let listening = || std::fs::read_to_string(&log).unwrap_or_default().contains("listening");
    let mut ended = None;
    while ended.is_none() && !listening() {
        std::thread::sleep(Duration::from_millis(50));
        ended = gateway.try_wait().expect("its state");
    }
    assert!(listening(), "{ended:?}: {}", std::fs::read_to_string(&log).unwrap_or_default());
    run(Command::new("kill").arg(gateway.id().to_string()));
    assert!(gateway.wait().expect("its end").success());
}

#[test]
fn g9_a_release_can_be_checked_installed_and_started() {
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dist");
    if work.exists() {
        std::fs::remove_dir_all(&work).expect("the folder of the run before");
    }
    let dist = work.join("dist");
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    run(xtask.args(["dist", "--version", "9.8.7"]).arg("--binaries").arg(built()).arg("--output").arg(&dist));

    run(Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(&dist));
    let architecture = run(Command::new("dpkg").arg("--print-architecture")).trim().to_owned();
    let file = |name: &str| dist.join(name.replace("ARCH", &architecture));
    let listed = run(Command::new("tar").arg("-tzf").arg(file("event-gateway-9.8.7-ARCH.tar.gz")));
    for name in ["gateway", "webhook-validator", "LICENSE"] {
        assert!(listed.lines().any(|line| line.ends_with(&format!("/{name}"))), "{name} is not in {listed}");
    }

    let sbom = std::fs::read_to_string(file("event-gateway-9.8.7.cdx.json")).expect("the bill of materials");
    let sbom: Value = serde_json::from_str(&sbom).expect("JSON");
    assert_eq!((&sbom["bomFormat"], &sbom["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
    let components = sbom["components"].as_array().expect("components");
    let named = |name: &str| components.iter().find(|component| component["name"] == name);
    for name in ["tokio", "rusqlite", "rdkafka-sys", "rustls"] {
        let component = named(name).unwrap_or_else(|| panic!("{name} is compiled in"));
        assert!(component["licenses"][0]["expression"].is_string(), "{component}");
        assert_eq!(component["hashes"][0]["content"].as_str().map(str::len), Some(64), "{component}");
    }
    assert!(named("criterion").is_none(), "what only tests use is not in a program");
    let references: Vec<&Value> = components.iter().map(|component| &component["bom-ref"]).collect();
    for dependency in sbom["dependencies"].as_array().expect("dependencies").iter().skip(1) {
        let used = dependency["dependsOn"].as_array().expect("a list");
        assert!(used.iter().all(|one| references.contains(&one)), "{dependency}");
    }
    let licences = std::fs::read_to_string(file("event-gateway-9.8.7.licences.txt")).expect("the licences");
    assert!(licences.contains("\ntokio ") && licences.contains("Permission is hereby granted"));

    let root = work.join("root");
    let package = file("event-gateway_9.8.7_ARCH.deb");
    let fields = run(Command::new("dpkg-deb").arg("--field").arg(&package));
    for part in ["Package: event-gateway", "Version: 9.8.7", "libssl3", "zlib1g", "libc6 (>= 2."] {
        assert!(fields.contains(part), "{part} is not in {fields}");
    }
    install(&package, &root);
    let unit = std::fs::read_to_string(root.join("usr/lib/systemd/system/gateway.service")).expect("the unit");
    assert!(unit.contains("\nExecStart=/usr/bin/gateway serve "), "{unit}");
    assert!(!root.join("etc").exists(), "no configuration is installed: its secret would be known");
    start(&root);
}
