//! Port: a provider, which sends messages to people, as administrators see it.

use model::{Timestamp, addressee::Channel, consent::Rate};

/// What the last messages showed of a provider (CH-133).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderState {
    /// Nothing was sent since the start.
    Unknown,
    /// It answers.
    Working,
    /// It fails, or the way to it.
    Failing {
        /// Since when.
        since: Timestamp,
        /// The reason in English, without an address (I10).
        reason: String,
    },
}

/// A provider.
pub trait Provider: Send + Sync {
    /// Its name: the host, or the name in the configuration.
    fn name(&self) -> &str;

    /// The channel.
    fn channel(&self) -> Channel;

    /// The most messages that this process gives it.
    fn rate(&self) -> Rate;

    /// The most messages at a time.
    fn slots(&self) -> usize;

    /// Its state.
    fn state(&self) -> ProviderState;
}
