//! CloudEvents SQL from outside the crate: results by requirement, properties against short reference implementations,
//! and random input.

mod bounds;
mod evaluation;
mod fuzz;
mod properties;
