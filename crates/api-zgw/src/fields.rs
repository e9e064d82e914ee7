//! Reading JSON bodies field by field, with the codes and Dutch texts of the Notificaties API.
//!
//! Names may come in camelCase or snake_case; what is not known is ignored.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri, header};
use model::media_type::MediaType;
use serde_json::{Map, Value};
use web::{problem::Problem, query};

use super::problem::{InvalidParam, invalid, parse_error};

/// The code of a URL that is none.
const INVALID: &str = "invalid";

/// An answer with a JSON body, as these paths send it.
pub fn json_answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Refuses a body whose `Content-Type` is not JSON (415).
pub fn expect_json(headers: &HeaderMap) -> Result<(), Problem> {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if MediaType::parse(text).is_some_and(|kind| kind.is("application", "json") && kind.is_utf8()) {
        return Ok(());
    }
    Err(Problem::unsupported_media_type(format!("Ongeldig media type \"{text}\" in aanvraag.")))
}

/// Refuses query parameters that are not among `known` (400 `unknown-parameters`); gives the others.
pub fn parameters(uri: &Uri, known: &[&str]) -> Result<Vec<(String, String)>, Problem> {
    query::only_known(uri, known).map_err(|problem| {
        let names: Vec<&str> = problem.errors.iter().map(|fault| fault.member.as_str()).collect();
        let reason = format!("Onbekende query parameters: {}", names.join(", "));
        invalid(&[InvalidParam::new("nonFieldErrors", "unknown-parameters", reason)])
    })
}

/// The members of a body, and what is wrong with them.
#[derive(Debug, Default)]
pub struct Fields {
    members: Map<String, Value>,
    /// The errors that were found so far.
    pub errors: Vec<InvalidParam>,
}

impl Fields {
    /// Reads a body; an empty one is an object without members.
    pub fn read(headers: &HeaderMap, body: &Bytes) -> Result<Self, Problem> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        expect_json(headers)?;
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self { members, errors: Vec::new() }),
            Ok(_) => {
                let reason = "Ongeldige data. Er werd een object verwacht.";
                Err(invalid(&[InvalidParam::new("nonFieldErrors", INVALID, reason)]))
            }
            Err(error) => Err(parse_error(&error.to_string())),
        }
    }

    /// Fields of a nested object, whose errors are named after `prefix`.
    pub fn nested(members: Map<String, Value>) -> Self {
        Self { members, errors: Vec::new() }
    }

    /// Takes the member `name` (camelCase) or its snake_case twin.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).or_else(|| self.members.remove(&snake_case(name)))
    }

    /// A text of at most `limit` characters; `None` when absent or wrong.
    pub fn text(&mut self, name: &str, limit: usize, blank: bool) -> Option<String> {
        let value = self.take(name)?;
        self.checked(name, value, limit, blank)
    }

    /// The text that `value` is, checked like [`Self::text`]; errors are named `name`.
    pub fn checked(&mut self, name: &str, value: Value, limit: usize, blank: bool) -> Option<String> {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Null => return self.fail(name, "null", "Dit veld mag niet leeg zijn."),
            _ => return self.fail(name, INVALID, "Dit is geen geldige tekst."),
        };
        let text = text.trim();
        if text.contains('\0') {
            return self.fail(name, "null_characters_not_allowed", "Null-karakters zijn niet toegestaan.");
        }
        if text.is_empty() && !blank {
            return self.fail(name, "blank", "Dit veld mag niet leeg zijn.");
        }
        if text.chars().nth(limit).is_some() {
            let reason = format!("Zorg ervoor dat dit veld niet meer dan {limit} karakters bevat.");
            return self.fail(name, "max_length", reason);
        }
        Some(text.to_owned())
    }

    /// A boolean; `None` when absent or wrong.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(value) => Some(value),
            Value::String(text) if text == "true" => Some(true),
            Value::String(text) if text == "false" => Some(false),
            Value::Null => self.fail(name, "null", "Dit veld mag niet leeg zijn."),
            _ => self.fail(name, INVALID, "Dit is geen geldige boolean."),
        }
    }

    /// One of these words; `None` when absent or wrong.
    pub fn word<T: Clone>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let word = self.text(name, usize::MAX, true)?;
        if let Some((_, meaning)) = words.iter().find(|(own, _)| *own == word) {
            return Some(meaning.clone());
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.fail(name, "invalid_choice", format!("Dit is geen geldige keuze; kies uit {}.", known.join(", ")))
    }

    /// A list; `None` when absent or wrong.
    pub fn list(&mut self, name: &str) -> Option<Vec<Value>> {
        match self.take(name)? {
            Value::Array(items) => Some(items),
            Value::Null => self.fail(name, "null", "Dit veld mag niet leeg zijn."),
            _ => self.fail(name, "not_a_list", "Er werd een lijst verwacht."),
        }
    }

    /// The text of a member, which stays.
    pub fn peek(&self, name: &str) -> Option<&str> {
        let value = self.members.get(name).or_else(|| self.members.get(&snake_case(name)));
        value.and_then(Value::as_str)
    }

    /// Notes that a field that was asked for is not there.
    pub fn required(&mut self, name: &str) {
        self.errors.push(InvalidParam::new(name, "required", "Dit veld is vereist."));
    }

    /// Whether the member is there, in either spelling.
    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name) || self.members.contains_key(&snake_case(name))
    }

    /// Notes an error; gives `None`, for use as the value of what is wrong.
    pub fn fail<T>(&mut self, name: &str, code: &'static str, reason: impl Into<String>) -> Option<T> {
        self.errors.push(InvalidParam::new(name, code, reason));
        None
    }

    /// 400 with all errors, if there are any.
    pub fn finish(self) -> Result<(), Problem> {
        if self.errors.is_empty() { Ok(()) } else { Err(invalid(&self.errors)) }
    }
}

/// `documentatieLink` as `documentatie_link`.
fn snake_case(name: &str) -> String {
    name.chars().fold(String::new(), |mut snake, c| {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
        snake
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_a_name_in_snake_case() {
        assert_eq!(snake_case("documentatieLink"), "documentatie_link");
    }

    #[test]
    fn texts_keep_the_codes_of_the_api() {
        let members = serde_json::json!({"a": null, "b": " ", "c": "xxx", "d": [], "e": 5, "snake_name": "x"});
        let Value::Object(members) = members else { panic!() };
        let mut fields = Fields::nested(members);
        assert_eq!(fields.text("e", 9, false).as_deref(), Some("5"));
        assert_eq!(fields.text("snakeName", 9, false).as_deref(), Some("x"));
        for name in ["a", "b", "c", "d", "missing"] {
            assert_eq!(fields.text(name, 2, false), None);
        }
        let codes: Vec<_> = fields.errors.iter().map(|error| error.code).collect();
        assert_eq!(codes, ["null", "blank", "max_length", "invalid"]);
    }
}
