//! The scriptable subscriber: one HTTP server with many sinks, each with a script of its own for the consent
//! handshake (OPTIONS) and for deliveries (POST). Records every request with its time of arrival; checks nothing.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::clock::{Instant, instant};
use crate::identity::Identity;
use crate::message::{Headers, Request, value, values};
use crate::script::{Reaction, reaction};

/// The most a subscriber reads of one request, in bytes.
const LIMIT: usize = 32 * 1024 * 1024;

/// A request that arrived at a sink.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// The request as it was received.
    pub request: Request,
    /// When it had arrived completely.
    pub at: Instant,
    /// When the answer was given; none when there was no answer.
    pub answered: Option<Instant>,
    /// Whether it is one of the probes of the sink, and so neither handshake nor delivery.
    pub probe: bool,
}

impl Arrived {
    /// Whether it is a validation request of the webhook handshake (`OPTIONS`, and no probe).
    pub fn is_handshake(&self) -> bool {
        self.request.method == "OPTIONS" && !self.probe
    }

    /// Whether it is a delivery: neither `OPTIONS` nor a probe.
    pub fn is_delivery(&self) -> bool {
        self.request.method != "OPTIONS" && !self.probe
    }
}

/// Requests a sink answers apart from handshakes and deliveries, such as the test notification of the Notificaties API.
/// A request fits when everything given here holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Probe {
    /// The HTTP method.
    pub method: Option<String>,
    /// A header it has: `Name`, or `Name: value`.
    pub with_header: Option<String>,
    /// A header it does not have: `Name`, or `Name: value`.
    pub without_header: Option<String>,
    /// A text in its body.
    pub contains: Option<String>,
    /// The answers; the last one repeats.
    pub answers: Vec<String>,
}

impl Probe {
    fn fits(&self, request: &Request) -> bool {
        let has = |header: &String| {
            let (name, wanted) =
                header.split_once(':').map_or((header.as_str(), None), |(name, wanted)| (name, Some(wanted.trim())));
            values(&request.headers, name).into_iter().any(|own| wanted.is_none_or(|wanted| wanted.as_bytes() == own))
        };
        self.method.as_ref().is_none_or(|method| *method == request.method)
            && self.with_header.as_ref().is_none_or(has)
            && !self.without_header.as_ref().is_some_and(has)
            && self.contains.as_ref().is_none_or(|text| String::from_utf8_lossy(&request.body).contains(text))
    }
}

/// One subscriber address with its script and the requests it got.
#[derive(Debug)]
pub struct Sink {
    /// The address to subscribe with.
    pub url: String,
    state: Mutex<State>,
    arrivals: watch::Sender<usize>,
    /// How often the script was replaced.
    replaced: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    consents: Vec<String>,
    answers: Vec<String>,
    probes: Vec<(Probe, usize)>,
    handshakes: usize,
    deliveries: usize,
    requests: Vec<Arrived>,
}

impl Sink {
    /// Replaces what it answers to the deliveries that follow; the last entry repeats.
    pub fn set_answers(&self, answers: Vec<String>) {
        let mut state = self.lock();
        state.answers = answers;
        state.deliveries = 0;
        self.replaced.send_modify(|times| *times += 1);
    }

    /// Replaces what it answers to the handshakes that follow; the last entry repeats.
    pub fn set_consents(&self, consents: Vec<String>) {
        let mut state = self.lock();
        state.consents = consents;
        state.handshakes = 0;
        self.replaced.send_modify(|times| *times += 1);
    }

    /// Replaces the probes, and starts their answers from the first again.
    pub fn set_probes(&self, probes: Vec<Probe>) {
        self.lock().probes = probes.into_iter().map(|probe| (probe, 0)).collect();
    }

    /// Everything that arrived, in order.
    pub fn requests(&self) -> Vec<Arrived> {
        self.lock().requests.clone()
    }

    /// Waits until something arrives after the first `seen` requests, or `patience` is over.
    pub async fn wait_for_more(&self, seen: usize, patience: Duration) {
        let mut arrivals = self.arrivals.subscribe();
        let more = arrivals.wait_for(|count| *count > seen);
        drop(tokio::time::timeout(patience, more).await);
    }

