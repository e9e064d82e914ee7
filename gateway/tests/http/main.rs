//! The gateway over HTTP: a real listener on a free port, storage in a directory of its own, real sinks.

mod support;

mod approval;
mod autorisaties;
mod bounds;
mod cli;
mod consent;
mod credentials;
mod dead_letters;
mod declared;
mod deliveries;
mod events;
mod foreign;
mod full_disk;
mod import;
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
mod mijnoverheid;
mod openapi;
mod operations;
mod profiles;
mod publish;
mod routes;
mod schemas;
mod subscriptions;
mod tokens;
