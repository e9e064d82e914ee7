//! Reads the secrets of applicaties again when one of their files changes, and on SIGHUP, and declares them. Files that cannot be
//! used change nothing; the rest of the declared state is applied at the start only.

use std::path::PathBuf;

use management::declared::Declaration;

use super::declare::{DeclareError, declared_applicaties};
use crate::{app::App, config::Applicatie, watched_files::WatchedFiles};

/// Follows the files until it is dropped; returns immediately when there are none.
pub async fn follow(app: App) {
    let applicaties = app.config.applicatie.iter();
    let paths: Vec<PathBuf> = applicaties.flat_map(Applicatie::secret_paths).cloned().collect();
    let mut files = WatchedFiles::new(paths);
    while files.changed().await {
        match declare(&app).await {
            Ok(true) => tracing::info!("secrets of applicaties read"),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "secrets of applicaties not changed"),
        }
    }
}

async fn declare(app: &App) -> Result<bool, DeclareError> {
    let applicaties = declared_applicaties(&app.config)?;
    let declaration = Declaration {
        control: app.control.as_ref(),
        secrets: &app.secrets,
        clock: app.clock.as_ref(),
        random: app.random.as_ref(),
    };
    Ok(declaration.apply_applicaties(app.config.revision, &applicaties).await?)
}
