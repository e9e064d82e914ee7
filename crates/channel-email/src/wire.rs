//! A connection with bounded replies: every reply is bounded in bytes and, as a whole, in time; so is every write. It knows no
//! commands.

use std::time::Duration;

use egress::Connection;
use futures_util::FutureExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};

use crate::outcome::Fault;
use crate::reply::{Reader, Reply, ReplyError};

/// Longest line of a reply in bytes; RFC 5321 allows 512.
const MAX_LINE: usize = 4 * 1024;
/// Bytes that are read at a time.
const READ: usize = 4 * 1024;

/// A connection and the bytes that were read and not used yet.
pub(crate) struct Wire {
    connection: Connection,
    buffer: Vec<u8>,
    used: usize,
}

impl Wire {
    pub fn new(connection: Connection) -> Self {
        Self { connection, buffer: Vec::with_capacity(READ), used: 0 }
    }

    /// The connection without its buffer; bytes that were read too early are an error.
    pub fn into_connection(self) -> Result<Connection, Fault> {
        if self.used == self.buffer.len() { Ok(self.connection) } else { Err(Fault::BytesBeforeTls) }
    }

    /// Writes all bytes within `limit`.
    pub async fn write(&mut self, bytes: &[u8], limit: Duration) -> Result<(), Fault> {
        let writing = async {
            self.connection.write_all(bytes).await?;
            self.connection.flush().await
        };
        match timeout(limit, writing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Fault::Closed),
            Err(_) => Err(Fault::Timeout),
        }
    }

    /// Reads a reply within `limit`.
    pub async fn reply(&mut self, limit: Duration) -> Result<Reply, Fault> {
        self.reply_with(limit, |_| {}).await
    }

    /// Reads a reply within `limit`, and passes the text of each of its lines on.
    pub async fn reply_with(&mut self, limit: Duration, mut text: impl FnMut(&[u8])) -> Result<Reply, Fault> {
        let deadline = Instant::now() + limit;
        let mut reader = Reader::default();
        loop {
            let end = self.line_end(deadline).await?;
            let line = &self.buffer[self.used..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let read = reader.line(line).map(|line| {
                text(line.text);
                line.reply
            });
            self.used = end + 1;
            match read {
                Ok(None) => {}
                Ok(Some(reply)) => return Ok(reply),
                Err(ReplyError::Malformed) => return Err(Fault::Malformed),
                Err(ReplyError::TooLong) => return Err(Fault::TooLong),
            }
        }
    }

    /// Whether the connection is as it was left: the relay has neither closed it nor sent anything.
    pub fn is_quiet(&mut self) -> bool {
        if self.used != self.buffer.len() {
            return false;
        }
        let mut byte = [0; 1];
        // Pending: nothing has arrived.
        self.connection.read(&mut byte).now_or_never().is_none()
    }

    /// The position of the next LF in the buffer.
    async fn line_end(&mut self, deadline: Instant) -> Result<usize, Fault> {
        let mut searched = self.used;
        loop {
            if let Some(found) = memchr::memchr(b'\n', &self.buffer[searched..]) {
                return Ok(searched + found);
            }
            if self.buffer.len() - self.used > MAX_LINE {
                return Err(Fault::TooLong);
            }
            if self.used > 0 {
                self.buffer.drain(..self.used);
                self.used = 0;
            }
            searched = self.buffer.len();
            self.buffer.reserve(READ);
            match timeout_at(deadline, self.connection.read_buf(&mut self.buffer)).await {
                Ok(Ok(0) | Err(_)) => return Err(Fault::Closed),
                Ok(Ok(_)) => {}
                Err(_) => return Err(Fault::Timeout),
            }
        }
    }
}
