//! Replies and their absence: refusals at every step, silence, and bytes that are no replies.

use std::time::Duration;

use crate::client::tests::server::{Script, Server, Step, message, to};
use crate::{Class, Client, Envelope, EnvelopeAddress, Message, NotSent, Outcome, Reason, Security, Settings};

async fn outcome_of(offers: &'static str, script: Script) -> Outcome {
    let server = Server::start(offers, script).await;
    // Only silence takes as long, also on a busy machine.
    let (reply_timeout, accept_timeout) = (Duration::from_secs(20), Duration::from_secs(20));
    let settings = Settings { reply_timeout, accept_timeout, ..server.settings(Security::Plain) };
    Client::new(server.egress(), settings).unwrap().send(&to("jan"), &message("x")).await
}

#[tokio::test]
async fn refusals_are_classified_where_they_come_ch_110_ch_142_ch_143() {
    let scripts: [(Script, Class, &str); 9] = [
        (|_, c| at(c, "220", "554 5.3.2 no service"), Class::Relay, "554 5.3.2 to connecting"),
        (|_, c| at(c, "EHLO", "502 no"), Class::Relay, "502 to EHLO"),
        (|_, c| at(c, "MAIL", "451 4.3.0 later"), Class::Relay, "451 4.3.0 to MAIL"),
        (|_, c| at(c, "MAIL", "550 5.7.1 sender refused"), Class::Message, "550 5.7.1 to MAIL"),
        (|_, c| at(c, "RCPT", "451 4.7.1 greylisted"), Class::AddresseeLater, "451 4.7.1 to RCPT"),
        (
            |_, c| at(c, "RCPT", "550-5.1.1 <jan@example.nl>\r\n550 5.1.1 unknown"),
            Class::AddresseeFailed,
            "550 5.1.1 to RCPT",
        ),
        (|_, c| at(c, "DATA", "554 5.7.1 no"), Class::Message, "554 5.7.1 to DATA"),
        (|_, c| at(c, ".", "554 5.7.1 spam"), Class::Message, "554 5.7.1 to the end of the content"),
        (|_, c| at(c, ".", "451 4.3.0 later"), Class::AddresseeLater, "451 4.3.0 to the end of the content"),
    ];
    for offers in ["", "PIPELINING"] {
        for (script, class, text) in scripts {
            let outcome = outcome_of(offers, script).await;
            assert_eq!(outcome.class, class, "{offers}: {outcome}");
            assert_eq!(outcome.to_string(), format!("the relay answered {text}"));
            let shown = format!("{outcome:?} {outcome}");
            assert!(!shown.contains("jan") && !shown.contains("example.nl"), "{shown}");
        }
    }
}

fn at(command: &str, step: &str, reply: &'static str) -> Step {
    if command.starts_with(step) { Step::Reply(reply) } else { Step::Accept }
}

#[tokio::test]
async fn silence_is_bounded_and_of_whom_it_is_shown_ch_26_ch_92() {
    let scripts: [(&str, Script, Class); 9] = [
        ("", |_, c| silent(c, "220", Step::Hang), Class::Relay),
        ("", |_, c| silent(c, "EHLO", Step::Trickle), Class::Relay),
        ("", |_, c| silent(c, "MAIL", Step::Hang), Class::Relay),
        ("PIPELINING", |_, c| silent(c, "MAIL", Step::Hang), Class::Relay),
        ("", |_, c| silent(c, "RCPT", Step::Hang), Class::AddresseeLater),
        ("PIPELINING", |_, c| silent(c, "RCPT", Step::Hang), Class::AddresseeLater),
        ("", |_, c| silent(c, "DATA", Step::Hang), Class::AddresseeLater),
        ("", |_, c| silent(c, ".", Step::Hang), Class::Unknown),
        ("PIPELINING", |_, c| silent(c, ".", Step::Trickle), Class::Unknown),
    ];
    let all = scripts.map(|(offers, script, class)| async move {
        let outcome = outcome_of(offers, script).await;
        assert_eq!(outcome.class, class, "{offers}: {outcome}");
        assert!(outcome.to_string().ends_with("no reply in time"), "{outcome}");
    });
    futures_util::future::join_all(all).await;
}

fn silent(command: &str, step: &str, how: Step) -> Step {
    if command.starts_with(step) { how } else { Step::Accept }
}

#[tokio::test]
async fn what_is_no_reply_is_bounded_and_named_ch_26() {
    static LONG: &str = match std::str::from_utf8(&[b'x'; 100_000]) {
        Ok(text) => text,
        Err(_) => "",
    };
    let scripts: [(Script, Class, &str); 5] = [
        (|_, c| at(c, "220", "HTTP/1.1 400 Bad Request"), Class::Relay, "not SMTP"),
        (|_, c| at(c, "220", LONG), Class::Relay, "too long"),
        (|_, c| at(c, "MAIL", "250-a\r\n251 b"), Class::Relay, "not SMTP"),
        (|_, c| at(c, ".", "ok"), Class::Unknown, "not SMTP"),
        (|_, c| at(c, ".", LONG), Class::Unknown, "too long"),
    ];
    for (script, class, text) in scripts {
        let outcome = outcome_of("", script).await;
        assert_eq!(outcome.class, class, "{outcome}");
        assert!(outcome.to_string().contains(text), "{outcome}");
    }
}

#[tokio::test]
async fn a_message_that_the_relay_cannot_take_is_refused_before_data_ch_28() {
    let server = Server::start("SIZE_10000", |_, _| Step::Accept).await;
    let client = server.client(Security::Plain);
    let outcome = client.send(&to("jan"), &message(&"long line\r\n".repeat(1_000))).await;
    assert_eq!(outcome.class, Class::Message);
    assert!(matches!(outcome.reason, Reason::NotSent(NotSent::TooLarge { limit: 10_000, .. })), "{outcome}");
    assert!(outcome.to_string().contains("at most 10000"), "{outcome}");
    let recipient = EnvelopeAddress::new("j\u{e9}@example.nl").unwrap();
    let utf8 = client.send(&Envelope { sender: None, recipient }, &message("x")).await;
    assert_eq!(utf8.reason, Reason::NotSent(NotSent::Utf8Address));
    let eight_bit = Message::new("Subject: x\r\n\r\n\u{e9}\r\n").unwrap();
    assert_eq!(client.send(&to("jan"), &eight_bit).await.reason, Reason::NotSent(NotSent::EightBit));
    assert_eq!(server.commands(), ["1 EHLO gateway.example"], "nothing was begun");
    assert_eq!(client.send(&to("jan"), &message("x")).await.class, Class::Accepted);

    let server = Server::start("SMTPUTF8 8BITMIME", |_, _| Step::Accept).await;
    let recipient = EnvelopeAddress::new("j\u{e9}@example.nl").unwrap();
    let outcome = server.client(Security::Plain).send(&Envelope { sender: None, recipient }, &eight_bit).await;
    assert_eq!(outcome.class, Class::Accepted, "{outcome}");
    assert_eq!(server.commands()[1], "1 MAIL FROM:<> BODY=8BITMIME SMTPUTF8");
}
