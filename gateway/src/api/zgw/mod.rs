//! The Notificaties API of ZGW, as deployed publishers and subscribers know it, minus its defects.
//!
//! It has no storage of its own: an abonnement is a subscription, a notificatie an event.

pub mod abonnement;
pub mod body;
pub mod callbacks;
pub mod cloudevents;
pub mod fields;
pub mod kanaal;
pub mod negotiate;
pub mod notificaties;
pub mod openapi;
pub mod options;
pub mod pages;
pub mod problem;
pub mod root;
