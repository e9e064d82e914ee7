//! Checks that the documentation of a kanaal can be read.

use crate::{FetchError, Management};

impl Management {
    /// Fetches the documentation that a kanaal is going to refer to, where
    /// [`Settings::fetch_documentation`](crate::Settings::fetch_documentation) is set. An empty link refers to nothing.
    pub async fn check_documentation(&self, link: &str) -> Result<(), FetchError> {
        if link.is_empty() || !self.settings.fetch_documentation {
            return Ok(());
        }
        self.receivers.fetch_documentation(link).await
    }
}
