//! The command line: its options and the syntax of their values.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use egress::Cidr;
use http::{HeaderValue, Uri};
use webhook_validator::Origin;
use webhook_validator::check;

/// Asks a webhook receiver for consent as a sender would, sends it test events, and reports clause by clause what it does
/// and how to mend it.
///
/// Without consent no event is sent. With it some fifteen follow, within the granted rate: plain, repeated, large, invalid,
/// in other formats and over other versions of HTTP. Their type is `example.webhook-validator.test` unless you give your own.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER)]
pub struct Arguments {
    /// URL of the receiver, query included
    pub url: String,
    /// What the receiver is used to; the other formats are tried as well
    #[arg(long, default_value = "structured")]
    pub format: Format,
    /// Language of the report
    #[arg(long, default_value = "en")]
    pub lang: Language,
    /// Print the report as JSON, in both languages
    #[arg(long)]
    pub json: bool,
    /// Show every exchange in full, not only those something is wrong with
    #[arg(long, conflicts_with = "json")]
    pub verbose: bool,

    /// DNS name to ask consent for (WebHook-Request-Origin)
    #[arg(long, default_value = "webhook-validator.example", help_heading = "Handshake")]
    pub origin: Origin,
    /// Requests per minute to ask for (WebHook-Request-Rate)
    #[arg(long, default_value = "120", help_heading = "Handshake")]
    pub rate: NonZeroU32,
    /// Offer consent by callback (WebHook-Request-Callback) and listen for it at this address, such as 0.0.0.0:8899
    #[arg(long, value_name = "ADDRESS:PORT", help_heading = "Handshake")]
    pub callback_listen: Option<SocketAddr>,
    /// URL under which the receiver reaches that address, such as https://my-proxy.example/validator
    #[arg(long, value_name = "URL", requires = "callback_listen", help_heading = "Handshake")]
    pub callback_url: Option<Uri>,
    /// How long to wait for the callback
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds, help_heading = "Handshake")]
    pub callback_wait: Duration,

    /// Value of the Authorization header of the events, such as "Bearer abc"; not sent with the handshake
    #[arg(long, value_name = "VALUE", value_parser = authorization, help_heading = "Events")]
    pub authorization: Option<HeaderValue>,
    /// Also send the Bearer token of --authorization in the query, where the receiver and proxies may log it
    #[arg(long, requires = "authorization", help_heading = "Events")]
    pub query_token: bool,
    /// File with an event of your own to send, as JSON; its id is replaced (with --format legacy: a notification)
    #[arg(long, value_name = "FILE", help_heading = "Events")]
    pub event: Option<PathBuf>,
    /// An answer that takes longer than this is remarked on
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds, help_heading = "Events")]
    pub slow_after: Duration,

    /// Network that may be called although it is private, by http too (repeatable), such as 127.0.0.0/8
    #[arg(long, value_name = "CIDR", help_heading = "Connection")]
    pub allow: Vec<Cidr>,
    /// PEM file with certificates to trust besides the public ones (repeatable)
    #[arg(long, value_name = "FILE", help_heading = "Connection")]
    pub ca: Vec<PathBuf>,
    /// PEM file with a client certificate and its chain, for receivers that ask for one
    #[arg(long, value_name = "FILE", requires = "client_key", help_heading = "Connection")]
    pub client_certificate: Option<PathBuf>,
    /// PEM file with the private key of --client-certificate
    #[arg(long, value_name = "FILE", requires = "client_certificate", help_heading = "Connection")]
    pub client_key: Option<PathBuf>,
}

const AFTER: &str = "\
Exit status: 0 when all obligations are met, 1 when one is not, 2 on wrong usage or when there is no answer.

Examples:
  webhook-validator https://subscriber.example/events --authorization 'Bearer abc' --lang nl
  webhook-validator http://127.0.0.1:8080/events --allow 127.0.0.0/8 --format binary
  webhook-validator https://subscriber.example/api/callbacks --authorization 'Token abc' --format legacy

Credentials, queries and cookies are never shown in the report.";

/// How an event travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A CloudEvent in structured mode, after the consent handshake.
    Structured,
    /// A CloudEvent in binary mode, after the consent handshake.
    Binary,
    /// CloudEvents in batches, after the consent handshake.
    Batch,
    /// Notifications of the Notificaties API, which knows probes instead of consent.
    Legacy,
}

/// A language of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English.
    En,
    /// Dutch.
    Nl,
}

impl From<Language> for check::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Self::En,
            Language::Nl => Self::Nl,
        }
    }
}

impl From<Format> for check::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Structured => Self::Structured,
            Format::Binary => Self::Binary,
            Format::Batch => Self::Batch,
            Format::Legacy => Self::Legacy,
        }
    }
}

fn authorization(text: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_str(text).map_err(|_| "is not a possible header value".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| "is no number of seconds".to_owned())?;
    Duration::try_from_secs_f64(number).map_err(|error| error.to_string())
}
