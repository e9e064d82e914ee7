//! Texts with named placeholders, such as `{to}`: where a value goes in a body, a header or a URL of a provider. They are parsed
//! once; a value is written as it is; the caller encodes it for its place.

/// What a placeholder names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    /// The number with its plus sign.
    To,
    /// The number without its plus sign.
    ToDigits,
    /// The number with 00 instead of its plus sign.
    ToZeros,
    /// The text.
    Text,
    /// Our reference.
    Reference,
    /// The sender.
    From,
    /// The account at the provider.
    User,
    /// The secret of the account.
    Secret,
}

/// The names as they are written.
const NAMES: [(&str, Name); 8] = [
    ("to", Name::To),
    ("to_digits", Name::ToDigits),
    ("to_zeros", Name::ToZeros),
    ("text", Name::Text),
    ("reference", Name::Reference),
    ("from", Name::From),
    ("user", Name::User),
    ("secret", Name::Secret),
];

/// Why a text with placeholders cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceholderError {
    /// A brace that is not closed, or closes nothing.
    #[error("has a brace that belongs to no placeholder; write {{{{ or }}}} for a brace")]
    Brace,
    /// A name that is not known.
    #[error(
        "has the unknown placeholder `{0}`: use to, to_digits, to_zeros, text, reference, from, user or secret in braces"
    )]
    Name(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Value(Name),
}

/// A text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Part>);

impl Pattern {
    /// Parses a text. `{{` and `}}` are braces.
    pub fn parse(text: &str) -> Result<Self, PlaceholderError> {
        let mut parts = Vec::new();
        let (mut literal, mut rest) = (String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let from_brace = &rest[at..];
            if let Some(after) = from_brace.strip_prefix("{{") {
                literal.push('{');
                rest = after;
            } else if let Some(after) = from_brace.strip_prefix("}}") {
                literal.push('}');
                rest = after;
            } else {
                let inner = from_brace.strip_prefix('{').ok_or(PlaceholderError::Brace)?;
                let (name, after) = inner.split_once('}').ok_or(PlaceholderError::Brace)?;
                let known = NAMES.iter().find(|(word, _)| *word == name);
                let (_, name) = known.ok_or_else(|| PlaceholderError::Name(name.chars().take(20).collect()))?;
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                parts.push(Part::Value(*name));
                rest = after;
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self(parts))
    }

    /// The names in it.
    pub fn names(&self) -> impl Iterator<Item = Name> {
        self.0.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Value(name) => Some(*name),
        })
    }

    /// The text with values.
    pub fn fill(&self, value: impl Fn(Name) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Literal(text) => text.clone(),
            Part::Value(name) => value(*name),
        };
        self.0.iter().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_32_placeholders_are_known_names_in_braces() {
        let fill = |text: &str| Pattern::parse(text).map(|pattern| pattern.fill(|name| format!("<{name:?}>")));
        for (text, expected) in [
            ("", Ok("")),
            ("plain", Ok("plain")),
            ("{to}", Ok("<To>")),
            ("a{to}{text}b", Ok("a<To><Text>b")),
            ("{{to}} {to_digits}", Ok("{to} <ToDigits>")),
            ("{to", Err(PlaceholderError::Brace)),
            ("to}", Err(PlaceholderError::Brace)),
            ("{}", Err(PlaceholderError::Name(String::new()))),
            ("{number}", Err(PlaceholderError::Name("number".to_owned()))),
        ] {
            assert_eq!(fill(text), expected.map(str::to_owned), "{text}");
        }
    }
}
