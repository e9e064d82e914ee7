//! A strict JSON reader (RFC 8259) that hands out slices of its input and never builds a tree.
//!
//! The event formats need exactly that: payloads are kept byte for byte, and only the members of the
//! envelope are looked at. It is not a general JSON library: there is no value type.

mod scan;
mod text;
mod write;

pub(crate) use scan::{Kind, Raw, Scanner};
pub use scan::{SyntaxError, SyntaxKind};
pub(crate) use write::Writer;
