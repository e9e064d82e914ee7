//! The timers of all handshakes: finds the subscriptions that need a step, waits until it is due, and runs a bounded
//! number of steps concurrently.
//!
//! It keeps no state that has to survive: after a restart, or when it lagged behind control, it reads the registry
//! again.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use model::{Subscription, SubscriptionId, registry::Change};
use tokio::{
    sync::broadcast::error::RecvError,
    task::{Id, JoinSet},
};
use tokio_util::sync::CancellationToken;
use webhook_validator::Micros;

use super::{Service, service::NextStep};

/// Most steps under way concurrently. A sink that hangs holds one until its timeout.
const MAX_STEPS: usize = 256;
/// Longest sleep, so that a clock that was set is noticed.
const MAX_SLEEP: Duration = Duration::from_secs(30);

impl Service {
    /// Drives the handshakes of sinks that this node delivers to, until `stop` is cancelled. Steps under way are then dropped; they
    /// start over after a restart, or on the node that has the shard of the sink.
    pub async fn run(self, engine: delivery::Handle, stop: CancellationToken) {
        let mut changes = self.control().changes();
        let mut shards = engine.state();
        let mut driver = Driver::new(self, engine);
        driver.read_registry();
        loop {
            driver.start_due();
            let sleep = driver.until_next();
            tokio::select! {
                () = stop.cancelled() => return,
                change = changes.recv() => match change {
                    Ok(Change::Subscription(subscription)) => driver.consider(&subscription),
                    Ok(Change::SubscriptionDeleted(id)) => driver.forget(id),
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => driver.read_registry(),
                    Err(RecvError::Closed) => return,
                },
                Ok(()) = shards.changed() => {
                    shards.mark_unchanged();
                    driver.read_registry();
                }
                Some(ended) = driver.steps.join_next_with_id() => driver.step_ended(match ended {
                    Ok((task, ())) => task,
                    Err(error) => error.id(),
                }),
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }
}

struct Driver {
    service: Service,
    engine: delivery::Handle,
    /// When a subscription is due, in order of time, and the same by id.
    timers: BTreeSet<(Micros, SubscriptionId)>,
    due: HashMap<SubscriptionId, Micros>,
    /// The due ones whose turn at their host is reserved.
    reserved: HashSet<SubscriptionId>,
    /// Steps under way, by task; a new generation does not wait for the step of the old one.
    steps: JoinSet<()>,
    running: HashMap<Id, (SubscriptionId, u64)>,
}

impl Driver {
    fn new(service: Service, engine: delivery::Handle) -> Self {
        Self {
            service,
            engine,
            timers: BTreeSet::new(),
            due: HashMap::new(),
            reserved: HashSet::new(),
            steps: JoinSet::new(),
            running: HashMap::new(),
        }
    }

    fn read_registry(&mut self) {
        let all: Vec<Arc<Subscription>> = self.service.registry().read().subscriptions().cloned().collect();
        let known: HashSet<SubscriptionId> = all.iter().map(|subscription| subscription.id).collect();
        let gone: Vec<SubscriptionId> = self.due.keys().filter(|id| !known.contains(id)).copied().collect();
        for id in gone {
            self.forget(id);
        }
        for subscription in &all {
            self.consider(subscription);
        }
    }

    /// Sets the timer of a subscription by its present state.
    fn consider(&mut self, subscription: &Subscription) {
        self.forget(subscription.id);
        let step = (subscription.id, subscription.generation);
        if self.running.values().any(|running| *running == step) {
            return;
        }
        if !self.engine.owns(&subscription.sink) {
            return;
        }
        if let NextStep::At(moment) = self.service.next_step(subscription) {
            self.set(subscription.id, moment);
        }
    }

    fn forget(&mut self, id: SubscriptionId) {
        if let Some(moment) = self.due.remove(&id) {
            self.timers.remove(&(moment, id));
        }
        self.reserved.remove(&id);
    }

    fn set(&mut self, id: SubscriptionId, moment: Micros) {
        self.timers.insert((moment, id));
        self.due.insert(id, moment);
    }

    fn start_due(&mut self) {
        let now = self.service.now();
        while self.steps.len() < MAX_STEPS
            && let Some(&(moment, id)) = self.timers.first()
            && moment <= now
        {
            let is_reserved = self.reserved.contains(&id);
            self.forget(id);
            let Some(subscription) = self.service.registry().read().subscription(id).cloned() else { continue };
            if !is_reserved {
                let wait = self.service.reserve(subscription.sink.key());
                if !wait.is_zero() {
                    self.set(id, now.saturating_add(Micros::try_from(wait.as_micros()).unwrap_or(Micros::MAX)));
                    self.reserved.insert(id);
                    continue;
                }
            }
            let (service, generation) = (self.service.clone(), subscription.generation);
            let task = self.steps.spawn(async move { service.step(id, generation).await });
            self.running.insert(task.id(), (id, generation));
        }
    }

    /// A step is over (or panicked, which the next one mends): what its subscription needs now counts.
    fn step_ended(&mut self, task: Id) {
        let Some((id, _)) = self.running.remove(&task) else { return };
        let subscription = self.service.registry().read().subscription(id).cloned();
        if let Some(subscription) = subscription {
            self.consider(&subscription);
        }
    }

    fn until_next(&self) -> Duration {
        match self.timers.first() {
            Some(_) if self.steps.len() >= MAX_STEPS => MAX_SLEEP,
            Some((moment, _)) => {
                let micros = u64::try_from(moment.saturating_sub(self.service.now())).unwrap_or_default();
                Duration::from_micros(micros).min(MAX_SLEEP)
            }
            None => MAX_SLEEP,
        }
    }
}
