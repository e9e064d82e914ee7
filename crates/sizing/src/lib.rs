//! What a load of events needs in nodes, cores, partitions, brokers, network and disk: a formula over measured costs, as text and as the
//! page `docs/sizing.md`. Pure: it measures nothing, and knows no running gateway. The costs are in [`costs`] alone.

mod check;
pub mod costs;
mod formula;
mod load;
mod page;
mod text;

pub use check::{Check, checks};
pub use formula::{Group, Network, Note, Role, Sizing, size};
pub use load::{Load, OutOfRange, Storage};
pub use page::page;
pub use text::table;
