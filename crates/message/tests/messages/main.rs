//! Tests of the public interface, by the requirements that they prove: templates, mails read by `mail-parser`, bounces of
//! several mail systems and those of flufl.bounce, and properties of all values.

mod bounces;
mod mails;
mod properties;
mod samples;
mod templates;
