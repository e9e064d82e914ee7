//! The client against a real SMTP server (aiosmtpd), scripted to refuse, hang, drop and die.

mod aiosmtpd;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use aiosmtpd::{Protection, Relay, message, to};
use channel_email::{Class, Client, Credential, Fault, NotSent, Outcome, Place, Reason, Settings};
use serde_json::{Value, json};

fn password(text: &str) -> Credential {
    Credential::Password { user: "gateway".to_owned(), password: text.to_owned() }
}

/// Sends to all these addresses at the same time and returns the outcomes in their order.
async fn send_all(client: &Arc<Client>, addresses: &[String]) -> Vec<Outcome> {
    let sending = addresses.iter().map(|address| {
        let (client, envelope) = (Arc::clone(client), to(address));
        tokio::spawn(async move { client.send(&envelope, &message("x")).await })
    });
    let sending: Vec<_> = sending.collect();
    let mut outcomes = Vec::new();
    for sending in sending {
        outcomes.push(sending.await.expect("no panic"));
    }
    outcomes
}

fn addresses(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("a{number}@example.nl")).collect()
}

#[tokio::test]
async fn mails_arrive_over_starttls_and_implicit_tls_with_authentication_ch_23_ch_25() {
    for (tls, pipelining) in [
        (Protection::StartTls, false),
        (Protection::StartTls, true),
        (Protection::Implicit, false),
        (Protection::Implicit, true),
    ] {
        let settings = json!({ "user": "gateway", "password": "open-sesame", "pipelining": pipelining });
        let mut relay = Relay::start(tls, settings).await;
        let client = relay.client(relay.settings_with(Some(password("open-sesame"))));
        for body in ["one", ".\r\n..two\r\n.", &"a long line of text\r\n".repeat(10_000), "caf\u{e9}"] {
            let outcome = client.send(&to("jan@example.nl"), &message(body)).await;
            assert_eq!(outcome.class, Class::Accepted, "{tls:?} {pipelining}: {outcome}");
            let mail = relay.line().await;
            assert_eq!((&mail["sender"], &mail["to"]), (&json!("sender@example.nl"), &json!("jan@example.nl")));
            assert_eq!(
                (&mail["tls"], &mail["user"], &mail["connection"]),
                (&json!(true), &json!("gateway"), &json!(1))
            );
            assert_eq!(mail["sha256"], sha256(message(body).bytes()), "{tls:?} {pipelining}");
        }
        let wrong = relay.client(relay.settings_with(Some(password("wrong"))));
        let outcome = wrong.send(&to("jan@example.nl"), &message("x")).await;
        assert_eq!(outcome.class, Class::Relay);
        assert!(matches!(outcome.reason, Reason::Reply { place: Place::Auth, code: 535, .. }), "{outcome}");
        let outcome = relay.distrusting_client().send(&to("jan@example.nl"), &message("x")).await;
        assert_eq!(outcome.class, Class::Relay);
        assert!(outcome.to_string().contains("certificate"), "{outcome}");
        assert!(relay.accepted().await.is_empty(), "nothing was sent without trust");
    }
}

