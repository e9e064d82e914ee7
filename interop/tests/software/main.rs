//! Other people's software against the running gateway: SDKs for CloudEvents, the library of Open Zaak, Schemathesis, the linter
//! for the NL API Design Rules. One module per piece of software; how its packages are fetched is in the library of this package.

mod cesql;
mod console;
mod console_filled;
mod django;
mod exchange;
mod guide;
mod harness;
mod oidc;
mod openapi;
mod readme;
mod schemathesis;
mod validator;
