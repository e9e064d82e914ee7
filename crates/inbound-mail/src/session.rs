//! The conversation with one client as a state machine (RFC 5321 4.1.4): bytes in, the next step out. No IO, no time.

use memchr::memchr;

use crate::{
    Delivered, Mail, Reply,
    command::{Command, parse},
    content::{Content, Fault, Progress},
    reply,
};

/// The longest command, in bytes with CRLF: twice the 512 of RFC 5321 4.5.3.1.4, for parameters.
const MAX_COMMAND: usize = 1_024;
/// The most commands that are refused on one connection.
const MAX_REFUSALS: u32 = 20;

/// The bounds of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest mail, in bytes.
    pub mail: usize,
    /// Most connections.
    pub connections: usize,
    /// Most connections of one address, or of one network of 64 bits in IPv6.
    pub per_address: usize,
    /// Longest time until the last byte of a mail, since the connection began or the mail before it was answered.
    pub time: std::time::Duration,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Read bytes, and hand them over with [`Session::received`].
    Read,
    /// Send a reply.
    Reply(Reply),
    /// Deliver a mail, and send the reply that [`Session::delivered`] returns.
    Deliver(Mail),
    /// Send a reply, start TLS, and report that with [`Session::tls_started`].
    StartTls(Reply),
    /// Send a reply and close the connection.
    Close(Reply),
}

/// Whether the client can start TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tls {
    Absent,
    Offered,
    Started,
}

#[derive(Debug)]
enum State {
    /// No EHLO or HELO came.
    New,
    /// No mail is under way.
    Idle,
    /// MAIL was accepted.
    Sender,
    /// RCPT was accepted.
    Recipient(String),
    /// DATA was accepted.
    Content(String, Content),
}

/// One conversation.
#[derive(Debug)]
pub struct Session {
    host: String,
    limit: usize,
    tls: Tls,
    state: State,
    buffer: Vec<u8>,
    refusals: u32,
}

impl Session {
    /// A new conversation, in the name of `host`, with mails of at most `limit` bytes; `offers_tls` when TLS can be started.
    pub fn new(host: &str, limit: usize, offers_tls: bool) -> Self {
        let tls = if offers_tls { Tls::Offered } else { Tls::Absent };
        Self { host: host.to_owned(), limit, tls, state: State::New, buffer: Vec::new(), refusals: 0 }
    }

    /// What is sent first.
    pub fn greeting(&self) -> Reply {
        Reply::greeting(&self.host)
    }

