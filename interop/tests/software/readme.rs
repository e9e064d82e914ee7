//! The blocks of README.md and of the trial in `docs/overstappen.md`, run as they are written, in order, by bash, with the
//! line that the demonstration prints. Only what would build, take a fixed port or a fixed folder is replaced.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use interop::{Failure, gateway, sources, target};
use tokio::process::{Child, Command};

fn fault(what: &str, why: impl std::fmt::Display) -> Failure {
    Failure::Exchange { what: what.to_owned(), why: why.to_string() }
}

fn root() -> PathBuf {
    sources().join("..")
}

/// The blocks without a language in a section (from its heading to the next one of two or fewer `#`).
fn blocks(page: &str, heading: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"));
    let start = text.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("{page}: {heading}"));
    let section = &text[start + heading.len() + 2..];
    let section = section.split("\n## ").next().unwrap_or_default();
    section.split("\n```\n").skip(1).step_by(2).map(str::to_owned).collect()
}

fn free_address() -> String {
    format!("127.0.0.1:{}", free_port::free_port())
}

/// A folder in which `gateway` and `webhook-validator` are the programs under test.
fn programs(folder: &Path) -> Result<PathBuf, Failure> {
    let bin = folder.join("bin");
    std::fs::create_dir(&bin).map_err(Failure::file(&bin))?;
    let validator = target()?.join("debug").join("webhook-validator");
    for (name, program) in [("gateway", gateway::binary()?), ("webhook-validator", validator)] {
        std::os::unix::fs::symlink(program, bin.join(name)).map_err(Failure::file(&bin))?;
    }
    Ok(bin)
}

/// `gateway demo --stay` on free ports; it ends with this value.
struct Demo {
    line: String,
    _process: Child,
}

