//! The result of an import of people in Dutch, for the administrator.

use std::fmt::Write as _;

use people::Imported;

use super::Counts;

/// What was imported, or would be; `done` when it was.
pub fn people_report(counts: &Counts, done: bool) -> String {
    let mut text = String::new();
    for imported in Imported::ALL {
        let number = counts.imported.get(&imported).copied().unwrap_or_default();
        if number > 0 || imported == Imported::Added {
            let _ = writeln!(text, "  {number:>9} {}", words(imported, done));
        }
    }
    for (number, words) in [
        (counts.unconfirmed, "niet bevestigd: weggelaten"),
        (counts.ended, "al beëindigd: weggelaten"),
        (counts.faults, "KAN NIET: zie de regels hierboven"),
    ] {
        if number > 0 {
            let _ = writeln!(text, "  {number:>9} {words}");
        }
    }
    text
}

const fn words(imported: Imported, done: bool) -> &'static str {
    match (imported, done) {
        (Imported::Added, false) => "over te nemen",
        (Imported::Added, true) => "overgenomen",
        (Imported::Confirmed, _) => "hier aangevraagd en nog niet bevestigd: bevestigd door de toestemming van daar",
        (Imported::Present, _) => "hier al aangemeld: ongewijzigd",
        (Imported::Ended, _) => "hier later afgemeld of gewist: niet overgenomen",
        (Imported::TooMany, _) => "met te veel abonnementen op hetzelfde kanaal: niet overgenomen",
    }
}
