//! `gateway migrate`: a gateway continues on Kafka from the position it had on the embedded storage, also after an interrupted
//! migration, and only on topics that hold nothing else.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Output, Stdio},
    sync::Arc,
};

use http::Method;
use model::{
    KanaalName, Timestamp,
    clock::{SystemClock, SystemRandom},
};
use serde_json::{Value, json};
use storage::{
    EventLog,
    kafka::{Kafka, Options},
    log::Record,
    sqlite::{self, Embedded},
};

use crate::support::{Client, Cluster, Sink, client::event, eventually, node::Node, reaches, sink::Answers};

/// Events before and after a timestamp to replay from.
const EARLIER: usize = 2_000;
const LATER: usize = 500;
/// Events on the other kanaal, and how many of them have expired from the log of the source.
const REFUSED: usize = 20;
const EXPIRED: usize = 8;
/// A `Retry-After` in seconds, longer than the test takes.
const SILENCE: u64 = 3_600;

const KANALEN: &str = "[[kanaal]]\nnaam = \"besluiten\"\n[[kanaal]]\nnaam = \"leeg\"\n";

/// The exit code of a command and all it printed.
struct CommandOutput {
    code: Option<i32>,
    text: String,
}

impl CommandOutput {
    fn new(output: &Output) -> Self {
        let text = [&output.stdout[..], &output.stderr[..]].concat();
        Self { code: output.status.code(), text: String::from_utf8_lossy(&text).into_owned() }
    }

    #[track_caller]
    fn expect(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.text);
        for word in words {
            assert!(self.text.contains(word), "{word:?} is not in:\n{}", self.text);
        }
        self
    }
}

fn command(from: &Path, config: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    command.arg("migrate").arg("--from").arg(from).arg("--config").arg(config).args(more);
    command
}

fn migrate(from: &Path, config: &Path, more: &[&str]) -> CommandOutput {
    CommandOutput::new(&command(from, config, more).output().expect("gateway migrate"))
}

/// Kills a migration with SIGKILL when it prints these words; returns whether it printed them.
fn killed_at(from: &Path, config: &Path, words: &str) -> bool {
    let mut process = command(from, config, &["--apply"]).stdout(Stdio::piped()).spawn().expect("gateway migrate");
    let lines = BufReader::new(process.stdout.take().expect("its output")).lines();
    let reached = lines.map_while(Result::ok).any(|line| line.contains(words));
    process.kill().expect("SIGKILL");
    process.wait().expect("it is gone");
    reached
}

/// A configuration of a node on Kafka.
fn configured(cluster: &Cluster, name: &str, key: Option<&str>, kafka: &str) -> std::path::PathBuf {
    let secrets = key.map(|key| format!("[secrets]\nkey_file = '{}'\n", cluster.file(key).display()));
    let file = cluster.file(name);
    std::fs::write(&file, format!("{}{kafka}", secrets.unwrap_or_default())).expect("a configuration");
    file
}

fn named(prefix: &str, numbers: std::ops::Range<usize>) -> Vec<Value> {
    numbers.map(|n| event(&format!("{prefix}{n}"), &format!("k{}", n % 7))).collect()
}

async fn publish(client: &Client, kanaal: &str, events: &[Value]) {
    for some in events.chunks(100) {
        client.publish(kanaal, some).await.expect("an answer").expect(202);
    }
}

async fn post(client: &Client, path: &str) {
    let answer = client.send(Method::POST, path, "application/json", "{}".to_owned()).await.expect("an answer");
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
}

/// How many events a path accepted, repeats included.
fn accepted(sink: &Sink, path: &str) -> usize {
    sink.arrivals(path).iter().filter(|arrival| arrival.accepted).count()
}

async fn has(sink: &Sink, path: &str, count: usize) {
    reaches(&format!("further events at {path}"), count, || accepted(sink, path)).await;
    assert_eq!(accepted(sink, path), count, "{path}");
}

async fn dead_letters(client: &Client) -> Vec<String> {
    let answer = client.get("/v1/dead-letters").await.expect(200).json();
    let rows = answer["results"].as_array().expect("a list");
    let mut ids: Vec<String> = rows.iter().map(|row| row["event"]["id"].to_string()).collect();
    ids.sort();
    ids
}

