//! How a value is inserted, by where its token is (CH-19, CH-80). Every value passes here; there is no other way in.

use super::{Token, url};

/// Where a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// In a header field.
    Header,
    /// In a plain text.
    Text,
    /// In a plain text, after the start of a URL.
    TextUrlPart,
    /// In HTML, between tags.
    HtmlText,
    /// In HTML, in the quoted value of an attribute.
    Attribute,
    /// In HTML, at the start of an attribute that is a URL.
    AttributeUrl,
    /// In HTML, after the start of such a URL.
    AttributeUrlPart,
}

/// What a value is, where that matters inside a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// A URL, or the start of one, that the gateway made.
    OwnUrl,
    /// Anything else.
    Value,
}

/// The value is no URL that a link may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnsafeUrl;

impl Context {
    /// Whether dates and numbers keep the form that machines read.
    pub(super) const fn is_url(self) -> bool {
        matches!(self, Self::TextUrlPart | Self::AttributeUrl | Self::AttributeUrlPart)
    }
}

/// The value in the form of its context.
pub(super) fn escape(context: Context, trust: Trust, value: &str) -> Result<String, UnsafeUrl> {
    Ok(match context {
        Context::Header => one_line(value),
        Context::Text => clean(value),
        Context::HtmlText | Context::Attribute => html(&clean(value)),
        Context::AttributeUrl if trust == Trust::Value && !url::is_safe(value) => return Err(UnsafeUrl),
        Context::AttributeUrl => html(&url::encode_whole(value)),
        Context::AttributeUrlPart if trust == Trust::OwnUrl => html(&url::encode_whole(value)),
        Context::TextUrlPart if trust == Trust::OwnUrl => url::encode_whole(value),
        Context::AttributeUrlPart | Context::TextUrlPart => url::encode_part(value),
    })
}

/// One line without control characters: each run of white space, line breaks and controls is one space. Marks that change the
/// direction of the text after them are left out.
pub(crate) fn one_line(value: &str) -> String {
    let changes_direction = |c: &char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let value: String = value.chars().filter(|c| !changes_direction(c)).collect();
    let words = value.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Without control characters, except tabs and line breaks, which become `\n`.
fn clean(value: &str) -> String {
    let value = value.replace("\r\n", "\n").replace('\r', "\n");
    value.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// Without the characters that have a meaning in HTML, in text and in quoted attributes.
fn html(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Follows a plain text to know whether a token is in a URL: in a word after `https://`, `mailto:` or a URL of the gateway.
#[derive(Debug, Default)]
pub(super) struct Word {
    is_url: bool,
    /// The end of the word, in lower case.
    tail: String,
}

/// What makes the rest of a word a URL.
const STARTS: [&str; 5] = ["https://", "http://", "mailto:", "tel:", "sms:"];
/// The length of the longest of them, in bytes.
const LONGEST_START: usize = 8;

impl Word {
    /// A literal character.
    pub(super) fn literal(&mut self, c: char) {
        if c.is_whitespace() || matches!(c, '<' | '>' | '"') {
            *self = Self::default();
            return;
        }
        if !c.is_ascii() {
            self.tail.clear();
            return;
        }
        if self.tail.len() == LONGEST_START {
            self.tail.remove(0);
        }
        self.tail.push(c.to_ascii_lowercase());
        self.is_url |= STARTS.iter().any(|start| self.tail.ends_with(start));
    }

    /// The context of a token here.
    pub(super) fn token(&mut self, token: &Token) -> Context {
        let context = if self.is_url { Context::TextUrlPart } else { Context::Text };
        self.is_url |= matches!(token, Token::Static(token) if token.is_url());
        self.tail.clear();
        context
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_19_headers_are_one_line() {
        for (value, expected) in [
            ("a\r\nBcc: b@example.nl", "a Bcc: b@example.nl"),
            ("a\nb", "a b"),
            ("\r\n\r\nbody", "body"),
            ("a\0b", "a b"),
            ("a\u{85}b\u{2028}c\u{b}d", "a b c d"),
            ("  a \t b  ", "a b"),
            ("a\u{202e}b", "ab"),
            ("a \u{202e} b", "a b"),
            ("", ""),
            ("\r\n", ""),
        ] {
            assert_eq!(escape(Context::Header, Trust::Value, value), Ok(expected.to_owned()), "{value:?}");
        }
    }

    #[test]
    fn ch_80_each_context_has_its_form() {
        let value = "<img src=x onerror=1>\r\n\"'&\0 é";
        for (context, expected) in [
            (Context::Text, "<img src=x onerror=1>\n\"'& é"),
            (Context::HtmlText, "&lt;img src=x onerror=1&gt;\n&quot;&#39;&amp; é"),
            (Context::Attribute, "&lt;img src=x onerror=1&gt;\n&quot;&#39;&amp; é"),
            (Context::TextUrlPart, "%3Cimg%20src%3Dx%20onerror%3D1%3E%0D%0A%22%27%26%00%20%C3%A9"),
            (Context::AttributeUrlPart, "%3Cimg%20src%3Dx%20onerror%3D1%3E%0D%0A%22%27%26%00%20%C3%A9"),
        ] {
            assert_eq!(escape(context, Trust::Value, value), Ok(expected.to_owned()), "{context:?}");
        }
        assert_eq!(escape(Context::AttributeUrl, Trust::Value, value), Err(UnsafeUrl));
    }

    #[test]
    fn ch_80_a_url_keeps_its_form_and_cannot_leave_its_attribute() {
        for (trust, value, expected) in [
            (Trust::Value, "https://example.nl/a?b=1&c=2", Ok("https://example.nl/a?b=1&amp;c=2")),
            (Trust::Value, "https://example.nl/\" onclick=\"x", Ok("https://example.nl/%22%20onclick=%22x")),
            (Trust::Value, "https://example.nl/'><script>", Ok("https://example.nl/&#39;%3E%3Cscript%3E")),
            (Trust::Value, "javascript:alert(1)", Err(UnsafeUrl)),
            (Trust::OwnUrl, "/api", Ok("/api")),
        ] {
            assert_eq!(escape(Context::AttributeUrl, trust, value), expected.map(str::to_owned), "{value}");
        }
        let own = escape(Context::AttributeUrlPart, Trust::OwnUrl, "/api/v1?a=1");
        assert_eq!(own, Ok("/api/v1?a=1".to_owned()));
    }
}
