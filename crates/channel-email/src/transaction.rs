//! One mail on a session: MAIL, RCPT, DATA and the content (RFC 5321, section 3.3), in one write where the relay offers PIPELINING
//! (RFC 2920). It does not open or repeat anything.

use std::time::Duration;

use crate::capabilities::Capabilities;
use crate::class::{Meaning, meaning};
use crate::content::Pieces;
use crate::envelope::{Envelope, EnvelopeAddress};
use crate::message::Message;
use crate::outcome::{Fault, NotSent, Outcome};
use crate::place::Place;
use crate::reply::Reply;
use crate::session::{Session, State};
use crate::settings::Settings;

/// The time in which a relay that stopped reading may have sent its reply.
const EARLY_REPLY: Duration = Duration::from_secs(1);

/// A command and the place that its reply belongs to.
type Command = (Place, String);

impl Session {
    /// Sends a mail, once.
    pub async fn send(&mut self, envelope: &Envelope, message: &Message, settings: &Settings) -> Outcome {
        if let Some(lack) = lack(self.capabilities, envelope, message) {
            return Outcome::not_sent(lack);
        }
        let commands = commands(self.state, self.capabilities, envelope, message);
        let begun = if self.capabilities.pipelining {
            self.begin_pipelined(&commands, settings.reply_timeout).await
        } else {
            self.begin(&commands, settings.reply_timeout).await
        };
        match begun {
            Ok(()) => self.content(message, settings).await,
            Err(outcome) => outcome,
        }
    }

    /// The commands, one after the other, until one ends the mail.
    async fn begin(&mut self, commands: &[Command], limit: Duration) -> Result<(), Outcome> {
        for (place, command) in commands {
            self.write(*place, command.as_bytes(), limit).await?;
            self.reply(*place, limit).await?;
        }
        Ok(())
    }

    /// The commands at once. The replies to those after one that ends the mail are read and mean nothing.
    async fn begin_pipelined(&mut self, commands: &[Command], limit: Duration) -> Result<(), Outcome> {
        let all: String = commands.iter().map(|(_, command)| command.as_str()).collect();
        let first = commands.first().map_or(Place::Mail, |(place, _)| *place);
        self.write(first, all.as_bytes(), limit).await?;
        let mut places = commands.iter().map(|(place, _)| *place);
        let ended = loop {
            let Some(place) = places.next() else { return Ok(()) };
            if let Err(ended) = self.reply(place, limit).await {
                break ended;
            }
        };
        for place in places {
            if self.state == State::Over {
                break;
            }
            match self.wire.reply(limit).await {
                // It waits for a content that there is not (RFC 2920, section 3.1).
                Ok(reply) if place == Place::Data && reply.code < 400 => self.state = State::Over,
                Ok(Reply { code: 421, .. }) | Err(_) => self.state = State::Over,
                Ok(_) => {}
            }
        }
        Err(ended)
    }

    async fn content(&mut self, message: &Message, settings: &Settings) -> Outcome {
        let mut pieces = Pieces::new(message.bytes());
        let mut piece = Vec::new();
        while let Some(last) = pieces.next(&mut piece) {
            let place = if last { Place::Body } else { Place::Content };
            if let Err(fault) = self.wire.write(&piece, settings.reply_timeout).await {
                self.state = State::Over;
                // A relay that refuses the mail early sends its reply before it closes.
                if let (Fault::Closed, Ok(reply)) = (&fault, self.wire.reply(EARLY_REPLY).await)
                    && let Meaning::Ended(class) = meaning(place, reply.code, reply.status)
                {
                    return Outcome::reply(class, place, reply);
                }
                return Outcome::no_reply(place, fault);
            }
        }
        let reply = match self.wire.reply(settings.accept_timeout).await {
            Ok(reply) => reply,
            Err(fault) => {
                self.state = State::Over;
                return Outcome::no_reply(Place::Body, fault);
            }
        };
        self.state = if reply.code == 421 { State::Over } else { State::Ready };
        match meaning(Place::Body, reply.code, reply.status) {
            Meaning::Ended(class) => Outcome::reply(class, Place::Body, reply),
            // The table has no such reply to the end of a content.
            Meaning::Next => Outcome::no_reply(Place::Body, Fault::Malformed),
        }
    }

    /// Writes commands. A connection that was closed is seen when the reply is read: there may be one that says why.
    async fn write(&mut self, place: Place, bytes: &[u8], limit: Duration) -> Result<(), Outcome> {
        match self.wire.write(bytes, limit).await {
            Ok(()) | Err(Fault::Closed) => Ok(()),
            Err(fault) => {
                self.state = State::Over;
                Err(Outcome::no_reply(place, fault))
            }
        }
    }

    /// Reads the reply to a command, and fails when it ends the mail.
    async fn reply(&mut self, place: Place, limit: Duration) -> Result<(), Outcome> {
        let reply = match self.wire.reply(limit).await {
            Ok(reply) => reply,
            Err(fault) => {
                self.state = State::Over;
                return Err(Outcome::no_reply(place, fault));
            }
        };
        match meaning(place, reply.code, reply.status) {
            Meaning::Next => {
                self.state = if place == Place::Reset { State::Ready } else { State::Open };
                Ok(())
            }
            Meaning::Ended(class) => {
                if reply.code == 421 || place == Place::Reset {
                    self.state = State::Over;
                }
                Err(Outcome::reply(class, place, reply))
            }
        }
    }
}

