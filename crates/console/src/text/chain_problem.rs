//! What is wrong with a chain of the audit trail, in words.

use management::audit::Problem;

/// A problem in a sentence.
pub type Words = fn(&Problem) -> String;

/// Dutch.
pub const NL: Words = |problem| match problem {
    Problem::Unreadable { place } => format!("Plaats {place}: de regel is niet te lezen."),
    Problem::Changed { place, chain, seq } => {
        format!("Plaats {place}: de regel is gewijzigd (keten {chain}, regel {seq}).")
    }
    Problem::OutOfOrder { place, chain, found, expected } => format!(
        "Plaats {place}: regel {found} van keten {chain}, waar regel {expected} hoort. Er zijn regels verwijderd of verplaatst."
    ),
    Problem::Replaced { place, chain, seq } => format!(
        "Plaats {place}: regel {seq} van keten {chain} volgt niet op de regel ervoor. Een van beide is vervangen."
    ),
    Problem::NoBeginning { chain, seq } => {
        format!("Keten {chain} begint met regel {seq}, en nergens staat dat de regels ervoor zijn verwijderd.")
    }
    Problem::NoPredecessor { place, chain } => {
        format!("Plaats {place}: keten {chain} begint na een regel die er niet is.")
    }
    Problem::NotThere { hash } => format!("Er is geen regel met hash {hash}."),
};

/// English.
pub const EN: Words = |problem| format!("{problem}.");
