//! A stream that notices line feeds without a carriage return in the heads of HTTP/1 requests: the HTTP library takes them for
//! line ends, which RFC 9112 section 2.2 allows and proxies read in different ways.
//!
//! It changes no byte. It follows heads and bodies only to know where the next head begins, and reports the number of the first
//! head with such a line; the server then refuses that request. What the library refuses by itself is not looked at.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The number of the first head with a bare line feed, from 1; 0 when there is none.
#[derive(Debug, Default)]
pub struct BareLine(AtomicU64);

impl BareLine {
    /// Whether the head of this number has a bare line feed.
    pub fn is_in(&self, head: u64) -> bool {
        let first = self.0.load(Ordering::Relaxed);
        first != 0 && first <= head
    }
}

/// The beginning of a line that is kept: enough for the headers that matter.
const LINE: usize = 96;

/// What the next byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Head,
    /// So many bytes of a body.
    Body(u64),
    ChunkSize,
    /// So many bytes of a chunk, with the line end after it.
    Chunk(u64),
    Trailers,
    /// HTTP/2, or what the library refuses: no more is looked at.
    Rest,
}

/// Follows the heads of one connection.
#[derive(Debug)]
pub struct Heads {
    part: Part,
    /// The present line, as far as it is kept, and its full length.
    line: Vec<u8>,
    length: usize,
    carriage_return: bool,
    number: u64,
    body: Option<u64>,
    chunked: bool,
    found: Arc<BareLine>,
}

impl Heads {
    /// Reports what it finds to `found`.
    pub fn new(found: Arc<BareLine>) -> Self {
        Self {
            part: Part::Head,
            line: Vec::new(),
            length: 0,
            carriage_return: false,
            number: 1,
            body: None,
            chunked: false,
            found,
        }
    }

    /// Looks at bytes in the order in which they arrive.
    pub fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match self.part {
                Part::Rest => return,
                Part::Body(left) => bytes = self.skip(bytes, left, Part::Body, Part::Head),
                Part::Chunk(left) => bytes = self.skip(bytes, left, Part::Chunk, Part::ChunkSize),
                Part::Head | Part::ChunkSize | Part::Trailers => {
                    let end = memchr::memchr(b'\n', bytes);
                    let piece = &bytes[..end.unwrap_or(bytes.len())];
                    bytes = end.map_or(&[], |end| &bytes[end + 1..]);
                    if end.is_some() && self.length == 0 {
                        // The usual case, without a copy: the whole line is there.
                        self.end_line(&piece[..piece.len().min(LINE)], piece.len(), piece.last() == Some(&b'\r'));
                        continue;
                    }
                    self.line.extend_from_slice(&piece[..piece.len().min(LINE - self.line.len())]);
                    self.length += piece.len();
                    if let Some(last) = piece.last() {
                        self.carriage_return = *last == b'\r';
                    }
                    if end.is_some() {
                        let mut line = std::mem::take(&mut self.line);
                        let length = std::mem::take(&mut self.length);
                        let carriage_return = std::mem::take(&mut self.carriage_return);
                        self.end_line(&line, length, carriage_return);
                        line.clear();
                        self.line = line;
                    }
                }
            }
        }
    }

    fn skip<'a>(&mut self, bytes: &'a [u8], left: u64, part: fn(u64) -> Part, next: Part) -> &'a [u8] {
        let skipped = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let left = left - skipped as u64;
        self.part = if left == 0 { next } else { part(left) };
        &bytes[skipped..]
    }

    /// The end of a line of this length, of which `line` is the beginning.
    fn end_line(&mut self, line: &[u8], length: usize, carriage_return: bool) {
        let is_empty = length == usize::from(carriage_return);
        match self.part {
            Part::Head if !carriage_return => {
                self.found.0.store(self.number, Ordering::Relaxed);
                self.part = Part::Rest;
            }
            Part::Head if is_empty && self.is_before_head() => {}
            Part::Head if is_empty => self.end_head(),
            Part::Head => self.head_line(line.trim_ascii_end()),
            Part::ChunkSize => {
                let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
                let size =
                    std::str::from_utf8(&line[..digits]).ok().and_then(|size| u64::from_str_radix(size, 16).ok());
                self.part = match size {
                    Some(0) => Part::Trailers,
                    Some(size) => size.checked_add(2).map_or(Part::Rest, Part::Chunk),
                    None => Part::Rest,
                };
            }
            Part::Trailers if is_empty => self.next_head(),
            _ => {}
        }
    }

    /// Empty lines before a request line are ignored (RFC 9112 section 2.2).
    fn is_before_head(&self) -> bool {
        self.body.is_none()
    }

    fn head_line(&mut self, line: &[u8]) {
        let Some(body) = self.body.as_mut() else {
            // The request line.
            self.body = Some(0);
            if line.starts_with(b"PRI * HTTP/2") {
                self.part = Part::Rest;
            }
            return;
        };
        // Only `Content-Length` and `Transfer-Encoding` matter.
        if !matches!(line.first(), Some(b'c' | b'C' | b't' | b'T')) {
            return;
        }
        let Some(colon) = memchr::memchr(b':', line) else { return };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") {
            *body = std::str::from_utf8(value).ok().and_then(|length| length.parse().ok()).unwrap_or(0);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.chunked = true;
        }
    }

    fn end_head(&mut self) {
        match (self.chunked, self.body) {
            (true, _) => self.part = Part::ChunkSize,
            (false, Some(length)) if length > 0 => {
                self.next_head();
                self.part = Part::Body(length);
            }
            _ => self.next_head(),
        }
    }

    fn next_head(&mut self) {
        self.number += 1;
        (self.part, self.body, self.chunked) = (Part::Head, None, false);
    }
}

