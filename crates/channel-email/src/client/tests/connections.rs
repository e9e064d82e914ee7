//! Which connections mails use: kept ones, new ones, how many and how long.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::client::tests::server::{Script, Server, Step, message, to};
use crate::{Class, Client, Fault, Outcome, Place, Reason, Security, Settings};

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_connection_is_used_again_and_contents_arrive_as_they_were_ch_26() {
    for (offers, mail) in
        [("", "MAIL FROM:<sender@example.nl>"), ("SIZE_0 PIPELINING", "MAIL FROM:<sender@example.nl> SIZE=")]
    {
        let server = Server::start(offers, |_, _| Step::Accept).await;
        let client = server.client(Security::Plain);
        for text in ["one", ".\r\n..\r\nMAIL FROM:<x@example.nl>\r\n.", &"long line\r\n".repeat(20_000)] {
            let outcome = client.send(&to("jan"), &message(text)).await;
            assert_eq!(outcome.class, Class::Accepted, "{outcome}");
            let content = server.seen().contents.pop().expect("a content");
            assert_eq!(content.as_bytes(), message(text).bytes(), "{offers}");
        }
        client.close().await;
        let commands = server.commands();
        assert_eq!(server.seen().connections, 1);
        assert_eq!(commands.len(), 1 + 3 * 3 + 1, "{commands:?}");
        assert!(commands[1].starts_with(&format!("1 {mail}")), "{commands:?}");
        assert_eq!(commands[2..4], ["1 RCPT TO:<jan@example.nl>", "1 DATA"]);
        assert_eq!(commands.last().map(String::as_str), Some("1 QUIT"));
    }
}

#[tokio::test]
async fn a_refused_addressee_costs_no_connection_ch_26() {
    for offers in ["", "PIPELINING"] {
        let server = Server::start(offers, |_, command| match command {
            "RCPT TO:<nobody@example.nl>" => Step::Reply("550 5.1.1 <nobody@example.nl> no such user"),
            _ => Step::Accept,
        });
        let server = server.await;
        let client = server.client(Security::Plain);
        assert_eq!(client.send(&to("jan"), &message("1")).await.class, Class::Accepted);
        assert_eq!(client.send(&to("nobody"), &message("2")).await.class, Class::AddresseeFailed);
        assert_eq!(client.send(&to("piet"), &message("3")).await.class, Class::Accepted);
        // A server that goes on to the content without an addressee gets none, and the connection ends.
        let connections = if offers.is_empty() { 1 } else { 2 };
        assert_eq!(server.seen().connections, connections, "{offers}");
        assert_eq!(server.seen().contents.len(), 2);
        let reset = server.commands().iter().any(|command| command == "1 RSET");
        assert_eq!(reset, offers.is_empty());
    }
}

#[tokio::test]
async fn a_refused_transaction_is_reset_with_the_next_commands_ch_26() {
    let server = Server::start("PIPELINING", |_, command| match command {
        "RCPT TO:<nobody@example.nl>" => Step::Reply("550 5.1.1 no such user"),
        // The first is that of the refused addressee.
        "DATA" => Step::Reply("503 5.5.1 no valid addressee"),
        _ => Step::Accept,
    });
    let server = server.await;
    let client = server.client(Security::Plain);
    assert_eq!(client.send(&to("nobody"), &message("1")).await.class, Class::AddresseeFailed);
    assert_eq!(client.send(&to("jan"), &message("2")).await.class, Class::Message);
    let commands = server.commands();
    let expected = [
        "1 EHLO gateway.example",
        "1 MAIL FROM:<sender@example.nl>",
        "1 RCPT TO:<nobody@example.nl>",
        "1 DATA",
        "1 RSET",
        "1 MAIL FROM:<sender@example.nl>",
        "1 RCPT TO:<jan@example.nl>",
        "1 DATA",
    ];
    assert_eq!(commands, expected);
}

