//! `gateway token CLIENT_ID`.

use std::process::ExitCode;

use model::{Clock, clock::SystemClock};

use super::{Failure, Settings};
use crate::cli::output::outln;
use web::auth::jwt;

use crate::tasks::declare::plain_secrets;

/// Prints a token that is good from now on.
pub fn run(settings: &Settings, client_id: &str) -> Result<ExitCode, Failure> {
    let config = settings.load().map_err(|error| settings.describe_error(&error))?;
    let declared = config.applicatie.iter().find(|applicatie| applicatie.client_id == client_id).ok_or_else(|| {
        format!("{} declares no [[applicatie]] with client_id {client_id:?}", settings.file().display())
    })?;
    let secrets = plain_secrets(declared)?;
    let secret = secrets.first().ok_or_else(|| format!("applicatie {client_id:?} has no secret"))?;
    outln!("{}", jwt::mint(client_id, secret, SystemClock::default().now()));
    Ok(ExitCode::SUCCESS)
}
