//! The table of docs/findings.md: every finding has a row, and the tests that it names exist.

use std::collections::HashSet;

use super::Findings;

pub const PAGE: &str = "docs/findings.md";

/// The groups of findings, with the number of the last one in each.
const GROUPS: [(char, u32); 8] = [('A', 8), ('B', 9), ('C', 6), ('D', 11), ('E', 5), ('F', 10), ('G', 14), ('H', 21)];

/// The names of the functions in a source file.
pub fn functions(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("fn ").map(|(at, found)| {
        let rest = &text[at + found.len()..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

/// Checks the page against the names of all functions.
pub fn check(page: &str, functions: &HashSet<String>, findings: &mut Findings) {
    let mut missing: HashSet<String> =
        GROUPS.iter().flat_map(|(group, last)| (1..=*last).map(move |number| format!("{group}{number}"))).collect();
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [id, _, _, tests, _] = cells[..] else { continue };
        if !missing.remove(id) {
            continue;
        }
        let named: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        for name in named.iter().filter(|name| !functions.contains(**name)) {
            findings.error(PAGE, format!("{id}: there is no test {name}"));
        }
        let token = id.to_ascii_lowercase();
        if !named.iter().any(|name| name.split('_').any(|part| part == token)) {
            findings.error(PAGE, format!("{id}: no test has the id in its name"));
        }
    }
    let mut missing: Vec<String> = missing.into_iter().collect();
    missing.sort();
    for id in missing {
        findings.error(PAGE, format!("{id} has no row"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_without_a_test_of_their_id_and_missing_rows_are_found() {
        let source = "#[test]\nfn a1_one_is_mended() {}\nasync fn b2_h15_two() {}\nfn other<T>() {}";
        let names: HashSet<String> = functions(source).map(str::to_owned).collect();
        assert_eq!(names.len(), 3);
        let rows: String = GROUPS
            .iter()
            .flat_map(|(group, last)| (1..=*last).map(move |number| format!("{group}{number}")))
            .filter(|id| id != "F3")
            .map(|id| match id.as_str() {
                "A1" => "| A1 | S | x | `a1_one_is_mended`, `other` | y |\n".to_owned(),
                "H15" => "| H15 | S | x | `b2_h15_two` | y |\n".to_owned(),
                "A2" => "| A2 | S | x | `other` | y |\n".to_owned(),
                "A3" => "| A3 | S | x | `a3_gone` | y |\n".to_owned(),
                _ => String::new(),
            })
            .collect();
        let mut findings = Findings::default();
        check(&rows, &names, &mut findings);
        let errors = findings.errors();
        let has = |text: &str| errors.iter().any(|error| error.contains(text));
        assert!(has("A2: no test has the id") && has("A3: there is no test a3_gone"), "{errors:?}");
        assert!(has("F3 has no row") && !has("A1") && !has("H15"), "{errors:?}");
    }
}
