//! A connection, and what is known of the exchanges on it: whether it has answered before, and how much of the present
//! answer has arrived. The client needs both to decide what a failure means. It decides nothing itself.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::head::Head;

/// The exchanges on one connection.
#[derive(Debug)]
pub(crate) struct Exchanges {
    /// `None` on HTTP/2, whose streams are not followed.
    head: Option<Mutex<Head>>,
    answered: AtomicBool,
}

impl Exchanges {
    fn new(http2: bool) -> Self {
        Self { head: (!http2).then(|| Mutex::new(Head::Nothing)), answered: AtomicBool::new(false) }
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
}

impl Stream {
    pub(crate) fn new(inner: MaybeHttpsStream<TokioIo<TcpStream>>) -> Self {
        let exchanges = Arc::new(Exchanges::new(inner.connected().is_negotiated_h2()));
        Self { inner: TokioIo::new(inner), exchanges }
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        self.inner.inner().connected().extra(Arc::clone(&self.exchanges))
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = Pin::new(&mut self.inner).poll_read(cx, buf);
        if let (Some(arrived @ [_, ..]), Some(mut head)) = (buf.filled().get(before..), self.exchanges.lock()) {
            head.parse(arrived);
            if head.is_over() {
                self.exchanges.answered.store(true, Ordering::Relaxed);
            }
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
