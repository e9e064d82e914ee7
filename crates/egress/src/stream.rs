//! A connection, and what is known of the exchanges on it: whether it has answered before, and how much of the present
//! answer has arrived. The client needs both to decide what a failure means. It decides nothing itself.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use http::Extensions;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpInfo};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task;

use crate::head::Head;
use crate::unfinished_heads::UnfinishedHeads;

/// The exchanges on one connection.
#[derive(Debug)]
pub(crate) struct Exchanges {
    /// `None` on HTTP/2, whose streams are not followed.
    head: Option<Mutex<Head>>,
    answered: AtomicBool,
    remote: Option<SocketAddr>,
}

impl Exchanges {
    fn new(http2: bool, remote: Option<SocketAddr>) -> Self {
        Self { head: (!http2).then(|| Mutex::new(Head::Nothing)), answered: AtomicBool::new(false), remote }
    }

    /// The address of the other end.
    pub fn remote(&self) -> Option<SocketAddr> {
        self.remote
    }

    /// Whether the connection speaks HTTP/2.
    pub fn is_http2(&self) -> bool {
        self.head.is_none()
    }

    /// Records that a response was handed out.
    pub fn response_taken(&self) {
        self.answered.store(true, Ordering::Relaxed);
        if let Some(mut head) = self.lock() {
            head.response_taken();
        }
    }

    /// Whether a request was answered before: then a later one finds a reused connection.
    pub fn has_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    /// How far the answer to the last request has arrived; `Head::Nothing` on HTTP/2, where a request that failed has no
    /// answer.
    pub fn head(&self) -> Head {
        self.lock().map_or(Head::Nothing, |head| *head)
    }

    fn lock(&self) -> Option<MutexGuard<'_, Head>> {
        Some(self.head.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Records bytes that arrived; returns whether they end within the fields of a head.
    fn read(&self, bytes: &[u8]) -> bool {
        let Some(mut head) = self.lock() else { return false };
        head.parse(bytes);
        if head.is_over() {
            self.answered.store(true, Ordering::Relaxed);
        }
        matches!(*head, Head::Fields { .. })
    }

    fn writing(&self) {
        if let Some(mut head) = self.lock() {
            head.request_written();
        }
    }
}

type Inner = TokioIo<MaybeHttpsStream<TokioIo<TcpStream>>>;

/// A TCP connection, with TLS for `https`, that follows its exchanges.
pub(crate) struct Stream {
    inner: Inner,
    exchanges: Arc<Exchanges>,
    unfinished_heads: Arc<UnfinishedHeads>,
    /// The task under which it is one of `unfinished_heads`.
    unfinished_as: Option<task::Id>,
}

impl Stream {
    pub(crate) fn new(inner: MaybeHttpsStream<TokioIo<TcpStream>>, unfinished_heads: Arc<UnfinishedHeads>) -> Self {
        let connected = inner.connected();
        let mut extras = Extensions::new();
        connected.get_extras(&mut extras);
        let remote = extras.get::<HttpInfo>().map(HttpInfo::remote_addr);
        let exchanges = Arc::new(Exchanges::new(connected.is_negotiated_h2(), remote));
        Self { inner: TokioIo::new(inner), exchanges, unfinished_heads, unfinished_as: None }
    }

    /// Records whether a head has arrived in part. Called by the task of the connection.
    fn set_unfinished(&mut self, unfinished: bool) {
        match self.unfinished_as {
            Some(task) if !unfinished => {
                self.unfinished_heads.remove(task);
                self.unfinished_as = None;
            }
            None if unfinished => {
                self.unfinished_as = task::try_id();
                if let Some(task) = self.unfinished_as {
                    self.unfinished_heads.insert(task, Arc::clone(&self.exchanges));
                }
            }
            _ => {}
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.set_unfinished(false);
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        let connected = Connected::new().extra(Arc::clone(&self.exchanges));
        if self.exchanges.is_http2() { connected.negotiated_h2() } else { connected }
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = Pin::new(&mut self.inner).poll_read(cx, buf);
        if let Some(arrived @ [_, ..]) = buf.filled().get(before..) {
            let unfinished = self.exchanges.read(arrived);
            self.set_unfinished(unfinished);
        }
        result
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.exchanges.writing();
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.exchanges.writing();
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
