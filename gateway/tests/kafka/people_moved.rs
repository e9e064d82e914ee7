//! People come to Kafka: from a file with CSV, also when the import is killed, and from the embedded file of a gateway.

use std::{collections::BTreeSet, fmt::Write as _, path::PathBuf, process::Stdio};

use serde_json::json;
use storage::kafka::broker::Broker;
use test_relay::{Protection, Relay};

use crate::{
    people::{configuration, confirmed, publish, subscribe, works},
    support::{Cluster, eventually, node::SHORT_SESSION_MS, process::Process},
};

/// People in the file: several durable writes.
const PEOPLE: usize = 3_000;
/// Records of two durable writes.
const TWO_WRITES: usize = 900;

async fn relay() -> Relay {
    Relay::start(Protection::None, json!({ "contents": true })).await.expect("a relay")
}

/// An installation with people, and the directory of their key.
fn cluster(relay: &Relay) -> (Cluster, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    let key = dir.path().join("people.key");
    std::fs::write(&key, "6a".repeat(32)).expect("the key");
    let mut cluster = Cluster::on(Broker::shared().expect("a broker"), &configuration(relay, &key));
    cluster.session_ms = SHORT_SESSION_MS;
    (cluster, dir)
}

fn csv(cluster: &Cluster, numbers: std::ops::Range<usize>) -> PathBuf {
    let mut text = String::from("address,kanaal,confirmed\n");
    for number in numbers {
        writeln!(text, "geheim-{number}@burger.example,zaken,2021-01-02").expect("a line");
    }
    let file = cluster.file("people.csv");
    std::fs::write(&file, text).expect("a file");
    file
}

/// The number before these words in the output of a command; 0 without them.
fn counted(text: &str, words: &str) -> usize {
    let line = text.lines().find(|line| line.trim_end().ends_with(words));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_imported_once_on_kafka_also_when_the_import_is_killed_ch_130() {
    let mut relay = relay().await;
    let (cluster, _dir) = cluster(&relay);
    let mut node = cluster.node("one").await;
    works(&node).await;
    node.stop().await;
    let file = csv(&cluster, 0..PEOPLE).display().to_string();
    let import = ["import", "people", &file];
    let apply = ["import", "people", &file, "--apply"];
    let (good, said) = cluster.run_as("import", &import, "");
    assert!(good && counted(&said, "over te nemen") == PEOPLE && said.contains("Er is niets veranderd"), "{said}");

    // Killed when people of two writes are on the topic, so that those of the first one are committed.
    let topic = format!("{}.people", cluster.prefix());
    let broker = Broker::shared().expect("a broker");
    let stored = || tokio::task::block_in_place(|| broker.rows(&topic)).expect("the records").len();
    let before = stored();
    let mut killed = Process::start(cluster.command("import", &apply, "").stderr(Stdio::null()));
    eventually("first people", async || (stored() > before + TWO_WRITES).then_some(())).await;
    killed.kill();
    let (good, said) = cluster.run_as("import", &apply, "");
    let (added, present) = (counted(&said, "overgenomen"), counted(&said, "hier al aangemeld: ongewijzigd"));
    println!("after the kill: {present} were there, {added} were added");
    assert!(good && present > 0 && added + present == PEOPLE, "{said}");

    // While a node works for people, it stores what is imported beside it; this data directory is that of another node.
    let node = cluster.node("one").await;
    works(&node).await;
    let file = csv(&cluster, PEOPLE - 1..PEOPLE + 1).display().to_string();
    let (good, said) = cluster.run_as("import", &["import", "people", &file, "--apply"], "");
    assert!(good && counted(&said, "overgenomen") == 1, "{said}");
    assert!(!said.contains("burger.example"), "I10: {said}");
    works(&node).await;
    publish(&node.client, "e1").await;
    let mut reached = BTreeSet::new();
    while reached.len() <= PEOPLE {
        let mail = relay.line().await.expect("a mail");
        assert!(reached.insert(mail["to"].as_str().expect("an address").to_owned()), "nobody twice");
    }
    assert!(!node.log().contains("burger.example"), "I10");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_of_an_embedded_gateway_go_on_on_kafka_where_they_were() {
    let mut relay = relay().await;
    let (cluster, dir) = cluster(&relay);
    let mut source = cluster.embedded("old").await;
    let an = confirmed(&mut relay, (&source.client, &source.client), "an@burger.example").await;
    publish(&source.client, "e1").await;
    let first = relay.line().await.expect("a mail");
    // Nobody can be reached while the second event becomes a mailing.
    let port = relay.port();
    relay.kill().await.expect("killed");
    publish(&source.client, "e2").await;
    let bo = subscribe(&source.client, "bo@burger.example").await;
    source.stop().await;

    let target = |name: &str, people: &str| {
        let file = cluster.file(name);
        let (data, key) = (cluster.file("new"), cluster.file("key"));
        let text = format!(
            "data = '{}'\n[secrets]\nkey_file = '{}'\n{}{people}",
            data.display(),
            key.display(),
            cluster.kafka()
        );
        std::fs::write(&file, text).expect("a configuration");
        file
    };
    let from = cluster.file("old").display().to_string();
    let migrate = |config: &std::path::Path, more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.args(["migrate", "--from", &from, "--config"]).arg(config).args(more);
        let output = command.output().expect("gateway migrate");
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (code, said) = migrate(&target("none.toml", ""), &["--apply"]);
    assert!(code == Some(1) && said.contains("neem [people] over"), "{said}");
    let wrong = dir.path().join("wrong.key");
    std::fs::write(&wrong, "6b".repeat(32)).expect("a key");
    let (code, said) = migrate(&target("wrong.toml", &configuration(&relay, &wrong)), &["--apply"]);
    assert!(code == Some(1) && said.contains("people.key_file"), "{said}");
    let config = target("target.toml", &configuration(&relay, &dir.path().join("people.key")));
    let (code, said) = migrate(&config, &[]);
    assert!(code == Some(0) && said.contains("Er is niets veranderd"), "{said}");
    assert!(said.lines().any(|line| line.starts_with("Abonnementen van mensen") && line.ends_with(" 2")), "{said}");
    let (code, said) = migrate(&config, &["--apply"]);
    assert!(code == Some(0) && said.contains("Mensen: 2 abonnementen"), "{said}");
    assert!(!said.contains("burger.example"), "I10: {said}");

    let mut relay = Relay::start_at(port, Protection::None, json!({ "contents": true })).await.expect("a relay");
    let node = cluster.node("fresh").await;
    works(&node).await;
    assert_eq!(node.client.state(&an).await["state"], "confirmed");
    assert_eq!(node.client.state(&bo).await["state"], "unconfirmed");
    publish(&node.client, "e3").await;
    // The code for the second person, the second event and the third one; the first one never again.
    let mut mails = Vec::new();
    while mails.len() < 3 {
        mails.push(relay.line().await.expect("a mail"));
    }
    let to = |address: &str| mails.iter().filter(|mail| mail["to"] == address).count();
    assert_eq!((to("an@burger.example"), to("bo@burger.example")), (2, 1), "{mails:?}");
    let ids: BTreeSet<String> = mails.iter().map(|mail| mail["fields"]["message-id"].to_string()).collect();
    assert!(ids.len() == 3 && !ids.contains(&first["fields"]["message-id"].to_string()), "{ids:?}");
}
