//! CloudEvents 1.0 over HTTP: the JSON event format (single and batched) and the binary mode.

pub mod batch;
pub mod binary;
pub mod header_findings;
mod mode;
mod registered;
pub mod structured;

pub use mode::{MediaTypeError, Mode, mode};

use model::{AttributeName, Data, Event, Value};

use crate::rejection::{Place, Rejection, Rejections, at_attribute};

/// The event, or all errors found (ADR-19). `place` is the location of an attribute.
fn conclude(
    mut rejections: Rejections,
    attributes: Vec<(AttributeName, Value)>,
    data: Option<Data>,
    place: fn(&str) -> Place,
) -> Result<Event, Rejection> {
    let registered: Vec<Rejection> =
        registered::faults(&attributes).map(|(name, reason)| Rejection::new(name, place(name), reason)).collect();
    let made = Event::checked(attributes, data).map_err(|(first, others)| {
        rejections.add(at_attribute(first.clone(), place));
        for error in others {
            rejections.add(at_attribute(error, place));
        }
        at_attribute(first, place)
    });
    for rejection in registered {
        rejections.add(rejection);
    }
    rejections.into_first().map_or(made, Err)
}
