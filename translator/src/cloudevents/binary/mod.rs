//! One event in binary mode: attributes in `ce-` headers, the payload as body (CE HTTP binding 1.0, section 3.1).

mod decode;
mod encode;
mod value;

pub use decode::decode;
pub use encode::{Binary, NotBinary, encode};

/// The attribute value of a header value, decoded leniently; `None` if it is invalid.
pub(crate) fn decode_value(raw: &[u8]) -> Option<std::borrow::Cow<'_, str>> {
    value::decode(raw, crate::Strictness::Lenient).ok()
}
