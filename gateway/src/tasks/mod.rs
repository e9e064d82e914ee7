//! What runs beside requests and deliveries: declared state at the start, retention, and the index of events.

pub mod autorisaties;
pub mod certificates;
pub mod declare;
pub mod declare_schemas;
pub mod declare_subscriptions;
pub mod expire;
pub mod index;
pub mod retention;
