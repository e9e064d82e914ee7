//! The HTTP client for all outgoing requests, and TCP streams for other protocols; it decides which addresses they may reach and
//! bounds their time and size.
//!
//! It is not a webhook client: it knows no events, retries or consent. It never follows a redirect, always verifies
//! certificates, and checks its address policy on the address that it dials, so that a name cannot be changed to a
//! forbidden address after registration (CE-WHV-28). ALPN selects HTTP/1.1 or HTTP/2 (CE-WH-25).
//!
//! Ids such as CE-WH-25 are rows of `conformance/requirements.csv`.

mod address;
mod body;
mod certificate_end;
mod cidr;
mod client;
mod clients;
mod common_headers;
mod connect;
mod dial;
mod error;
mod exchange;
mod head;
mod http1_only;
mod limits;
mod own_certificates;
mod pem;
mod policy;
mod protocol;
mod reason;
mod request_body;
mod resolve;
mod retry_after;
mod seen_certificates;
mod shortage;
mod stream;
mod tcp;
mod tls;
mod unfinished_heads;
mod url;

pub use address::AddressClass;
pub use certificate_end::certificate_end;
pub use cidr::{Cidr, CidrError};
pub use client::{Egress, Owner, Request, Response, Settings, SharedRequest};
pub use common_headers::add_common_headers;
pub use error::{Phase, SendError, SettingsError};
pub use limits::Limits;
pub use policy::{Policy, Refusal, UrlError};
pub use protocol::{ProtocolOptions, TlsVersion};
pub use retry_after::retry_after;
pub use shortage::Shortage;
pub use tcp::{Connection, Destination, Security};
pub use tls::TlsProfile;
pub use url::{literal as literal_address, url_part, without_query};
