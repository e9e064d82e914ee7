//! Media types as far as events need them (RFC 9110 section 8.3; CE-CTX-16, CE-CTX-17, CE-JSON-11, CE-HTTP-04): syntax,
//! JSON, text and charset.
//!
//! A media type is never changed: attributes keep the original text.

/// A parsed media type, borrowing its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaType<'a> {
    kind: &'a str,
    subtype: &'a str,
    parameters: &'a str,
}

impl<'a> MediaType<'a> {
    /// Parses `type/subtype` with optional parameters; `None` if the syntax is invalid.
    pub fn parse(text: &'a str) -> Option<Self> {
        // The most common case.
        if text == "application/json" {
            return Some(Self { kind: "application", subtype: "json", parameters: "" });
        }
        let text = text.trim_matches([' ', '\t']);
        let (essence, parameters) = text.split_once(';').map_or((text, ""), |(essence, rest)| (essence, rest));
        let (kind, subtype) = essence.trim_end_matches([' ', '\t']).split_once('/')?;
        let read = Self { kind, subtype, parameters };
        (is_token(kind) && is_token(subtype) && read.parameters_are_valid()).then_some(read)
    }

    /// Whether type and subtype are `kind` and `subtype` (case-insensitive).
    pub fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind) && self.subtype.eq_ignore_ascii_case(subtype)
    }

    /// Whether the content is JSON: subtype `json` or one that ends in `+json` (CE-JSON-11).
    pub fn is_json(&self) -> bool {
        let subtype = self.subtype.as_bytes();
        self.subtype.eq_ignore_ascii_case("json")
            || (subtype.len() > 5 && subtype[subtype.len() - 5..].eq_ignore_ascii_case(b"+json"))
    }

    /// Whether the content is text that a JSON string can represent: `text/*`, XML, or a declared charset.
    pub fn is_textual(&self) -> bool {
        let subtype = self.subtype.to_ascii_lowercase();
        self.kind.eq_ignore_ascii_case("text")
            || subtype == "xml"
            || subtype.ends_with("+xml")
            || self.parameter("charset").is_some()
    }

    /// Whether a receiver takes the content for an event or a batch: the type starts with `application/cloudevents`
    /// (GW-10, CE-HTTP-04).
    pub fn is_cloudevents(&self) -> bool {
        const PREFIX: &str = "cloudevents";
        self.kind.eq_ignore_ascii_case("application")
            && self.subtype.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
    }

    /// Whether text of this type is UTF-8: charset absent, `utf-8` or `us-ascii`.
    pub fn is_utf8(&self) -> bool {
        self.parameter("charset")
            .is_none_or(|charset| ["utf-8", "utf8", "us-ascii"].iter().any(|utf8| charset.eq_ignore_ascii_case(utf8)))
    }

    /// The first parameter with this name (case-insensitive), without its quotes.
    pub fn parameter(&self, name: &str) -> Option<&'a str> {
        self.split_parameters().find_map(|parameter| {
            let (key, value) = parameter?;
            key.eq_ignore_ascii_case(name).then(|| value.trim_matches('"'))
        })
    }

    fn parameters_are_valid(&self) -> bool {
        self.split_parameters().all(|parameter| parameter.is_some())
    }

    /// The name and raw value of each parameter; `None` for a syntax error.
    fn split_parameters(&self) -> impl Iterator<Item = Option<(&'a str, &'a str)>> {
        let mut rest = self.parameters;
        std::iter::from_fn(move || {
            rest = rest.trim_start_matches([' ', '\t', ';']);
            if rest.is_empty() {
                return None;
            }
            let end = parameter_end(rest);
            let one = rest[..end].trim_end_matches([' ', '\t']);
            rest = &rest[end..];
            Some(one.split_once('=').filter(|(name, value)| is_token(name) && (is_token(value) || is_quoted(value))))
        })
    }
}

/// The end of the first parameter of `text`: a `;` outside quotes.
fn parameter_end(text: &str) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

fn is_quoted(text: &str) -> bool {
    text.len() >= 2 && text.starts_with('"') && text.ends_with('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntax_ce_ctx_16() {
        for good in ["application/json; charset=utf-8", "text/xml", "a/b; c=\"d;e\"", "application/json;"] {
            assert!(MediaType::parse(good).is_some(), "{good}");
        }
        for bad in ["json", "application/", "", "/json", "a b/c", "a/b; c", "a/b; =c"] {
            assert!(MediaType::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn json_ce_json_11_and_case_ce_ctx_17() {
        for json in ["application/vnd.x+json; v=1", "text/json", "application/JSON", "APPLICATION/HAL+JSON"] {
            assert!(MediaType::parse(json).unwrap().is_json(), "{json}");
        }
        for other in ["application/jsonp", "application/x-json", "text/plain", "application/+jsonx"] {
            assert!(!MediaType::parse(other).unwrap().is_json(), "{other}");
        }
    }

    #[test]
    fn cloudevents_types_gw_10() {
        for yes in [
            "application/cloudevents",
            "Application/CloudEvents-Batch+json",
            "application/cloudevents+avro",
            "application/cloudeventsx",
        ] {
            assert!(MediaType::parse(yes).unwrap().is_cloudevents(), "{yes}");
        }
        assert!(!MediaType::parse("application/cloudevent").unwrap().is_cloudevents());
    }

    #[test]
    fn charsets() {
        assert!(MediaType::parse("text/xml; charset=\"UTF-8\"").unwrap().is_utf8());
        assert!(!MediaType::parse("text/xml;charset=iso-8859-1").unwrap().is_utf8());
    }
}
