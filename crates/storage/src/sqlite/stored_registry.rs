//! Reads the registry from the files of a store, for commands; a gateway may run on them meanwhile. Nothing is changed.

use std::path::Path;

use model::Registry;

use super::{GATEWAY, control, database};
use crate::Error;

/// The kanalen, subscriptions and other objects in the store of a directory; `None` when there is no store.
///
/// # Errors
/// `Unavailable` when the file cannot be read; `NewerVersion` or `Corrupt` for a row that this program cannot read.
pub fn stored_registry(dir: &Path) -> Result<Option<Registry>, Error> {
    let path = dir.join(GATEWAY);
    if !path.is_file() {
        return Ok(None);
    }
    let mut registry = Registry::default();
    control::read(&database::open_reader(&path)?, &mut registry)?;
    Ok(Some(registry))
}
