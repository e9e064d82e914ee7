//! The list of requirements the report is about (requirements.csv), why some have no scenario (reasons.csv), and which of those
//! the tests of this repository cover (tests.csv, which `cargo xtask codegen` makes from the names of tests).

use std::collections::BTreeMap;

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The id, such as `CE-HTTP-04`.
    pub id: String,
    /// MUST, SHOULD, MAY of the source; NL-… added by the profile; GW where the sources give no rule and this gateway has one.
    pub level: String,
    /// 1: obligatory for any gateway; 2: advice, management and filters; 3: postponed.
    pub tier: u8,
    /// Which part of a gateway it binds: receiver, sender, validator, target, management, filter, mapper, …
    pub role: String,
    /// The document it comes from.
    pub document: String,
    /// Section of that document.
    pub clause: String,
    /// The requirement, in words of this project.
    pub requirement: String,
}

/// Why a requirement has no scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It cannot be observed in what is sent or received.
    Unobservable,
    /// It belongs to a part of the gateway that is postponed.
    Postponed,
    /// Nothing covers it yet.
    Missing,
    /// Tests of this repository cover a part of it; the text names what is missing.
    Partial,
}

/// A row of reasons.csv.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The kind of reason, which decides the verdict.
    pub kind: Kind,
    /// The reason, as the report prints it.
    pub text: String,
}

/// Every level that a requirement can have.
pub const LEVELS: [&str; 9] = ["MUST", "SHOULD", "MAY", "NL-MUST", "NL-SHOULD", "NL-MAY", "NL-INFO", "VNG-MUST", "GW"];

/// Levels whose failures make a run fail by default.
pub const OBLIGATORY: [&str; 3] = ["MUST", "NL-MUST", "GW"];

/// `CE-HTTP` of `CE-HTTP-04`.
pub fn group(id: &str) -> &str {
    id.rsplit_once('-').map_or(id, |(group, _)| group)
}

/// All rows, in the order of the list.
pub fn all() -> Vec<Requirement> {
    let rows = records(include_str!("../requirements.csv")).into_iter().skip(1);
    rows.filter_map(|record| {
        let [id, level, tier, role, document, clause, requirement] = <[String; 7]>::try_from(record).ok()?;
        Some(Requirement { id, level, tier: tier.parse().ok()?, role, document, clause, requirement })
    })
    .collect()
}

/// The requirements by id.
pub fn by_id() -> BTreeMap<String, Requirement> {
    all().into_iter().map(|row| (row.id.clone(), row)).collect()
}

/// Why requirements have no scenario, by id.
pub fn reasons() -> BTreeMap<String, Reason> {
    let rows = records(include_str!("../reasons.csv")).into_iter().skip(1);
    rows.filter_map(|record| {
        let [id, kind, text] = <[String; 3]>::try_from(record).ok()?;
        let kind = match kind.as_str() {
            "unobservable" => Kind::Unobservable,
            "postponed" => Kind::Postponed,
            "missing" => Kind::Missing,
            "partial" => Kind::Partial,
            _ => return None,
        };
        Some((id, Reason { kind, text }))
    })
    .collect()
}

/// The tests of this repository that cover a requirement, by id, each as `path::name`. A run of the suite does not run them.
pub fn tests() -> BTreeMap<String, Vec<String>> {
    let mut tests = BTreeMap::<String, Vec<String>>::new();
    for record in records(include_str!("../tests.csv")).into_iter().skip(1) {
        let Ok([id, test]) = <[String; 2]>::try_from(record) else { continue };
        tests.entry(id).or_default().push(test);
    }
    tests
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
    fn every_row_has_an_id_of_its_own_a_known_level_and_a_tier() {
        let rows = all();
        assert_eq!(rows.len(), by_id().len());
        assert_eq!(rows.len() + 1, records(include_str!("../requirements.csv")).len(), "a row is not in order");
        for row in rows {
            assert!(LEVELS.contains(&row.level.as_str()), "{} has level {}", row.id, row.level);
            assert!((1..=3).contains(&row.tier), "{}", row.id);
            assert!(!row.requirement.is_empty() && !row.document.is_empty(), "{}", row.id);
        }
    }

    #[test]
    fn every_reason_is_about_a_requirement_and_has_words() {
        let (known, reasons) = (by_id(), reasons());
        assert_eq!(reasons.len() + 1, records(include_str!("../reasons.csv")).len(), "a reason is not in order");
        for (id, reason) in reasons {
            assert!(known.contains_key(&id), "{id} is no requirement");
            assert!(reason.text.len() > 10, "{id}: {}", reason.text);
        }
    }

    #[test]
    fn every_test_that_is_named_is_in_its_file_with_the_id_in_its_name() {
        let (known, tests) = (by_id(), tests());
        assert!(tests.len() > 50, "{} requirements", tests.len());
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut files = BTreeMap::new();
        for (id, tests) in tests {
            assert!(known.contains_key(&id), "{id} is no requirement");
            let part = format!("_{}_", id.to_lowercase().replace('-', "_"));
            for test in tests {
                let (file, name) = test.split_once("::").unwrap_or_else(|| panic!("{test}"));
                let text =
                    files.entry(file.to_owned()).or_insert_with(|| std::fs::read_to_string(root.join(file)).unwrap());
                assert!(text.contains(&format!("fn {name}(")), "{test} is not there: run `cargo xtask codegen`");
                assert!(format!("_{name}_").contains(&part), "{test} does not name {id}");
            }
        }
    }

    /// The map of the tests of Open Notificaties: what it names is there.
    #[test]
    fn every_row_and_test_that_the_map_names_is_there() {
        let (rows, files, functions) = check_names(include_str!("../ZGW.md"));
        assert!(rows > 100 && files > 20 && functions > 3, "{rows} rows, {files} files, {functions} tests");
    }

    #[test]
    fn every_test_that_the_page_about_people_names_is_there() {
        let (_, files, functions) = check_names(include_str!("../../docs/people.md"));
        assert!(files > 40 && functions > 40, "{files} files, {functions} tests");
    }

    /// Checks the rows of ZGW, the files and the tests that a text names, each test after its file; returns their numbers.
    fn check_names(map: &str) -> (u32, u32, u32) {
        let known = by_id();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let (mut rows, mut files, mut functions) = (0, 0, 0);
        for line in map.lines() {
            let mut text = None;
            for word in line.split(|c: char| c.is_whitespace() || "|,;:()`".contains(c)).filter(|word| !word.is_empty())
            {
                let before: Option<String> = text.take();
                if word.starts_with("ZGW-") {
                    assert!(known.contains_key(word), "{word} is no requirement");
                    rows += 1;
                } else if word.strip_suffix(".rs").is_some() {
                    let read = std::fs::read_to_string(root.join(word));
                    text = Some(read.unwrap_or_else(|error| panic!("{word}: {error}")));
                    files += 1;
                } else if let Some(before) = before.filter(|_| word.matches('_').count() > 1) {
                    assert!(before.contains(&format!("fn {word}(")), "there is no test {word} in the file before it");
                    functions += 1;
                    text = Some(before);
                }
            }
        }
        (rows, files, functions)
    }
}
