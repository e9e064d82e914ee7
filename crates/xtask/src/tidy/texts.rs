//! Rules for every text file of the checkout: it must not contain a path on a developer's machine.

use std::path::Path;

use super::Findings;

/// Home directories, in halves so that this file does not break its own rule.
const HOMES: &[&str] = &[concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Use", "rs/")];

pub fn check(file: &str, text: &str, root: &Path, findings: &mut Findings) {
    // A checkout right below the root directory has too common a name to search for.
    let own = (root.components().count() > 2).then(|| format!("{}/", root.display()));
    let places = HOMES.iter().copied().chain(own.as_deref());
    for place in places {
        for (number, line) in text.lines().enumerate() {
            if line.contains(place) {
                findings.error(&format!("{file}:{}", number + 1), format!("names a path of one machine: {place}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_one_machine_are_found() {
        for (text, expected) in [
            ("data = \"/var/lib/gateway\"\n", 0),
            (concat!("see /ho", "me/someone/notes\n"), 1),
            ("cd /srv/checkout/gateway\n", 1),
        ] {
            let mut findings = Findings::default();
            check("a.toml", text, Path::new("/srv/checkout"), &mut findings);
            assert_eq!(findings.errors().len(), expected, "{text}");
        }
    }
}
