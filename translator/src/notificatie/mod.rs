//! The notification of the Notificaties API: read, checked, mapped to an event, and rendered for subscribers.
//!
//! An event born as notificatie keeps the posted bytes as its payload, so reading, mapping and rendering
//! gives those bytes back. Whether the kanaal exists and fits the kenmerken is the gateway's to decide.

mod decode;
mod echo;
mod moment;
mod on116;
mod render;
mod rules;
mod to_event;

pub use decode::{FieldError, MAX_KENMERK, Notificatie, decode};
pub use echo::echo;
pub use moment::Moment;
pub use on116::{Clash, on116};
pub use render::{Legacy, Untranslatable, render};
pub use rules::is_url;
pub use to_event::{Minted, to_event};

/// The media type of a notification on the wire.
pub const CONTENT_TYPE: &str = "application/json";
