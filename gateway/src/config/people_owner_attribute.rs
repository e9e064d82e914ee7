//! Section `[[people.owner_attribute]]`: the attributes that people may change of themselves, on the page of their data (CH-72).

use people::{AttributeKind, OwnerAttribute};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::People;

/// The most characters of a label.
const MAX_LABEL: usize = 100;

/// An attribute that people may change of themselves.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PeopleOwnerAttribute {
    /// Its name, one of `people.attributes`.
    pub name: String,
    /// What people read in Dutch, at most 100 characters; absent: the name.
    pub label_nl: Option<String>,
    /// What people read in English, at most 100 characters; absent: the Dutch one.
    pub label_en: Option<String>,
    /// What its value is.
    pub kind: OwnerAttributeKind,
}

/// What the value of an attribute is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OwnerAttributeKind {
    /// A text of at most 200 characters.
    #[default]
    Text,
    /// A number.
    Number,
    /// True or false.
    YesNo,
}

impl PeopleOwnerAttribute {
    /// What is wrong with them: the key and why.
    pub(super) fn fault(people: &People) -> Option<(&'static str, &'static str)> {
        let all = &people.owner_attribute;
        let is_label = |label: &String| !label.trim().is_empty() && label.chars().nth(MAX_LABEL).is_none();
        let rules = [
            (
                all.iter().all(|own| people.attributes.contains(&own.name)),
                "people.owner_attribute.name",
                "must be one of people.attributes",
            ),
            (
                all.iter().enumerate().all(|(at, own)| all[..at].iter().all(|other| other.name != own.name)),
                "people.owner_attribute.name",
                "must be given once",
            ),
            (
                all.iter().flat_map(|own| [&own.label_nl, &own.label_en]).flatten().all(is_label),
                "people.owner_attribute.label_nl",
                "and label_en must have 1 to 100 characters",
            ),
        ];
        rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why))
    }

    /// The attribute, as it is meant.
    pub fn attribute(&self) -> OwnerAttribute {
        let dutch = self.label_nl.as_ref().unwrap_or(&self.name);
        let english = self.label_en.as_ref().unwrap_or(dutch);
        OwnerAttribute {
            name: self.name.clone(),
            label: [dutch.clone(), english.clone()],
            kind: match self.kind {
                OwnerAttributeKind::Text => AttributeKind::Text,
                OwnerAttributeKind::Number => AttributeKind::Number,
                OwnerAttributeKind::YesNo => AttributeKind::YesNo,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn people_change_only_attributes_that_are_configured_ch_72() {
        for (text, key) in [
            ("name = \"postcode\"", None),
            ("name = \"wijk\"\nkind = \"number\"\nlabel_nl = \"Wijk\"\nlabel_en = \"District\"", None),
            ("name = \"inkomen\"", Some("people.owner_attribute.name")),
            ("name = \"postcode\"\nlabel_nl = \" \"", Some("people.owner_attribute.label_nl")),
            ("name = \"postcode\"\nkind = \"list\"", Some("people.owner_attribute")),
            ("name = \"wijk\"\n[[people.owner_attribute]]\nname = \"wijk\"", Some("people.owner_attribute.name")),
        ] {
            let head = "[people]\nurl = \"https://b.example\"\nattributes = [\"postcode\", \"wijk\"]\n";
            let found = parse(&format!("{head}[[people.owner_attribute]]\n{text}\n")).map(|config| config.people);
            match (key, found) {
                (None, Ok(Some(people))) => {
                    let own = people.owner_attribute[0].attribute();
                    assert!(!own.label[0].is_empty() && !own.label[1].is_empty(), "{text}");
                }
                (Some(key), Err(error)) => assert!(error.to_string().contains(key), "{text}: {error}"),
                (_, found) => panic!("{text}: {found:?}"),
            }
        }
    }
}
