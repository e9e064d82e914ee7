//! Texts in the two languages of the report: Dutch for administrators, English for everyone else.

use serde::Serialize;

/// A language of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Dutch.
    Nl,
}

/// A fixed text in both languages.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Text {
    /// In English.
    pub en: &'static str,
    /// In Dutch.
    pub nl: &'static str,
}

impl Text {
    /// In this language.
    pub fn to(self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Nl => self.nl,
        }
    }
}

/// A formatted text in both languages.
#[derive(Debug, Clone, Serialize)]
pub struct Said {
    /// In English.
    pub en: String,
    /// In Dutch.
    pub nl: String,
}

impl Said {
    /// A text in both languages.
    pub fn new(en: impl Into<String>, nl: impl Into<String>) -> Self {
        Self { en: en.into(), nl: nl.into() }
    }

    /// A text that needs no translation, such as a line of HTTP.
    pub fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { en: text.clone(), nl: text }
    }

    /// In this language.
    pub fn to(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Nl => &self.nl,
        }
    }
}
