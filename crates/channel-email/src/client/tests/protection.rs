//! TLS and authentication: what is required, and what is never sent or shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::client::tests::server::{Script, Server, Step, egress, message, to};
use crate::{Class, Client, Credential, CredentialError, Credentials, Fault, Outcome, Place, Reason, Security};

const ACCEPT: Script = |_, _| Step::Accept;
const SECRET: &str = "open-sesame";

fn password() -> Credential {
    Credential::Password { user: "relay-user".to_owned(), password: SECRET.to_owned() }
}

fn token() -> Credential {
    Credential::Token { user: "relay-user".to_owned(), token: SECRET.to_owned() }
}

fn with(credential: Credential) -> Security {
    Security::StartTls(Some(Arc::new(credential)))
}

#[tokio::test]
async fn authentication_comes_after_tls_with_a_mechanism_of_the_relay_ch_23_ch_25() {
    let plain = format!("1 AUTH PLAIN {}", STANDARD.encode(format!("\0relay-user\0{SECRET}")));
    for (offers, credential, expected) in [
        ("STARTTLS AUTH_LOGIN_PLAIN", password(), plain.as_str()),
        ("STARTTLS AUTH_LOGIN", password(), "1 AUTH LOGIN"),
        ("STARTTLS AUTH_PLAIN_XOAUTH2", token(), "1 AUTH XOAUTH2 "),
    ] {
        let script: Script = |_, command| match command {
            "AUTH LOGIN" => Step::Reply("334 VXNlcm5hbWU6"),
            "cmVsYXktdXNlcg==" => Step::Reply("334 UGFzc3dvcmQ6"),
            "b3Blbi1zZXNhbWU=" => Step::Reply("235 2.7.0 ok"),
            _ => Step::Accept,
        };
        let server = Server::start(offers, script).await;
        let outcome = server.client(with(credential)).send(&to("jan"), &message("x")).await;
        assert_eq!(outcome.class, Class::Accepted, "{offers}: {outcome}");
        let commands = server.commands();
        let position = |text: &str| commands.iter().position(|command| command.starts_with(text));
        let (tls, auth, mail) = (position("1 tls"), position(expected), position("1 MAIL"));
        assert!(tls.is_some() && tls < auth && auth < mail, "{commands:?}");
        assert_eq!(commands.iter().filter(|command| command.as_str() == "1 EHLO gateway.example").count(), 2);
    }
}

#[tokio::test]
async fn without_tls_nothing_is_sent_ch_23_ch_25() {
    // It offers AUTH before TLS, and no STARTTLS.
    let server = Server::start("AUTH_PLAIN_LOGIN", ACCEPT).await;
    let outcome = server.client(with(password())).send(&to("jan"), &message("x")).await;
    let reason = Reason::NoReply { place: Place::StartTls, fault: Fault::NoStartTls };
    assert_eq!(outcome, Outcome { class: Class::Relay, reason });
    assert_eq!(server.commands(), ["1 EHLO gateway.example"]);

    // It refuses STARTTLS although it offers it.
    let refusing: Script = |_, command| match command {
        "STARTTLS" => Step::Last("454 4.7.0 TLS not available"),
        _ => Step::Accept,
    };
    let server = Server::start("STARTTLS AUTH_PLAIN", refusing).await;
    let outcome = server.client(with(password())).send(&to("jan"), &message("x")).await;
    assert_eq!(
        (outcome.class, outcome.to_string().contains("454 4.7.0 to STARTTLS")),
        (Class::Relay, true),
        "{outcome}"
    );

    // Somebody in between adds replies that would be read after the handshake.
    let injecting: Script = |_, command| match command {
        "STARTTLS" => Step::Reply("220 go ahead\r\n250-relay.example\r\n250 AUTH PLAIN"),
        _ => Step::Accept,
    };
    let server = Server::start("STARTTLS AUTH_PLAIN", injecting).await;
    let outcome = server.client(with(password())).send(&to("jan"), &message("x")).await;
    let reason = Reason::NoReply { place: Place::StartTls, fault: Fault::BytesBeforeTls };
    assert_eq!(outcome, Outcome { class: Class::Relay, reason });
    assert_eq!(server.commands(), ["1 EHLO gateway.example", "1 STARTTLS"]);

    // Plain connections have no credential at all.
    let server = Server::start("AUTH_PLAIN", ACCEPT).await;
    assert_eq!(server.client(Security::Plain).send(&to("jan"), &message("x")).await.class, Class::Accepted);
    assert!(!server.commands().iter().any(|command| command.contains("AUTH")));
}

