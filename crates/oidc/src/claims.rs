//! The claims of a verified token: reading them, and checking those that every token has.

use model::Timestamp;
use serde_json::{Map, Value};

use crate::Error;

const WHAT: &str = "the token";

/// The claims of a token whose signature was verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(pub(crate) Map<String, Value>);

/// The values that every token must have.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The issuer, compared as it is written.
    pub issuer: &'a str,
    /// The audience of the token: the client id, or the name of the API.
    pub audience: &'a str,
    /// The present time.
    pub now: Timestamp,
    /// How far clocks may differ, in seconds.
    pub leeway: i64,
}

impl Claims {
    /// A claim that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// The texts at a path of member names, such as `realm_access`, `roles`: of a list, or of one text, which may hold
    /// several separated by spaces, as `scope` does.
    pub fn texts<'a>(&'a self, path: &[&str]) -> Vec<&'a str> {
        let mut members = path.iter();
        let first = members.next().and_then(|name| self.0.get(*name));
        let found = members.try_fold(first, |value, name| value.map(|value| value.get(*name)));
        match found.flatten() {
            Some(Value::String(text)) => text.split_ascii_whitespace().collect(),
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The names of the claims, for the message to somebody who has no role.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Checks issuer, audience and times. Returns the audiences.
    pub(crate) fn check(&self, expected: &Expected<'_>) -> Result<Vec<&str>, Error> {
        if self.text("iss") != Some(expected.issuer) {
            return Err(Error::member(WHAT, "iss", "must be the configured issuer"));
        }
        let audiences = match self.0.get("aud") {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if !audiences.contains(&expected.audience) {
            return Err(Error::member(WHAT, "aud", "must contain the audience that is configured here"));
        }
        let (now, leeway) = (expected.now.as_micros() / 1_000_000, expected.leeway);
        match self.seconds("exp")? {
            None => return Err(Error::member(WHAT, "exp", "must be there")),
            Some(end) if now >= end.saturating_add(leeway) => return Err(Error::Expired),
            Some(_) => {}
        }
        for name in ["nbf", "iat"] {
            if self.seconds(name)?.is_some_and(|start| start > now.saturating_add(leeway)) {
                return Err(Error::NotYet);
            }
        }
        Ok(audiences)
    }

    /// A number of seconds since 1970 (RFC 7519, NumericDate), without its fraction.
    pub(crate) fn seconds(&self, name: &'static str) -> Result<Option<i64>, Error> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => {
                let number = value
                    .as_i64()
                    .or_else(|| value.as_f64().filter(|number| number.abs() < 1e15).map(|number| number as i64));
                number.map(Some).ok_or(Error::member(WHAT, name, "must be a number of seconds"))
            }
        }
    }
}
