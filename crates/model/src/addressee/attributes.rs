//! The attributes of an addressee: a JSON object as text. This does not parse it; whoever sets it has checked that.

/// The most bytes of attributes.
pub const MAX_ATTRIBUTES: usize = 2_048;

/// A JSON object as text, at most [`MAX_ATTRIBUTES`] bytes; empty when there are none. They are personal data: `Debug` shows
/// only their size.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Attributes(String);

impl Attributes {
    /// The attributes in a text that is a JSON object, or empty; `None` when it is too long, or is no object by its first and
    /// last character.
    pub fn new(json: String) -> Option<Self> {
        let is_object = json.is_empty() || (json.starts_with('{') && json.ends_with('}'));
        (is_object && json.len() <= MAX_ATTRIBUTES).then_some(Self(json))
    }

    /// The text; empty when there are none.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Attributes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attributes({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_bounded_and_hidden_ch_72_ch_134() {
        let longest = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_ATTRIBUTES - 8));
        assert!(Attributes::new(longest.clone()).is_some());
        assert!(Attributes::new(longest.replace("\"}", "x\"}")).is_none());
        assert!(Attributes::new(String::new()).is_some());
        assert!(Attributes::new("[1]".into()).is_none());
        let postcode = Attributes::new("{\"postcode\":\"1234AB\"}".into()).unwrap();
        assert_eq!(format!("{postcode:?}"), "Attributes(21 bytes)");
    }
}
