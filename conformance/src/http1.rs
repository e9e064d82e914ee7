//! One HTTP/1.1 exchange over a fresh connection, byte for byte as the scenario wrote it: header case, order,
//! repetition and odd bytes included. Ordinary client libraries refuse or repair exactly what is tested here.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::message::{Answer, Headers, Request, value};

/// The most that is read of an answer, in bytes.
const LIMIT: usize = 16 * 1024 * 1024;

/// Sends `request` to `authority` (host:port) and reads the answer.
pub async fn exchange(authority: &str, request: &Request) -> io::Result<Answer> {
    let mut bytes = head(authority, request);
    bytes.extend_from_slice(&request.body);
    exchange_bytes(authority, &bytes, request.method == "HEAD").await
}

/// Sends these bytes and nothing else; reads the answer, which has no body when `bodiless`.
pub async fn exchange_bytes(authority: &str, bytes: &[u8], bodiless: bool) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(authority).await?;
    stream.set_nodelay(true)?;
    let (mut reading, mut writing) = stream.split();
    // A server may refuse before it has read everything: then its answer matters, not the broken pipe.
    let write = async {
        if writing.write_all(bytes).await.is_ok() {
            drop(writing.flush().await);
        }
        std::future::pending().await
    };
    tokio::select! {
        answer = write => answer,
        answer = read(&mut reading, bodiless) => answer,
    }
}

async fn read(reading: &mut (impl AsyncReadExt + Unpin), bodiless: bool) -> io::Result<Answer> {
    let mut received = Vec::with_capacity(4096);
    loop {
        let ended = match reading.read_buf(&mut received).await {
            Ok(count) => count == 0,
            Err(_) if !received.is_empty() => true,
            Err(error) => return Err(error),
        };
        if ended && received.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "closed without an answer"));
        }
        match parse(&received, bodiless, ended || received.len() >= LIMIT) {
            Parsed::Answer(answer) => return Ok(answer),
            Parsed::More => {}
            Parsed::Nonsense => return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer is no HTTP/1.1")),
        }
    }
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

/// The state of the answer after the bytes that have arrived.
#[derive(Debug, PartialEq, Eq)]
enum Parsed {
    Answer(Answer),
    More,
    Nonsense,
}

/// Reads an answer; `ended`: nothing more will come.
fn parse(received: &[u8], bodiless: bool, ended: bool) -> Parsed {
    let unfinished = if ended { Parsed::Nonsense } else { Parsed::More };
    let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else { return unfinished };
    let head = String::from_utf8_lossy(&received[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let Some((_, rest)) = first.split_once(' ').filter(|(version, _)| version.starts_with("HTTP/1.")) else {
        return Parsed::Nonsense;
    };
    let (code, reason_phrase) = rest.split_once(' ').unwrap_or((rest, ""));
    let Ok(status) = code.parse::<u16>() else { return Parsed::Nonsense };
    let raw = &received[end + 4..];
    if (100..200).contains(&status) {
        return parse(raw, bodiless, ended);
    }
    let headers: Headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().as_bytes().to_vec()))
        .collect();
    let chunked = value(&headers, "transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
    let length = value(&headers, "content-length").and_then(|length| length.parse::<usize>().ok());
    let body = if bodiless || matches!(status, 204 | 304) {
        Some(vec![])
    } else if chunked {
        dechunk(raw, ended)
    } else {
        let whole = length.is_some_and(|length| raw.len() >= length) || ended;
        whole.then(|| raw[..length.unwrap_or(raw.len()).min(raw.len())].to_vec())
    };
    body.map_or(Parsed::More, |body| {
        Parsed::Answer(Answer { status, reason_phrase: reason_phrase.to_owned(), headers, body })
    })
}

/// The body of chunks; none while the last one has not come, unless nothing more will.
fn dechunk(mut raw: &[u8], ended: bool) -> Option<Vec<u8>> {
    let mut body = vec![];
    while let Some(end) = raw.windows(2).position(|window| window == b"\r\n") {
        let size = String::from_utf8_lossy(&raw[..end]);
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16).unwrap_or(0);
        if size == 0 {
            return Some(body);
        }
        let Some(chunk) = raw.get(end + 2..end + 2 + size) else { break };
        body.extend_from_slice(chunk);
        raw = raw.get(end + 4 + size..).unwrap_or_default();
    }
    ended.then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_with_and_without_chunks() {
        for (text, bodiless, status, body) in [
            ("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", false, 202, ""),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", false, 200, "ab"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", true, 200, ""),
            ("HTTP/1.1 204 No Content\r\n\r\n", false, 204, ""),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                false,
                200,
                "abcde",
            ),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno", false, 400, "no"),
        ] {
            let Parsed::Answer(answer) = parse(text.as_bytes(), bodiless, false) else { panic!("{text}") };
            assert_eq!((answer.status, answer.body.as_slice()), (status, body.as_bytes()));
        }
    }

    #[test]
    fn what_is_not_complete_waits_for_more_and_nonsense_does_not() {
        for (text, ended, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", false, Parsed::More),
            ("HTTP/1.1 200 OK\r\n", false, Parsed::More),
            ("HTTP/1.1 200 OK\r\n\r\nab", false, Parsed::More),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", false, Parsed::More),
            ("HTTP/1.1 200 OK\r\n", true, Parsed::Nonsense),
            ("SSH-2.0-x\r\n\r\n", false, Parsed::Nonsense),
        ] {
            assert_eq!(parse(text.as_bytes(), false, ended), expected, "{text}");
        }
        let Parsed::Answer(answer) = parse(b"HTTP/1.1 200 OK\r\n\r\nab", false, true) else { panic!() };
        assert_eq!(answer.body, b"ab");
    }
}
