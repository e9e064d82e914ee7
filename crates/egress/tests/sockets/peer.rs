//! A scripted HTTP/1.1 peer on raw sockets, and the client's settings that reach it.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use egress::{Egress, Limits, Policy, Request, Settings};
use http::{HeaderMap, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the peer does after it has written its answer.
#[derive(Clone, Copy)]
pub enum Then {
    /// Waits for the next request on the connection.
    Stay,
    /// Closes.
    Close,
    /// Waits for the next request, and closes without an answer to it.
    CloseOnReuse,
    /// Sends nothing more and keeps the connection open.
    Hang,
    /// Writes bytes as long as the client reads.
    Flood,
}

#[derive(Default)]
struct Seen {
    connections: usize,
    requests: Vec<String>,
}

/// A listening peer.
pub struct Peer {
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

impl Peer {
    pub async fn start(answer: impl Into<String>, then: Then) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let seen = Arc::new(Mutex::new(Seen::default()));
        let answer: Arc<str> = answer.into().into();
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                log.lock().expect("no panic while held").connections += 1;
                tokio::spawn(speak(stream, Arc::clone(&answer), then, Arc::clone(&log)));
            }
        });
        Ok(Self { address, seen })
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn connections(&self) -> usize {
        self.seen.lock().expect("no panic while held").connections
    }

    pub fn requests(&self) -> Vec<String> {
        self.seen.lock().expect("no panic while held").requests.clone()
    }
}

async fn speak(mut stream: TcpStream, answer: Arc<str>, then: Then, log: Arc<Mutex<Seen>>) -> io::Result<()> {
    loop {
        let request = read_request(&mut stream).await?;
        log.lock().expect("no panic while held").requests.push(request);
        stream.write_all(answer.as_bytes()).await?;
        match then {
            Then::Stay => {}
            Then::Close => return Ok(()),
            Then::CloseOnReuse => {
                let request = read_request(&mut stream).await?;
                log.lock().expect("no panic while held").requests.push(request);
                return Ok(());
            }
            Then::Hang => std::future::pending::<()>().await,
            Then::Flood => loop {
                stream.write_all(&[b'x'; 4096]).await?;
            },
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> io::Result<String> {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.and_then(|digits| digits.parse().ok()).unwrap_or(0) {
                return Ok(text);
            }
        }
        match stream.read(&mut piece).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => request.extend_from_slice(&piece[..read]),
        }
    }
}

/// A policy open to these ranges, for https and http alike.
pub fn open(ranges: &[&str]) -> Policy {
    let ranges: Vec<_> = ranges.iter().map(|range| range.parse().expect("a network")).collect();
    Policy { allow: ranges.clone(), allow_http: ranges }
}

/// Settings for loopback, with room for a slow machine.
pub fn settings() -> Settings {
    Settings { policy: open(&["127.0.0.0/8", "::1"]), ..Settings::default() }
}

pub fn client() -> Egress {
    Egress::new(settings()).expect("settings without files")
}

/// Limits in which only silence runs out, and on a busy machine nothing else does.
pub fn impatient() -> Limits {
    Limits { total: Duration::from_secs(10), idle: Duration::from_secs(10), ..Limits::default() }
}

pub fn request(method: Method, url: &str) -> Request {
    let url = url.parse().expect("a URL");
    Request { method, url, headers: HeaderMap::new(), body: Bytes::new(), tls: None }
}

pub fn get(url: &str) -> Request {
    request(Method::GET, url)
}