/// A path, the state and consent of its subscription, and the timestamp in microseconds until which it is silent.
type State = (&'static str, String, Option<i64>);

/// Whether all is the same. A silence is kept by a monotonic clock: what the wall clock shows of it differs by microseconds.
fn is_same(one: &[State], other: &[State]) -> bool {
    let is_near = |(one, other): (Option<i64>, Option<i64>)| match (one, other) {
        (Some(one), Some(other)) => one.abs_diff(other) < 1_000_000,
        (one, other) => one == other,
    };
    let pairs = || one.iter().zip(other);
    one.len() == other.len() && pairs().all(|(a, b)| (a.0, &a.1) == (b.0, &b.1) && is_near((a.2, b.2)))
}

/// The subscriptions of the test, by path.
struct Subscribed(HashMap<&'static str, String>);

impl Subscribed {
    async fn make(client: &Client, sink: &Sink) -> Self {
        let mut ids = HashMap::new();
        for (path, kanaal) in [
            ("/all", "zaken"),
            ("/paused", "zaken"),
            ("/down", "zaken"),
            ("/rated", "besluiten"),
            ("/silent", "besluiten"),
            ("/refuses", "besluiten"),
        ] {
            ids.insert(path, client.subscribe(kanaal, &sink.url(path), json!({"start": "beginning"})).await);
        }
        let credential = json!({
            "credentialType": "ACCESSTOKEN", "accessToken": "geheim", "accessTokenType": "bearer",
            "accessTokenExpiresUtc": "2099-01-01T00:00:00Z",
        });
        let body = json!({
            "sink": sink.url("/secret"), "protocol": "HTTP", "sinkcredential": credential,
            "config": {"kanalen": ["besluiten"], "start": "beginning"},
        });
        let made = client.post("/v1/subscriptions", body).await.expect(201).json();
        ids.insert("/secret", made["id"].as_str().expect("an id").to_owned());
        Self(ids)
    }

    fn path(&self, path: &str, action: &str) -> String {
        format!("/v1/subscriptions/{}{action}", self.0[path])
    }

    async fn states(&self, client: &Client) -> Vec<State> {
        let mut states = Vec::new();
        for (path, id) in &self.0 {
            let state = client.state(id).await;
            let silence = state["notBefore"].as_str().filter(|_| *path == "/silent");
            let silence = silence.map(|until| Timestamp::parse_rfc3339(until).expect("a timestamp").as_micros());
            // A sink that is down before the migration is not down after it.
            let word = if *path == "/down" { Value::Null } else { state["state"].clone() };
            states.push((*path, json!([word, state["consent"]]).to_string(), silence));
        }
        states.sort();
        states
    }
}

/// Runs a gateway on the embedded file with work of every kind, and stops it before all is done. Returns the timestamp between
/// earlier and later events.
async fn work(source: &mut Node, sink: &Sink) -> (Subscribed, Timestamp, Vec<State>, Vec<String>) {
    sink.grant("/rated", 60);
    sink.answer("/down", Answers::Down);
    sink.answer("/silent", Answers::Silence(SILENCE));
    sink.answer("/refuses", Answers::Refuse);
    let client = source.client.clone();
    let subscribed = Subscribed::make(&client, sink).await;
    publish(&client, "zaken", &named("z", 0..EARLIER)).await;
    post(&client, &subscribed.path("/paused", "/pause")).await;
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let between = crate::support::sink::now();
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    publish(&client, "zaken", &named("z", EARLIER..EARLIER + LATER)).await;
    publish(&client, "besluiten", &named("b", 0..REFUSED)).await;
    has(sink, "/all", EARLIER + LATER).await;
    has(sink, "/secret", REFUSED).await;
    eventually("dead letters", async || (dead_letters(&client).await.len() == REFUSED).then_some(())).await;
    let silenced = async || client.state(&subscribed.0["/silent"]).await["notBefore"].is_string().then_some(());
    eventually("silence", silenced).await;
    eventually("a first delivery at the rate", async || (accepted(sink, "/rated") > 0).then_some(())).await;
    let (states, letters) = (subscribed.states(&client).await, dead_letters(&client).await);
    source.stop().await;
    (subscribed, between, states, letters)
}

/// Removes the oldest events of a kanaal, as retention does.
async fn expire(from: &Path) {
    let embedded =
        Embedded::open(from, sqlite::Options::new(Arc::new(SystemClock::default()))).expect("it has stopped");
    let kanaal = KanaalName::new("besluiten").expect("a name");
    let trimmed = embedded.log.trim(&kanaal, crate::support::sink::now(), EXPIRED).await.expect("trimmed");
    assert_eq!(trimmed, EXPIRED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_gateway_goes_on_on_kafka_where_it_was() {
    let cluster = Cluster::on(storage::kafka::broker::Broker::shared().expect("a broker"), KANALEN);
    let sink = Sink::start().await;
    let from = cluster.file("old");
    let config = configured(&cluster, "target.toml", Some("key"), &cluster.kafka());
    let mut source = cluster.embedded("old").await;
    migrate(&from, &config, &[]).expect(1, &["is in gebruik", "stop eerst"]);
    let (subscribed, between, states, letters) = work(&mut source, &sink).await;
    let before: HashMap<&str, usize> = subscribed.0.keys().map(|path| (*path, accepted(&sink, path))).collect();
    let attempts = (sink.count("/silent"), sink.count("/refuses"));
    expire(&from).await;

    // First a dry run, then runs that are killed at one step after the other.
    let all = (EARLIER + LATER).to_string();
    migrate(&from, &config, &[]).expect(0, &[&all, "gepauzeerd", "Er is niets veranderd"]);
    let places =
        ["Kanaal zaken: 1000 van", "Kanaal zaken: gecontroleerd", "Kanalen, applicaties", "Dead letters: 20 over"];
    for words in places {
        assert!(killed_at(&from, &config, words), "it ended before it said {words:?}");
        println!("killed at {words:?}");
    }
    let mut early = cluster.spawn("early", "", "");
    assert!(!early.ended().await.success(), "a node does not start on half of it");
    assert!(early.log().contains("not finished: repeat gateway migrate"), "{}", early.log());
    let done = migrate(&from, &config, &["--apply"]).expect(0, &["gelijk", "ja", "[kafka]", cluster.prefix()]);
    for line in done.text.lines().filter(|line| line.ends_with("  ja")) {
        println!("{line}");
    }
    migrate(&from, &config, &["--apply"]).expect(0, &["al verhuisd"]);

    sink.answer("/down", Answers::Yes);
    let node = cluster.node("new").await;
    let client = node.client.clone();
    let same = async || is_same(&subscribed.states(&client).await, &states).then_some(());
    eventually("subscriptions as they were", same).await;
    has(&sink, "/down", EARLIER + LATER).await;
    // Some events expired before they were delivered to this one.
    let rated = REFUSED - EXPIRED.saturating_sub(before["/rated"]);
    has(&sink, "/rated", rated).await;
    for path in ["/all", "/secret", "/paused"] {
        assert_eq!(accepted(&sink, path), before[path], "{path}: nothing comes again");
    }
    assert_eq!((sink.count("/silent"), sink.count("/refuses")), attempts, "the pause is kept, and a refusal is final");
    for path in subscribed.0.keys() {
        assert_eq!(sink.asked(path), 1, "{path}: consent is not asked again");
    }
    eventually("dead letters as they were", async || (dead_letters(&client).await == letters).then_some(())).await;

    redriven(&client, &sink).await;
    replayed(&client, &sink, &subscribed, between).await;
    post(&client, &subscribed.path("/paused", "/resume")).await;
    has(&sink, "/paused", EARLIER + LATER).await;
    publish(&client, "besluiten", &named("n", 0..5)).await;
    has(&sink, "/secret", REFUSED + 5).await;
    let authorized = sink.arrivals("/secret").iter().all(|own| own.authorization.as_deref() == Some("Bearer geheim"));
    assert!(authorized, "the credential came along");
    drop(node);

    // A second migration to the same topics is refused.
    let mut other = cluster.embedded("other").await;
    other.stop().await;
    migrate(&cluster.file("other"), &config, &["--apply"]).expect(1, &["al een andere bron verhuisd"]);
}

/// Dead letters are delivered again, also those whose events the log does not hold.
async fn redriven(client: &Client, sink: &Sink) {
    sink.answer("/refuses", Answers::Yes);
    client.post("/v1/dead-letters/redrive", json!({"filter": {"kanaal": "besluiten"}})).await.expect(202);
    has(sink, "/refuses", REFUSED).await;
    eventually("end of the dead letters", async || dead_letters(client).await.is_empty().then_some(())).await;
}

/// A replay from a timestamp before the migration delivers the events accepted since then, byte for byte the same.
async fn replayed(client: &Client, sink: &Sink, subscribed: &Subscribed, between: Timestamp) {
    let first: HashMap<String, u64> = sink.arrivals("/all").into_iter().map(|own| (own.id, own.content)).collect();
    let mut seen = sink.count("/all");
    for (moment, count) in [(between.to_string(), LATER), ("2020-01-01T00:00:00Z".to_owned(), EARLIER + LATER)] {
        client.post(&subscribed.path("/all", "/replay"), json!({"from": moment})).await.expect(202);
        has(sink, "/all", seen + count).await;
        let again: HashMap<String, u64> =
            sink.arrivals("/all").split_off(seen).into_iter().map(|own| (own.id, own.content)).collect();
        assert_eq!(again.len(), count, "each once");
        assert!(again.iter().all(|(id, content)| first[id] == *content), "an event is not what it was");
        seen += count;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_moved_is_refused_and_nothing_is_changed() {
    let cluster = Cluster::new();
    let mut source = cluster.embedded("old").await;
    source.client.publish("zaken", &named("z", 0..3)).await.expect("an answer").expect(202);
    source.stop().await;
    let from = cluster.file("old");
    let config = configured(&cluster, "target.toml", Some("key"), &cluster.kafka());

    migrate(&cluster.file("elsewhere"), &config, &["--apply"]).expect(1, &["geen gateway.sqlite", "--from"]);
    std::fs::write(cluster.file("other-key"), "07".repeat(32)).expect("a key");
    let other_key = configured(&cluster, "other-key.toml", Some("other-key"), &cluster.kafka());
    migrate(&from, &other_key, &["--apply"]).expect(1, &["is niet de sleutel", "secrets.key_file"]);
    let no_key = configured(&cluster, "no-key.toml", None, &cluster.kafka());
    migrate(&from, &no_key, &["--apply"]).expect(1, &["secrets.key_file is niet ingesteld"]);
    let no_target = configured(&cluster, "no-target.toml", Some("key"), "");
    migrate(&from, &no_target, &["--apply"]).expect(1, &["geef --to"]);
    let nobody = ["--to", "127.0.0.1:1"];
    migrate(&from, &configured(&cluster, "to.toml", Some("key"), "[kafka]\nbrokers = \"x:1\"\n"), &nobody)
        .expect(1, &["het doel kan niet worden bekeken"]);

    // A newer program has written it: byte 60 of an SQLite file is the version of its form.
    let newer = cluster.file("newer");
    std::fs::create_dir(&newer).expect("a directory");
    let mut file = std::fs::read(from.join("gateway.sqlite")).expect("the file");
    file[63] = 99;
    std::fs::write(newer.join("gateway.sqlite"), file).expect("a copy");
    migrate(&newer, &config, &["--apply"]).expect(1, &["nieuwere versie", "99"]);

    let mut options = Options::new(cluster.brokers(), Arc::new(SystemClock::default()), Arc::new(SystemRandom));
    cluster.prefix().clone_into(&mut options.prefix);
    (options.replication, options.min_insync_replicas) = (1, 1);
    options.deadline = std::time::Duration::from_mins(2);
    let log = Kafka::new(options).expect("options").log().await.expect("a log");
    log.append(vec![(KanaalName::new("anders").expect("a name"), Record::default())]).await.expect("appended");
    migrate(&from, &config, &["--apply"]).expect(1, &["al in gebruik", "kanaal.anders"]);
    // The source is unchanged: its gateway continues.
    source.start();
    source.ready().await;
}