#[tokio::test]
async fn a_connection_that_ends_between_mails_costs_no_attempt_ch_26() {
    // The mails of each connection; the second on a connection meets its end.
    static CLOSED: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    static ANSWERED: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    let closes: Script = |number, command| end_at_mail(2, &CLOSED, number, command, Step::Close);
    let answers: Script =
        |number, command| end_at_mail(2, &ANSWERED, number, command, Step::Last("421 4.3.2 too many mails"));
    for script in [closes, answers] {
        let server = Server::start("", script).await;
        let client = server.client(Security::Plain);
        for text in ["1", "2", "3", "4"] {
            let outcome = client.send(&to("jan"), &message(text)).await;
            assert_eq!(outcome.class, Class::Accepted, "{text}: {outcome}");
        }
        assert_eq!(server.seen().contents.len(), 4);
        assert_eq!(server.seen().connections, 4);
    }
}

/// Ends each connection with a step at its mail of this number.
fn end_at_mail(which: usize, mails: &Mutex<Vec<usize>>, number: usize, command: &str, ending: Step) -> Step {
    if !command.starts_with("MAIL") {
        return Step::Accept;
    }
    let mut mails = mails.lock().unwrap();
    mails.push(number);
    if mails.iter().filter(|other| **other == number).count() >= which { ending } else { Step::Accept }
}

#[tokio::test]
async fn a_kept_connection_that_the_relay_closed_is_not_used_ch_26() {
    let server = Server::start("", |_, command| match command {
        "." => Step::Last("250 2.0.0 queued"),
        _ => Step::Accept,
    });
    let server = server.await;
    let client = server.client(Security::Plain);
    for _ in 0..3 {
        assert_eq!(client.send(&to("jan"), &message("x")).await.class, Class::Accepted);
        until(|| server.seen().open == 0).await;
        let kept = || client.pool.take().map(|session| client.pool.put(session));
        // The end of the connection may arrive later.
        until(|| kept().is_none()).await;
    }
    assert_eq!(server.seen().connections, 3);
}

#[tokio::test]
async fn dropped_connections_lose_no_mail_ch_26() {
    // Every tenth connection is dropped at once, the others at their fourth mail.
    static MAILS: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    let server = Server::start("PIPELINING", |number, command| match command {
        "220" if number % 10 == 0 => Step::Close,
        _ => end_at_mail(4, &MAILS, number, command, Step::Close),
    });
    let server = server.await;
    let settings = Settings { connections: NonZeroUsize::new(4).unwrap(), ..server.settings(Security::Plain) };
    let client = Arc::new(Client::new(server.egress(), settings).unwrap());
    let sending: Vec<_> = (0..100)
        .map(|number| {
            let client = Arc::clone(&client);
            tokio::spawn(async move { client.send(&to(&format!("a{number}")), &message("x")).await })
        })
        .collect();
    for sending in sending {
        let outcome = sending.await.unwrap();
        assert_eq!(outcome.class, Class::Accepted, "{outcome}");
    }
    assert_eq!(server.seen().contents.len(), 100, "each once");
    assert!(server.seen().most_open <= 5, "{}", server.seen().most_open);
}

#[tokio::test]
async fn three_connections_are_the_most_for_a_mail_ch_26() {
    for (script, place, class) in [
        (
            (|_, command| if command == "220" { Step::Close } else { Step::Accept }) as Script,
            Place::Connect,
            Class::Relay,
        ),
        (|_, command| if command.starts_with("MAIL") { Step::Close } else { Step::Accept }, Place::Mail, Class::Relay),
        (
            |_, command| if command.starts_with("RCPT") { Step::Close } else { Step::Accept },
            Place::Rcpt,
            Class::AddresseeLater,
        ),
    ] {
        let server = Server::start("", script).await;
        let outcome = server.client(Security::Plain).send(&to("jan"), &message("x")).await;
        assert_eq!(outcome, Outcome { class, reason: Reason::NoReply { place, fault: Fault::Closed } });
        assert_eq!(server.seen().connections, 3);
    }
    let server = Server::start("", |_, command| match command {
        "220" => Step::Last("421 4.7.0 too many connections"),
        _ => Step::Accept,
    });
    let server = server.await;
    let outcome = server.client(Security::Plain).send(&to("jan"), &message("x")).await;
    assert_eq!(outcome.class, Class::Relay);
    assert_eq!(server.seen().connections, 1, "a relay that takes no connection gets no other");
}

