//! Texts in the two languages of the report. Dutch is for administrators, English for everybody else.

use clap::ValueEnum;
use serde::Serialize;

/// A language of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English.
    En,
    /// Dutch.
    Nl,
}

/// A fixed text in both languages.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Text {
    pub en: &'static str,
    pub nl: &'static str,
}

impl Text {
    pub fn to(self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Nl => self.nl,
        }
    }
}

/// A text with something filled in, in both languages.
#[derive(Debug, Clone, Serialize)]
pub struct Said {
    pub en: String,
    pub nl: String,
}

impl Said {
    pub fn new(en: impl Into<String>, nl: impl Into<String>) -> Self {
        Self { en: en.into(), nl: nl.into() }
    }

    /// What needs no translation, such as a line of HTTP.
    pub fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { en: text.clone(), nl: text }
    }

    pub fn to(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Nl => &self.nl,
        }
    }
}
