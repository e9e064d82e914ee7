//! Functions of ours about places and moments (CH-73): `postcode_between`, `distance` in metres, `before` and `after`.

use std::borrow::Cow;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::Value;

use super::{Builtin, Failure, Wanted, text};

/// The mean radius of the Earth, in metres.
const RADIUS: f64 = 6_371_008.8;

pub(super) fn call<'v>(
    builtin: Builtin,
    name: &'static str,
    arguments: &[Cow<'v, Value>],
) -> Result<Cow<'v, Value>, Failure> {
    let moments = || match (moment(text(arguments, 0)), moment(text(arguments, 1))) {
        (Some(first), Some(second)) => Ok(first.cmp(&second)),
        _ => Err(Failure::argument(name, Wanted::Moment)),
    };
    let found = match builtin {
        Builtin::Before => moments()?.is_lt().into(),
        Builtin::After => moments()?.is_gt().into(),
        Builtin::PostcodeBetween => {
            let is = postcode_between(text(arguments, 0), text(arguments, 1), text(arguments, 2));
            is.ok_or(Failure::argument(name, Wanted::Postcode))?.into()
        }
        _ => {
            let metres = distance(arguments).ok_or(Failure::argument(name, Wanted::Coordinates))?;
            (metres.round() as i64).into()
        }
    };
    Ok(Cow::Owned(found))
}

/// A moment of RFC 3339, or the begin of a date in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    let date: Date = text.parse().ok()?;
    TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
}

/// Four digits, and two letters if there are any.
fn postcode(text: &str) -> Option<(u16, Option<[u8; 2]>)> {
    let bare: Vec<u8> = text.bytes().filter(|own| *own != b' ').map(|own| own.to_ascii_uppercase()).collect();
    let (digits, letters) = bare.split_at_checked(4)?;
    let number: u16 =
        std::str::from_utf8(digits).ok().filter(|own| own.bytes().all(|own| own.is_ascii_digit()))?.parse().ok()?;
    let letters = match letters {
        [] => None,
        [first, second] if first.is_ascii_uppercase() && second.is_ascii_uppercase() => Some([*first, *second]),
        _ => return None,
    };
    (number >= 1_000).then_some((number, letters))
}

/// Whether a postcode is in a range, both ends included. An end without letters is all of its number.
fn postcode_between(own: &str, from: &str, to: &str) -> Option<bool> {
    let (own, from, to) = (postcode(own)?, postcode(from)?, postcode(to)?);
    let is_from = match (own.1, from.1) {
        (Some(letters), Some(first)) => (own.0, letters) >= (from.0, first),
        _ => own.0 >= from.0,
    };
    let is_to = match (own.1, to.1) {
        (Some(letters), Some(last)) => (own.0, letters) <= (to.0, last),
        _ => own.0 <= to.0,
    };
    Some(is_from && is_to)
}

/// The distance of two places in metres, on a sphere: latitude and longitude of each, in degrees.
fn distance(arguments: &[Cow<'_, Value>]) -> Option<f64> {
    let degrees = |place: usize, most: f64| {
        arguments.get(place).and_then(|own| own.as_f64()).filter(|own| own.abs() <= most).map(f64::to_radians)
    };
    let (from, to) = ((degrees(0, 90.0)?, degrees(1, 180.0)?), (degrees(2, 90.0)?, degrees(3, 180.0)?));
    let half = |own: f64, other: f64| ((other - own) / 2.0).sin().powi(2);
    let chord = half(from.0, to.0) + from.0.cos() * to.0.cos() * half(from.1, to.1);
    Some(2.0 * RADIUS * chord.min(1.0).sqrt().asin())
}