    /// The origin of the handshakes so far, if there was one.
    pub fn origin(&self) -> Option<String> {
        let state = self.lock();
        let mut handshakes = state.requests.iter().filter(|arrived| arrived.is_handshake());
        handshakes.find_map(|arrived| value(&arrived.request.headers, "webhook-request-origin"))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a request; returns its index and the entry of the script that answers it.
    fn record(&self, request: Request) -> (usize, Entry) {
        let mut state = self.lock();
        let (entry, probe) = self.next_entry(&mut state, &request);
        state.requests.push(Arrived { request, at: instant(), answered: None, probe });
        let count = state.requests.len();
        self.arrivals.send_replace(count);
        (count - 1, entry)
    }

    /// The entry that answers a request, and whether the request is a probe.
    fn next_entry(&self, state: &mut State, request: &Request) -> (Entry, bool) {
        let probe = state.probes.iter_mut().find(|(probe, _)| probe.fits(request)).map(|(probe, taken)| {
            *taken += 1;
            entry(&probe.answers, *taken)
        });
        let is_probe = probe.is_some();
        let text = if let Some(text) = probe {
            text
        } else if request.method == "OPTIONS" {
            state.handshakes += 1;
            entry(&state.consents, state.handshakes)
        } else {
            state.deliveries += 1;
            entry(&state.answers, state.deliveries)
        };
        (Entry { text, replaced: *self.replaced.borrow() }, is_probe)
    }

    /// Waits until the script that `held` is of is replaced; the entry that answers the recorded request then.
    async fn released(&self, index: usize, held: &Entry) -> Option<Entry> {
        let mut replaced = self.replaced.subscribe();
        replaced.wait_for(|times| *times > held.replaced).await.ok()?;
        let mut state = self.lock();
        let request = state.requests.get(index)?.request.clone();
        Some(self.next_entry(&mut state, &request).0)
    }

    fn record_answer(&self, index: usize) {
        if let Some(arrived) = self.lock().requests.get_mut(index) {
            arrived.answered = Some(instant());
        }
    }
}

/// An entry of a script.
#[derive(Debug)]
struct Entry {
    text: String,
    /// How often the script had been replaced when it was taken.
    replaced: u64,
}

fn entry(script: &[String], number: usize) -> String {
    script.get(number - 1).or(script.last()).cloned().unwrap_or_else(|| "404".to_owned())
}

/// How a sink is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// Plain HTTP.
    #[default]
    Plain,
    /// TLS with the certificate that the target is configured to trust, HTTP/2 only.
    Trusted,
    /// TLS with a self-signed certificate that the target does not trust.
    Untrusted,
}

/// The server. Sinks live until the end of the run.
#[derive(Debug, Clone)]
pub struct Receiver {
    base: String,
    trusted: Option<String>,
    untrusted: Option<String>,
    sinks: Arc<Mutex<BTreeMap<String, Arc<Sink>>>>,
}

impl Receiver {
    /// Listens on `address`; `base` is how the target reaches it, when that is not `http://<address>`.
    pub async fn start(address: SocketAddr, base: Option<String>) -> io::Result<Receiver> {
        let listener = TcpListener::bind(address).await?;
        let base = match base {
            Some(base) => base.trim_end_matches('/').to_owned(),
            None => format!("http://{}", listener.local_addr()?),
        };
        let receiver = Receiver { base, trusted: None, untrusted: None, sinks: Arc::default() };
        tokio::spawn(receiver.clone().listen(listener, None));
        Ok(receiver)
    }

    /// How the target reaches it.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Also listens with TLS, on free ports of `host`: once with the identity the target trusts, once with one
    /// made for the occasion.
    pub async fn with_tls(mut self, host: IpAddr, trusted: &Identity) -> io::Result<Receiver> {
        let name = host.to_string();
        let untrusted = Identity::fresh(&name).map_err(io::Error::other)?;
        self.trusted = Some(self.listen_with(host, trusted).await?);
        self.untrusted = Some(self.listen_with(host, &untrusted).await?);
        Ok(self)
    }

    async fn listen_with(&self, host: IpAddr, identity: &Identity) -> io::Result<String> {
        let listener = TcpListener::bind((host, 0)).await?;
        let base = format!("https://{}", listener.local_addr()?);
        let acceptor = TlsAcceptor::from(identity.server().map_err(io::Error::other)?);
        tokio::spawn(self.clone().listen(listener, Some(acceptor)));
        Ok(base)
    }

