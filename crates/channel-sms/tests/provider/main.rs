//! The drivers against a stub on loopback: what arrives, what is sent once only, and NotifyNL by its published description.

mod generic;
mod notify;
mod stub;
