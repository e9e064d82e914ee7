//! The gateway over HTTP: a real listener on a free port, storage in a directory of its own, real sinks.

mod support;

mod applicaties;
mod approval;
mod audit;
mod autorisaties;
mod bound_tokens;
mod bounds;
mod cli;
mod client_certificates;
mod configuration_checks;
mod consent;
#[cfg(feature = "console")]
mod console;
mod credentials;
mod csv;
#[cfg(feature = "console")]
mod csv_lists;
mod data_filters;
mod dead_letters;
mod declared;
mod deliveries;
mod demo;
mod events;
mod feeds;
mod foreign;
mod fsc;
mod full_disk;
#[cfg(feature = "console")]
mod identity;
mod import;
#[cfg(feature = "console")]
mod inbox;
mod kanalen;
mod legacy_abonnement;
mod legacy_defects;
mod legacy_hostile;
mod legacy_kanaal;
mod legacy_openapi;
mod legacy_publish;
mod legacy_settings;
mod legacy_surface;
mod lifetime;
mod listener;
mod log_events;
mod log_output;
mod mijnoverheid;
mod nodes;
mod openapi;
mod operations;
mod own_events;
mod own_urls;
#[cfg(feature = "console")]
mod people;
mod preview;
mod profiles;
mod publish;
mod receiver_check;
mod receivers;
mod retention_warning;
mod routes;
mod runs;
mod schema_files;
mod schemas;
mod security_txt;
mod statistics;
mod stored_files;
mod strangers;
mod stream;
mod subscription_names;
mod subscriptions;
mod test_delivery;
mod tokens;
mod traces;
