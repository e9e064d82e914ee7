//! A message in the form of the DATA command: a dot is put before each line that begins with one, and `.` alone ends it
//! (RFC 5321 4.5.2; CH-19). Not for a client that does this itself.

/// The bytes after DATA, with the line that ends them. A line break that is not CRLF becomes one, so that no server reads another
/// end of the message than we wrote.
pub fn smtp_data(message: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(message.len() + message.len() / 50 + 5);
    let mut rest = message;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let (line, after) = match end.and_then(|end| rest.split_at_checked(end)) {
            Some((line, [b'\r', b'\n', after @ ..] | [_, after @ ..])) => (line, after),
            _ => (rest, &[][..]),
        };
        if line.starts_with(b".") {
            data.push(b'.');
        }
        data.extend_from_slice(line);
        data.extend_from_slice(b"\r\n");
        rest = after;
    }
    data.extend_from_slice(b".\r\n");
    data
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a server keeps of the bytes after DATA: the message, and what comes after its end.
    fn receive(data: &[u8]) -> (Vec<u8>, &[u8]) {
        let mut message = Vec::new();
        let mut rest = data;
        while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
            let line = &rest[..end];
            rest = &rest[end + 2..];
            if line == b"." {
                return (message, rest);
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
            message.extend_from_slice(b"\r\n");
        }
        panic!("the message does not end");
    }

    #[test]
    fn ch_19_a_lone_dot_does_not_end_the_message() {
        for (message, data) in [
            (&b""[..], &b".\r\n"[..]),
            (b"a\r\n", b"a\r\n.\r\n"),
            (b"a", b"a\r\n.\r\n"),
            (b".", b"..\r\n.\r\n"),
            (b"a\r\n.\r\nb\r\n", b"a\r\n..\r\nb\r\n.\r\n"),
            (b"..a\r\n", b"...a\r\n.\r\n"),
            (b"a\n.\nb\r.\rc", b"a\r\n..\r\nb\r\n..\r\nc\r\n.\r\n"),
            (b"\r\n\r\n", b"\r\n\r\n.\r\n"),
        ] {
            assert_eq!(smtp_data(message), data, "{:?}", String::from_utf8_lossy(message));
        }
    }

    proptest! {
        #[test]
        fn ch_19_what_a_server_keeps_is_the_message(text in "[.a\r\n]{0,40}") {
            let data = smtp_data(text.as_bytes());
            let (message, rest) = receive(&data);
            prop_assert_eq!(rest, b"");
            let mut expected = text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
            if !expected.is_empty() && !expected.ends_with('\n') {
                expected.push_str("\r\n");
            }
            prop_assert_eq!(message, expected.into_bytes());
        }
    }
}
