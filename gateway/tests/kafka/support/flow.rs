//! Events published continuously to any node that accepts them, and which of them were acknowledged.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::StatusCode;
use tokio::task::JoinHandle;

use super::{Client, client::event, reaches};

/// Number of events in one request.
const BATCH: usize = 5;

/// A publisher; an event that a node does not take is left, and the next one goes to the next node.
pub struct Flow {
    acknowledged: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    task: JoinHandle<usize>,
}

impl Flow {
    /// Starts publishing on the kanaal `zaken`.
    pub fn start(nodes: Vec<Client>) -> Self {
        let (acknowledged, stop) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicBool>::default());
        let task = tokio::spawn(publish(nodes, Arc::clone(&acknowledged), Arc::clone(&stop)));
        Self { acknowledged, stop, task }
    }

    /// How many events were acknowledged.
    pub fn count(&self) -> usize {
        self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Waits until so many more are.
    pub async fn more(&self, count: usize) {
        let wanted = self.count() + count;
        reaches("further events that are acknowledged", wanted, || self.count()).await;
    }

    /// Ends it: which were acknowledged, and how many were refused or are in doubt.
    pub async fn end(self) -> (Vec<String>, usize) {
        self.stop.store(true, Ordering::Release);
        let refused = self.task.await.expect("every answer was a 202 or a 503");
        (std::mem::take(&mut *self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner)), refused)
    }
}

async fn publish(nodes: Vec<Client>, acknowledged: Arc<Mutex<Vec<String>>>, stop: Arc<AtomicBool>) -> usize {
    let (mut at, mut refused) = (0, 0);
    for n in 0.. {
        if stop.load(Ordering::Acquire) {
            break;
        }
        let events: Vec<_> = (0..BATCH).map(|k| event(&format!("{n}-{k}"), &format!("{}", n % 7))).collect();
        match nodes[at % nodes.len()].publish("zaken", &events).await {
            Some(answer) if answer.status == StatusCode::ACCEPTED => {
                let ids = events.iter().map(|event| event["id"].as_str().expect("an id").to_owned());
                acknowledged.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
                at += 1;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Some(answer) if answer.status != StatusCode::SERVICE_UNAVAILABLE => {
                panic!("{}: {}", answer.status, answer.body)
            }
            _ => {
                refused += BATCH;
                at += 1;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    refused
}
