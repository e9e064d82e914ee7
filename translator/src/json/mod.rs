//! A strict JSON reader (RFC 8259) that returns slices of its input and builds no tree, and a writer.
//!
//! The event formats need this: payloads keep their bytes, and only the members of the envelope are read. It is not a
//! general JSON library and has no value type.

mod scan;
mod text;
mod write;

pub(crate) use scan::{Kind, Raw, Scanner};
pub use scan::{SyntaxError, SyntaxKind};
pub(crate) use write::Writer;
