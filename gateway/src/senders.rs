//! What works for people in the background, on the node that is the one for it: messages that are due, mailings, the inbox, and the
//! removal of what is kept no longer. The same node polls feeds.

use std::{sync::Arc, time::Duration};

use management::addressees;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{app::App, feeds};

/// The wait before storage is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Starts what sends and follows logs; it drains when `stop` is cancelled.
pub fn spawn(app: &App, stop: &CancellationToken) -> JoinSet<()> {
    let mut senders = JoinSet::new();
    let owner = &app.people_owner;
    for channel in [&app.mail, &app.sms].into_iter().flatten() {
        let outbox = Arc::clone(&channel.outbox);
        let work = move |stop: CancellationToken| Arc::clone(&outbox).run(stop.cancelled_owned());
        senders.spawn(owner.clone().run_while(stop.clone(), work));
    }
    if let Some(parts) = app.mailings.clone() {
        let work = move |stop| mailer::mailings::run(Arc::clone(&parts), stop);
        senders.spawn(owner.clone().run_while(stop.clone(), work));
    }
    if let Some(inbox) = app.inbox.clone() {
        let is_shared = owner.is_shared();
        let work = move |stop: CancellationToken| {
            let inbox = Arc::clone(&inbox);
            async move {
                if is_shared {
                    // Only the node that works for people may store from where logs are followed.
                    while let Err(error) = inbox.prepare().await {
                        tracing::warn!(%error, "the inbox cannot be followed yet");
                        tokio::time::sleep(RETRY).await;
                    }
                }
                inbox.run(stop).await;
            }
        };
        senders.spawn(owner.clone().run_while(stop.clone(), work));
    }
    senders
}

/// Starts what runs beside the senders: the removal of people whose retention is over, the publication of events that replace
/// another one, the polls of feeds, and the notice to streams that another node changed something.
pub fn spawn_upkeep(app: &App, tasks: &mut JoinSet<()>, stop: &CancellationToken) {
    if let (Some(audience), Some(own)) = (app.audience.clone(), &app.config.people) {
        let undo = Duration::from_hours(own.undo_hours.get().into());
        let (registry, clock) = (app.registry.clone(), Arc::clone(&app.clock));
        let work = move |_| {
            let usual = addressees::Retention::default();
            let upkeep = addressees::Upkeep {
                audience: Arc::clone(&audience),
                registry: registry.clone(),
                clock: Arc::clone(&clock),
                retention: addressees::Retention { ended: usual.ended.max(undo), ..usual },
            };
            upkeep.run()
        };
        tasks.spawn(app.people_owner.clone().run_while(stop.clone(), work));
    }
    if let Some(replacements) = app.replacements.clone() {
        let work = move |_| Arc::clone(&replacements).run();
        tasks.spawn(app.people_owner.clone().run_while(stop.clone(), work));
    }
    if app.feeds.is_some() {
        let polled = app.clone();
        let work = move |_| feeds::run(polled.clone());
        tasks.spawn(app.people_owner.clone().run_while(stop.clone(), work));
    }
    #[cfg(feature = "kafka")]
    if let Some(inbox) = app.inbox.clone() {
        let notice = move || {
            let inbox = Arc::clone(&inbox);
            async move { inbox.notice().await }
        };
        tasks.spawn(app.people_owner.clone().follow(notice));
    }
}
