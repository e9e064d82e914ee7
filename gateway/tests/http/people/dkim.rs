//! The DKIM signature of mails as a relay gets them, verified by dkimpy.

use std::{path::Path, process::Command};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use test_relay::{Protection, Relay};

use super::{
    mail::{configuration, path, subscribe},
    press,
};
use crate::support::{Gateway, PUBLISHER};

fn openssl(arguments: &[&str], file: &Path) -> Vec<u8> {
    let done = Command::new("openssl").args(arguments).arg(file).output().expect("openssl");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

/// Makes a key in a file; returns its TXT record.
fn make_key(file: &Path) -> String {
    openssl(&["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out"], file);
    let public = openssl(&["pkey", "-pubout", "-outform", "DER", "-in"], file);
    format!("v=DKIM1; k=rsa; p={}", STANDARD.encode(public))
}

fn section(file: &Path) -> String {
    format!("[email.dkim]\nselector = \"s1\"\nkey_file = '{}'\n", file.display())
}

/// Whether a mail verifies, and whether its signature covers these fields.
fn verifies(mail: &Value, fields: &[&str]) {
    assert_eq!(mail["dkim"]["good"], true, "{mail}");
    let covered = mail["dkim"]["fields"].as_array().expect("fields");
    for field in fields {
        assert!(covered.contains(&json!(field)), "{field} in {covered:?}");
    }
}

#[tokio::test]
async fn a_signature_covers_from_and_both_fields_to_unsubscribe_ch_30() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("dkim.pem");
    let record = make_key(&file);
    let settings = json!({ "contents": true, "dkim": { "s1._domainkey.gemeente.example": record } });
    let mut relay = Relay::start(Protection::None, settings).await.expect("a relay");
    let gateway = Gateway::with(&format!("{}{}", configuration(relay.port()), section(&file))).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    subscribe(&gateway, "an@burger.example").await;
    let confirmation = relay.line().await.expect("a mail");
    verifies(&confirmation, &["from", "to", "subject", "message-id"]);
    press(&gateway.nobody(), &path(&confirmation), "bevestigen").await.expect(303);
    let more = json!({ "type": "nl.weg.gewijzigd", "subject": "  Brücke   dicht  " });
    gateway.client(PUBLISHER).publish("weg", "e1", more).await.expect(202);
    let mail = relay.line().await.expect("a mail");
    verifies(&mail, &["from", "list-unsubscribe", "list-unsubscribe-post", "list-id", "subject"]);
    gateway.stop().await;
}

#[test]
fn a_key_that_cannot_be_used_is_refused_at_the_start_with_its_member_ch_30() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("dkim.pem");
    let config = directory.path().join("gateway.toml");
    let data = directory.path().join("data").display().to_string();
    std::fs::write(&config, format!("data = {data:?}\n{}{}", configuration(1), section(&file))).expect("written");
    let run = |command: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_gateway"));
        let done =
            program.args([command, "--listen", "127.0.0.1:0", "--config"]).arg(&config).output().expect("it runs");
        assert!(!done.status.success(), "{command}");
        String::from_utf8([done.stdout, done.stderr].concat()).expect("text")
    };
    assert!(run("serve").contains("email.dkim.key_file"));
    std::fs::write(&file, "no key").expect("written");
    assert!(run("serve").contains("email.dkim.key_file"));
    openssl(&["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out"], &file);
    for (command, place) in [("serve", "email.dkim.key_file"), ("check", "s1._domainkey.gemeente.example")] {
        let printed = run(command);
        assert!(printed.contains("at least 2048 bits") && printed.contains(place), "{command}: {printed}");
    }
}
