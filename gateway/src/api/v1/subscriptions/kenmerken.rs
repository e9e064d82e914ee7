//! The rule that `config.kenmerken` of a subscription names what its kanalen declare, as on the Notificaties API: a key
//! that no notification carries would let everything pass, which nobody means.
//!
//! It holds for selections of notifications only. The keys of others are also members of `data` of CloudEvents, which
//! nobody declares; and a selection of all kanalen names none to compare with.

use model::{Registry, event::Born, facts::normalise_key, selection::NativeSelection};

use crate::problem::{Fault, Problem};

/// Refuses keys that a kanaal of the selection does not declare.
pub fn check(registry: &Registry, selection: &NativeSelection) -> Result<(), Problem> {
    if selection.born != Some(Born::Notificatie) {
        return Ok(());
    }
    let mut faults = Vec::new();
    for kanaal in selection.kanalen.iter().filter_map(|naam| registry.kanaal(naam.as_str())) {
        let declared: Vec<_> = kanaal.filters.iter().map(|filter| normalise_key(&filter.naam)).collect();
        for kenmerk in selection.kenmerken.0.iter().filter(|own| !declared.contains(&own.normalised)) {
            let rule = format!("is no kenmerk of kanaal {}", kanaal.naam);
            let pointer = format!("/config/kenmerken/{}", kenmerk.key.replace('~', "~0").replace('/', "~1"));
            faults.push(Fault::new(format!("config.kenmerken.{}", kenmerk.key), rule).at(pointer));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}
