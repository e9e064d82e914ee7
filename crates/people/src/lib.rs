//! Light subscriptions of people where addresses, codes and links are in clear text: between the APIs and pages, which read
//! what people write, and `management::addressees`, which sees digests and sealed bytes.
//!
//! Not here: HTTP, configuration, sending, and the decisions on an addressee (`model::addressee`).

mod keys;
mod links;

pub use self::{
    keys::{Challenge, Keys, KeysError},
    links::{Link, Links},
};
