//! Reads what the gateway needs of X.509 certificates and revocation lists (RFC 5280): validity, subject and alternative names.
//!
//! It verifies nothing: no signature, no chain, no usage. That is the work of the TLS library; what is read here identifies a
//! certificate that was verified, or goes into advice for an administrator.

mod certificate;
mod der;
mod name;
mod revocation_list;
mod time;

pub use self::{
    certificate::Certificate,
    name::{Attribute, Subject},
    revocation_list::RevocationList,
};
