//! The built gateway as a child process, and a run of the suite against it. The binary is the one named by GATEWAY_BIN, else
//! the one built beside the test.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use conformance::identity::Identity;
use conformance::message::request;
use conformance::receiver::Receiver;
use conformance::report::{Report, Verdict};
use conformance::runner;
use conformance::scenario::Scenario;
use conformance::suite::Suite;
use conformance::target::client::Credential;
use conformance::target::file::Kafka;
use conformance::target::{Sender, Target};
use conformance::{clock, every_request, library};

pub const CLIENT: (&str, &str) = ("conformance", "a-secret-of-the-conformance-suite");

/// Clients with less: name in the suite, client id, scopes.
pub const OTHERS: &[(&str, &str, &str)] = &[
    ("publiceren", "conformance-publiceren", r#""notificaties.publiceren""#),
    ("consumeren", "conformance-consumeren", r#""notificaties.consumeren""#),
    ("ander", "conformance-ander", r#""notificaties.publiceren", "notificaties.consumeren""#),
    ("geen", "conformance-geen", ""),
];

/// The gateway as a child process; killed when the test ends, however it ends.
pub struct Gateway {
    process: Child,
    address: String,
    folder: tempfile::TempDir,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn binary() -> PathBuf {
    let named = std::env::var_os("GATEWAY_BIN").map(PathBuf::from);
    let beside = || {
        let test = std::env::current_exe().expect("a test has a path");
        let folder = test.ancestors().nth(2).expect("tests stand in target/<profile>/deps").to_owned();
        folder.join("gateway")
    };
    let path = named.unwrap_or_else(beside);
    assert!(
        path.is_file(),
        "{} does not exist: build it (cargo build -p gateway) or name it in GATEWAY_BIN",
        path.display()
    );
    path
}

/// How long something expected may take: retries too, on a machine that other tests keep busy.
const PATIENCE: Duration = Duration::from_mins(5);

/// Texts that scenarios use as secrets or as payload: none of them belongs in a log.
const NEVER_LOGGED: &[&str] =
    &[CLIENT.1, "token-never-shown", "payload-never-shown", "zeer-geheim", "abc.def-1", "Token geheim", "eyJ"];

fn configuration(port: u16, folder: &Path, more: &str) -> String {
    let (client_id, secret) = CLIENT;
    let applicatie = |id: &str, scopes| {
        format!("[[applicatie]]\nclient_id = \"{id}\"\nsecret = \"{secret}-{id}\"\nscopes = [{scopes}]\n")
    };
    let others: Vec<_> = OTHERS.iter().map(|(_, id, scopes)| applicatie(id, scopes)).collect();
    format!(
        r#"
listen = "127.0.0.1:{port}"
data = "{data}"
origin = "gateway.conformance.example"
source = "urn:nld:oin:00000001823288444000:systeem:gateway"
public_url = "http://127.0.0.1:{port}"

[auth]
query_token = true
max_failures = 0

[egress]
extra_ca = ["{certificate}"]
allow = ["127.0.0.0/8"]
allow_http = ["127.0.0.0/8"]

[target]
allowed_origins = ["sender.example"]

[consent]
retry_seconds = 1
retry_cap_seconds = 1

[[applicatie]]
client_id = "{client_id}"
secret = "{secret}"
scopes = ["notificaties.publiceren", "notificaties.consumeren", "notificaties.beheer"]

{others}
{more}
"#,
        others = others.concat(),
        data = folder.join("data").display(),
        certificate = folder.join("subscriber.pem").display(),
    )
}

/// Starts the gateway and waits until it is ready. It trusts `identity`; `more` is configuration.
pub async fn start(identity: &Identity, more: &str) -> Gateway {
    let binary = binary();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
    let file = folder.path().join("gateway.toml");
    std::fs::write(folder.path().join("subscriber.pem"), &identity.certificate).expect("the certificate is written");
    std::fs::write(&file, configuration(port, folder.path(), more)).expect("the configuration is written");
    let log = std::fs::File::create(folder.path().join("log")).expect("a log file");
    let process = Command::new(binary)
        .args(["serve", "--config"])
        .arg(&file)
        // A change is never refused because the disk of the test machine is slow.
        .env("GATEWAY_LIMITS__STORE_SECONDS", "300")
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a second handle"))
        .stderr(log)
        .spawn()
        .expect("the gateway starts");
    let mut gateway = Gateway { process, address: format!("http://127.0.0.1:{port}"), folder };
    let target = Target::new(&gateway.address, None).expect("an address");
    for _ in 0..6_000 {
        let ready = request(b"GET /readyz\n").expect("a request");
        let answer = target.send(ready, Sender::Anonymous, false, PATIENCE).await;
        if answer.is_ok_and(|answer| answer.status == 200) {
            return gateway;
        }
        if let Ok(Some(status)) = gateway.process.try_wait() {
            panic!("the gateway ended with {status}:\n{}", gateway.log());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the gateway is not ready:\n{}", gateway.log());
}

impl Gateway {
    /// Asserts that every requirement passes but those that `except` names by their beginning; else prints the log first.
    pub fn assert_passed(&self, report: &Report, except: Option<&str>) {
        println!("{}", report.text());
        let open = open(report).into_iter().filter(|row| except.is_none_or(|except| !row.starts_with(except)));
        let open: Vec<String> = open.collect();
        if !open.is_empty() {
            println!("the log of the gateway:\n{}", self.log());
        }
        assert_eq!(open, [""; 0]);
    }

    /// Asserts that no secret or payload of the scenarios is in the log.
    pub fn assert_log_is_clean(&self) {
        let log = self.log();
        for secret in NEVER_LOGGED {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "the log shows {secret}");
        }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// Runs the scenarios that `select` accepts and returns the report.
pub async fn run(
    gateway: &Gateway,
    identity: &Identity,
    with: &[&str],
    kafka: Option<Kafka>,
    select: fn(&Scenario) -> bool,
) -> Report {
    let host = [127, 0, 0, 1];
    let receiver = Receiver::start((host, 0).into(), None).await.expect("the receiver starts");
    let receiver = receiver.with_tls(host.into(), identity).await.expect("the receiver starts with TLS");
    let mut target = Target::new(&gateway.address, Some(CLIENT)).expect("an address");
    for (name, id, _) in OTHERS {
        let secret = format!("{}-{id}", CLIENT.1);
        target.client(name, Credential::Zgw { id: (*id).to_owned(), secret });
    }
    let brokers = kafka.is_some();
    if let Some(kafka) = kafka {
        target.kafka(kafka);
    }
    for ability in with {
        target.with(ability).expect("an ability");
    }
    let mut suite = Suite::new(target, receiver);
    suite.patience = PATIENCE;
    if brokers {
        // They share the machine.
        suite.parallel = 8;
    }
    let scenarios = library::built_in().expect("the scenario files are in order").into_iter().filter(select).collect();
    let started = clock::instant();
    let results = runner::run(&suite, scenarios).await;
    let findings = every_request::check(&suite.receiver.sinks());
    Report::new(&gateway.address, started.elapsed(), &results, &findings)
}

/// Requirements that fail or are not applicable, with that verdict. A limit on ingest would be in the way of all others,
/// so it has a run of its own.
fn open(report: &Report) -> Vec<String> {
    let is_open = |verdict| matches!(verdict, Verdict::Fail | Verdict::NotApplicable);
    let open = report.rows.iter().filter(|row| is_open(row.verdict) && row.id != "CE-WH-20");
    open.map(|row| format!("{} {}", row.id, row.verdict.words())).collect()
}
