//! What the built program leaves on the machine: files that are its user's alone, and log lines that lead from a refusal to a
//! client.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::json;

use crate::support::{Client, eventually, process::Process, program};

/// A program with a directory of its own; its log is a file there.
struct Program {
    directory: tempfile::TempDir,
    port: u16,
    _process: Process,
}

impl Program {
    async fn start() -> Self {
        let (directory, port) = (tempfile::tempdir().expect("a directory"), free_port::free_port());
        std::fs::write(directory.path().join("gateway.toml"), configuration(directory.path(), port)).expect("a file");
        let log = std::fs::File::create(directory.path().join("log")).expect("a file");
        let mut command = program::serve(&directory.path().join("gateway.toml"));
        let process = Process::start(command.stderr(Stdio::from(log)));
        let program = Self { directory, port, _process: process };
        let client = program.client(None);
        eventually("a gateway that is ready", || async {
            client.try_get("/readyz").await.filter(|answer| answer.status == 200)
        })
        .await;
        program
    }

    fn client(&self, client_id: Option<&str>) -> Client {
        let token = client_id.map(|client_id| program::token(&self.directory.path().join("gateway.toml"), client_id));
        Client::new(format!("http://127.0.0.1:{}", self.port), token)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

fn configuration(directory: &Path, port: u16) -> String {
    format!(
        "listen = \"127.0.0.1:{port}\"\ndata = \"{}\"\norigin = \"gateway.test\"\n\
         [[applicatie]]\nclient_id = \"lezer\"\nsecret = \"the long enough secret of the reader\"\n\
         scopes = [\"notificaties.consumeren\"]\n",
        directory.join("data").display()
    )
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

#[tokio::test]
async fn e1_files_are_for_the_user_of_the_program_alone_and_check_advises_on_others() {
    let program = Program::start().await;
    assert_eq!(mode(&program.path("data")), 0o700);
    for name in ["gateway.sqlite", "gateway.sqlite-wal", "journal.sqlite", "secrets.key"] {
        assert_eq!(mode(&program.path("data").join(name)), 0o600, "{name}");
    }
    let open =
        |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("permissions");
    let check = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        let output = command.args(["check", "--config"]).arg(program.path("gateway.toml")).output().expect("check");
        String::from_utf8(output.stdout).expect("text")
    };
    open(&program.path("gateway.toml"), 0o600);
    assert!(!check().contains("can be read by others"), "{}", check());
    open(&program.path("data/secrets.key"), 0o644);
    open(&program.path("data"), 0o755);
    open(&program.path("gateway.toml"), 0o604);
    let text = check();
    for advice in ["data can be read by others (755); chmod 700", "secrets.key can be read by others (644); chmod 600"]
    {
        assert!(text.contains(advice), "{text}");
    }
    assert!(text.contains("gateway.toml can be read by others (604); chmod 600"), "{text}");
}

#[tokio::test]
async fn e4_a_problem_document_leads_to_the_client_in_the_log() {
    let program = Program::start().await;
    let reader = program.client(Some("lezer"));
    let refused = reader.post("/v1/kanalen", json!({"naam": "x"})).await.expect(403).json();
    let instance = refused["instance"].as_str().expect("an instance");
    let line = eventually("the line of the refusal", || async {
        let log = std::fs::read_to_string(program.path("log")).unwrap_or_default();
        log.lines().find(|line| line.contains(instance)).map(str::to_owned)
    })
    .await;
    for part in ["client=\"lezer\"", "method=POST", "/v1/kanalen", "status=403", "reason="] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}
