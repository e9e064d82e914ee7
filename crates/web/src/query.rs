//! Query strings: decoding, and the refusal of unknown parameters.

use http::Uri;

use crate::problem::{Fault, Problem};

/// The decoded pairs in the order they came. What is not UTF-8 after decoding is replaced.
pub fn pairs(uri: &Uri) -> Vec<(String, String)> {
    uri.query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// The value of the first parameter of that name.
pub fn first(uri: &Uri, name: &str) -> Option<String> {
    uri.query()?;
    pairs(uri).into_iter().find(|(own, _)| own == name).map(|(_, value)| value)
}

/// The pairs, if every name is one of `known`; `access_token` always may be there. 400 names the others.
pub fn only_known(uri: &Uri, known: &[&str]) -> Result<Vec<(String, String)>, Problem> {
    let pairs = pairs(uri);
    let unknown: Vec<Fault> = pairs
        .iter()
        .filter(|(name, _)| name != "access_token" && !known.contains(&name.as_str()))
        .map(|(name, _)| Fault::new(name, "is no query parameter of this resource"))
        .collect();
    if unknown.is_empty() { Ok(pairs) } else { Err(Problem::invalid(unknown)) }
}

/// Percent-decodes, with `+` for a space.
fn decode(text: &str) -> String {
    if !text.contains(['%', '+']) {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok()))
            .flatten();
        match (bytes[at], hex) {
            (_, Some(byte)) => {
                decoded.push(byte);
                at += 2;
            }
            (b'+', None) => decoded.push(b' '),
            (byte, None) => decoded.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded() {
        let uri: Uri = "/x?naam=z%C3%A4ken+a&b&c=%zz&d=100%".parse().unwrap();
        let expected = [("naam", "zäken a"), ("b", ""), ("c", "%zz"), ("d", "100%")];
        assert_eq!(pairs(&uri), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn unknown_parameters_are_named() {
        let uri: Uri = "/x?page=1&Page=2&access_token=x".parse().unwrap();
        let problem = only_known(&uri, &["page"]).unwrap_err();
        assert_eq!(problem.errors.len(), 1);
        assert_eq!(problem.errors[0].member, "Page");
    }
}