/// What the mail needs and the relay does not offer (CH-28).
fn lack(offered: Capabilities, envelope: &Envelope, message: &Message) -> Option<NotSent> {
    let size = message.size();
    if let Some(limit) = offered.max_size.filter(|limit| size > *limit) {
        return Some(NotSent::TooLarge { size, limit });
    }
    let ascii_sender = envelope.sender.as_ref().is_none_or(EnvelopeAddress::is_ascii);
    if !offered.utf8 && (message.has_utf8_header() || !ascii_sender) {
        return Some(NotSent::Utf8);
    }
    if !offered.utf8 && !envelope.recipient.is_ascii() {
        return Some(NotSent::Utf8Address);
    }
    (message.is_eight_bit() && !offered.eight_bit).then_some(NotSent::EightBit)
}

fn commands(state: State, offered: Capabilities, envelope: &Envelope, message: &Message) -> Vec<Command> {
    let sender = envelope.sender.as_ref().map_or("", |sender| sender.as_str());
    let recipient = envelope.recipient.as_str();
    let size = if offered.declares_size { format!(" SIZE={}", message.size()) } else { String::new() };
    let body = if message.is_eight_bit() { " BODY=8BITMIME" } else { "" };
    let is_utf8 = !sender.is_ascii() || !recipient.is_ascii() || message.has_utf8_header();
    let utf8 = if is_utf8 { " SMTPUTF8" } else { "" };
    let mut commands = Vec::with_capacity(4);
    if state == State::Open {
        commands.push((Place::Reset, "RSET\r\n".to_owned()));
    }
    commands.push((Place::Mail, format!("MAIL FROM:<{sender}>{size}{body}{utf8}\r\n")));
    commands.push((Place::Rcpt, format!("RCPT TO:<{recipient}>\r\n")));
    commands.push((Place::Data, "DATA\r\n".to_owned()));
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(sender: Option<&str>, recipient: &str) -> Envelope {
        let address = |text: &str| EnvelopeAddress::new(text).unwrap();
        Envelope { sender: sender.map(address), recipient: address(recipient) }
    }

    #[test]
    fn what_a_relay_does_not_offer_is_not_sent_ch_28() {
        let none = Capabilities::default();
        let all = Capabilities { utf8: true, eight_bit: true, max_size: Some(12), ..none };
        for (offered, sender, recipient, text, expected) in [
            (none, "a@x.nl", "b@x.nl", "a: b\r\n\r\nc\r\n", None),
            (all, "a@x.nl", "b\u{e9}@x.nl", "a: b\r\n\r\n\u{e9}\r\n", None),
            (all, "a@x.nl", "b@x.nl", "a: b\r\n\r\nccc\r\n", Some(NotSent::TooLarge { size: 13, limit: 12 })),
            (all, "a@x.nl", "b@x.nl", "a: b\r\n\r\nccc", Some(NotSent::TooLarge { size: 13, limit: 12 })),
            (none, "a@x.nl", "b@x.nl", "a: b\r\n\r\n\u{e9}\r\n", Some(NotSent::EightBit)),
            (Capabilities { utf8: false, ..all }, "a@x.nl", "b@x.nl", "a: \u{e9}\r\n", Some(NotSent::Utf8)),
            (none, "\u{e9}@x.nl", "b@x.nl", "a: b\r\n", Some(NotSent::Utf8)),
            (none, "a@x.nl", "b@\u{e9}.nl", "a: b\r\n", Some(NotSent::Utf8Address)),
        ] {
            let message = Message::new(text).unwrap();
            assert_eq!(lack(offered, &envelope(Some(sender), recipient), &message), expected, "{text:?}");
        }
    }

    #[test]
    fn commands_carry_what_was_offered_and_is_needed() {
        let none = Capabilities::default();
        let all = Capabilities { utf8: true, eight_bit: true, declares_size: true, ..none };
        for (state, offered, sender, recipient, text, expected) in [
            (State::Ready, none, None, "b@x.nl", "a", "MAIL FROM:<>\r\nRCPT TO:<b@x.nl>\r\nDATA\r\n"),
            (
                State::Open,
                all,
                Some("a@x.nl"),
                "b@x.nl",
                "a: b\r\n\r\n\u{e9}",
                "RSET\r\nMAIL FROM:<a@x.nl> SIZE=12 BODY=8BITMIME\r\nRCPT TO:<b@x.nl>\r\nDATA\r\n",
            ),
            (
                State::Ready,
                all,
                Some("a@x.nl"),
                "\u{e9}@x.nl",
                "a",
                "MAIL FROM:<a@x.nl> SIZE=3 SMTPUTF8\r\nRCPT TO:<\u{e9}@x.nl>\r\nDATA\r\n",
            ),
        ] {
            let message = Message::new(text).unwrap();
            let commands = commands(state, offered, &envelope(sender, recipient), &message);
            let all: String = commands.into_iter().map(|(_, command)| command).collect();
            assert_eq!(all, expected);
        }
    }
}