/// A stream whose incoming bytes are looked at.
pub struct Watched<S> {
    stream: S,
    heads: Heads,
}

impl<S> Watched<S> {
    /// Reports what it finds in `stream` to `found`.
    pub fn new(stream: S, found: Arc<BareLine>) -> Self {
        Self { stream, heads: Heads::new(found) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let polled = Pin::new(&mut this.stream).poll_read(context, buffer);
        if polled.is_ready() {
            this.heads.read(&buffer.filled()[before..]);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c4_bare_line_feeds_are_found_in_heads_alone() {
        for (text, first) in [
            ("GET / HTTP/1.1\r\nhost: a\r\n\r\n", 0),
            ("GET / HTTP/1.1\nhost: a\r\n\r\n", 1),
            ("GET / HTTP/1.1\r\nhost: a\n\r\n", 1),
            ("GET / HTTP/1.1\r\nhost: a\r\n\n", 1),
            ("\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\n", 2),
            ("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\na\nb\nGET / HTTP/1.1\n", 2),
            ("POST / HTTP/1.1\r\ncontent-length: 4\r\n\r\na\nb\n", 0),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\n\n\n\n\r\n0\r\nt: x\r\n\r\nGET / HTTP/1.1\n",
                2,
            ),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\n\n\n", 0),
        ] {
            for step in [1, 2, 3, 7, text.len()] {
                let found = Arc::new(BareLine::default());
                let mut heads = Heads::new(Arc::clone(&found));
                text.as_bytes().chunks(step).for_each(|piece| heads.read(piece));
                assert_eq!(found.0.load(Ordering::Relaxed), first, "{text:?} in pieces of {step}");
                assert_eq!((found.is_in(1), found.is_in(2)), (first == 1, first > 0), "{text:?}");
            }
        }
    }

    #[test]
    fn c4_long_lines_are_not_kept() {
        let mut heads = Heads::new(Arc::default());
        heads.read(&vec![b'x'; 1_000_000]);
        assert!(heads.line.len() <= LINE && heads.line.capacity() <= 2 * LINE);
    }
}
