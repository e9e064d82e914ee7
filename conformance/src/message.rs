//! HTTP messages as a scenario writes them: a start line, header lines, an empty line, the body.
//! Parses them into parts; sends nothing.

/// A message that cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MessageError {
    /// The request line is not `METHOD target`.
    #[error("the first line of a request is METHOD and target, found {0:?}")]
    RequestLine(String),
    /// The first line of an answer does not start with a status code.
    #[error("the first line of an answer is a status, found {0:?}")]
    StatusLine(String),
    /// A header line without colon, or one that must be the start of a body.
    #[error("not a header line (name, colon, value; an empty line precedes the body): {0:?}")]
    Header(String),
}

/// Names as written, values as bytes, in order.
pub type Headers = Vec<(String, Vec<u8>)>;

/// A request to send, or one that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method, such as `POST`.
    pub method: String,
    /// Path with query, or an absolute URL.
    pub target: String,
    /// Header lines, in order.
    pub headers: Headers,
    /// The body; empty when there is none.
    pub body: Vec<u8>,
}

/// An answer, scripted or received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code of the answer.
    pub status: u16,
    /// The text after the status code on the first line.
    pub reason_phrase: String,
    /// Header lines, in order.
    pub headers: Headers,
    /// The body; empty when there is none.
    pub body: Vec<u8>,
}

/// Values of one header, in order; the name compares without case.
pub fn values<'a>(headers: &'a Headers, name: &str) -> Vec<&'a [u8]> {
    headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice()).collect()
}

/// The first value of a header as text.
pub fn value(headers: &Headers, name: &str) -> Option<String> {
    values(headers, name).first().map(|value| String::from_utf8_lossy(value).into_owned())
}

/// Reads a request. The body ends before the last line break; `{fill:N}` in it grows to make the body N bytes.
pub fn request(text: &[u8]) -> Result<Request, MessageError> {
    let (first, headers, body) = parts(text)?;
    match first.split_once(' ') {
        Some((method, target)) if !target.is_empty() => {
            Ok(Request { method: method.to_owned(), target: target.trim().to_owned(), headers, body: pad(body) })
        }
        _ => Err(MessageError::RequestLine(first)),
    }
}

/// Reads a record: header lines, an empty line, the value.
pub fn record(text: &[u8]) -> Result<(Headers, Vec<u8>), MessageError> {
    let text = text.strip_prefix(b"\n").unwrap_or(text);
    let (_, headers, value) = parts(&[b"RECORD\n", text].concat())?;
    Ok((headers, value))
}

