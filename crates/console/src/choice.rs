//! A choice of a list of choices in a form.

/// A choice of a list of choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The value that the form sends.
    pub value: String,
    /// The text.
    pub text: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

impl Choice {
    /// The choices, each a value and its text; `chosen` is the value that is chosen.
    pub fn list<V, T>(choices: impl IntoIterator<Item = (V, T)>, chosen: &str) -> Vec<Self>
    where
        V: Into<String>,
        T: Into<String>,
    {
        let choice = |(value, text): (V, T)| {
            let value = value.into();
            Self { is_chosen: value == chosen, value, text: text.into() }
        };
        choices.into_iter().map(choice).collect()
    }
}
