//! The class of each HTTP status (CE-WH-07, CE-WH-09..12, CE-WH-15..19, CE-WH-22, CE-WH-23). It is the only
//! table of statuses.

use std::time::Duration;

use delivery::{Cause, Class};

/// The class of a status. `retry_after` is the wait that `Retry-After` asks for, counted from the arrival of the answer;
/// `None` without that header or when its time is over already.
///
/// | status | class |
/// |---|---|
/// | 2xx | delivered |
/// | 410 | gone |
/// | 429 and 503 with `Retry-After` | paced: nothing is sent to the sink for that long |
/// | 400, 413, 422 | refused: a dead letter |
/// | 415 | format: the event is sent again as a structured CloudEvent, unless it was one |
/// | 3xx, 401, 403, 404, 405, 502, 503, 504 | the sink fails: an outage |
/// | 408, 425, 429 | the sink or this event fails, now |
/// | all other 4xx, and 501 | they speak of the request: the event fails |
/// | all others | the sink or this event fails |
///
/// What follows from a class is in `delivery::outcomes`.
pub(crate) fn class(status: u16, retry_after: Option<Duration>) -> Class {
    match (status, retry_after) {
        (200..=299, _) => Class::Delivered,
        (410, _) => Class::Gone,
        (429 | 503, Some(wait)) => Class::Paced(wait),
        (400 | 413 | 422, _) => Class::Refused,
        (415, _) => Class::Format,
        (300..=399 | 401 | 403 | 404 | 405 | 502 | 503 | 504, _) => Class::Failed(Cause::Sink),
        (408 | 425 | 429, _) => Class::Failed(Cause::EventOrSink),
        (400..=499 | 501, _) => Class::Failed(Cause::Event),
        _ => Class::Failed(Cause::EventOrSink),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_has_one_class_ce_wh_09_to_23() {
        let soon = Some(Duration::from_secs(7));
        for (statuses, retry_after, expected) in [
            (&[200, 201, 202, 203, 204, 206, 299][..], None, Class::Delivered),
            (&[200], soon, Class::Delivered),
            (&[410], None, Class::Gone),
            (&[410], soon, Class::Gone),
            (&[429, 503], soon, Class::Paced(Duration::from_secs(7))),
            (&[429, 408, 425], None, Class::Failed(Cause::EventOrSink)),
            (&[400, 413, 422], None, Class::Refused),
            (&[400], soon, Class::Refused),
            (&[415], None, Class::Format),
            (&[301, 302, 304, 307, 308, 401, 403, 404, 405, 502, 503, 504], None, Class::Failed(Cause::Sink)),
            (&[502], soon, Class::Failed(Cause::Sink)),
            (&[402, 406, 409, 411, 412, 418, 421, 431, 451, 499, 501], None, Class::Failed(Cause::Event)),
            (&[100, 500, 505, 507, 599], None, Class::Failed(Cause::EventOrSink)),
        ] {
            for status in statuses {
                assert_eq!(class(*status, retry_after), expected, "{status} {retry_after:?}");
            }
        }
    }
}
