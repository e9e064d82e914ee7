//! What comes back: mails that go out through a real relay (aiosmtpd) are answered by mail to the listener of the gateway, sent by
//! Python's smtplib.

use std::{path::Path, process::Stdio};

use model::addressee::{AddresseeId, Outcome};
use serde_json::{Value, json};
use storage::audience::EvidencePage;
use test_relay::Relay;
use tokio::{io::AsyncWriteExt, process::Command};

use super::{
    mail::{configuration, path, relay, subscribe},
    press, state,
};
use crate::support::{Gateway, PUBLISHER, eventually};

/// Sends standard input as a mail to the recipient and prints the code of the reply that decides.
const SEND: &str = r#"
import smtplib, sys
try:
    with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), local_hostname="relay.example") as server:
        server.sendmail("", [sys.argv[2]], sys.stdin.read())
    print(250)
except smtplib.SMTPRecipientsRefused as refused:
    print(next(iter(refused.recipients.values()))[0])
except smtplib.SMTPResponseException as refused:
    print(refused.smtp_code)
"#;

async fn gateway(relay: &Relay) -> Gateway {
    let inbound = "envelope_domain = \"bounce.gemeente.example\"\n[email.inbound]\nlisten = \"127.0.0.1:0\"\n\
                   complaints = \"klachten\"\nhard_bounces = 2\n";
    let gateway = Gateway::with(&format!("{}{inbound}", configuration(relay.port()))).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    gateway
}

async fn confirmed(gateway: &Gateway, relay: &mut Relay, address: &str) -> AddresseeId {
    let id = subscribe(gateway, address).await;
    let confirmation = relay.line().await.expect("a mail");
    press(&gateway.nobody(), &path(&confirmation), "bevestigen").await.expect(303);
    id
}

/// Publishes an event, and returns its one mail.
async fn mail_about(gateway: &Gateway, relay: &mut Relay, event: &str) -> Value {
    let more = json!({ "type": "nl.weg.gewijzigd", "subject": "Dorpsstraat" });
    gateway.client(PUBLISHER).publish("weg", event, more).await.expect(202);
    relay.line().await.expect("a mail")
}

