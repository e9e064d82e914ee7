//! The form of a subscription: a new one, and a change with both versions when somebody else changed it meanwhile.
//!
//! It calls the same use cases as the APIs. Secrets are in the posted form only: no page shows one again, so they are filled in
//! again when the form is shown again. Rows are added, and the selection is previewed, by buttons that post the form to a path
//! that changes nothing.
//!
//! Not here: the rules of a subscription (`management::subscriptions::rules`).

mod create;
mod credential;
mod difference;
mod event_test;
mod faults;
mod fields;
mod page;
mod preview;
mod read;
mod submit;
mod typed;

pub use self::{
    create::{new, post as create, redraw as redraw_new},
    submit::{handler as ask_change, post as change, redraw as redraw_change},
};