/// The SHA-256 of a message in hexadecimal.
fn sha256(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

#[tokio::test]
async fn replies_by_address_have_their_class_ch_110_ch_142_ch_143() {
    let settings = json!({
        "rcpt": {
            "grey@example.nl": ["451 4.7.1 greylisted", "451 4.7.1 greylisted"],
            "unknown@example.nl": ["550 5.1.1 <unknown@example.nl> unknown"],
            "full@example.nl": ["452 4.2.2 full", "552 5.2.2 full"],
            "policy@example.nl": ["554 5.7.1 relay access denied"],
        },
        "mail": { "sender@example.nl": ["452 4.3.1 no storage", "550 5.7.1 sender refused"] },
        "content": { "large@example.nl": ["552 5.3.4 too large"], "spam@example.nl": ["554 5.7.1 spam"] },
    });
    let relay = Relay::start(Protection::None, settings).await;
    let client = relay.client(relay.settings());
    for (address, expected) in [
        ("jan@example.nl", &[Class::Relay, Class::Message, Class::Accepted][..]),
        ("grey@example.nl", &[Class::AddresseeLater, Class::AddresseeLater, Class::Accepted]),
        ("unknown@example.nl", &[Class::AddresseeFailed]),
        ("full@example.nl", &[Class::AddresseeLater, Class::AddresseeRefused]),
        ("policy@example.nl", &[Class::AddresseeRefused]),
        ("large@example.nl", &[Class::Message]),
        ("spam@example.nl", &[Class::Message]),
        ("piet@example.nl", &[Class::Accepted]),
    ] {
        for class in expected {
            let outcome = client.send(&to(address), &message("x")).await;
            assert_eq!(outcome.class, *class, "{address}: {outcome}");
            assert!(!format!("{outcome:?} {outcome}").contains('@'), "{outcome:?}");
        }
    }
    let accepted = relay.accepted().await;
    let all: Vec<_> = accepted.iter().map(|mail| (mail["to"].as_str(), mail["connection"].as_u64())).collect();
    let on_one = |address| (Some(address), Some(1));
    assert_eq!(all, [on_one("jan@example.nl"), on_one("grey@example.nl"), on_one("piet@example.nl")]);
}

#[tokio::test]
async fn the_size_of_the_relay_is_checked_before_data_ch_28() {
    let relay = Relay::start(Protection::None, json!({ "size": 10_000 })).await;
    let client = relay.client(relay.settings());
    let outcome = client.send(&to("jan@example.nl"), &message(&"text\r\n".repeat(2_000))).await;
    assert_eq!(outcome.class, Class::Message);
    assert!(matches!(outcome.reason, Reason::NotSent(NotSent::TooLarge { limit: 10_000, .. })), "{outcome}");
    let outcome = client.send(&to("jos\u{e9}@example.nl"), &message("caf\u{e9}")).await;
    assert_eq!(outcome.class, Class::Accepted, "{outcome}");
    let accepted = relay.accepted().await;
    assert_eq!(accepted.len(), 1);
    assert_eq!(accepted[0]["options"], json!(["SIZE=21", "BODY=8BITMIME", "SMTPUTF8"]));
}

#[tokio::test]
async fn connections_that_end_or_are_dropped_cost_no_attempt_ch_26() {
    // Every tenth connection is dropped at once, every other ends with 421 after three mails.
    let last = accepted_once(json!({ "drop_every": 10, "mails": 3, "pipelining": true })).await;
    assert!(last > Some(60), "connections were dropped: {last:?}");
    // The content of one mail comes to a connection that ends before it, and one gets 421.
    let of_mails = json!({ "a7@example.nl": ["die"], "a70@example.nl": ["421 4.3.2 shutting down"] });
    accepted_once(json!({ "pipelining": true, "rcpt": of_mails })).await;
}

/// Sends 200 mails to such a relay, which accepts each exactly once; returns the number of the last connection.
async fn accepted_once(relay: Value) -> Option<u64> {
    let relay = Relay::start(Protection::None, relay).await;
    // A mail uses at most three connections. With two at a time, no mail meets the tenth one twice.
    let connections = NonZeroUsize::new(2).expect("not zero");
    let client = relay.client(Settings { connections, ..relay.settings() });
    let addresses = addresses(200);
    for (address, outcome) in addresses.iter().zip(send_all(&client, &addresses).await) {
        assert_eq!(outcome.class, Class::Accepted, "{address}: {outcome}");
    }
    let accepted = relay.accepted().await;
    let mut to: Vec<_> = accepted.iter().filter_map(|mail| mail["to"].as_str().map(str::to_owned)).collect();
    to.sort();
    let mut expected = addresses;
    expected.sort();
    assert_eq!(to, expected, "each exactly once");
    accepted.iter().filter_map(|mail| mail["connection"].as_u64()).max()
}

#[tokio::test]
async fn a_mail_whose_reply_is_lost_is_in_doubt_and_not_sent_again_ch_26() {
    let relay = Relay::start(Protection::None, json!({ "content": { "jan@example.nl": ["die"] } })).await;
    let client = relay.client(relay.settings());
    let outcome = client.send(&to("jan@example.nl"), &message("x")).await;
    let reason = Reason::NoReply { place: Place::Body, fault: Fault::Closed };
    assert_eq!(outcome, Outcome { class: Class::Unknown, reason });
    assert!(relay.accepted().await.is_empty());
}

#[tokio::test]
async fn an_addressee_for_whom_the_relay_hangs_delays_nobody_else_ch_92() {
    let relay = Relay::start(Protection::None, json!({ "rcpt": { "slow@example.nl": ["hang"] } })).await;
    let settings = Settings {
        connections: NonZeroUsize::new(2).unwrap(),
        // Only silence takes as long, also on a busy machine.
        reply_timeout: Duration::from_secs(45),
        ..relay.settings()
    };
    let client = relay.client(settings);
    let slow = Arc::clone(&client);
    let slow = tokio::spawn(async move { slow.send(&to("slow@example.nl"), &message("x")).await });
    for outcome in send_all(&client, &addresses(50)).await {
        assert_eq!(outcome.class, Class::Accepted, "{outcome}");
    }
    assert!(!slow.is_finished(), "the others did not wait for it");
    let outcome = slow.await.unwrap();
    let reason = Reason::NoReply { place: Place::Rcpt, fault: Fault::Timeout };
    assert_eq!(outcome, Outcome { class: Class::AddresseeLater, reason });
}

#[tokio::test]
async fn a_relay_that_died_is_the_relays_trouble_ch_26() {
    let mut relay = Relay::start(Protection::StartTls, json!({})).await;
    let client = relay.client(relay.settings());
    assert_eq!(client.send(&to("jan@example.nl"), &message("x")).await.class, Class::Accepted);
    relay.kill().await;
    let outcome = client.send(&to("jan@example.nl"), &message("x")).await;
    assert_eq!(outcome.class, Class::Relay);
    assert!(outcome.to_string().contains("nothing listens there"), "{outcome}");
}
