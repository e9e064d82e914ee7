//! A client of administrative calls that is replaced when its calls have got no answer for longer than its limit.
//!
//! Nobody polls such a client, so it reports nothing by itself ([`super::super::brokers_down`]): its calls show whether it has a
//! broker.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rdkafka::error::{KafkaError, KafkaResult};

use crate::kafka::{Options, brokers_down::BrokersDown, failure, log_throttle};

type Make<T> = fn(&Options) -> KafkaResult<Arc<T>>;

/// The client, and how it is made.
pub(in crate::kafka) struct ReplaceableClient<T> {
    options: Arc<Options>,
    make: Make<T>,
    client: Mutex<Arc<T>>,
    brokers_down: BrokersDown,
}

impl<T: Send + Sync + 'static> ReplaceableClient<T> {
    pub(super) fn new(options: &Arc<Options>, make: Make<T>) -> KafkaResult<Self> {
        let brokers_down = BrokersDown::new(options);
        Ok(Self { options: Arc::clone(options), make, client: Mutex::new(make(options)?), brokers_down })
    }

    fn lock(&self) -> MutexGuard<'_, Arc<T>> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present client. Pass it to [`Self::returned`] after an asynchronous call.
    pub(in crate::kafka) fn current(&self) -> Arc<T> {
        Arc::clone(&self.lock())
    }

    /// Calls the present client. Blocks.
    pub(in crate::kafka) fn call<R>(&self, call: impl FnOnce(&T) -> KafkaResult<R>) -> KafkaResult<R> {
        let client = self.current();
        let result = call(&client);
        self.note(&client, result.as_ref().err());
        result
    }

    /// Notes the result of an asynchronous call, and returns it. Call inside a tokio runtime.
    pub(super) fn returned<R>(&self, client: Arc<T>, result: KafkaResult<R>) -> KafkaResult<R> {
        self.note(&client, result.as_ref().err());
        if !Arc::ptr_eq(&self.lock(), &client) {
            // The last reference may be this one, and dropping a client blocks.
            drop(tokio::task::spawn_blocking(move || drop(client)));
        }
        result
    }

    fn note(&self, used: &Arc<T>, error: Option<&KafkaError>) {
        let mut client = self.lock();
        if !Arc::ptr_eq(&client, used) {
            return;
        }
        let Some(error) = error.filter(|error| failure::is_unanswered(error)) else { return self.brokers_down.clear() };
        self.brokers_down.note();
        if !self.brokers_down.is_overdue() {
            return;
        }
        match (self.make)(&self.options) {
            Ok(made) => {
                log_throttle::warn_throttled("a Kafka client got no answers and is replaced", error, "");
                *client = made;
                self.brokers_down.clear();
            }
            Err(error) => log_throttle::warn_throttled("a Kafka client cannot be replaced", &error, ""),
        }
    }
}
