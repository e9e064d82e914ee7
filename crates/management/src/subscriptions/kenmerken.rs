//! Which keys a filter on kenmerken may name, by the kanaal whose notifications it is applied to.

use model::{
    Kanaal, Registry,
    event::PublishedAs,
    facts::{is_reserved, normalise_key},
    selection::{Kenmerken, NativeSelection},
};

use crate::Fault;

/// Checks that the kenmerken of a selection are declared by its kanalen, as on the Notificaties API: a key that no
/// notification carries would let everything pass, which nobody means.
///
/// It holds for selections of notifications only. Other keys are also members of `data` of CloudEvents, which nobody
/// declares; and a selection of all kanalen names none to compare with.
///
/// # Errors
/// A fault `config.kenmerken.<key>` for each key and kanaal.
pub fn check_kenmerken(registry: &Registry, selection: &NativeSelection) -> Result<(), Vec<Fault>> {
    if selection.published_as != Some(PublishedAs::Notificatie) {
        return Ok(());
    }
    let mut faults = Vec::new();
    for kanaal in selection.kanalen.iter().filter_map(|naam| registry.kanaal(naam.as_str())) {
        let declared: Vec<_> = kanaal.filters.iter().map(|filter| normalise_key(&filter.naam)).collect();
        for kenmerk in selection.kenmerken.0.iter().filter(|own| !declared.contains(&own.normalised)) {
            let rule = format!("is no kenmerk of kanaal {}", kanaal.naam);
            faults.push(Fault::new(format!("config.kenmerken.{}", kenmerk.key), rule));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}
/// Whether the keys of a filter of an abonnement are a part of the kanaal's filters or hold all of them; reserved keys always fit.
pub fn is_consistent(kanaal: &Kanaal, filters: &Kenmerken) -> bool {
    let own: Vec<_> = kanaal.filters.iter().map(|filter| normalise_key(&filter.naam)).collect();
    let part = filters.0.iter().all(|pair| own.contains(&pair.normalised) || is_reserved(&pair.normalised));
    let whole = own.iter().all(|key| filters.0.iter().any(|pair| pair.normalised == *key));
    part || whole
}

#[cfg(test)]
mod tests {
    use model::KanaalName;

    use super::*;

    #[test]
    fn keys_are_a_part_or_the_whole_in_either_spelling() {
        let kanaal = |filters: &[&str]| Kanaal {
            filters: Kanaal::filterkenmerken(filters.iter().map(|name| (*name).to_owned())),
            ..Kanaal::new(uuid::Uuid::nil(), KanaalName::new("k").unwrap(), model::Timestamp::default())
        };
        for (own, keys, consistent) in [
            (&["object_type"][..], &["objectType"][..], true),
            (&["objectType"], &["object_type"], true),
            (&["a", "b"], &["a"], true),
            (&["a"], &["a", "b"], true),
            (&["a", "b"], &["a", "c"], false),
            (&["a"], &["b"], false),
            (&[], &["anything"], true),
            (&["a"], &[], true),
            (&["a"], &["#actie", "#hoofdObject", "a"], true),
            (&["a", "b"], &["#actie", "c"], false),
        ] {
            let filters = Kenmerken::new(keys.iter().map(|key| (*key, "x")));
            assert_eq!(is_consistent(&kanaal(own), &filters), consistent, "{own:?} {keys:?}");
        }
    }
}
