//! Why the gateway does not start.

use std::net::SocketAddr;

use channel_webhook::consent;

use crate::{server::tls, settings::SettingsError, tasks::declare::DeclareError};

/// Why the gateway does not start; every text names what to correct.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Storage cannot be opened.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// The data directory cannot be created.
    #[error("directory {path}: {source}")]
    Directory {
        /// The directory.
        path: std::path::PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// There is an embedded file where Kafka is to be used.
    #[error(
        "{file} holds events of a gateway on the embedded file, and [kafka] is set: move them with gateway migrate, and set \
         data to a directory of its own"
    )]
    BothStores {
        /// The file.
        file: std::path::PathBuf,
    },
    /// A migration to these topics is incomplete.
    #[error("a migration to these topics is not finished: repeat gateway migrate, with the same --from")]
    Unfinished,
    /// The key of stored secrets cannot be used.
    #[error(transparent)]
    Secrets(#[from] secrets::Error),
    /// The egress client cannot be set up.
    #[error("egress: {0}")]
    Egress(#[from] egress::SettingsError),
    /// Declared state cannot be applied.
    #[error("declared state: {0}")]
    Declare(#[from] DeclareError),
    /// The kanaal of the gateway's own events is an ordinary one here.
    #[error(
        "own_events: there is a kanaal gateway of client {owner}, and this name belongs to the gateway's own events: delete that \
         kanaal first (DELETE /v1/kanalen/gateway), or remove [own_events]"
    )]
    OwnKanaal {
        /// The owner of the kanaal.
        owner: String,
    },
    /// A setting cannot be derived from the configuration.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The consent service cannot be set up.
    #[error("consent: {0}")]
    Consent(#[from] consent::StartError),
    /// Metrics cannot be collected.
    #[error("metrics: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    /// A value of the configuration that was checked cannot be read after all.
    #[error("configuration: {0}")]
    Config(String),
    /// The listener cannot be bound.
    #[error("listen {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// The certificate of the listener, or the authorities of clients, cannot be used.
    #[error("tls: {0}")]
    Tls(#[from] tls::TlsError),
    /// A start-up task panicked or was cancelled.
    #[error("start was interrupted")]
    Interrupted,
}
