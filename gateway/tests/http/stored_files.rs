//! The files of the embedded store as an operator handles them: the commands on them with the real program, and damage in
//! them as the API shows it.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use http::Method;
use serde_json::json;

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Client, Gateway, PUBLISHER, Sink, eventually, process::Process, program},
};

/// A configuration of the program in a directory; `name` is that of the file and of the data directory.
struct Installation {
    config: PathBuf,
    data: PathBuf,
    base: String,
}

impl Installation {
    fn new(dir: &Path, name: &str) -> Self {
        let (config, data, port) = (dir.join(format!("{name}.toml")), dir.join(name), free_port::free_port());
        let text = format!(
            "listen = \"127.0.0.1:{port}\"\ndata = \"{}\"\norigin = \"gateway.test.example\"\n[log]\nlevel = \"off\"\n[egress]\n\
             allow = [\"127.0.0.0/8\"]\nallow_http = [\"127.0.0.0/8\"]\n[[applicatie]]\nclient_id = \"a\"\nsecret = \"a \
             secret that is long enough\"\nscopes = [\"notificaties.publiceren\", \"notificaties.consumeren\", \
             \"notificaties.beheer\"]\n[[kanaal]]\nnaam = \"zaken\"\n",
            data.display()
        );
        std::fs::write(&config, text).expect("the configuration");
        Self { config, data, base: format!("http://127.0.0.1:{port}") }
    }

    async fn serve(&self) -> (Process, Client) {
        let process = Process::start(&mut program::serve(&self.config));
        let client = Client::new(self.base.clone(), Some(program::token(&self.config, "a")));
        let ready = || async { client.try_get("/readyz").await.filter(|answer| answer.status == 200) };
        eventually("readiness", ready).await;
        (process, client)
    }