    /// Adds a sink at `/<key>` with `suffix` (rest of the path, query) behind it; none when this receiver has no TLS
    /// and the transport asks for it.
    pub fn sink(&self, key: &str, suffix: &str, transport: Transport) -> Option<Arc<Sink>> {
        let base = match transport {
            Transport::Plain => &self.base,
            Transport::Trusted => self.trusted.as_ref()?,
            Transport::Untrusted => self.untrusted.as_ref()?,
        };
        let state = State::default();
        let url = format!("{base}/{key}{suffix}");
        let (arrivals, replaced) = (watch::Sender::new(0), watch::Sender::new(0));
        let sink = Arc::new(Sink { url, state: Mutex::new(state), arrivals, replaced });
        self.sinks.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), Arc::clone(&sink));
        Some(sink)
    }

    /// All sinks that were added so far, by key.
    pub fn sinks(&self) -> Vec<Arc<Sink>> {
        self.sinks.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    async fn listen(self, listener: TcpListener, tls: Option<TlsAcceptor>) {
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            drop(stream.set_nodelay(true));
            let (receiver, tls) = (self.clone(), tls.clone());
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let receiver = receiver.clone();
                    async move { receiver.serve(request).await }
                });
                let mut server = auto::Builder::new(TokioExecutor::new());
                // A sender may repeat a request at once when a connection that it used before is cut; every connection here is new.
                server.http1().keep_alive(false);
                match tls {
                    None => drop(server.serve_connection(TokioIo::new(stream), service).await),
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            drop(server.serve_connection(TokioIo::new(stream), service).await);
                        }
                    }
                }
            });
        }
    }

    /// An error closes the connection without an answer.
    async fn serve(&self, request: hyper::Request<Incoming>) -> Result<hyper::Response<Full<Bytes>>, io::Error> {
        let (parts, body) = request.into_parts();
        let body = Limited::new(body, LIMIT).collect().await.map_err(io::Error::other)?.to_bytes();
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let key = parts.uri.path().split('/').find(|part| !part.is_empty()).unwrap_or_default().to_owned();
        let headers: Headers =
            parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
        let request = Request { method: parts.method.to_string(), target, headers, body: body.to_vec() };
        let sink = self.sinks.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let Some(sink) = sink else { return answer(404, &vec![], vec![]) };
        let origin = value(&request.headers, "webhook-request-origin").unwrap_or_default();
        let (index, mut entry) = sink.record(request);
        loop {
            match reaction(&entry.text, &origin).map_err(io::Error::other)? {
                Reaction::Hang => match std::future::pending::<Infallible>().await {},
                Reaction::Hold => {
                    let released = sink.released(index, &entry).await;
                    entry = released.ok_or_else(|| io::Error::other("the sink is gone"))?;
                }
                Reaction::Cut => return Err(io::Error::other("cut by script")),
                Reaction::Answer { delay, answer: scripted } => {
                    tokio::time::sleep(delay).await;
                    sink.record_answer(index);
                    return answer(scripted.status, &scripted.headers, scripted.body);
                }
            }
        }
    }
}

fn answer(status: u16, headers: &Headers, body: Vec<u8>) -> Result<hyper::Response<Full<Bytes>>, io::Error> {
    let mut builder = hyper::Response::builder().status(status);
    // The time at which the answer is made: dates in it are relative to this one.
    builder = builder.header("Date", httpdate::fmt_http_date(crate::clock::now()));
    for (name, value) in headers {
        builder = builder.header(name.as_str(), value.as_slice());
    }
    builder.body(Full::new(Bytes::from(body))).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_fits_when_all_it_says_holds() {
        let headers = vec![("authorization".to_owned(), b"Token x".to_vec())];
        let request = Request { method: "POST".to_owned(), target: "/a".to_owned(), headers, body: b"test".to_vec() };
        for (probe, fits) in [
            ("", true),
            ("method = \"POST\"\nwith_header = \"Authorization\"", true),
            ("with_header = \"Authorization: Token x\"", true),
            ("with_header = \"Authorization: Token y\"", false),
            ("without_header = \"Authorization\"", false),
            ("without_header = \"Authorization: Token y\"", true),
            ("contains = \"test\"", true),
            ("contains = \"tests\"", false),
            ("method = \"GET\"", false),
        ] {
            let probe: Probe = toml::from_str(probe).unwrap();
            assert_eq!(probe.fits(&request), fits, "{probe:?}");
        }
    }
}
