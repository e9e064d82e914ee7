//! The relay of these tests, [`test_relay`], with clients that reach it.

use std::path::PathBuf;
use std::sync::Arc;

use channel_email::{Client, Credential, Envelope, EnvelopeAddress, Message, Security, Settings};
use egress::{Cidr, Egress, Policy};
use serde_json::Value;
pub use test_relay::Protection;

/// A running relay.
pub struct Relay(test_relay::Relay);

impl Relay {
    /// Starts it with these settings beside those of TLS.
    pub async fn start(tls: Protection, settings: Value) -> Self {
        Self(test_relay::Relay::start(tls, settings).await.expect("a relay"))
    }

    /// The next mail that it accepted.
    pub async fn line(&mut self) -> Value {
        self.0.line().await.expect("a line in time")
    }

    /// Ends the relay, and returns the mails that it accepted and this value has not returned.
    pub async fn accepted(self) -> Vec<Value> {
        self.0.accepted().await.expect("its output")
    }

    /// Kills it.
    pub async fn kill(&mut self) {
        self.0.kill().await.expect("a process");
    }

    /// Settings that reach it, without a credential.
    pub fn settings(&self) -> Settings {
        self.settings_with(None)
    }

    pub fn settings_with(&self, credential: Option<Credential>) -> Settings {
        let credentials = credential.map(|credential| Arc::new(credential) as _);
        let security = match self.0.protection() {
            Protection::None => Security::Plain,
            Protection::StartTls => Security::StartTls(credentials),
            Protection::Implicit => Security::Tls(credentials),
        };
        Settings::new("localhost", self.0.port(), security, "gateway.example")
    }

    /// A client that trusts its certificate.
    pub fn client(&self, settings: Settings) -> Arc<Client> {
        Arc::new(Client::new(egress(vec![self.0.certificate()]), settings).expect("good settings"))
    }

    /// A client that does not.
    pub fn distrusting_client(&self) -> Client {
        Client::new(egress(vec![]), self.settings()).expect("good settings")
    }
}

fn egress(extra_ca: Vec<PathBuf>) -> Arc<Egress> {
    let ranges: Vec<Cidr> = ["127.0.0.0/8", "::1"].map(|range| range.parse().expect("a range")).to_vec();
    let policy = Policy { allow: ranges.clone(), allow_http: ranges };
    Arc::new(Egress::new(egress::Settings { policy, extra_ca, ..egress::Settings::default() }).expect("good settings"))
}

/// An envelope to an address.
pub fn to(recipient: &str) -> Envelope {
    let address = |text: &str| EnvelopeAddress::new(text).expect("an address");
    Envelope { sender: Some(address("sender@example.nl")), recipient: address(recipient) }
}

pub fn message(body: &str) -> Message {
    Message::new(format!("Subject: x\r\n\r\n{body}\r\n")).expect("a message")
}
