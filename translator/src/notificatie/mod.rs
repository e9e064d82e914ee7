//! The notification of the Notificaties API: parsed, validated, mapped to an event, and rendered for subscribers.
//!
//! An event published as notificatie keeps the posted bytes as its payload. Rendering for legacy subscribers returns those
//! bytes where Open Notificaties would deliver the same members.
//! Whether the kanaal exists and has these kenmerken is checked elsewhere.

mod decode;
mod echo;
mod keys;
mod moment;
mod on116;
mod render;
mod rules;
mod to_event;

pub use decode::{FieldError, MAX_KENMERK, Notificatie, decode};
pub use echo::echo;
pub use keys::camel_case;
pub use moment::Moment;
pub use on116::{NoOn116Form, on116};
pub use render::{Legacy, Untranslatable, render};
pub use rules::is_url;
pub use to_event::{GeneratedAttributes, to_event};

/// The media type of a notification on the wire.
pub const CONTENT_TYPE: &str = "application/json";
