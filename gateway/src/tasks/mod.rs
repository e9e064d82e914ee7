//! What runs beside requests and deliveries and belongs to the gateway alone: declared state, certificates and secrets in
//! files, the abonnement at another Notificaties API.

pub mod autorisaties;
pub mod certificates;
pub mod declare;
pub mod declare_schemas;
pub mod declare_subscriptions;
pub mod secret_files;