/// The code of the reply to a mail.
async fn send(gateway: &Gateway, recipient: &str, mail: &str) -> String {
    let port =
        gateway.config().email.as_ref().and_then(|email| email.inbound.as_ref()).expect("a listener").listen.port();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../interop/smtp");
    let python = interop_packages::tools::python(&source).expect("Python");
    let mut command = Command::new(python.join("bin/python"));
    command.args(["-c", SEND, &port.to_string(), recipient]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.kill_on_drop(true).spawn().expect("Python starts");
    let mut input = process.stdin.take().expect("its input");
    input.write_all(mail.as_bytes()).await.expect("it reads");
    drop(input);
    let output = process.wait_with_output().await.expect("it ends");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn report(kind: &str, part: &str) -> String {
    format!(
        "From: Mail Delivery System <MAILER-DAEMON@mx.burger.example>\nSubject: Undelivered\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type={kind}; boundary=b1\n\n--b1\nContent-Type: text/plain\n\nno such user\n\
         --b1\n{part}\n--b1--\n"
    )
}

fn bounce(address: &str) -> String {
    let status = format!(
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.burger.example\n\n\
         Final-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.1.1\n"
    );
    report("delivery-status", &status)
}

/// How the mails of an addressee ended, as far as is known.
async fn outcomes(gateway: &Gateway, id: AddresseeId) -> Vec<Outcome> {
    let digest = gateway.audience().get(id).await.expect("read").expect("an addressee").addressee.digest;
    let page = EvidencePage { offset: 0, limit: 100 };
    let evidence = gateway.audience().evidence(digest, page).await.expect("read");
    evidence.into_iter().filter_map(|one| one.outcome.map(|(outcome, _)| outcome)).collect()
}

async fn inbound_state(gateway: &Gateway) -> String {
    let ready = gateway.nobody().get("/readyz").await.json();
    ready["people"]["inbound"]["state"].as_str().unwrap_or_default().to_owned()
}

async fn metrics(gateway: &Gateway) -> String {
    String::from_utf8(gateway.nobody().get("/metrics").await.expect(200).body.to_vec()).expect("text")
}

#[tokio::test]
async fn hard_bounces_that_come_back_end_the_subscription_ch_22_ch_63_ch_111_ch_113() {
    let mut relay = relay(0).await;
    let gateway = gateway(&relay).await;
    let id = confirmed(&gateway, &mut relay, "an@burger.example").await;
    let mut senders = Vec::new();
    for (event, state_then) in [("e1", "confirmed"), ("e2", "ended")] {
        let mail = mail_about(&gateway, &mut relay, event).await;
        let sender = mail["sender"].as_str().expect("a sender").to_owned();
        assert!(sender.ends_with("@bounce.gemeente.example"), "{sender}");
        let sent = eventually("the evidence is stored", || async {
            let found = outcomes(&gateway, id).await;
            (found.last() == Some(&Outcome::Sent)).then_some(found.len())
        });
        assert_eq!(sent.await, senders.len() + 1);
        assert_eq!(send(&gateway, &sender, &bounce("an@burger.example")).await, "250");
        assert_eq!(send(&gateway, &sender, &bounce("an@burger.example")).await, "250", "twice is once");
        // 250 is answered after it is stored.
        assert_eq!(state(&gateway, id).await, state_then);
        senders.push(sender);
    }
    assert_eq!(outcomes(&gateway, id).await, [Outcome::PermanentFailure; 2]);
    assert_ne!(senders[0], senders[1]);
    let forged = senders[0].replacen("b-", "u-", 1);
    for other in
        [forged.as_str(), "postmaster@bounce.gemeente.example", "an@burger.example", "b-x@bounce.gemeente.example"]
    {
        assert_eq!(send(&gateway, other, "Subject: x\n\ny\n").await, "550", "{other}");
    }
    assert_eq!(inbound_state(&gateway).await, "listening");
    let metrics = metrics(&gateway).await;
    // Other tests count in the same process.
    for (name, least) in [
        ("mails_total{result=\"undeliverable\"}", 1),
        ("mails_total{result=\"hard_bounce\"}", 1),
        ("mails_total{result=\"repeated\"}", 2),
        ("mails_total{result=\"deferred\"}", 0),
        ("refused_total{reason=\"recipient\"}", 4),
    ] {
        let start = format!("gateway_people_inbound_{name} ");
        let value = metrics.lines().find_map(|line| line.strip_prefix(&start)?.parse::<u32>().ok());
        assert!(value.is_some_and(|value| value >= least), "{name}: {metrics}");
    }
    assert!(!metrics.contains("burger.example") && !metrics.contains("bounce.gemeente"), "{metrics}");
    gateway.stop().await;
    let rest = relay.accepted().await.expect("mails");
    assert!(rest.is_empty(), "no acknowledgement after a bounce (CH-61): {rest:?}");
}

#[tokio::test]
async fn a_mail_to_unsubscribe_and_a_complaint_end_the_subscription_ch_20_ch_63_ch_116() {
    let mut relay = relay(0).await;
    let gateway = gateway(&relay).await;
    let an = confirmed(&gateway, &mut relay, "an@burger.example").await;
    let mail = mail_about(&gateway, &mut relay, "e1").await;
    let field = mail["fields"]["list-unsubscribe"].as_str().expect("the field");
    let (_, address) = field.split_once("<mailto:").expect("an address");
    let address = address.split('>').next().expect("its end");
    let request = "From: an@burger.example\nSubject: afmelden\n\nGraag.\n";
    // What cannot be stored is sent again by the relay.
    let file = gateway.key_file().with_file_name("audience.db");
    let elsewhere = file.with_extension("elsewhere");
    std::fs::rename(&file, &elsewhere).expect("moved");
    assert_eq!(send(&gateway, address, request).await, "451");
    assert_eq!(inbound_state(&gateway).await, "deferring");
    std::fs::rename(&elsewhere, &file).expect("moved back");
    assert_eq!(send(&gateway, address, request).await, "250");
    assert_eq!(inbound_state(&gateway).await, "listening");
    assert_eq!(state(&gateway, an).await, "ended");
    let acknowledgement = relay.line().await.expect("a mail");
    assert_eq!(acknowledgement["fields"]["subject"], "U bent afgemeld");

    let bo = confirmed(&gateway, &mut relay, "bo@burger.example").await;
    let mail = mail_about(&gateway, &mut relay, "e2").await;
    let complaint = |kind: &str, sender: &str| {
        let fields = format!("Feedback-Type: {kind}\nUser-Agent: x/1\nVersion: 1\nOriginal-Mail-From: <{sender}>\n");
        report("feedback-report", &format!("Content-Type: message/feedback-report\n\n{fields}"))
    };
    let sender = mail["sender"].as_str().expect("a sender");
    for (kind, sender, state_then) in [
        ("abuse", "b-forged@bounce.gemeente.example", "confirmed"),
        ("not-spam", sender, "confirmed"),
        ("abuse", sender, "ended"),
    ] {
        assert_eq!(send(&gateway, "Klachten@bounce.gemeente.example", &complaint(kind, sender)).await, "250");
        assert_eq!(state(&gateway, bo).await, state_then, "{kind} {sender}");
    }
    gateway.stop().await;
    let rest = relay.accepted().await.expect("mails");
    assert!(rest.is_empty(), "no acknowledgement after a complaint (CH-61): {rest:?}");
}
