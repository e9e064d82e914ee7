//! The only door out of the product: an HTTP client that decides where it may go and how much it will wait or read.
//!
//! It is not a webhook client: it knows no events, no retries and no consent. It never follows a redirect, always
//! verifies certificates, and checks its address policy on the address it really dials, so a name that changes its
//! mind after registration gains nothing (CE-WHV-28). HTTP/1.1 and HTTP/2 are chosen by ALPN (CE-WH-25).

mod address;
mod body;
mod cidr;
mod client;
mod dial;
mod dialect;
mod error;
mod policy;
mod retry_after;
mod tls;
mod url;

pub use address::AddressClass;
pub use cidr::{Cidr, CidrError};
pub use client::{Egress, Limits, Request, Response, Settings};
pub use dialect::{Dialect, TlsVersion};
pub use error::{Phase, SendError, SettingsError};
pub use policy::{Policy, Refusal, UrlError};
pub use retry_after::retry_after;
pub use tls::TlsProfile;
pub use url::{url_part, without_query};
