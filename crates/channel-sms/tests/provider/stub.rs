//! A provider on loopback: it records what arrives, and answers by a script.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use channel_sms::TextMessage;
use egress::{Cidr, Egress, Policy, Settings};
use message::address::{PhoneNumber, Region};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the stub does with a request.
#[derive(Debug, Clone)]
pub enum Then {
    /// Answers with this status, these header fields and this body.
    Answer(u16, &'static str, String),
    /// Reads the request and closes without an answer.
    Close,
    /// Reads the request and says nothing.
    Hang,
}

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// Method and path.
    pub line: String,
    /// The header fields, as they came.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Arrived {
    /// The value of a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

pub struct Stub {
    pub url: String,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Stub {
    /// A stub that does this in turn, and the last of it for ever.
    pub async fn start(script: impl IntoIterator<Item = Then>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(Mutex::new(script.into_iter().collect::<VecDeque<_>>()));
        let log = Arc::clone(&arrived);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(speak(stream, Arc::clone(&script), Arc::clone(&log)));
            }
        });
        Self { url, arrived }
    }

    pub fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn speak(mut stream: TcpStream, script: Arc<Mutex<VecDeque<Then>>>, log: Arc<Mutex<Vec<Arrived>>>) {
    while let Some(request) = read(&mut stream).await {
        log.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let then = {
            let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
            let first = script.front().cloned().expect("a script");
            if script.len() > 1 {
                script.pop_front();
            }
            first
        };
        match then {
            Then::Answer(status, fields, body) => {
                let answer = format!("HTTP/1.1 {status} x\r\n{fields}content-length: {}\r\n\r\n{body}", body.len());
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
            Then::Close => return,
            Then::Hang => std::future::pending::<()>().await,
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Arrived> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let (line, head) = head.split_once("\r\n").unwrap_or((head, ""));
            let line = line.trim_end_matches(" HTTP/1.1").to_owned();
            let arrived = Arrived { line, head: head.to_owned(), body: body.to_owned() };
            let length = arrived.header("content-length").and_then(|digits| digits.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                return Some(arrived);
            }
        }
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
}

/// A client that may reach loopback.
pub fn egress() -> Arc<Egress> {
    let ranges: Vec<Cidr> = ["127.0.0.0/8"].map(|range| range.parse().expect("a range")).to_vec();
    let policy = Policy { allow: ranges.clone(), allow_http: ranges };
    Arc::new(Egress::new(Settings { policy, ..Settings::default() }).expect("good settings"))
}

/// A text message.
pub fn message(text: &str) -> TextMessage {
    let to = PhoneNumber::parse("+31612345678", Region::International).expect("a number");
    TextMessage::new(to, text, "r-1", 1).expect("a message")
}
