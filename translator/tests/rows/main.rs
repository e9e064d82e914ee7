//! Every requirement on wire forms that needs no server, one file per group; names carry the ids.

mod batch;
mod coverage;
mod ctx;
mod fuzz;
mod http;
mod json;
mod kafka;
mod limits;
mod map;
mod nlgov;
mod notificatie;
mod oracle;
mod properties;
mod stored;
mod strategies;
mod support;
