//! The gateway as a child process, on its embedded storage, with three clients and one kanaal. The binary is the one
//! named by GATEWAY_BIN, else the one built beside the running test.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::{Failure, http, target};

/// A client that may publish; its secret.
pub const PUBLISHER: (&str, &str) = ("publisher", "the-secret-of-the-publisher-in-tests");
/// A client that may subscribe; its secret.
pub const CONSUMER: (&str, &str) = ("consumer", "the-secret-of-the-consumer-in-tests");
/// A client that may do everything; its secret.
pub const BEHEER: (&str, &str) = ("beheer", "the-secret-of-the-administrator-in-tests");
/// The kanaal that exists from the start, also for events that name none.
pub const KANAAL: &str = "interop";

/// The path of the gateway binary; an error when it is not built.
pub fn binary() -> Result<PathBuf, Failure> {
    let binary = match std::env::var_os("GATEWAY_BIN") {
        Some(named) => PathBuf::from(named),
        None => target()?.join("debug").join("gateway"),
    };
    if !binary.is_file() {
        let why = "not built: `cargo build -p gateway`, or name it in GATEWAY_BIN".to_owned();
        return Err(Failure::Exchange { what: binary.display().to_string(), why });
    }
    Ok(binary)
}

/// A running gateway. It is stopped when this value is dropped.
pub struct Gateway {
    address: String,
    binary: PathBuf,
    folder: tempfile::TempDir,
    process: Child,
}

impl Gateway {
    /// Starts it and waits until it is ready. `more` is configuration: further tables.
    pub async fn start(more: &str) -> Result<Gateway, Failure> {
        let binary = binary()?;
        let folder = tempfile::tempdir().map_err(Failure::file(&std::env::temp_dir()))?;
        let port = free_port::free_port();
        let file = folder.path().join("gateway.toml");
        std::fs::write(&file, configuration(port, &folder, more)).map_err(Failure::file(&file))?;
        let log = folder.path().join("log");
        let output = std::fs::File::create(&log).map_err(Failure::file(&log))?;
        let process = Command::new(&binary)
            .args(["serve", "--config"])
            .arg(&file)
            // A change is never refused because the disk of the test machine is slow.
            .env("GATEWAY_LIMITS__STORE_SECONDS", "300")
            // Tools send many wrong tokens; how many of them in a minute depends on the machine.
            .env("GATEWAY_AUTH__MAX_FAILURES", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .map_err(Failure::file(&binary))?;
        let mut gateway = Gateway { address: format!("http://127.0.0.1:{port}"), binary, folder, process };
        gateway.ready().await.map(|()| gateway)
    }

    async fn ready(&mut self) -> Result<(), Failure> {
        let url = self.url("/readyz");
        for _ in 0..6_000 {
            if http::send("GET", &url, "", None).await.is_ok_and(|(status, _)| status == 200) {
                return Ok(());
            }
            if let Ok(Some(status)) = self.process.try_wait() {
                return Err(Failure::Exchange { what: format!("the gateway ended with {status}"), why: self.log() });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(Failure::Exchange { what: "the gateway is not ready".to_owned(), why: self.log() })
    }

    /// The URL of a path of this gateway.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// The log of the process so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// True as long as the process has not ended.
    pub fn runs(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// A token of a client, valid for an hour, as the gateway itself makes it for administrators.
    pub async fn token(&self, client: (&str, &str)) -> Result<String, Failure> {
        let fault = |why: String| Failure::Exchange { what: format!("a token of {}", client.0), why };
        let mut command = Command::new(&self.binary);
        command.args(["token", client.0, "--config"]).arg(self.folder.path().join("gateway.toml"));
        let output = command.output().await.map_err(|error| fault(error.to_string()))?;
        let token = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status.success() {
            Ok(token)
        } else {
            Err(fault(String::from_utf8_lossy(&output.stderr).into_owned()))
        }
    }

    /// A link that logs somebody with this role in to the console, as the gateway itself prints it for administrators.
    pub async fn login_link(&self, role: &str) -> Result<String, Failure> {
        self.print_link(&["--role", role]).await
    }

    /// The same with extra rights.
    pub async fn login_link_with(&self, role: &str, rights: &[&str]) -> Result<String, Failure> {
        let rights = rights.iter().flat_map(|right| ["--right", *right]);
        self.print_link(&["--role", role].into_iter().chain(rights).collect::<Vec<_>>()).await
    }

    /// The same with these roles, for somebody who acts for these clients.
    pub async fn login_link_of(&self, roles: &[&str], clients: &[&str]) -> Result<String, Failure> {
        let roles = roles.iter().flat_map(|role| ["--role", *role]);
        let clients = clients.iter().flat_map(|client| ["--client", *client]);
        self.print_link(&roles.chain(clients).collect::<Vec<_>>()).await
    }

    async fn print_link(&self, options: &[&str]) -> Result<String, Failure> {
        let fault = |why: String| Failure::Exchange { what: format!("a login link with {options:?}"), why };
        let mut command = Command::new(&self.binary);
        // Several links are made before a long walk: the last is used at its end.
        command.args(["login-link", "--minutes", "720"]).args(options);
        command.arg("--config").arg(self.folder.path().join("gateway.toml"));
        let output = command.output().await.map_err(|error| fault(error.to_string()))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(fault(String::from_utf8_lossy(&output.stderr).into_owned()))
        }
    }

    /// Makes a subscription with this sink and further members, and waits until the sink has consented.
    pub async fn subscribe(&self, token: &str, sink: &str, more: Value) -> Result<String, Failure> {
        let mut body = more;
        body["sink"] = json!(sink);
        body["protocol"] = json!("HTTP");
        let url = self.url("/v1/subscriptions");
        let made = http::send("POST", &url, token, Some(&body)).await?;
        let fault =
            |answer: &Value| Failure::Exchange { what: format!("a subscription of {sink}"), why: answer.to_string() };
        let (201, answer) = made else { return Err(fault(&made.1)) };
        let id = answer["id"].as_str().unwrap_or_default().to_owned();
        let mut last = answer;
        for _ in 0..6_000 {
            if last["status"]["state"] == "granted" {
                return Ok(id);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            last = http::send("GET", &format!("{url}/{id}"), token, None).await?.1;
        }
        Err(fault(&last))
    }
}

fn configuration(port: u16, folder: &tempfile::TempDir, more: &str) -> String {
    let data = folder.path().join("data");
    let applicatie = |(client_id, secret): (&str, &str), scopes: &[&str]| {
        format!("[[applicatie]]\nclient_id = {client_id:?}\nsecret = {secret:?}\nscopes = {scopes:?}\n")
    };
    format!(
        r#"
listen = "127.0.0.1:{port}"
data = "{data}"
origin = "gateway.interop.example"
source = "urn:nld:oin:00000001823288444000:systeem:gateway"
public_url = "http://127.0.0.1:{port}"
default_kanaal = "{KANAAL}"
[egress]
allow = ["127.0.0.0/8"]
allow_http = ["127.0.0.0/8"]
[[kanaal]]
naam = "{KANAAL}"
{publisher}{consumer}{beheer}{more}
"#,
        data = data.display(),
        publisher = applicatie(PUBLISHER, &["notificaties.publiceren"]),
        consumer = applicatie(CONSUMER, &["notificaties.consumeren"]),
        beheer = applicatie(BEHEER, &["notificaties.publiceren", "notificaties.consumeren", "notificaties.beheer"]),
    )
}
