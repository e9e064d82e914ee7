//! Payload schemas: the JSON Schemas that publishers register for the payloads of their events. One file per use case.
//!
//! A schema does not change: another shape of a payload is another schema with another `dataschema` (CE-CTX-49).
//! Declared schemas are in [`crate::declared`]. Checking a payload against a schema is part of publishing.

mod built_in;
mod delete;
mod find;
mod register;
mod request;
pub mod rules;

pub(crate) use self::built_in::built_in;
pub use self::{
    find::{FoundSchema, SchemaFilter},
    register::RegisterSchema,
    request::{MAX_TYPES, SchemaRequest},
};
