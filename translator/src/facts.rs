//! The values of an event that legacy filters compare: kenmerken, or the scalar members of a CloudEvent's data.
//!
//! A payload that cannot be read has no members; filters then accept it (MAP-23).

use compact_str::CompactString;
use model::{
    Data,
    event::{AcceptedEvent, PublishedAs},
    facts::normalise_key,
};

use crate::{
    Limits,
    json::{Kind, Raw, Scanner},
};

/// The members of the payload for `model::facts::Facts` in order, with normalised keys: strings as text, numbers and
/// booleans as their JSON text.
pub fn members(accepted: &AcceptedEvent) -> Vec<(CompactString, CompactString)> {
    let Some(Data::Json(json)) = accepted.event.data() else { return Vec::new() };
    let object = match accepted.published_as {
        PublishedAs::CloudEvent => Some(json.as_ref()),
        PublishedAs::Notificatie => entries(json)
            .find(|(key, _)| key.content().is_ok_and(|key| key == "kenmerken"))
            .map(|(_, value)| value.text.as_bytes()),
    };
    object.into_iter().flat_map(entries).filter_map(|(key, value)| scalar(key, value)).collect()
}

fn scalar(key: Raw<'_>, value: Raw<'_>) -> Option<(CompactString, CompactString)> {
    match value.kind {
        Kind::String | Kind::Number | Kind::Boolean => {
            Some((normalise_key(&key.content().ok()?), CompactString::from(value.content().ok()?)))
        }
        Kind::Object | Kind::Array | Kind::Null => None,
    }
}

/// The members of a JSON object; none for another value. Ends at a syntax error.
pub(crate) fn entries(json: &[u8]) -> impl Iterator<Item = (Raw<'_>, Raw<'_>)> {
    let mut scanner = Scanner::new(json, Limits::STORED.depth).ok();
    if !scanner.as_mut().is_some_and(|scanner| scanner.open(b'{').unwrap_or(false)) {
        scanner = None;
    }
    let mut first = true;
    std::iter::from_fn(move || {
        let scanner = scanner.as_mut()?;
        let key = scanner.member(&mut first).ok()??;
        Some((key, scanner.value().ok()?))
    })
}
