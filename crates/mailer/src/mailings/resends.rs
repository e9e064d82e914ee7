//! What wakes the followers of kanalen when a mailing was stored that sends an event again (CH-94).

use tokio::sync::watch;

/// One for all kanalen.
#[derive(Debug, Clone)]
pub struct Resends(watch::Sender<()>);

impl Default for Resends {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

impl Resends {
    /// One was stored.
    pub fn stored(&self) {
        self.0.send_replace(());
    }

    /// Changes when one was stored.
    pub(super) fn subscribe(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}