#[tokio::test]
async fn a_mail_in_doubt_is_not_sent_again_ch_26() {
    for offers in ["", "PIPELINING"] {
        let server = Server::start(offers, |_, command| if command == "." { Step::Close } else { Step::Accept }).await;
        let outcome = server.client(Security::Plain).send(&to("jan"), &message("x")).await;
        let reason = Reason::NoReply { place: Place::Body, fault: Fault::Closed };
        assert_eq!(outcome, Outcome { class: Class::Unknown, reason });
        assert_eq!(server.seen().connections, 1);
    }
}

#[tokio::test]
async fn connections_are_bounded_and_end_after_their_idle_time_ch_26() {
    let server = Server::start("", |_, _| Step::Accept).await;
    let settings = Settings {
        connections: NonZeroUsize::new(3).unwrap(),
        idle: Duration::from_millis(200),
        ..server.settings(Security::Plain)
    };
    let client = Arc::new(Client::new(server.egress(), settings).unwrap());
    let sending: Vec<_> = (0..30)
        .map(|_| {
            let client = Arc::clone(&client);
            tokio::spawn(async move { client.send(&to("jan"), &message("x")).await })
        })
        .collect();
    for sending in sending {
        assert_eq!(sending.await.unwrap().class, Class::Accepted);
    }
    assert!(server.seen().most_open <= 3, "{}", server.seen().most_open);
    until(|| client.pool.waiting() == 0 && server.seen().open == 0).await;
    assert!(server.commands().iter().any(|command| command.ends_with("QUIT")));
    // The pool works as before.
    assert_eq!(client.send(&to("jan"), &message("x")).await.class, Class::Accepted);
    until(|| client.pool.waiting() == 0 && server.seen().open == 0).await;
}

#[tokio::test]
async fn commands_are_sent_at_once_where_the_relay_offers_that() {
    // It answers nothing before it has all three.
    let server = Server::start("PIPELINING", |_, command| match command {
        "DATA" => Step::Reply("250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go ahead"),
        _ if command.starts_with("MAIL") || command.starts_with("RCPT") => Step::Nothing,
        _ => Step::Accept,
    });
    let server = server.await;
    let client = server.client(Security::Plain);
    for text in ["1", "2"] {
        assert_eq!(client.send(&to("jan"), &message(text)).await.class, Class::Accepted);
    }
    assert_eq!(server.seen().contents.len(), 2);
}

#[tokio::test]
async fn a_relay_that_takes_fewer_connections_gets_all_mails_on_those_ch_26() {
    let server = Server::start("PIPELINING", |number, command| match command {
        "220" if number > 2 => Step::Last("421 4.7.0 too many connections"),
        _ => Step::Accept,
    });
    let server = server.await;
    let settings = Settings {
        connections: NonZeroUsize::new(6).unwrap(),
        idle: Duration::from_secs(5),
        ..server.settings(Security::Plain)
    };
    let client = Arc::new(Client::new(server.egress(), settings).unwrap());
    let sending: Vec<_> = (0..60)
        .map(|_| {
            let client = Arc::clone(&client);
            tokio::spawn(async move { client.send(&to("jan"), &message("x")).await })
        })
        .collect();
    for sending in sending {
        let outcome = sending.await.unwrap();
        assert_eq!(outcome.class, Class::Accepted, "{outcome}");
    }
    assert!((1..=6).contains(&client.pool.size()));
    until(|| client.pool.size() == 6).await;
}