/// Bytes as they go out: lines of the head end in CR LF, the body ends before the last line break.
pub fn raw(text: &[u8]) -> Vec<u8> {
    let mut rest = text.strip_prefix(b"\n").unwrap_or(text);
    let mut bytes = vec![];
    while !rest.is_empty() {
        let line = line(&mut rest);
        bytes.extend_from_slice(line);
        bytes.extend_from_slice(b"\r\n");
        if line.is_empty() {
            bytes.extend_from_slice(rest.strip_suffix(b"\n").unwrap_or(rest));
            return bytes;
        }
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

/// Reads an answer: a first line with the status, header lines, an empty line, the body.
pub fn answer(text: &[u8]) -> Result<Answer, MessageError> {
    let (first, headers, body) = parts(text)?;
    let line = first.strip_prefix("HTTP/1.1 ").unwrap_or(&first);
    let (code, reason_phrase) = line.split_once(' ').unwrap_or((line, ""));
    let status = code.parse().map_err(|_| MessageError::StatusLine(first.clone()))?;
    Ok(Answer { status, reason_phrase: reason_phrase.trim().to_owned(), headers, body })
}

fn parts(text: &[u8]) -> Result<(String, Headers, Vec<u8>), MessageError> {
    let mut rest = text.strip_prefix(b"\n").unwrap_or(text);
    let first = String::from_utf8_lossy(line(&mut rest)).trim().to_owned();
    let mut headers = vec![];
    while !rest.is_empty() {
        let header = line(&mut rest);
        if header.is_empty() {
            return Ok((first, headers, rest.strip_suffix(b"\n").unwrap_or(rest).to_vec()));
        }
        let Some(colon) = header.iter().skip(1).position(|byte| *byte == b':') else {
            return Err(MessageError::Header(String::from_utf8_lossy(header).into_owned()));
        };
        let (name, value) = (&header[..=colon], &header[colon + 2..]);
        if matches!(name.first(), Some(b'{' | b'[' | b'"')) {
            return Err(MessageError::Header(String::from_utf8_lossy(header).into_owned()));
        }
        let value = value.strip_prefix(b" ").unwrap_or(value);
        headers.push((String::from_utf8_lossy(name).into_owned(), value.to_vec()));
    }
    Ok((first, headers, vec![]))
}

fn line<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let line = &rest[..end];
    *rest = rest.get(end + 1..).unwrap_or_default();
    line
}

fn pad(body: Vec<u8>) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(&body) else { return body };
    let Some((before, behind)) = text.split_once("{fill:") else { return body };
    let Some((size, after)) = behind.split_once('}') else { return body };
    let Ok(size) = size.parse::<usize>() else { return body };
    let filler = "x".repeat(size.saturating_sub(before.len() + after.len()));
    format!("{before}{filler}{after}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_keeps_case_order_repetition_and_spaces() {
        let read = request(b"POST /v1/events?a=b\nCE-ID:   abc  \nce-id: d\n\n{\"a\":\n1}\n").unwrap();
        assert_eq!((read.method.as_str(), read.target.as_str()), ("POST", "/v1/events?a=b"));
        assert_eq!(read.headers, vec![("CE-ID".to_owned(), b"  abc  ".to_vec()), ("ce-id".to_owned(), b"d".to_vec())]);
        assert_eq!(read.body, b"{\"a\":\n1}");
    }

    #[test]
    fn a_body_can_be_filled_to_a_size() {
        let read = request(b"POST /\n\n\"{fill:20}\"").unwrap();
        assert_eq!(read.body.len(), 20);
        assert!(read.body.starts_with(b"\"xxx") && read.body.ends_with(b"x\""));
    }

    #[test]
    fn an_answer_is_a_status_with_headers_and_body() {
        for (text, status, reason_phrase, headers, body) in [
            ("204", 204, "", 0, ""),
            ("HTTP/1.1 200 OK\nAllow: POST\n", 200, "OK", 1, ""),
            ("\n429\nRetry-After: 3\n\ntoo fast\n", 429, "", 1, "too fast"),
        ] {
            let read = answer(text.as_bytes()).unwrap();
            assert_eq!(
                (read.status, read.reason_phrase.as_str(), read.headers.len(), read.body.as_slice()),
                (status, reason_phrase, headers, body.as_bytes()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_record_is_headers_and_a_value() {
        let (headers, value) = record(b"\ncontent-type: text/plain\nce_id: 1\n\nx\n").unwrap();
        assert_eq!((headers.len(), headers[1].0.as_str(), value.as_slice()), (2, "ce_id", b"x".as_slice()));
        assert_eq!(record(b"").unwrap(), (vec![], vec![]));
    }

    #[test]
    fn raw_bytes_get_line_ends_and_nothing_else() {
        for (text, bytes) in [
            ("GET / HTTP/1.1\nHost: a\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("POST / HTTP/1.0\nA : b\n\nx\ny\n", "POST / HTTP/1.0\r\nA : b\r\n\r\nx\ny"),
        ] {
            assert_eq!(raw(text.as_bytes()), bytes.as_bytes());
        }
    }

    #[test]
    fn what_is_no_message_is_refused() {
        assert!(request(b"POST").is_err());
        assert!(request(b"POST /\nno header\n\n").is_err());
        assert!(request(b"POST /\na: b\n{ \"a\":1 }\n").is_err());
        assert!(answer(b"OK").is_err());
    }
}
