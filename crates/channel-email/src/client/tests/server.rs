//! A small SMTP server for tests: it does what a script makes of each command, and records what it got.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use egress::{Egress, Policy};
use rcgen::CertifiedKey;
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::{Client, Envelope, EnvelopeAddress, Message, Security, Settings};

/// What the server does with a command.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// What a relay that accepts everything does.
    Accept,
    /// Sends this reply, which may have several lines; CRLF is added.
    Reply(&'static str),
    /// Sends this reply and closes.
    Last(&'static str),
    /// Sends a line of an endless reply every 50 milliseconds.
    Trickle,
    /// Sends nothing, and reads the next command.
    Nothing,
    /// Closes.
    Close,
    /// Sends nothing and keeps the connection open.
    Hang,
}

/// Decides about a command, by the number of its connection (from 1). The greeting is `220`, the end of a content is `.`.
pub type Script = fn(usize, &str) -> Step;

/// What the server got.
#[derive(Debug, Default)]
pub struct Seen {
    pub connections: usize,
    /// Every command with the number of its connection; `tls` where TLS was started.
    pub commands: Vec<(usize, String)>,
    /// The contents that were accepted, with the dots that the client doubled taken away.
    pub contents: Vec<String>,
    /// How many connections are open, and were at most.
    pub open: usize,
    pub most_open: usize,
}

/// A listening server.
pub struct Server {
    pub port: u16,
    seen: Arc<Mutex<Seen>>,
    /// The certificate, in a file.
    pub certificate: tempfile::NamedTempFile,
}

struct Session {
    number: usize,
    script: Script,
    offers: &'static str,
    acceptor: TlsAcceptor,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    /// A server that offers these extensions, one a word with `_` for a space.
    pub async fn start(offers: &'static str, script: Script) -> Self {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let certificate = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(certificate.path(), cert.pem()).expect("a file");
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("a certificate");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = {
                    let mut log = log.lock().expect("no panic while held");
                    log.connections += 1;
                    log.open += 1;
                    log.most_open = log.most_open.max(log.open);
                    log.connections
                };
                let session = Session { number, script, offers, acceptor: acceptor.clone(), seen: Arc::clone(&log) };
                tokio::spawn(async move {
                    // A client that goes away is no failure of the test.
                    let _ = session.serve(stream).await;
                    session.seen().open -= 1;
                });
            }
        });
        Self { port, seen, certificate }
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("no panic while held")
    }

    /// The commands of all connections as text, one a line, with the number of the connection.
    pub fn commands(&self) -> Vec<String> {
        self.seen().commands.iter().map(|(number, command)| format!("{number} {command}")).collect()
    }

    /// Settings that reach it, and trust its certificate.
    pub fn settings(&self, security: Security) -> Settings {
        Settings::new("localhost", self.port, security, "gateway.example")
    }

    pub fn egress(&self) -> Arc<Egress> {
        egress(vec![self.certificate.path().to_owned()])
    }

    pub fn client(&self, security: Security) -> Client {
        Client::new(self.egress(), self.settings(security)).expect("good settings")
    }
}

/// Egress to the loopback interface that trusts these certificates.
pub fn egress(extra_ca: Vec<std::path::PathBuf>) -> Arc<Egress> {
    let ranges: Vec<egress::Cidr> = ["127.0.0.0/8", "::1"].map(|range| range.parse().expect("a range")).to_vec();
    let policy = Policy { allow: ranges.clone(), allow_http: ranges };
    Arc::new(Egress::new(egress::Settings { policy, extra_ca, ..egress::Settings::default() }).expect("good settings"))
}

/// An envelope to this local part.
pub fn to(local: &str) -> Envelope {
    let address = |text: String| EnvelopeAddress::new(&text).expect("an address");
    Envelope { sender: Some(address("sender@example.nl".into())), recipient: address(format!("{local}@example.nl")) }
}

pub fn message(text: &str) -> Message {
    Message::new(format!("Subject: x\r\n\r\n{text}\r\n")).expect("a message")
}

impl Session {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("no panic while held")
    }

    async fn serve(&self, stream: tokio::net::TcpStream) -> io::Result<()> {
        let mut plain = BufStream::new(stream);
        if !self.answer(&mut plain, "220", "220 relay.example ESMTP").await? {
            return Ok(());
        }
        if self.speak(&mut plain, true).await? {
            let tls = self.acceptor.accept(plain.into_inner()).await?;
            self.seen().commands.push((self.number, "tls".to_owned()));
            self.speak(&mut BufStream::new(tls), false).await?;
        }
        Ok(())
    }

    /// Answers commands until the session ends; `true` when TLS begins.
    async fn speak<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufStream<S>,
        plain: bool,
    ) -> io::Result<bool> {
        let mut line = String::new();
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(false);
            }
            let command = line.trim_end().to_owned();
            self.seen().commands.push((self.number, command.clone()));
            let word = command.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            let usual = match word.as_str() {
                "EHLO" => self.ehlo(plain),
                "STARTTLS" => "220 go ahead".to_owned(),
                "AUTH" => "235 2.7.0 ok".to_owned(),
                "DATA" => "354 go ahead".to_owned(),
                "QUIT" => "221 bye".to_owned(),
                _ => "250 2.0.0 ok".to_owned(),
            };
            if !self.answer(stream, &command, &usual).await? {
                return Ok(false);
            }
            match word.as_str() {
                "STARTTLS" => return Ok(true),
                "QUIT" => return Ok(false),
                "DATA" => {
                    let script = (self.script)(self.number, &command);
                    let refused = matches!(script, Step::Reply(text) if text.starts_with('4') || text.starts_with('5'));
                    if !refused && !self.content(stream).await? {
                        return Ok(false);
                    }
                }
                _ => {}
            }
        }
    }

    fn ehlo(&self, plain: bool) -> String {
        let offers = self.offers.split(' ').filter(|word| !word.is_empty() && (plain || *word != "STARTTLS"));
        let lines = offers.map(|word| format!("250-{}\r\n", word.replace('_', " "))).collect::<Vec<_>>().concat();
        format!("250-relay.example\r\n{lines}250 ENHANCEDSTATUSCODES")
    }

    async fn content<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: &mut BufStream<S>) -> io::Result<bool> {
        let mut content = String::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(false);
            }
            if line == ".\r\n" {
                break;
            }
            content.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
        let accepted = matches!((self.script)(self.number, "."), Step::Accept);
        if accepted {
            self.seen().contents.push(content);
        }
        self.answer(stream, ".", "250 2.0.0 queued").await
    }

    /// Does what the script makes of a command; `false` when the session is over.
    async fn answer<S>(&self, stream: &mut BufStream<S>, command: &str, usual: &str) -> io::Result<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let step = (self.script)(self.number, command);
        let reply = match step {
            Step::Accept => usual,
            Step::Reply(text) | Step::Last(text) => text,
            Step::Trickle => "250-more",
            Step::Nothing => return Ok(true),
            Step::Close => return Ok(false),
            Step::Hang => std::future::pending().await,
        };
        // In one write: what a client reads too early is in its buffer then.
        stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
        stream.flush().await?;
        if matches!(step, Step::Trickle) {
            loop {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                stream.write_all(b"250-more\r\n").await?;
                stream.flush().await?;
            }
        }
        Ok(!matches!(step, Step::Last(_)))
    }
}
