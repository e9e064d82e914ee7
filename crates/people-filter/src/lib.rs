//! Filters where people get messages. A subscriber filters what an event says: its payload in JMESPath, or its context attributes in
//! CloudEvents SQL (CH-66). A sender filters on the attributes of each addressee, in either (CH-71).
//!
//! A filter is a text with its dialect before it, `sql:` or `jmespath:`, so that equal filters are equal texts and one is evaluated
//! once per event (CH-74). What cannot be evaluated does not match, and says so (CH-70): a filter never widens.
//!
//! Not here: who may filter, and where filters are stored.

mod filter;
pub mod jmespath;

pub use self::{
    filter::{Dialects, Filter, Verdict},
    jmespath::Functions,
};
