//! The list of requirements the report is about: id, level, role, source and text, from requirements.csv.

use std::collections::BTreeMap;

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// `CE-HTTP-04` and the like.
    pub id: String,
    /// MUST, SHOULD, MAY of the source; NL-… added by the profile; GW where the sources are silent and we decided.
    pub level: String,
    /// Which part of a gateway it binds: receiver, sender, validator, target, management, filter, mapper, …
    pub role: String,
    /// Document and clause.
    pub source: String,
    /// What is required.
    pub requirement: String,
    /// Why no scenario shows it, or under which condition one does; empty otherwise.
    pub note: String,
}

/// Whether failing a requirement of this level makes a run fail.
pub fn is_obligatory(level: &str) -> bool {
    matches!(level, "MUST" | "NL-MUST" | "GW")
}

/// `CE-HTTP` of `CE-HTTP-04`.
pub fn group(id: &str) -> &str {
    id.rsplit_once('-').map_or(id, |(group, _)| group)
}

/// All rows, in the order of the list.
pub fn all() -> Vec<Requirement> {
    records(include_str!("../requirements.csv"))
        .into_iter()
        .skip(1)
        .filter_map(|record| <[String; 6]>::try_from(record).ok())
        .map(|[id, level, role, source, requirement, note]| Requirement { id, level, role, source, requirement, note })
        .collect()
}

/// All rows by id.
pub fn by_id() -> BTreeMap<String, Requirement> {
    all().into_iter().map(|row| (row.id.clone(), row)).collect()
}

/// Records of RFC 4180 text.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = vec![];
    let mut record = vec![];
    let mut field = String::new();
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                field.push('"');
                characters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            other => field.push(other),
        }
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_an_id_of_its_own_and_a_known_level() {
        let rows = all();
        assert_eq!(rows.len(), by_id().len());
        assert!(rows.len() > 400);
        for row in rows {
            let level = row.level.as_str();
            assert!(
                ["MUST", "SHOULD", "MAY", "NL-MUST", "NL-SHOULD", "NL-MAY", "NL-INFO", "VNG-MUST", "GW"]
                    .contains(&level),
                "{} has level {level}",
                row.id
            );
            assert!(!row.requirement.is_empty(), "{}", row.id);
        }
    }
}
