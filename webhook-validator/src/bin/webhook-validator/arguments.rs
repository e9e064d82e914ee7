//! The command line. It reads and checks the form of values; what they mean is decided elsewhere.

use std::num::NonZeroU32;

use clap::{Parser, ValueEnum};
use egress::Cidr;
use http::HeaderValue;
use webhook_validator::Origin;

use crate::text::Language;

/// Asks a webhook receiver for consent as a sender would, sends it a test event, and reports clause by clause what it does.
///
/// Exit status: 0 when all obligations are met, 1 when one is not, 2 on wrong usage or when there is no answer.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Arguments {
    /// URL of the receiver, query included
    pub url: String,
    /// DNS name to ask consent for (WebHook-Request-Origin)
    #[arg(long, default_value = "webhook-validator.example")]
    pub origin: Origin,
    /// Requests per minute to ask for (WebHook-Request-Rate)
    #[arg(long, default_value = "120")]
    pub rate: NonZeroU32,
    /// Network that may be called although it is private, by http too (repeatable), such as 127.0.0.0/8
    #[arg(long, value_name = "CIDR")]
    pub allow: Vec<Cidr>,
    /// Value of the Authorization header of the test events; not sent with the handshake
    #[arg(long, value_name = "VALUE", value_parser = authorization)]
    pub authorization: Option<HeaderValue>,
    /// Language of the report
    #[arg(long, default_value = "en")]
    pub lang: Language,
    /// What to send: a CloudEvent after the handshake, or the two probes of the Notificaties API
    #[arg(long, default_value = "structured")]
    pub format: Format,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

/// What the receiver is used to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// CloudEvents in structured mode, after the consent handshake.
    Structured,
    /// Notifications of the Notificaties API, which knows probes instead of consent.
    Legacy,
}

fn authorization(text: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_str(text).map_err(|_| "is not a possible header value".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}