    /// Takes bytes of the client.
    pub fn received(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The reply to a mail.
    pub fn delivered(delivered: Delivered) -> Reply {
        match delivered {
            Delivered::Stored => reply::STORED,
            Delivered::Later => reply::NOT_STORED,
        }
    }

    /// TLS was started: the client begins again (RFC 3207 4.2).
    pub fn tls_started(&mut self) {
        self.tls = Tls::Started;
        self.state = State::New;
        self.buffer.clear();
    }

    /// The next step; `takes` decides whether a recipient is one of ours.
    pub fn step(&mut self, takes: impl Fn(&str) -> bool) -> Step {
        if let State::Content(recipient, content) = &mut self.state {
            let end = match content.take(&mut self.buffer, self.limit) {
                Progress::More => return Step::Read,
                Progress::Endless => return Step::Close(reply::TOO_LARGE),
                Progress::End(end) => end,
            };
            let recipient = std::mem::take(recipient);
            self.state = State::Idle;
            return match end {
                Ok(content) => Step::Deliver(Mail { recipient, content }),
                Err(Fault::TooLarge) => self.reply(reply::TOO_LARGE),
                Err(Fault::LineTooLong) => self.reply(reply::LONG_TEXT_LINE),
                Err(Fault::LineBreak) => Step::Close(reply::LINE_BREAK),
            };
        }
        let line = match self.line() {
            Ok(Some(line)) => line,
            Ok(None) => return Step::Read,
            Err(reply) => return Step::Close(reply),
        };
        match parse(&line) {
            Ok(command) => self.command(command, takes),
            Err(reply) => self.reply(reply),
        }
    }

    /// Takes a line without its CRLF from the front of the buffer; `None` when it is not complete.
    fn line(&mut self) -> Result<Option<Vec<u8>>, Reply> {
        let Some(end) = memchr(b'\n', &self.buffer) else {
            return if self.buffer.len() > MAX_COMMAND { Err(reply::LONG_COMMAND) } else { Ok(None) };
        };
        if end + 1 > MAX_COMMAND {
            return Err(reply::LONG_COMMAND);
        }
        let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
        line.pop();
        if line.pop() == Some(b'\r') { Ok(Some(line)) } else { Err(reply::LINE_BREAK) }
    }

    fn command(&mut self, command: Command, takes: impl Fn(&str) -> bool) -> Step {
        match (command, &self.state) {
            (Command::Hello { has_extensions }, _) => {
                self.state = State::Idle;
                let tls = self.tls == Tls::Offered;
                Step::Reply(if has_extensions {
                    Reply::extensions(&self.host, self.limit, tls)
                } else {
                    Reply::hello(&self.host)
                })
            }
            (Command::Noop, _) => Step::Reply(reply::OK),
            (Command::Verify, _) => Step::Reply(reply::NOT_VERIFIED),
            (Command::Quit, _) => Step::Close(reply::BYE),
            (Command::Reset, state) => {
                if !matches!(state, State::New) {
                    self.state = State::Idle;
                }
                Step::Reply(reply::OK)
            }
            (Command::StartTls, _) => self.start_tls(),
            (Command::Mail { size }, State::Idle) => {
                if size.is_some_and(|size| size > self.limit as u64) {
                    return self.reply(reply::TOO_LARGE);
                }
                self.state = State::Sender;
                Step::Reply(reply::SENDER_OK)
            }
            (Command::Recipient(address), State::Sender) => {
                if !takes(&address) {
                    return self.reply(reply::NO_SUCH_RECIPIENT);
                }
                self.state = State::Recipient(address);
                Step::Reply(reply::RECIPIENT_OK)
            }
            (Command::Recipient(address), State::Recipient(_)) => {
                let is_taken = takes(&address);
                self.reply(if is_taken { reply::MORE_RECIPIENTS } else { reply::NO_SUCH_RECIPIENT })
            }
            (Command::Data, State::Recipient(_)) if !self.buffer.is_empty() => Step::Close(reply::TOO_EARLY),
            (Command::Data, State::Recipient(recipient)) => {
                self.state = State::Content(recipient.clone(), Content::default());
                Step::Reply(reply::SEND_CONTENT)
            }
            (Command::Data, State::Sender) => self.reply(reply::NO_RECIPIENT),
            (Command::Mail { .. } | Command::Recipient(_) | Command::Data, _) => self.reply(reply::WRONG_ORDER),
        }
    }

    /// Bytes that came before TLS must not be read as if they had come through it.
    fn start_tls(&mut self) -> Step {
        match self.tls {
            Tls::Absent => self.reply(reply::NOT_IMPLEMENTED),
            Tls::Started => self.reply(reply::WRONG_ORDER),
            Tls::Offered if !self.buffer.is_empty() => Step::Close(reply::TOO_EARLY),
            Tls::Offered => Step::StartTls(reply::START_TLS),
        }
    }

    /// A reply; the end when too many commands were refused.
    fn reply(&mut self, reply: Reply) -> Step {
        self.refusals += u32::from(reply.refusal().is_some());
        if self.refusals > MAX_REFUSALS { Step::Close(reply::TOO_MANY_ERRORS) } else { Step::Reply(reply) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: usize = 1_000;

    /// What a client sees that sends these bytes in pieces: the codes of replies, the mails, and whether the connection was
    /// closed. `t@x` is the one recipient; a mail with `later` in it is not stored.
    #[derive(Debug, Default, PartialEq, Eq)]
    struct Seen {
        codes: Vec<u16>,
        mails: Vec<(String, String)>,
        is_closed: bool,
    }

    fn code(reply: &Reply) -> u16 {
        let text = String::from_utf8(reply.bytes().to_vec()).unwrap();
        assert!(text.ends_with("\r\n"), "{text:?}");
        text[..3].parse().unwrap()
    }

    fn converse_with(offers_tls: bool, pieces: &[&str]) -> Seen {
        let mut session = Session::new("gateway.example", LIMIT, offers_tls);
        let (mut seen, mut pieces) = (Seen::default(), pieces.iter());
        loop {
            match session.step(|address| address == "t@x") {
                Step::Read => match pieces.next() {
                    Some(piece) => session.received(piece.as_bytes()),
                    None => return seen,
                },
                Step::Reply(reply) => seen.codes.push(code(&reply)),
                Step::Deliver(mail) => {
                    let content = String::from_utf8_lossy(&mail.content).into_owned();
                    let delivered = if content.contains("later") { Delivered::Later } else { Delivered::Stored };
                    seen.mails.push((mail.recipient, content));
                    seen.codes.push(code(&Session::delivered(delivered)));
                }
                Step::StartTls(reply) => {
                    seen.codes.push(code(&reply));
                    session.tls_started();
                }
                Step::Close(reply) => {
                    seen.codes.push(code(&reply));
                    seen.is_closed = true;
                    return seen;
                }
            }
        }
    }

    fn converse(pieces: &[&str]) -> Seen {
        converse_with(false, pieces)
    }

    const BEGIN: &str = "EHLO r\r\nMAIL FROM:<>\r\nRCPT TO:<t@x>\r\nDATA\r\n";

    #[test]
    fn a_mail_is_taken_for_a_recipient_of_ours_only_ch_63() {
        let seen = converse(&[BEGIN, "a\r\n.\r\n", "QUIT\r\n"]);
        let mail = ("t@x".to_owned(), "a\r\n".to_owned());
        assert_eq!(seen, Seen { codes: vec![250, 250, 250, 354, 250, 221], mails: vec![mail], is_closed: true });
        for recipient in ["u@x", "t@y", "postmaster", "@x:t@x", "t@x@y"] {
            let seen = converse(&[&format!("EHLO r\r\nMAIL FROM:<>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n")]);
            assert_eq!((seen.codes, seen.is_closed), (vec![250, 250, 550, 554], false), "{recipient}");
        }
        assert_eq!(converse(&[BEGIN, "later\r\n.\r\n"]).codes.last(), Some(&451));
    }

    #[test]
    fn commands_have_an_order() {
        for (commands, codes) in [
            (&["MAIL FROM:<>"][..], &[503][..]),
            (&["EHLO r", "RCPT TO:<t@x>"], &[250, 503]),
            (&["EHLO r", "DATA"], &[250, 503]),
            (&["EHLO r", "MAIL FROM:<>", "DATA"], &[250, 250, 554]),
            (&["EHLO r", "MAIL FROM:<>", "MAIL FROM:<>"], &[250, 250, 503]),
            (&["EHLO r", "MAIL FROM:<>", "RCPT TO:<t@x>", "RCPT TO:<t@x>"], &[250, 250, 250, 452]),
            (&["EHLO r", "MAIL FROM:<>", "RCPT TO:<t@x>", "RCPT TO:<u@x>"], &[250, 250, 250, 550]),
            (&["EHLO r", "MAIL FROM:<>", "RSET", "RCPT TO:<t@x>"], &[250, 250, 250, 503]),
            (&["EHLO r", "MAIL FROM:<>", "EHLO r", "RCPT TO:<t@x>"], &[250, 250, 250, 503]),
            (&["HELO r", "MAIL FROM:<> SIZE=1000"], &[250, 250]),
            (&["HELO r", "MAIL FROM:<> SIZE=1001"], &[250, 552]),
            (&["RSET", "MAIL FROM:<>"], &[250, 503]),
            (&["NOOP", "VRFY t", "EXPN t", "NONSENSE"], &[250, 252, 502, 500]),
        ] {
            let lines: Vec<String> = commands.iter().map(|line| format!("{line}\r\n")).collect();
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            assert_eq!(converse(&lines).codes, codes, "{commands:?}");
            assert_eq!(converse(&[&lines.concat()]).codes, codes, "{commands:?} together");
        }
    }

    #[test]
    fn nothing_is_smuggled_into_another_mail_ch_115() {
        let smuggled = "MAIL FROM:<>\r\nRCPT TO:<t@x>\r\nDATA\r\nforged\r\n.\r\n";
        for end in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r"] {
            let seen = converse(&[BEGIN, &format!("a{end}{smuggled}"), "\r\n.\r\n"]);
            assert_eq!((seen.mails.len(), seen.codes.last(), seen.is_closed), (0, Some(&521), true), "{end:?}");
        }
        // A command that ends with LF alone, and content before the reply to DATA.
        let seen = converse(&["EHLO r\n"]);
        assert_eq!((seen.codes, seen.is_closed), (vec![521], true));
        let seen = converse(&[&format!("{BEGIN}a\r\n.\r\n")]);
        assert_eq!((seen.codes.last(), seen.is_closed, seen.mails.len()), (Some(&521), true, 0));
    }

    #[test]
    fn what_is_too_long_or_too_much_is_refused_ch_115() {
        let long = converse(&["EHLO r\r\n", &format!("NOOP {}\r\n", "x".repeat(MAX_COMMAND))]);
        assert_eq!((long.codes, long.is_closed), (vec![250, 500], true));
        let endless = converse(&["x".repeat(MAX_COMMAND + 1).as_str()]);
        assert_eq!((endless.codes, endless.is_closed), (vec![500], true));
        let line = format!("{}\r\n", "x".repeat(98));
        let large = converse(&[BEGIN, &line.repeat(11), ".\r\n", "MAIL FROM:<>\r\n"]);
        assert_eq!((&large.codes[4..], large.is_closed), (&[552, 250][..], false));
        let huge = converse(&[BEGIN, &line.repeat(30)]);
        assert_eq!((&huge.codes[4..], huge.is_closed), (&[552][..], true));
        let guesses = "RCPT TO:<u@x>\r\n".repeat(30);
        let guessing = converse(&["EHLO r\r\nMAIL FROM:<>\r\n", &guesses]);
        assert_eq!((guessing.codes.len(), guessing.codes.last(), guessing.is_closed), (23, Some(&421), true));
    }

    #[test]
    fn tls_begins_a_new_conversation_and_nothing_before_it_counts() {
        let seen = converse_with(true, &["EHLO r\r\nSTARTTLS\r\n", "MAIL FROM:<>\r\n", "EHLO r\r\nSTARTTLS\r\n"]);
        assert_eq!((seen.codes, seen.is_closed), (vec![250, 220, 503, 250, 503], false));
        let injected = converse_with(true, &["EHLO r\r\nSTARTTLS\r\nRSET\r\n"]);
        assert_eq!((injected.codes, injected.is_closed), (vec![250, 521], true));
        assert_eq!(converse(&["EHLO r\r\nSTARTTLS\r\n"]).codes, [250, 502]);
        let extensions = |offers_tls| {
            let mut session = Session::new("gateway.example", LIMIT, offers_tls);
            session.received(b"EHLO r\r\n");
            let Step::Reply(reply) = session.step(|_| false) else { panic!("no reply") };
            String::from_utf8(reply.bytes().to_vec()).unwrap()
        };
        assert!(extensions(true).contains("\r\n250-STARTTLS\r\n") && extensions(true).contains("250-SIZE 1000\r\n"));
        assert!(!extensions(false).contains("STARTTLS"));
    }

    proptest! {
        #[test]
        fn ch_115_any_bytes_are_answered_and_bounded(pieces in prop::collection::vec(
            "(EHLO r|MAIL FROM:<>|RCPT TO:<t@x>|DATA|\\.|[ -~é\r]{0,20})(\r\n|\n|)", 0..20,
        )) {
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let seen = converse(&pieces);
            prop_assert!(seen.mails.iter().all(|(recipient, mail)| recipient == "t@x" && mail.len() <= LIMIT));
        }
    }
}
