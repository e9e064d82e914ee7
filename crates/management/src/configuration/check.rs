//! Runs the checks, at most one round at a time and at most one every ten seconds: those of the configuration, readiness, and
//! whether the rules for outgoing requests still allow the sinks of subscriptions.

use std::{sync::Arc, time::Duration};

use model::{Sink, SubscriptionId};

use super::{Check, Report, Verdict};
use crate::Management;

/// Most subscriptions that are reported one by one.
const MAX_SINKS: usize = 20;

/// How long a round may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How long results are reused, so that requests cannot keep brokers and disks busy.
const CACHED: Duration = Duration::from_secs(10);

impl Management {
    /// The verdicts about the configuration of this node, at most ten seconds old. A round that takes longer than twenty
    /// seconds is abandoned; its report contains only that.
    pub async fn check_configuration(&self) -> Arc<Report> {
        let mut last = self.last_report.0.lock().await;
        if let Some((ended, report)) = &*last
            && self.clock.instant().since(*ended) < CACHED
        {
            return Arc::clone(report);
        }
        let checks = tokio::time::timeout(TIMEOUT, self.all_checks()).await;
        let checks = checks.unwrap_or_else(|_| vec![out_of_time()]);
        let report = Arc::new(Report { at: self.clock.now(), checks });
        *last = Some((self.clock.instant(), Arc::clone(&report)));
        report
    }

    async fn all_checks(&self) -> Vec<Check> {
        let mut checks = self.inspector.inspect().await;
        let ready = self.check_readiness().await;
        checks.extend(ready.into_iter().map(|(name, problem)| {
            let item = format!("readiness.{name}");
            match problem {
                None => Check::new(item, Verdict::Ok, "ready"),
                Some(problem) => Check {
                    remedy: Some("see the logs of this node, and its disk or brokers".to_owned()),
                    ..Check::new(item, Verdict::Wrong, problem)
                },
            }
        }));
        let remarks = self.remarks().into_iter().map(|(name, remark)| Check::new(name, Verdict::Warning, remark));
        checks.extend(remarks);
        let own = self.clone();
        match tokio::task::spawn_blocking(move || own.check_sinks()).await {
            Ok(sinks) => checks.extend(sinks),
            Err(error) => tracing::error!(%error, "the sinks of subscriptions were not checked"),
        }
        checks
    }

    /// Whether the rules of today allow the sinks of all subscriptions: rules may have changed since they were made.
    fn check_sinks(&self) -> Vec<Check> {
        let sinks: Vec<(SubscriptionId, String)> = {
            let registry = self.registry.read();
            registry
                .subscriptions()
                .map(|own| (own.id, own.sink.clone()))
                .map(|(id, Sink::Webhook(url))| (id, url))
                .collect()
        };
        let item = "subscription.sink";
        let refused = sinks.iter().filter_map(|(id, url)| Some((id, self.receivers.check_url(url).err()?)));
        let refused: Vec<_> = refused.collect();
        let remedy = || Some("allow its address in [egress], or change or delete the subscription".to_owned());
        let mut checks: Vec<Check> = refused
            .iter()
            .take(MAX_SINKS)
            .map(|(id, rule)| Check {
                remedy: remedy(),
                ..Check::new(item, Verdict::Wrong, format!("the sink of subscription {id} {rule}"))
            })
            .collect();
        if let Some(more) = refused.len().checked_sub(MAX_SINKS).filter(|more| *more > 0) {
            let finding = format!("the sinks of {more} more subscriptions are not allowed");
            checks.push(Check { remedy: remedy(), ..Check::new(item, Verdict::Wrong, finding) });
        }
        if checks.is_empty() {
            checks.push(Check::new(
                item,
                Verdict::Ok,
                format!("the sinks of {} subscriptions are allowed", sinks.len()),
            ));
        }
        checks
    }
}

fn out_of_time() -> Check {
    let finding = format!("the checks took longer than {} seconds", TIMEOUT.as_secs());
    let remedy = Some("check that disks and brokers answer, and repeat the request".to_owned());
    Check { remedy, ..Check::new("checks", Verdict::Wrong, finding) }
}
