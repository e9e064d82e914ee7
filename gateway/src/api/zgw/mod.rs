//! The Notificaties API of ZGW, as deployed publishers and subscribers know it, minus its defects.
//!
//! It has no storage of its own: an abonnement is a subscription, a notificatie an event.

pub mod problem;