impl Demo {
    async fn start(folder: &Path) -> Result<Demo, Failure> {
        let log = folder.join("demo.log");
        let output = std::fs::File::create(&log).map_err(Failure::file(&log))?;
        let mut command = Command::new(gateway::binary()?);
        command.args(["demo", "--stay", "--listen", &free_address(), "--subscriber", &free_address()]);
        let mut process = command
            .stdin(Stdio::null())
            .stdout(output)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| fault("gateway demo", error))?;
        loop {
            let printed = std::fs::read_to_string(&log).unwrap_or_default();
            if printed.contains("Both keep running") {
                let line = printed.lines().map(str::trim).find(|line| line.starts_with("export TOKEN="));
                let line = line.ok_or_else(|| fault("gateway demo", &printed))?.to_owned();
                return Ok(Demo { line, _process: process });
            }
            if let Ok(Some(status)) = process.try_wait() {
                return Err(fault("gateway demo", format!("ended with {status}: {printed}")));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Runs a script in the root of the repository; returns what it printed, on both outputs. It must succeed.
async fn bash(script: &str) -> Result<String, Failure> {
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", &format!("exec 2>&1\n{script}")]).current_dir(root());
    // A change is never refused because the disk of the test machine is slow.
    command.env("GATEWAY_LIMITS__STORE_SECONDS", "300");
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = output.map_err(|error| fault("bash", error))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}\n{script}\n{text}", output.status);
    Ok(text)
}

/// What the output of the README contains. The first three come after a moment, for which it has a `sleep 1`.
const SHOWN: [&str; 4] = ["\"state\": \"granted\"", "\"outcome\": \"delivered\"", "\"lastStatus\": 422", " 0 failed"];

/// Replaces each `sleep 1` by a wait until the command after it shows the next of these texts: a busy machine may take longer.
fn waiting(script: &str, shown: &[&str]) -> String {
    let mut shown = shown.iter();
    let wait = |line: &str| match line.strip_prefix("sleep 1; ") {
        Some(command) => {
            let text = shown.next().unwrap_or_else(|| panic!("what does {line:?} wait for?"));
            let look = format!("[[ $({{ {command}; }} 2>/dev/null) == *'{text}'* ]]");
            format!("for try in $(seq 3000); do if {look}; then break; fi; sleep 0.1; done; {command}")
        }
        None => line.to_owned(),
    };
    let script = script.lines().map(wait).collect::<Vec<_>>().join("\n");
    assert_eq!(shown.next(), None, "the README waits less often");
    script
}

#[tokio::test]
async fn g10_the_blocks_of_the_readme_work_as_written() -> Result<(), Failure> {
    let folder = tempfile::tempdir().map_err(|error| fault("a folder", error))?;
    let bin = programs(folder.path())?;
    let demo = Demo::start(folder.path()).await?;
    let mut blocks = blocks("README.md", "## By hand, with curl");
    assert_eq!(blocks.remove(0), "./demo --stay");
    let built = "cargo run --release -p webhook-validator --";
    assert_eq!(blocks.iter().filter(|block| block.contains(built)).count(), 1);
    let script = blocks.join("\n").replace(built, "webhook-validator");
    let script = waiting(&script, &SHOWN[..3]);
    let text = bash(&format!("export PATH={}:$PATH\n{}\n{script}", bin.display(), demo.line)).await?;
    let statuses: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("-> ")).collect();
    let expected = "201 201 200 202 202 202 201 200 202 200 200 202 202";
    assert_eq!(statuses.join(" "), expected, "{text}");
    for part in SHOWN {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    Ok(())
}

#[tokio::test]
async fn g10_the_program_runs_as_the_readme_says() -> Result<(), Failure> {
    let folder = tempfile::tempdir().map_err(|error| fault("a folder", error))?;
    let (bin, address) = (programs(folder.path())?, free_address());
    let [block] = <[String; 1]>::try_from(blocks("README.md", "## Run it")).expect("one block");
    let data = folder.path().join("data").display().to_string();
    let script = block.replace("cargo build --release -p gateway ", "true ");
    let script = script.replace("$PWD/target/release", &bin.display().to_string());
    let script = script.replace("/tmp/gateway", &data).replace("127.0.0.1:8090", &address);
    let served = format!("{script} &\n{}", until_ready(&address));
    let text = bash(&served).await?;
    assert!(text.contains("ok      configuration deploy/gateway.toml"), "{text}");
    Ok(())
}

/// Waits until the gateway is ready, then ends it, when the script goes on.
fn until_ready(address: &str) -> String {
    format!("trap 'kill $!; wait' EXIT\nuntil curl -fs http://{address}/readyz; do kill -0 $!; sleep 0.1; done")
}

#[tokio::test]
async fn g2_the_guide_to_replace_open_notificaties_works_as_written() -> Result<(), Failure> {
    let folder = tempfile::tempdir().map_err(|error| fault("a folder", error))?;
    let (bin, address) = (programs(folder.path())?, free_address());
    let demo = Demo::start(folder.path()).await?;
    let own = |text: &str| {
        text.replace("$PWD/target/release", &bin.display().to_string())
            .replace("/tmp/overstap", &folder.path().display().to_string())
            .replace("127.0.0.1:8090", &address)
    };
    let [second, third] = <[String; 2]>::try_from(blocks("docs/overstappen.md", "## Uitproberen")).expect("two blocks");
    // Step 5 of the guide, with the configuration that step 3 wrote.
    let steps = blocks("docs/overstappen.md", "## 5. Controleren");
    let check = steps[0].replace("--config gateway.toml", "--config /tmp/overstap/gateway.toml");
    let check = check.replace("127.0.0.1:8080", "127.0.0.1:8090");
    let granted = format!(
        "for try in $(seq 3000); do test $({} | grep -c granted) = 2 && break; sleep 0.1; done",
        check.lines().last().unwrap_or_default()
    );
    let script = format!(
        "{}\n{} &\n{}\n{}\n{}\n{}",
        demo.line,
        own(&second),
        until_ready(&address),
        own(&check),
        own(&granted),
        own(&third),
    );
    let text = bash(&script).await?;
    assert_eq!(text.matches("gemaakt").count(), 3, "a kanaal and two abonnementen: {text}");
    assert!(!text.contains("BAD"), "{text}");
    let last = text.rsplit("\"sink\"").take(2).collect::<String>();
    assert_eq!(last.matches("\"state\": \"granted\"").count(), 2, "{text}");
    // What was posted is answered with the notificatie.
    assert!(text.contains("\"hoofdObject\":\"https://zaken.example.nl/api/v1/zaken/d7a22\""), "{text}");
    Ok(())
}
