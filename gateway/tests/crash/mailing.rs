//! One event to people by e-mail, during which the gateway is killed ten times: everybody gets it, each addressee has one outcome,
//! and a mail that comes again is recognized by its Message-ID (I11, CH-90, CH-144).

use std::{
    collections::{HashMap, HashSet},
    io::Write as _,
    path::Path,
    process::Command,
};

use http::Method;
use serde_json::{Value, json};
use test_relay::{Protection, Relay};

use super::{StatusCode, client, list, post, program, ready, send, start, until, write_config};

/// People who get the event.
const PEOPLE: usize = 1_100;
/// How often the gateway is killed: each time when as many of them have a mail as the last time, and these more.
const KILLS: usize = 10;
const PART: usize = PEOPLE / (KILLS + 1);

/// Adds a channel for e-mail to a configuration.
fn add_relay(config: &Path, port: u16) {
    let text = format!(
        "[people]\nurl = \"http://127.0.0.1:1\"\norganisation = \"Gemeente Voorbeeld\"\n[email]\nhost = \"localhost\"\n\
         port = {port}\nsecurity = \"plain\"\nfrom = \"noreply@gemeente.example\"\nname = \"Gemeente Voorbeeld\"\n"
    );
    let mut file = std::fs::OpenOptions::new().append(true).open(config).expect("the configuration");
    file.write_all(text.as_bytes()).expect("the configuration");
}

/// Imports confirmed people, while the gateway does not run.
fn import(config: &Path, directory: &Path) {
    let line = |number| format!("crash,person-{number}@burger.example,2026-01-01T00:00:00Z");
    let lines: Vec<String> = ["kanaal,address,confirmed".to_owned()].into_iter().chain((0..PEOPLE).map(line)).collect();
    let file = directory.join("people.csv");
    std::fs::write(&file, lines.join("\n")).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    let done = command.args(["import", "people"]).arg(&file).args(["--apply", "--config"]).arg(config).output();
    let done = done.expect("it runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_ten_times_within_a_mailing_skips_nobody_and_ends_each_addressee_once_ch_90_ch_144() {
    let mut relay = Relay::start(Protection::None, json!({ "contents": true })).await.expect("a relay");
    let dir = tempfile::tempdir().expect("a directory");
    let (config, base) = write_config(dir.path());
    add_relay(&config, relay.port());
    let token = program::token(&config, "crash");
    // The first start makes the kanaal.
    let (mut gateway, mut http) = (start(&config), client());
    ready(&http, &base).await;
    gateway.kill();
    import(&config, dir.path());
    (gateway, http) = (start(&config), client());
    ready(&http, &base).await;
    post(&http, &base, &token, "to-all").await;

    // By recipient: the Message-IDs of what it got, and how many mails that were.
    let mut arrived: HashMap<String, (HashSet<String>, usize)> = HashMap::new();
    let mut kills = 0;
    while arrived.len() < PEOPLE {
        let mail = relay.line().await.expect("a mail");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let (ids, mails) = arrived.entry(text(&mail["to"])).or_default();
        ids.insert(text(&mail["fields"]["message-id"]));
        *mails += 1;
        if kills < KILLS && arrived.len() > (kills + 1) * PART {
            kills += 1;
            gateway.kill();
            (gateway, http) = (start(&config), client());
            ready(&http, &base).await;
        }
    }
    assert_eq!(kills, KILLS);

    // The books of the gateway, once it is done.
    let mailings = async || {
        let answer = send(&http, Method::GET, &format!("{base}/v1/people/mailings"), &token, "-", String::new()).await;
        let (status, body) = answer.expect("an answer");
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice::<Value>(&body).expect("JSON")["results"].as_array().cloned().unwrap_or_default()
    };
    until("the mailing ends", async || mailings().await.iter().all(|one| one["state"] == "ended")).await;
    let ended = mailings().await;
    assert_eq!(ended.len(), 1, "one event is one mailing: {ended:?}");
    let counts = &ended[0]["counts"];
    assert_eq!((&counts["candidates"], &counts["sent"]), (&json!(PEOPLE), &json!(PEOPLE)), "{counts}");
    assert!(list(&http, &token, &format!("{base}/v1/dead-letters")).await.is_empty());
    gateway.kill();
    for mail in relay.accepted().await.expect("mails") {
        let (ids, mails) = arrived.get_mut(mail["to"].as_str().expect("a text")).expect("one of them");
        ids.insert(mail["fields"]["message-id"].as_str().expect("a text").to_owned());
        *mails += 1;
    }
    let mails: usize = arrived.values().map(|(_, mails)| mails).sum();
    let most = arrived.values().map(|(_, mails)| *mails).max().unwrap_or(0);
    println!("{kills} kills, {PEOPLE} people, {} mails again, {most} to one at most", mails - PEOPLE);
    let strange: Vec<_> = arrived.iter().filter(|(_, (ids, _))| ids.len() > 1).collect();
    assert!(strange.is_empty(), "a repeated mail has the Message-ID of the first: {strange:?}");
    // Between two kills nobody gets it more than once.
    assert!(most <= 1 + KILLS, "{most} mails to one person");
}
