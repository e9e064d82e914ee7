//! The document in Dutch: its texts by a table, `dutch.json`. The English of the code is authoritative; a test checks that
//! each of its texts has a translation, and that no translation is unused.

use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

use serde_json::Value;

/// Texts in Dutch by those in English, line breaks of the code taken out.
static TEXTS: LazyLock<BTreeMap<Cow<'static, str>, Cow<'static, str>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("dutch.json")).unwrap_or_default());

/// The document with its texts in Dutch.
pub(super) fn translated(document: &Value) -> Value {
    let mut document = document.clone();
    texts(&mut document, &mut |text| {
        if let Some(dutch) = TEXTS.get(one_line(text).as_str()) {
            *text = dutch.clone().into_owned();
        }
    });
    document
}

fn one_line(text: &str) -> String {
    text.replace('\n', " ")
}

/// Goes over every text for people.
fn texts(value: &mut Value, each: &mut impl FnMut(&mut String)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" || name == "summary" => each(text),
                    other => texts(other, each),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| texts(item, each)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Whether a text is more than names in code, which are the same in every language.
    fn has_words(text: &str) -> bool {
        text.split('`').step_by(2).any(|outside| outside.contains(char::is_alphabetic))
    }

    #[test]
    fn every_text_has_a_dutch_one_and_none_is_left_over_adr_22() {
        let mut found = BTreeSet::new();
        texts(&mut super::super::ENGLISH.clone(), &mut |text| {
            if has_words(text) {
                found.insert(one_line(text));
            }
        });
        let known: BTreeSet<String> = TEXTS.keys().map(|text| text.clone().into_owned()).collect();
        let missing: Vec<_> = found.difference(&known).collect();
        let left: Vec<_> = known.difference(&found).collect();
        assert!(
            missing.is_empty() && left.is_empty(),
            "gateway/src/openapi/dutch.json lacks {missing:#?}, and has no use for {left:#?}"
        );
    }
}
