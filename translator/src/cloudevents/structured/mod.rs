//! One event in the JSON event format (CE JSON format 1.0, sections 2 and 3).

mod decode;
mod encode;

pub use decode::decode;
pub(crate) use decode::read_event;
pub use encode::encode;
pub(crate) use encode::write_event;

/// The media type of [`encode`]'s result as it is sent: without a charset parameter, since some receivers compare it as
/// a whole.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";
