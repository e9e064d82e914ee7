//! The driver: accepts connections, moves bytes between sockets and sessions, keeps the times. It decides nothing.

use std::{io::Write, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::{Limits, Mailboxes, Session, Step, metrics, reply, slots::Slots};

/// The bytes that are read at a time.
const CHUNK: usize = 16 * 1024;
/// How long a client may still send after its connection was closed, so that it gets the last reply.
const LINGER: Duration = Duration::from_secs(2);
/// The bytes that are then read and dropped.
const LINGER_BYTES: usize = 256 * 1024;
/// The pause after the system could not accept a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Returns what accepts TLS with the present certificate.
pub type Acceptor = Arc<dyn Fn() -> TlsAcceptor + Send + Sync>;

/// How a listener works.
#[derive(Clone)]
pub struct Settings {
    /// Our DNS name, in greetings.
    pub host: String,
    /// The bounds.
    pub limits: Limits,
    /// For STARTTLS; `None` offers none.
    pub tls: Option<Acceptor>,
}

struct Server {
    settings: Settings,
    mailboxes: Arc<dyn Mailboxes>,
    stop: CancellationToken,
}

/// How a conversation ended.
enum End {
    /// The client may go on with TLS.
    StartTls,
    /// We closed it, and the client may not have read the last reply.
    Closed,
    /// The client closed it, or it broke.
    Gone,
}

/// Takes mail on this listener until `stop` is cancelled; then mails that are being delivered are answered, and all connections
/// are closed.
pub async fn serve(listener: TcpListener, settings: Settings, mailboxes: Arc<dyn Mailboxes>, stop: CancellationToken) {
    let slots = Slots::new(settings.limits.connections, settings.limits.per_address);
    let server = Arc::new(Server { settings, mailboxes, stop });
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = server.stop.cancelled() => break,
            Some(_) = connections.join_next() => continue,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!(%error, "no connection for mail was accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let Some(slot) = slots.take(peer.ip()) else {
            metrics::refused("full");
            refuse(stream);
            continue;
        };
        let server = Arc::clone(&server);
        connections.spawn(async move {
            let _open = metrics::Open::new();
            server.run(stream).await;
            drop(slot);
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Sends the one reply for which there is room in any case, without waiting.
fn refuse(stream: TcpStream) {
    if let Ok(mut stream) = stream.into_std() {
        // It is refused either way.
        drop(stream.write_all(reply::FULL.bytes()));
    }
}

impl Server {
    async fn run(&self, mut stream: TcpStream) {
        let Settings { host, limits, tls } = &self.settings;
        let mut session = Session::new(host, limits.mail, tls.is_some());
        let greeting = session.greeting().bytes().to_vec();
        let end = self.converse(&mut stream, &mut session, greeting).await;
        match (end, tls) {
            (End::StartTls, Some(acceptor)) => {
                let accepting = timeout(limits.time, acceptor().accept(stream));
                let accepted = tokio::select! {
                    accepted = accepting => accepted,
                    () = self.stop.cancelled() => return,
                };
                match accepted {
                    Ok(Ok(mut stream)) => {
                        session.tls_started();
                        if matches!(self.converse(&mut stream, &mut session, Vec::new()).await, End::Closed) {
                            linger(&mut stream).await;
                        }
                    }
                    Ok(Err(error)) => tracing::debug!(%error, "TLS handshake of a mail server failed"),
                    Err(_) => metrics::refused("time"),
                }
            }
            (End::Closed, _) => linger(&mut stream).await,
            (End::StartTls | End::Gone, _) => {}
        }
    }

    /// Sends `out`, and then converses.
    async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        session: &mut Session,
        mut out: Vec<u8>,
    ) -> End {
        let limit = self.settings.limits.time;
        let mut deadline = Instant::now() + limit;
        let mut chunk = vec![0; CHUNK];
        loop {
            let end = match session.step(|recipient| self.mailboxes.takes(recipient)) {
                Step::Read => {
                    if !send(stream, &mut out, deadline).await {
                        return End::Gone;
                    }
                    let read = tokio::select! {
                        read = timeout_at(deadline, stream.read(&mut chunk)) => read,
                        () = self.stop.cancelled() => {
                            out.extend_from_slice(reply::STOPPING.bytes());
                            send(stream, &mut out, Instant::now() + LINGER).await;
                            return End::Closed;
                        }
                    };
                    match read {
                        Ok(Ok(0) | Err(_)) => return End::Gone,
                        Ok(Ok(length)) => session.received(&chunk[..length]),
                        Err(_) => {
                            metrics::refused("time");
                            out.extend_from_slice(reply::TIME_OVER.bytes());
                            send(stream, &mut out, Instant::now() + LINGER).await;
                            return End::Closed;
                        }
                    }
                    continue;
                }
                Step::Deliver(mail) => {
                    let delivered = self.mailboxes.deliver(mail).await;
                    out.extend_from_slice(Session::delivered(delivered).bytes());
                    deadline = Instant::now() + limit;
                    continue;
                }
                Step::Reply(reply) => {
                    add(&mut out, &reply);
                    continue;
                }
                Step::StartTls(reply) => {
                    add(&mut out, &reply);
                    End::StartTls
                }
                Step::Close(reply) => {
                    add(&mut out, &reply);
                    End::Closed
                }
            };
            return if send(stream, &mut out, deadline).await { end } else { End::Gone };
        }
    }
}

fn add(out: &mut Vec<u8>, reply: &crate::Reply) {
    if let Some(refusal) = reply.refusal() {
        metrics::refused(refusal.label());
    }
    out.extend_from_slice(reply.bytes());
}

/// Sends what waits to be sent. False when the client does not take it in time.
async fn send<S: AsyncWrite + Unpin>(stream: &mut S, out: &mut Vec<u8>, deadline: Instant) -> bool {
    let sending = async {
        stream.write_all(out).await?;
        stream.flush().await
    };
    let is_sent = matches!(timeout_at(deadline, sending).await, Ok(Ok(())));
    out.clear();
    is_sent
}

/// Ends our direction, and drops what the client still sends for a moment: unread bytes would take the last reply away.
async fn linger<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) {
    let ending = async {
        stream.shutdown().await?;
        let (mut chunk, mut dropped) = (vec![0; CHUNK], 0);
        while dropped < LINGER_BYTES {
            match stream.read(&mut chunk).await? {
                0 => break,
                length => dropped += length,
            }
        }
        std::io::Result::Ok(())
    };
    // Whatever becomes of it, the connection is over.
    drop(timeout(LINGER, ending).await);
}
