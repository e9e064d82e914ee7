//! `gateway login-link`: prints a link that logs somebody in to the console, once.
//!
//! It reads the configuration and the key file, and works whether the gateway runs or not.

use std::{process::ExitCode, time::Duration};

use console::{
    Area,
    login_link::{LONGEST, LoginLink},
};
use model::{
    Clock, ExtraRight, Grants, Role,
    clock::{SystemClock, SystemRandom},
};
use secrets::Secrets;

use super::{Failure, Settings};
use crate::{
    cli::output::{errln, outln},
    config::Config,
};

/// The longest name, in characters.
const MAX_NAME: usize = 100;

/// Options of `gateway login-link`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A role of the session: lezer, beheerder, platform, kanaaleigenaar, afnemer, auditor. May be repeated.
    #[arg(long = "role", value_name = "ROLE", required = true, value_parser = role)]
    granted: Vec<Role>,
    /// A right beside the roles: inhoud, publiceren, geadresseerden. May be repeated.
    #[arg(long = "right", value_name = "RIGHT", value_parser = extra)]
    extra: Vec<ExtraRight>,
    /// A `client_id` that a kanaaleigenaar or afnemer acts for. May be repeated.
    #[arg(long = "client", value_name = "CLIENT_ID")]
    clients: Vec<String>,
    /// The name that the session shows; write who gets the link.
    #[arg(long, value_name = "NAME", default_value = "login-link")]
    name: String,
    /// How long the link holds, in minutes.
    #[arg(long, value_name = "MINUTES", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1_440))]
    minutes: u16,
    #[command(flatten)]
    settings: Settings,
}

fn role(text: &str) -> Result<Role, String> {
    let known = Role::ALL.map(Role::label).join(", ");
    Role::from_label(text).ok_or_else(|| format!("is none of {known}"))
}

fn extra(text: &str) -> Result<ExtraRight, String> {
    let known = ExtraRight::ALL.map(ExtraRight::label).join(", ");
    ExtraRight::from_label(text).ok_or_else(|| format!("is none of {known}"))
}

/// Prints the link.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let settings = &arguments.settings;
    let config = settings.load().map_err(|error| settings.describe_error(&error))?;
    let Some(console) = &config.console else {
        return Err(format!("{} has no section [console]", settings.file().display()).into());
    };
    if arguments.name.is_empty() || arguments.name.chars().count() > MAX_NAME {
        return Err(format!("--name must have 1 to {MAX_NAME} characters").into());
    }
    let secrets = Secrets::read_file(&config.key_file())?;
    let grants = Grants {
        roles: arguments.granted.clone(),
        extra: arguments.extra.clone(),
        client_ids: arguments.clients.clone(),
    };
    let lasts = Duration::from_mins(arguments.minutes.into()).min(LONGEST);
    let link = LoginLink::new(arguments.name.as_str(), grants, lasts, SystemClock::default().now(), &SystemRandom);
    let (area, address) = place(&config, console.beheer, &link.grants);
    let url = link.url(&secrets, area, &address).ok_or("the link cannot be sealed")?;
    errln!("This link logs in once, within {} minutes. Give it to one person only.", arguments.minutes);
    outln!("{url}");
    Ok(ExitCode::SUCCESS)
}

/// The area in which somebody with these grants logs in, and the address of the gateway there. At one address the roles decide
/// after the log-in; a portal with an address of its own has to be named in the link.
fn place(config: &Config, has_console: bool, grants: &Grants) -> (Area, String) {
    let in_portal = Area::Portal.grants(grants) == *grants;
    match &config.portaal {
        Some(portal) if !has_console || (in_portal && portal.is_apart()) => (Area::Portal, portal.address(config)),
        _ => (Area::Console, config.own_url()),
    }
}
