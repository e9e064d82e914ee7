//! Reads certificates again when one of their files changes, and on SIGHUP: those of the listener, of the clients of proxies, and
//! of `[egress]`. Files that cannot be used change nothing.

use std::{path::PathBuf, sync::Arc};

use egress::Egress;

use crate::{
    server::{client_authorities::ClientAuthorities, tls::Certificate},
    watched_files::WatchedFiles,
};

/// Follows the PEM files of `[egress]` until it is dropped; returns immediately when there are none.
pub async fn follow_egress(egress: Arc<Egress>) {
    let mut files = WatchedFiles::new(egress.files().map(PathBuf::from).collect());
    while files.changed().await {
        log("egress", egress.reload());
    }
}

/// Follows the files of `[tls]` until it is dropped.
pub async fn follow_listener(certificate: Arc<Certificate>) {
    let mut files = WatchedFiles::new(certificate.files());
    while files.changed().await {
        log("listener", certificate.reload());
    }
}

/// Follows the authorities and revocation lists of the clients of proxies until it is dropped.
pub async fn follow_clients_of_proxies(authorities: Arc<ClientAuthorities>) {
    let mut files = WatchedFiles::new(authorities.files());
    while files.changed().await {
        log("clients of proxies", authorities.reload());
    }
}

fn log<E: std::fmt::Display>(of: &str, reloaded: Result<(), E>) {
    match reloaded {
        Ok(()) => tracing::info!(of, "certificates read"),
        Err(error) => tracing::error!(of, %error, "certificates not changed"),
    }
}
