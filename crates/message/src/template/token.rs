//! One token: what is between the braces.

use super::{MAX_DEPTH, StaticToken};

/// What a token names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A value of the gateway (CH-75).
    Static(StaticToken),
    /// A value of the event or of the subscriber (CH-76, CH-82).
    Field(Source, Path),
    /// Nothing that can have a value, such as a name with a space at its end; it stays as it is (CH-77).
    Unknown,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `notification::`: the data of the event.
    Notification,
    /// `subscription::`: the attributes of the subscriber.
    Subscription,
    /// `event::`: the context attributes of the event.
    Event,
    /// Nothing: the data of the event, else the attributes of the subscriber.
    Either,
}

/// The way to a value: 1 to [`MAX_DEPTH`] segments, the first a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(Vec<Segment>);

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// `.name`, also an index written as `.0`.
    Member(String),
    /// `[0]`.
    Index(usize),
}

/// The path has more than [`MAX_DEPTH`] segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooDeep;

impl Path {
    /// The segments.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }
}

impl Token {
    /// Reads what is between the braces.
    pub(super) fn read(text: &str) -> Result<Self, TooDeep> {
        if let Some(token) = StaticToken::from_name(text) {
            return Ok(Self::Static(token));
        }
        let (source, path) = match text.split_once("::") {
            None => (Source::Either, text),
            Some((source, path)) => match source.to_ascii_lowercase().as_str() {
                "notification" => (Source::Notification, path),
                "subscription" => (Source::Subscription, path),
                "event" => (Source::Event, path),
                _ => return Ok(Self::Unknown),
            },
        };
        let Some(segments) = segments(path) else { return Ok(Self::Unknown) };
        if segments.len() > MAX_DEPTH {
            return Err(TooDeep);
        }
        match (source, &segments[..]) {
            (Source::Event, [Segment::Member(_)])
            | (Source::Notification | Source::Subscription | Source::Either, _) => {
                Ok(Self::Field(source, Path(segments)))
            }
            (Source::Event, _) => Ok(Self::Unknown),
        }
    }
}

/// Whether a character may be in a token; a brace with others after it is text, such as that of a style sheet.
pub(super) fn is_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@' | '.' | '[' | ']' | ':' | ' ')
}

/// `a.b[0].c`; `None` for anything else.
fn segments(path: &str) -> Option<Vec<Segment>> {
    let mut segments = Vec::new();
    for member in path.split('.') {
        let (name, indexes) = match member.find('[') {
            Some(at) => member.split_at(at),
            None => (member, ""),
        };
        let is_name = !name.is_empty() && name.trim() == name && !name.contains([']', ':']);
        if !is_name {
            return None;
        }
        segments.push(Segment::Member(name.to_owned()));
        let mut rest = indexes;
        while !rest.is_empty() {
            let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
            let is_index = (1..=6).contains(&index.len()) && index.bytes().all(|b| b.is_ascii_digit());
            segments.push(Segment::Index(index.parse().ok().filter(|_| is_index)?));
            rest = after;
        }
    }
    Some(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str) -> Segment {
        Segment::Member(name.to_owned())
    }

    #[test]
    fn ch_76_sources_nesting_and_index() {
        use Segment::Index;
        for (text, source, path) in [
            ("a", Source::Either, vec![member("a")]),
            ("notification::a.b", Source::Notification, vec![member("a"), member("b")]),
            ("Notification::a", Source::Notification, vec![member("a")]),
            ("subscription::naam", Source::Subscription, vec![member("naam")]),
            ("event::type", Source::Event, vec![member("type")]),
            ("addresses[0].city", Source::Either, vec![member("addresses"), Index(0), member("city")]),
            ("a[1][22]", Source::Either, vec![member("a"), Index(1), Index(22)]),
            ("a.0", Source::Either, vec![member("a"), member("0")]),
            ("straat en huisnummer", Source::Either, vec![member("straat en huisnummer")]),
            ("prénom_1-x$@", Source::Either, vec![member("prénom_1-x$@")]),
            ("notification::service_name", Source::Notification, vec![member("service_name")]),
        ] {
            assert_eq!(Token::read(text), Ok(Token::Field(source, Path(path))), "{text}");
        }
        assert_eq!(Token::read("SERVICE_name"), Ok(Token::Static(StaticToken::ServiceName)));
    }

    #[test]
    fn ch_77_what_names_nothing_is_unknown() {
        for text in [
            " a",
            "a ",
            "a. b",
            ".a",
            "a.",
            "a..b",
            "a[",
            "a[]",
            "a[x]",
            "a[0",
            "a[0]b",
            "a]0[",
            "[0]",
            "a[-1]",
            "a[1234567]",
            "other::a",
            "notification::",
            "::a",
            "a::b::c",
            "a:b",
            "event::a.b",
            "event::a[0]",
        ] {
            assert_eq!(Token::read(text), Ok(Token::Unknown), "{text}");
        }
    }

    #[test]
    fn ch_76_depth_is_bounded() {
        let path = vec!["a"; MAX_DEPTH].join(".");
        assert!(matches!(Token::read(&path), Ok(Token::Field(Source::Either, _))));
        assert_eq!(Token::read(&format!("{path}[0]")), Err(TooDeep));
    }
}
