//! The TLS profiles that a subscription names: they exist, and are for its owner.
//!
//! What a profile holds is configuration; here is only who may use it.

use crate::{
    app::App,
    auth::Caller,
    problem::{Fault, Problem},
};

/// Refuses a profile that is not configured or not for this caller; `member` is the one that names it.
pub fn check(app: &App, caller: &Caller, member: &str, profile: Option<&str>) -> Result<(), Problem> {
    let Some(profile) = profile else { return Ok(()) };
    let configured = app.config.egress.tls.get(profile);
    let applicaties = configured.map(|profile| profile.applicaties.as_slice());
    let own = |applicaties: &[String]| applicaties.iter().any(|client_id| *client_id == *caller.client_id);
    match applicaties {
        Some(applicaties) if applicaties.is_empty() || own(applicaties) || caller.is_beheer() => Ok(()),
        // Whether there is one for somebody else is nobody's business.
        _ => {
            let rule = format!("{profile:?} is no TLS profile that this client may use");
            let pointer = format!("/{}", member.replace('.', "/"));
            Err(Problem::invalid(vec![Fault::new(member, rule).at(pointer)]))
        }
    }
}
