//! The text of a filter of subscribers. Only its length is checked here; what it means is decided where it is evaluated.

/// The context attribute of an event with the filter of its sender over the attributes of addressees (CH-71).
pub const ADDRESSEE_FILTER: &str = "addresseefilter";
/// The most bytes of a filter.
pub const MAX_FILTER: usize = 4_096;

/// A filter as text, with its dialect in it: 1 to [`MAX_FILTER`] bytes. Equal filters are equal texts. It may name a place or a
/// case that concerns one person: `Debug` shows only its size.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FilterText(String);

impl FilterText {
    /// A filter; `None` when the text is empty or too long.
    pub fn new(text: String) -> Option<Self> {
        (1..=MAX_FILTER).contains(&text.len()).then_some(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for FilterText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FilterText({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_bounded_ch_68() {
        assert!(FilterText::new(String::new()).is_none());
        assert!(FilterText::new("x".repeat(MAX_FILTER)).is_some());
        assert!(FilterText::new("x".repeat(MAX_FILTER + 1)).is_none());
    }
}
