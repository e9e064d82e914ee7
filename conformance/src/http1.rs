//! One HTTP/1.1 exchange over a fresh connection, byte for byte as the scenario wrote it: header case, order,
//! repetition and odd bytes included. Ordinary client libraries refuse or repair exactly what is tested here.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::message::{Answer, Headers, Request, value};

/// The most that is read of an answer, in bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// Sends `request` to `authority` (host:port) and reads the answer until the other side closes.
pub async fn exchange(authority: &str, request: &Request) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(authority).await?;
    stream.set_nodelay(true)?;
    let (mut reading, mut writing) = stream.split();
    let head = head(authority, request);
    let mut received = vec![];
    // A server may refuse before it has read everything: what it says then matters, not the broken pipe.
    let write = async {
        if writing.write_all(&head).await.is_ok() && writing.write_all(&request.body).await.is_ok() {
            drop(writing.flush().await);
        }
    };
    let read = async {
        let mut bounded = (&mut reading).take(LIMIT);
        bounded.read_to_end(&mut received).await
    };
    let ((), read) = tokio::join!(write, read);
    if received.is_empty() {
        read?;
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "closed without an answer"));
    }
    parse(&received).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is no HTTP/1.1"))
}

fn head(authority: &str, request: &Request) -> Vec<u8> {
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target).into_bytes();
    let mut line = |name: &str, value: &[u8]| {
        head.extend_from_slice(name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value);
        head.extend_from_slice(b"\r\n");
    };
    line("Host", authority.as_bytes());
    line("Connection", b"close");
    if !request.body.is_empty() || !matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS") {
        line("Content-Length", request.body.len().to_string().as_bytes());
    }
    for (name, value) in &request.headers {
        line(name, value);
    }
    head.extend_from_slice(b"\r\n");
    head
}

fn parse(received: &[u8]) -> Option<Answer> {
    let end = received.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&received[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let (version, rest) = lines.next()?.split_once(' ')?;
    if !version.starts_with("HTTP/1.") {
        return None;
    }
    let (code, remark) = rest.split_once(' ').unwrap_or((rest, ""));
    let status: u16 = code.parse().ok()?;
    if status == 100 {
        return parse(&received[end + 4..]);
    }
    let headers: Headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().as_bytes().to_vec()))
        .collect();
    let raw = &received[end + 4..];
    let chunked = value(&headers, "transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
    let body = if chunked { dechunked(raw) } else { raw.to_vec() };
    Some(Answer { status, remark: remark.to_owned(), headers, body })
}

fn dechunked(mut raw: &[u8]) -> Vec<u8> {
    let mut body = vec![];
    while let Some(end) = raw.windows(2).position(|window| window == b"\r\n") {
        let size = String::from_utf8_lossy(&raw[..end]);
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16).unwrap_or(0);
        let Some(chunk) = raw.get(end + 2..end + 2 + size).filter(|chunk| !chunk.is_empty()) else { break };
        body.extend_from_slice(chunk);
        raw = raw.get(end + 4 + size..).unwrap_or_default();
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_with_and_without_chunks() {
        for (text, status, body) in [
            ("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", 202, ""),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 200, "abcde"),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\nno", 400, "no"),
        ] {
            let answer = parse(text.as_bytes()).unwrap();
            assert_eq!((answer.status, answer.body.as_slice()), (status, body.as_bytes()));
        }
        assert_eq!(parse(b"SSH-2.0-x\r\n\r\n"), None);
    }
}