    /// Runs a command; whether it succeeded, and what it printed.
    fn run(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        let output = command.args(arguments).arg("--config").arg(&self.config).output().expect("the program runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    }

    #[track_caller]
    fn succeeds(&self, arguments: &[&str]) -> String {
        let (good, text) = self.run(arguments);
        assert!(good, "gateway {arguments:?}: {text}");
        text
    }

    #[track_caller]
    fn fails(&self, arguments: &[&str], expected: &str) {
        let (good, text) = self.run(arguments);
        assert!(!good && text.contains(expected), "gateway {arguments:?}: {text}");
    }
}

/// Stops a program in order.
async fn stop(mut process: Process) {
    let pid = process.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
    let process = Mutex::new(&mut process);
    let ended = || async { process.lock().expect("the process").0.try_wait().expect("a status") };
    assert!(eventually("the end of the program", ended).await.success());
}

/// The ids of all events.
async fn events(client: &Client) -> HashSet<String> {
    let mut found = HashSet::new();
    for page in 1.. {
        let list = client.get(&format!("/v1/events?pageSize=500&page={page}")).await.expect(200).json();
        let rows = list["results"].as_array().cloned().unwrap_or_default();
        found.extend(rows.iter().filter_map(|row| row["id"].as_str().map(str::to_owned)));
        if list["next"].is_null() {
            break;
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a7_g1_a_backup_of_the_running_program_is_restored_verified_and_served() {
    let dir = tempfile::tempdir().expect("a directory");
    let (first, second) = (Installation::new(dir.path(), "first"), Installation::new(dir.path(), "second"));
    let (copy, key) = (dir.path().join("copy"), dir.path().join("copy.key"));
    let (copy, key) = (copy.to_str().expect("a path"), key.to_str().expect("a path"));
    let sink = Sink::start().await;
    let (process, client) = first.serve().await;
    let client = Arc::new(client);
    granted(&client, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;

    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let ended = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..2)
        .map(|publisher| {
            let (client, acknowledged, ended) = (Arc::clone(&client), Arc::clone(&acknowledged), Arc::clone(&ended));
            tokio::spawn(async move {
                for number in 0.. {
                    if ended.load(Ordering::SeqCst) {
                        break;
                    }
                    let id = format!("{publisher}-{number}");
                    client.publish("zaken", &id, json!({})).await.expect(202);
                    acknowledged.lock().expect("the list").push(id);
                }
            })
        })
        .collect();
    let accepted = || acknowledged.lock().expect("the list").clone();
    eventually("some events", || async { (accepted().len() >= 200).then_some(()) }).await;
    let before = accepted();
    let printed = first.succeeds(&["backup", copy, "--key", key]);
    assert!(!printed.contains("BAD") && printed.contains("ok"), "{printed}");
    let after = accepted().len();
    eventually("events after the backup", || async { (accepted().len() > after).then_some(()) }).await;
    ended.store(true, Ordering::SeqCst);
    for publisher in load {
        publisher.await.expect("every event was accepted");
    }
    first.fails(&["backup", copy], "exists");
    first.fails(&["restore", copy], "exists");
    first.succeeds(&["verify"]);
    first.fails(&["compact"], "in use");
    stop(process).await;
    first.succeeds(&["compact"]);
    first.succeeds(&["verify"]);

    second.succeeds(&["restore", copy, "--key", key]);
    second.succeeds(&["verify"]);
    let (process, client) = second.serve().await;
    let all: HashSet<String> = accepted().into_iter().collect();
    let restored = || async {
        let found = events(&client).await;
        before.iter().all(|id| found.contains(id)).then_some(found)
    };
    let found = eventually("every event that was accepted before the backup", restored).await;
    assert!(found.is_subset(&all), "only what was published: {:?}", found.difference(&all));
    client.publish("zaken", "next", json!({})).await.expect(202);
    let delivered =
        || async { sink.seen(&Method::POST).iter().any(|request| request.json()["id"] == "next").then_some(()) };
    eventually("the delivery to the restored subscription", delivered).await;
    stop(process).await;
    second.succeeds(&["compact"]);
    assert!(second.succeeds(&["verify"]).contains("kanaal zaken"));
    assert!(second.data.join("secrets.key").is_file());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g11_check_of_a_stopped_gateway_compares_stored_sinks_with_the_rules_for_outgoing_requests() {
    let (dir, sink) = (tempfile::tempdir().expect("a directory"), Sink::start().await);
    let installation = Installation::new(dir.path(), "data");
    assert!(!installation.succeeds(&["check"]).contains("the sinks of"), "nothing is stored yet");
    let (process, client) = installation.serve().await;
    let body = json!({"sink": sink.url("/x?token=geheim"), "config": {"kanalen": ["zaken"]}});
    let id = granted(&client, body).await;
    let running = installation.succeeds(&["check"]);
    assert!(running.contains("the sinks of 1 subscriptions are allowed"), "{running}");
    stop(process).await;
    let stopped = installation.succeeds(&["check"]);
    assert!(stopped.contains("the sinks of 1 subscriptions are allowed"), "{stopped}");
    let text = std::fs::read_to_string(&installation.config).expect("the configuration");
    std::fs::write(&installation.config, text.replace("127.0.0.0/8", "10.0.0.0/8")).expect("written");
    let (good, printed) = installation.run(&["check"]);
    let line = printed.lines().find(|line| line.contains(&format!("the sink of subscription {id}")));
    assert!(!good && line.is_some_and(|line| line.contains("BAD") && line.contains("[egress]")), "{printed}");
    assert!(!printed.contains("geheim"), "{printed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g1_the_accounts_of_deliveries_are_complete_and_name_events_without_an_outcome() {
    let (dir, good, refusing) = (tempfile::tempdir().expect("a directory"), Sink::start().await, Sink::start().await);
    refusing.answers(&[422]);
    let installation = Installation::new(dir.path(), "data");
    let (process, client) = installation.serve().await;
    let mut subscriptions = Vec::new();
    for sink in [&good, &refusing, &good] {
        subscriptions.push(granted(&client, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await);
    }
    client.post(&format!("/v1/subscriptions/{}/pause", subscriptions[2]), json!({})).await.expect(200);
    for id in ["a1", "a2", "a3"] {
        client.publish("zaken", id, json!({})).await.expect(202);
    }
    let line = |output: &str, subscription: &str| {
        output.lines().find(|line| line.contains(subscription)).unwrap_or_else(|| panic!("{output}")).to_owned()
    };
    let accounts = |line: &str| line.split_once(" wanted = ").map(|(_, rest)| rest.to_owned());
    let expected = [
        "3 delivered + 0 dead letters + 0 ended + 0 expired + 0 open",
        "0 delivered + 3 dead letters + 0 ended + 0 expired + 0 open",
        "0 delivered + 0 dead letters + 0 ended + 0 expired + 3 open",
    ];
    let complete = || async {
        let output = installation.succeeds(&["audit", "deliveries"]);
        let found = subscriptions.iter().map(|id| accounts(&line(&output, id)));
        found.eq(expected.iter().map(|text| Some((*text).to_owned()))).then_some(())
    };
    eventually("complete accounts, while the gateway runs", complete).await;
    stop(process).await;
    assert!(complete().await.is_some(), "after a stop");

    // The journal is lost, and a new one begins.
    for name in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"] {
        drop(std::fs::remove_file(installation.data.join(name)));
    }
    let (process, _) = installation.serve().await;
    stop(process).await;
    let (good, output) = installation.run(&["audit", "deliveries"]);
    assert!(!good, "{output}");
    let delivered = line(&output, &subscriptions[0]);
    assert!(delivered.contains("BAD") && delivered.contains("3 without an outcome"), "{output}");
    assert!(["a1", "a2", "a3"].iter().all(|id| delivered.contains(&format!("{id} (kanaal zaken, "))), "{output}");
    assert!(line(&output, &subscriptions[2]).contains("+ 3 open"), "{output}");
}

/// Changes a file where it holds a text: the page around it, or the last byte of the text.
fn damage(file: &Path, text: &str, whole_page: bool) {
    const PAGE: usize = 4_096;
    let mut content = std::fs::read(file).expect("read");
    let at = content.windows(text.len()).position(|window| window == text.as_bytes()).expect("the text is there");
    if whole_page {
        content[at / PAGE * PAGE..][..PAGE].fill(0xff);
    } else {
        content[at + text.len() - 1] ^= 1;
    }
    std::fs::write(file, content).expect("written");
}

#[tokio::test]
async fn h3_h12_damaged_records_are_unreadable_dead_letters_and_the_rest_is_delivered() {
    const EVENTS: usize = 60;
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    for number in 0..EVENTS {
        let data = json!({"vulling": format!("mark-{number:05}-{}", "x".repeat(1_000))});
        publisher.publish("zaken", &number.to_string(), json!({"data": data})).await.expect(202);
    }
    let gateway = gateway
        .restart_after(async |data: &Path| {
            damage(&data.join("gateway.sqlite"), "mark-00007-", false);
            damage(&data.join("gateway.sqlite"), "mark-00031-", true);
        })
        .await;
    let (mine, beheer, sink) = (gateway.client(CONSUMER), gateway.client(BEHEER), Sink::start().await);
    granted(&mine, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"], "start": "beginning"}})).await;

    let settled = || async {
        let list = beheer.get("/v1/dead-letters?unreadable=true").await.expect(200).json();
        let letters = list["results"].as_array().cloned().unwrap_or_default();
        let seen: HashSet<usize> =
            sink.seen(&Method::POST).iter().filter_map(|request| request.json()["id"].as_str()?.parse().ok()).collect();
        (letters.len() + seen.len() >= EVENTS).then_some((letters, seen))
    };
    let (letters, seen) = eventually("every event delivered or set aside", settled).await;
    let positions: HashSet<usize> =
        letters.iter().filter_map(|letter| letter["event"]["position"].as_u64()).map(|at| at as usize).collect();
    assert!(positions.contains(&7) && positions.contains(&31), "{letters:?}");
    assert!(positions.len() <= 8, "one page holds a few records: {positions:?}");
    assert_eq!(positions.union(&seen).count(), EVENTS, "every position is one or the other");
    assert!(positions.is_disjoint(&seen), "what is damaged is not delivered");
    for letter in &letters {
        assert_eq!((&letter["outcome"], &letter["subscription"]), (&json!("unreadable"), &json!(null)), "{letter}");
        assert!(letter["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{letter}");
    }
    mine.get("/v1/dead-letters?unreadable=true").await.expect(200);
    let ready = beheer.get("/readyz").await.expect(200).json();
    assert!(ready["remarks"]["log"].as_str().is_some_and(|text| !text.is_empty()), "{ready}");
}