#[tokio::test]
async fn a_bad_certificate_is_the_relays_trouble_with_a_reason_ch_23() {
    let server = Server::start("STARTTLS AUTH_PLAIN", ACCEPT).await;
    let client = Client::new(egress(vec![]), server.settings(with(password()))).unwrap();
    let outcome = client.send(&to("jan"), &message("x")).await;
    assert_eq!(outcome.class, Class::Relay);
    assert!(outcome.to_string().starts_with("STARTTLS: TLS: the certificate of the receiver"), "{outcome}");
    assert_eq!(server.commands(), ["1 EHLO gateway.example", "1 STARTTLS"]);
}

#[tokio::test]
async fn a_relay_at_a_refused_address_is_not_connected_to_ch_24() {
    let server = Server::start("STARTTLS", ACCEPT).await;
    let closed = Arc::new(egress::Egress::new(egress::Settings::default()).unwrap());
    let client = Client::new(closed, server.settings(Security::StartTls(None))).unwrap();
    let outcome = client.send(&to("jan"), &message("x")).await;
    assert_eq!(outcome.class, Class::Relay);
    assert!(outcome.to_string().contains("loopback"), "{outcome}");
    assert_eq!(server.seen().connections, 0);
}

/// Counts how often it is asked, and how often to renew.
#[derive(Default)]
struct Counting {
    asked: AtomicUsize,
    renewed: AtomicUsize,
    absent: bool,
}

#[async_trait]
impl Credentials for Counting {
    async fn credential(&self, renew: bool) -> Result<Credential, CredentialError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.renewed.fetch_add(usize::from(renew), Ordering::Relaxed);
        if self.absent { Err(CredentialError("the secret cannot be opened".to_owned())) } else { Ok(token()) }
    }
}

#[tokio::test]
async fn a_refused_credential_is_renewed_and_never_shown_ch_25() {
    let refusing: Script = |number, command| match command {
        // A description of the refusal, then the refusal itself after an empty answer.
        _ if command.starts_with("AUTH") && number == 1 => Step::Reply("334 eyJzdGF0dXMiOiI0MDEifQ=="),
        "" => Step::Reply("535 5.7.8 relay-user is not open-sesame"),
        _ => Step::Accept,
    };
    let server = Server::start("STARTTLS AUTH_XOAUTH2", refusing).await;
    let credentials = Arc::new(Counting::default());
    let client = server.client(Security::StartTls(Some(credentials.clone())));
    let outcome = client.send(&to("jan"), &message("x")).await;
    assert_eq!(outcome.class, Class::Relay);
    assert_eq!(outcome.to_string(), "the relay answered 535 5.7.8 to AUTH");
    let shown = format!("{outcome:?} {outcome}");
    assert!(!shown.contains(SECRET) && !shown.contains("relay-user"), "{shown}");
    for _ in 0..2 {
        assert_eq!(client.send(&to("jan"), &message("x")).await.class, Class::Accepted);
    }
    let counts = (credentials.asked.load(Ordering::Relaxed), credentials.renewed.load(Ordering::Relaxed));
    assert_eq!(counts, (2, 1), "once for a connection, renewed after the refusal");
}

#[tokio::test]
async fn without_a_fitting_credential_nothing_is_sent_ch_25() {
    for (offers, credentials, expected) in [
        ("STARTTLS AUTH_CRAM-MD5", Arc::new(password()) as Arc<dyn Credentials>, "offers no authentication"),
        ("STARTTLS", Arc::new(password()), "offers no authentication"),
        ("STARTTLS AUTH_XOAUTH2", Arc::new(Counting { absent: true, ..Counting::default() }), "cannot be opened"),
    ] {
        let server = Server::start(offers, ACCEPT).await;
        let outcome = server.client(Security::StartTls(Some(credentials))).send(&to("jan"), &message("x")).await;
        assert_eq!(outcome.class, Class::Relay);
        assert!(outcome.to_string().contains(expected), "{outcome}");
        assert!(!server.commands().iter().any(|command| command.contains("MAIL") || command.contains("AUTH")));
    }
}
