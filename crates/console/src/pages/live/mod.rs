//! The live view: events as they are accepted and deliveries as they end, never their payload. Without JavaScript the page shows
//! the latest events, with a link to read them again.

mod page;
mod row;
mod stream;
mod type_filter;

pub use self::{page::handler as page, stream::handler as stream};

/// The path of the page.
pub const PATH: &str = "/beheer/live";

/// The path of its stream of server-sent events.
pub const STREAM: &str = "/beheer/live/stroom";
