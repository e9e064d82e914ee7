//! The sections of a set-up file, read as `django-setup-configuration` reads them: switches, values from the
//! environment, and items one by one, so that an error names the item. What sections mean is in `setup`.

use std::collections::HashSet;

use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error};
use serde_json::{Map, Value};

use super::setup::SetupError;

/// The largest number that is read; waits beyond it (49 days) do not fit the configuration.
const MAX_NUMBER: u32 = u32::MAX / 1_000;

/// What is left of a file, and the notes on it so far.
pub struct Sections<'a> {
    /// The members that were not read yet.
    pub members: Map<String, Value>,
    /// The values that the file takes from the environment.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// What cannot be imported, and why, in Dutch.
    pub notes: Vec<String>,
}

/// One of the items of a section.
pub trait Item: DeserializeOwned {
    /// The member of the section that lists them.
    const LIST: &'static str = "items";
    /// The member that names an item.
    const NAME: &'static str;

    /// What no other item of the section may have; `None` when items may be equal.
    fn identifier(&self) -> Option<String>;
}

impl Sections<'_> {
    /// A section without items; an empty one has no members.
    pub fn section(&mut self, switch: &str, section: &str) -> Result<Option<Map<String, Value>>, SetupError> {
        let Some(mut value) = self.take(switch, section)? else { return Ok(None) };
        fill(&mut value, section, self.environment)?;
        match value {
            Value::Object(members) => Ok(Some(members)),
            Value::Null => Ok(Some(Map::new())),
            _ => Err(refused(section, "dit moeten sleutels met waarden zijn")),
        }
    }

    /// The items of a section, each with its place for errors. Two with one identifier are refused.
    pub fn items<T: Item>(&mut self, switch: &str, section: &str) -> Result<Vec<(String, T)>, SetupError> {
        let Some(mut value) = self.take(switch, section)? else { return Ok(Vec::new()) };
        let Some(Value::Array(items)) = value.get_mut(T::LIST).map(Value::take) else {
            return Err(refused(section, format!("{} ontbreekt of is geen lijst", T::LIST)));
        };
        let mut seen = HashSet::new();
        let read = items.into_iter().enumerate().map(|(at, mut value)| {
            let mut place = format!("{section}.{}[{at}]", T::LIST);
            if let Some(name) = value.get(T::NAME).and_then(Value::as_str) {
                place = format!("{place} ({name})");
            }
            fill(&mut value, &place, self.environment)?;
            let item: T = serde_json::from_value(value).map_err(|error| refused(&place, reason(&error)))?;
            if let Some(identifier) = item.identifier() {
                if identifier.is_empty() {
                    return Err(refused(&place, format!("{} is leeg", T::NAME)));
                }
                if seen.contains(&identifier) {
                    return Err(refused(&place, format!("{} {identifier} staat er twee keer", T::NAME)));
                }
                seen.insert(identifier);
            }
            Ok((place, item))
        });
        read.collect()
    }

    /// A section whose switch is on.
    fn take(&mut self, switch: &str, section: &str) -> Result<Option<Value>, SetupError> {
        let mut on = self.members.remove(switch).unwrap_or_default();
        fill(&mut on, switch, self.environment)?;
        let on = truth(&on).ok_or_else(|| refused(switch, "dit moet true of false zijn"))?;
        let found = self.members.remove(section);
        match (&found, on) {
            (Some(_), false) => {
                self.notes.push(format!("{section}: overgeslagen, want {switch} staat niet op true"));
                return Ok(None);
            }
            (None, true) => self.notes.push(format!("{section}: ontbreekt, hoewel {switch} op true staat")),
            _ => {}
        }
        Ok(found)
    }
}

/// An error at a place of the file.
pub fn refused(place: &str, why: impl Into<String>) -> SetupError {
    SetupError::Section { place: place.to_owned(), why: why.into() }
}

/// A whole number of a section; absent, null and 0 mean the default of Open Notificaties.
pub fn number(section: &str, members: &Map<String, Value>, name: &str, default: u32) -> Result<u32, SetupError> {
    let found = match members.get(name) {
        None | Some(Value::Null) => return Ok(default),
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    match found.and_then(|number| u32::try_from(number).ok()).filter(|number| *number <= MAX_NUMBER) {
        Some(0) => Ok(default),
        Some(number) => Ok(number),
        None => Err(refused(section, format!("{name} moet een geheel getal van 0 tot en met {MAX_NUMBER} zijn"))),
    }
}

/// Reads a boolean in every spelling that Open Notificaties reads.
pub fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    truth(&Value::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("invalid type, expected a boolean"))
}

/// The spellings of YAML 1.1 and of pydantic; null is false.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Null => Some(false),
        Value::Bool(on) => Some(*on),
        Value::Number(number) if number.as_u64() == Some(1) => Some(true),
        Value::Number(number) if number.as_u64() == Some(0) => Some(false),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// The reason of a JSON reader in Dutch, without the value: that may be a secret.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if let Some(member) = text.strip_prefix("missing field ") {
        return format!("{member} ontbreekt");
    }
    let expected = text.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
    let expected = match expected {
        "a string" => "een tekst",
        "a sequence" => "een lijst",
        "a boolean" => "true of false",
        "a map" => "sleutels met waarden",
        form if form.starts_with("struct ") => "sleutels met waarden",
        _ if text.starts_with("UUID parsing failed") => "een UUID",
        _ if text.starts_with("data did not match") => "bij elk van cloudevent_filters een tekst of type_substring",
        _ => "een andere vorm",
    };
    format!("een waarde heeft de verkeerde vorm; verwacht is {expected}")
}

/// Puts values of the environment where the file asks for them.
fn fill(value: &mut Value, place: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<(), SetupError> {
    match value {
        Value::Object(members) => {
            if let Some(name) = members.get("value_from").and_then(|from| from["env"].as_str()) {
                let missing = || SetupError::Environment { place: place.to_owned(), name: name.to_owned() };
                *value = Value::String(environment(name).ok_or_else(missing)?);
                return Ok(());
            }
            members.iter_mut().try_for_each(|(key, member)| fill(member, &format!("{place}.{key}"), environment))
        }
        Value::Array(items) => {
            let mut places = items.iter_mut().enumerate();
            places.try_for_each(|(at, item)| fill(item, &format!("{place}[{at}]"), environment))
        }
        _ => Ok(()),
    }
}
