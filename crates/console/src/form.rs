//! The fields of a posted form (`application/x-www-form-urlencoded`), of at most 256 KiB and 1,000 fields.
//!
//! `guard` reads the form and checks its token before a handler runs.

use axum::extract::FromRequestParts;
use http::request::Parts;
use web::Problem;

/// The most bytes of a form.
pub const MAX_BYTES: usize = 256 << 10;

/// The most fields of a form.
const MAX_FIELDS: usize = 1_000;

/// The field with the token of the session.
pub const TOKEN: &str = "token";

/// The field with the key by which a form is handled once.
pub const KEY: &str = "sleutel";

/// The fields of a form, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a body; `None` for more fields than a form may have.
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        let fields: Vec<(String, String)> = form_urlencoded::parse(body)
            .take(MAX_FIELDS + 1)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        (fields.len() <= MAX_FIELDS).then_some(Self(fields))
    }

    /// A form with these fields.
    pub(crate) fn of_fields(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// The names and values of all fields.
    pub(crate) fn fields(&self) -> &[(String, String)] {
        &self.0
    }

    /// The first value of a field, without white space around it; empty when it is absent.
    pub fn text(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default().trim()
    }

    /// The same when it is not empty.
    pub fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// All values of a field, such as those of check boxes.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether a check box is ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }
}

impl<S: Sync> FromRequestParts<S> for Form {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_in_order_and_bounded() {
        let form = Form::parse(b"a=1&b=+x+&a=2&c=&d=%C3%A9").unwrap();
        assert_eq!((form.text("a"), form.text("b"), form.text("d"), form.text("e")), ("1", "x", "é", ""));
        assert_eq!(form.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!((form.filled("c"), form.is_ticked("c"), form.is_ticked("e")), (None, true, false));
        assert!(Form::parse("x=1&".repeat(1_001).as_bytes()).is_none());
    }
}
