//! One line as a command (RFC 5321 4.1.1). Not whether the command is possible now.

use crate::reply::{self, Reply};

/// A command with what is used of its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// EHLO, or HELO, which has no extensions.
    Hello { has_extensions: bool },
    /// MAIL, with the size that the client declares, in bytes. The sender is not used.
    Mail { size: Option<u64> },
    /// RCPT, with the address between the angle brackets.
    Recipient(String),
    /// DATA.
    Data,
    /// RSET.
    Reset,
    /// NOOP.
    Noop,
    /// VRFY.
    Verify,
    /// STARTTLS.
    StartTls,
    /// QUIT.
    Quit,
}

/// Reads a line, without its CRLF. Only printable ASCII is in a command.
///
/// # Errors
/// The reply that refuses it.
pub(crate) fn parse(line: &[u8]) -> Result<Command, Reply> {
    let is_printable = line.iter().all(|byte| matches!(byte, b' '..=b'~'));
    let line = std::str::from_utf8(line).ok().filter(|_| is_printable).ok_or(reply::SYNTAX)?;
    let (verb, arguments) = line.split_once(' ').unwrap_or((line, ""));
    let arguments = arguments.trim_matches(' ');
    let bare = |command| if arguments.is_empty() { Ok(command) } else { Err(reply::SYNTAX) };
    match verb.to_ascii_uppercase().as_str() {
        "EHLO" | "HELO" if arguments.is_empty() => Err(reply::SYNTAX),
        "EHLO" => Ok(Command::Hello { has_extensions: true }),
        "HELO" => Ok(Command::Hello { has_extensions: false }),
        "MAIL" => mail(arguments),
        "RCPT" => recipient(arguments),
        "DATA" => bare(Command::Data),
        "RSET" => bare(Command::Reset),
        "QUIT" => bare(Command::Quit),
        "STARTTLS" => bare(Command::StartTls),
        "NOOP" => Ok(Command::Noop),
        "VRFY" => Ok(Command::Verify),
        "EXPN" | "HELP" | "TURN" | "ETRN" | "AUTH" | "BDAT" => Err(reply::NOT_IMPLEMENTED),
        _ => Err(reply::UNKNOWN),
    }
}

/// `FROM:<…>` with `SIZE` (RFC 1870) and `BODY` (RFC 6152).
fn mail(arguments: &str) -> Result<Command, Reply> {
    let (_, parameters) = path(arguments, "FROM:")?;
    let mut size = None;
    for parameter in parameters.split_ascii_whitespace() {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match name.to_ascii_uppercase().as_str() {
            "SIZE" if !value.is_empty() && value.len() <= 20 && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                size = Some(value.parse().unwrap_or(u64::MAX));
            }
            "SIZE" => return Err(reply::SYNTAX),
            "BODY" if value.eq_ignore_ascii_case("7BIT") || value.eq_ignore_ascii_case("8BITMIME") => {}
            _ => return Err(reply::PARAMETER),
        }
    }
    Ok(Command::Mail { size })
}

fn recipient(arguments: &str) -> Result<Command, Reply> {
    match path(arguments, "TO:")? {
        ("", _) => Err(reply::SYNTAX),
        (address, "") => Ok(Command::Recipient(address.to_owned())),
        _ => Err(reply::PARAMETER),
    }
}

