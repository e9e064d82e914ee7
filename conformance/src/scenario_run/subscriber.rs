//! A subscriber of a scenario: its sink, its subscription, and which of its requests the steps have checked.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::message::Request;
use crate::receiver::{Arrived, Sink};
use crate::scenario::SinkScript;

/// One subscriber while its scenario runs.
pub struct Subscriber {
    pub sink: Arc<Sink>,
    pub script: SinkScript,
    pub subscription: Option<String>,
    pub checked: BTreeSet<usize>,
}

impl Subscriber {
    /// Deliveries that no step has checked and that contain `about`, with their index among the requests.
    pub fn open(&self, about: &str) -> Vec<(usize, Arrived)> {
        let requests = self.sink.requests().into_iter().enumerate();
        requests
            .filter(|(index, arrived)| {
                arrived.is_delivery() && !self.checked.contains(index) && mentions(&arrived.request, about)
            })
            .collect()
    }

    /// The request before the one at `index`, whatever its method.
    pub fn before(&self, index: usize) -> Option<Arrived> {
        index.checked_sub(1).and_then(|before| self.sink.requests().get(before).cloned())
    }
}

pub fn mentions(request: &Request, about: &str) -> bool {
    let in_headers = || request.headers.iter().any(|(_, value)| String::from_utf8_lossy(value).contains(about));
    about.is_empty() || String::from_utf8_lossy(&request.body).contains(about) || in_headers()
}
