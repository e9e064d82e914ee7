//! Keycloak (`interop/keycloak/`), the provider that most municipalities have: people log in to the console and out of both, with
//! roles from claims, and a program publishes with an access token. It starts once, as it takes half a minute.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use interop::gateway::Gateway;
use interop::{Failure, http, program, sources, tools};
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::time::Instant;

use super::{browse_once, is_empty};

/// Longest it may take to start.
const START: Duration = Duration::from_mins(10);

/// What its own start script passes to Java 17, with a compiler that starts sooner and a smaller heap.
const FLAGS: [&str; 12] = [
    "-Xms128m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Dfile.encoding=UTF-8",
    "-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-opens=java.base/java.security=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
];

/// A running Keycloak with the realm of `realm.json`. It is stopped when this value is dropped.
struct Keycloak {
    folder: tempfile::TempDir,
    process: Child,
}

fn issuer(port: u16) -> String {
    format!("http://127.0.0.1:{port}/realms/medewerkers")
}

impl Keycloak {
    /// Starts it on a port, as provider of this gateway, and waits until it answers.
    async fn start(port: u16, gateway: &str) -> Result<Self, Failure> {
        let sources = sources().join("keycloak");
        let home = tools::keycloak(&sources)?;
        let folder = tempfile::tempdir().map_err(Failure::file(&std::env::temp_dir()))?;
        fill(folder.path(), &home, &sources, gateway)?;
        let output = std::fs::File::create(folder.path().join("log")).map_err(Failure::file(folder.path()))?;
        let mut command = Command::new("java");
        command.args(FLAGS).arg(format!("-Dkc.home.dir={}", folder.path().display()));
        command.arg(format!("-Djboss.server.config.dir={}", folder.path().join("conf").display()));
        command.arg("-cp").arg(folder.path().join("lib/quarkus-run.jar"));
        command.args(["io.quarkus.bootstrap.runner.QuarkusEntryPoint", "start", "--optimized", "--import-realm"]);
        command.args(["--http-enabled=true", "--http-host=127.0.0.1", "--hostname-strict=false", "--cache=local"]);
        command.arg(format!("--http-port={port}")).current_dir(folder.path());
        command.stdin(Stdio::null()).stdout(output).stderr(Stdio::null()).kill_on_drop(true);
        let process = command.spawn().map_err(Failure::file(Path::new("java")))?;
        let mut keycloak = Self { folder, process };
        keycloak.ready(port).await.map(|()| keycloak)
    }

    async fn ready(&mut self, port: u16) -> Result<(), Failure> {
        let (start, url) = (Instant::now(), format!("{}/.well-known/openid-configuration", issuer(port)));
        while start.elapsed() < START {
            if http::send("GET", &url, "", None).await.is_ok_and(|(status, _)| status == 200) {
                println!("Keycloak answers after {:.1} s", start.elapsed().as_secs_f32());
                return Ok(());
            }
            if let Ok(Some(status)) = self.process.try_wait() {
                return Err(Failure::Exchange { what: format!("Keycloak ended with {status}"), why: self.log() });
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Err(Failure::Exchange { what: "Keycloak is not ready".to_owned(), why: self.log() })
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// A home folder with the programs of the distribution, and a realm in which the gateway is a client.
fn fill(folder: &Path, home: &Path, sources: &Path, gateway: &str) -> Result<(), Failure> {
    for name in ["lib", "conf", "providers", "themes"] {
        symlink(home.join(name), folder.join(name)).map_err(Failure::file(folder))?;
    }
    let import = folder.join("data/import");
    std::fs::create_dir_all(&import).map_err(Failure::file(&import))?;
    let file = sources.join("realm.json");
    let realm = std::fs::read_to_string(&file).map_err(Failure::file(&file))?;
    let file = import.join("medewerkers.json");
    std::fs::write(&file, realm.replace("{gateway}", gateway)).map_err(Failure::file(&file))
}

fn configuration(issuer: &str) -> String {
    format!(
        r#"
[[applicatie]]
client_id = "open-zaak"
[auth.oidc]
issuer = "{issuer}"
audience = "eventgateway"
scopes_claim = "realm_access.roles"
scope_prefix = "eventgateway:"
clients = {{ zaaksysteem = "open-zaak" }}
[console]
organisation = "Gemeente Voorbeeld"
[console.oidc]
issuer = "{issuer}"
client_id = "eventgateway"
client_secret = "het geheim van de eventgateway"
timeout_seconds = 60
[console.claims]
roles = ["realm_access", "roles"]
[console.claims.grants]
beheerder = ["eventgateway-beheerder"]
auditor = ["eventgateway-auditor"]
"#
    )
}

/// An access token by client credentials.
async fn access_token(issuer: &str) -> Result<String, Failure> {
    let mut command = Command::new("curl");
    command.args(["-sS", "--max-time", "60", "-d", "grant_type=client_credentials", "-d", "client_id=zaaksysteem"]);
    command.args(["--data-urlencode", "client_secret=het geheim van het zaaksysteem"]);
    command.arg(format!("{issuer}/protocol/openid-connect/token"));
    let answer = program::run("curl", command, Duration::from_mins(2)).await?.remove(0);
    Ok(answer["access_token"].as_str().unwrap_or_else(|| panic!("no token: {answer}")).to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keycloak_logs_people_in_and_out_and_its_access_tokens_publish() -> Result<(), Failure> {
    let port = free_port::free_port();
    let issuer = issuer(port);
    let gateway = Gateway::start(&configuration(&issuer)).await?;
    let _keycloak = Keycloak::start(port, &gateway.url("")).await?;

    let token = access_token(&issuer).await?;
    let event = json!({"specversion": "1.0", "id": "1", "source": "urn:x", "type": "nl.overheid.zaken.x"});
    let publish = async |token: &str| {
        let url = gateway.url("/v1/events");
        http::send_as("application/cloudevents+json", "POST", &url, token, Some(&event)).await
    };
    assert_eq!(publish(&token).await?.0, 202);
    // The token grants publishing, and nothing else.
    let subscription = json!({"sink": "http://127.0.0.1:9/", "protocol": "HTTP", "config": {"kanalen": ["interop"]}});
    let refused = http::send("POST", &gateway.url("/v1/subscriptions"), &token, Some(&subscription)).await?;
    assert_eq!(refused.0, 403, "{}", refused.1);

    let person = json!({"issuer": issuer, "user": "anna", "password": "het wachtwoord van Anna"});
    let seen = browse_once(&json!({"base": gateway.url(""), "keycloak": person})).await?;
    let shown = seen["shown"].as_str().unwrap_or_default();
    assert!(shown.contains("Anna de Vries") && shown.contains("beheerder") && shown.contains("auditor"), "{seen}");
    assert!(is_empty(&seen, "breaches") && is_empty(&seen, "foreign"), "{seen}");
    // Logged out of both by the console: the browser comes back, and the provider asks for the password again.
    assert_eq!(seen["end"], json!(gateway.url("/beheer/inloggen")), "{seen}");
    assert_eq!(seen["asked"], json!([true, true]), "{seen}");
    // Logged out at the provider alone: it reports that to the gateway, which ends the session.
    assert_eq!(seen["after"], Value::from("/beheer/inloggen"), "{seen}");
    assert!(!gateway.log().contains("Anna"), "no name of a person is in the log");
    Ok(())
}