/// What is between the angle brackets after `keyword`, and what comes after them. A quoted local part may have brackets.
fn path<'a>(arguments: &'a str, keyword: &str) -> Result<(&'a str, &'a str), Reply> {
    let (found, rest) = arguments.split_at_checked(keyword.len()).ok_or(reply::SYNTAX)?;
    let rest = rest.trim_start_matches(' ').strip_prefix('<').ok_or(reply::SYNTAX)?;
    let (mut is_quoted, mut is_escaped) = (false, false);
    let end = rest.bytes().position(|byte| {
        let is_end = byte == b'>' && !is_quoted;
        is_quoted ^= byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && is_quoted && !is_escaped;
        is_end
    });
    let (address, after) = end.and_then(|end| rest.split_at_checked(end)).ok_or(reply::SYNTAX)?;
    let after = &after[1..];
    let is_separated = after.is_empty() || after.starts_with(' ');
    if !found.eq_ignore_ascii_case(keyword) || !is_separated {
        return Err(reply::SYNTAX);
    }
    Ok((address, after.trim_matches(' ')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn commands_in_any_case() {
        let to = |address: &str| Ok(Command::Recipient(address.to_owned()));
        let mail = |size| Ok(Command::Mail { size });
        for (line, expected) in [
            ("EHLO relay.example", Ok(Command::Hello { has_extensions: true })),
            ("helo [192.0.2.1]", Ok(Command::Hello { has_extensions: false })),
            ("EHLO", Err(reply::SYNTAX)),
            ("EHLO ", Err(reply::SYNTAX)),
            ("LHLO a", Err(reply::UNKNOWN)),
            ("MAIL FROM:<>", mail(None)),
            ("mail from:<an@burger.example> size=12 body=8bitmime", mail(Some(12))),
            ("MAIL FROM: <an@burger.example>", mail(None)),
            ("MAIL FROM:<\"a>b\"@burger.example> SIZE=0", mail(Some(0))),
            ("MAIL FROM:<\"a\\\">b\"@burger.example>", mail(None)),
            ("MAIL FROM:<> SIZE=99999999999999999999", mail(Some(u64::MAX))),
            ("MAIL FROM:<> SIZE=999999999999999999999", Err(reply::SYNTAX)),
            ("MAIL FROM:<> SIZE=-1", Err(reply::SYNTAX)),
            ("MAIL FROM:<> SIZE=", Err(reply::SYNTAX)),
            ("MAIL FROM:<> BODY=BINARYMIME", Err(reply::PARAMETER)),
            ("MAIL FROM:<> SMTPUTF8", Err(reply::PARAMETER)),
            ("MAIL FROM:<>SIZE=1", Err(reply::SYNTAX)),
            ("MAIL FROM:an@burger.example", Err(reply::SYNTAX)),
            ("MAIL FROM:<an@burger.example", Err(reply::SYNTAX)),
            ("MAIL FROM", Err(reply::SYNTAX)),
            ("MAIL", Err(reply::SYNTAX)),
            ("MAIL TO:<a@b.example>", Err(reply::SYNTAX)),
            ("RCPT TO:<b-x@bounce.example>", to("b-x@bounce.example")),
            ("RCPT TO:<>", Err(reply::SYNTAX)),
            ("RCPT TO:<a@b.example> NOTIFY=NEVER", Err(reply::PARAMETER)),
            ("RCPT TO:<@relay.example:a@b.example>", to("@relay.example:a@b.example")),
            ("RCPT FROM:<a@b.example>", Err(reply::SYNTAX)),
            ("DATA", Ok(Command::Data)),
            ("data ", Ok(Command::Data)),
            ("DATA x", Err(reply::SYNTAX)),
            ("RSET", Ok(Command::Reset)),
            ("NOOP x y", Ok(Command::Noop)),
            ("VRFY an", Ok(Command::Verify)),
            ("STARTTLS", Ok(Command::StartTls)),
            ("QUIT", Ok(Command::Quit)),
            ("AUTH PLAIN AGEAYg==", Err(reply::NOT_IMPLEMENTED)),
            ("GET / HTTP/1.1", Err(reply::UNKNOWN)),
            ("", Err(reply::UNKNOWN)),
            (" DATA", Err(reply::UNKNOWN)),
            ("RCPT TO:<é@b.example>", Err(reply::SYNTAX)),
            ("DATA\t", Err(reply::SYNTAX)),
            ("NOOP \r QUIT", Err(reply::SYNTAX)),
            ("NOOP \0", Err(reply::SYNTAX)),
        ] {
            assert_eq!(parse(line.as_bytes()), expected, "{line}");
        }
    }

    proptest! {
        #[test]
        fn ch_115_no_line_makes_the_parser_fail(line in "(MAIL FROM:|RCPT TO:)?[ -~é\r\\\\\"<>]{0,60}") {
            drop(parse(line.as_bytes()));
        }
    }
}
