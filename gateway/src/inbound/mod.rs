//! What every request meets before and after its handler: bounds, body, query, CORS, headers of answers.
//!
//! Nothing here knows a resource.

pub mod accept;
pub mod body;
pub mod cors;
pub mod language;
pub mod outer;
pub mod prefix;
pub mod public_url;
pub mod query;
pub mod rate;
