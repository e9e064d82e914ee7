//! Runs the checks, at most one round at a time and at most one every ten seconds: those of the configuration, readiness, and
//! whether the rules for outgoing requests still allow the sinks of subscriptions.

use std::{sync::Arc, time::Duration};

use super::{Check, Report, Verdict, sinks::check_sinks, sinks::sinks_of};
use crate::Management;

/// How long a round may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How long results are reused, so that requests cannot keep brokers and disks busy.
const CACHED: Duration = Duration::from_secs(10);

/// How old results may be where they are shown beside other things.
const RECENT: Duration = Duration::from_mins(10);

impl Management {
    /// The verdicts about the configuration of this node, at most ten seconds old. A round that takes longer than twenty
    /// seconds is abandoned; its report contains only that.
    pub async fn check_configuration(&self) -> Arc<Report> {
        let _turn = self.last_report.turn.lock().await;
        if let Some((ended, report)) = self.last_report.last()
            && self.clock.instant().since(ended) < CACHED
        {
            return report;
        }
        let checks = tokio::time::timeout(TIMEOUT, self.all_checks()).await;
        let checks = checks.unwrap_or_else(|_| vec![out_of_time()]);
        let report = Arc::new(Report { at: self.clock.now(), checks });
        self.last_report.keep(self.clock.instant(), &report);
        report
    }

    /// The same, or the verdicts of the round before when this one takes longer than `wait`; it goes on. `None` when there was
    /// none before.
    pub async fn check_configuration_within(&self, wait: Duration) -> Option<Arc<Report>> {
        let own = self.clone();
        let round = tokio::spawn(async move { own.check_configuration().await });
        match tokio::time::timeout(wait, round).await {
            Ok(Ok(report)) => Some(report),
            Ok(Err(_)) | Err(_) => self.last_report.last().map(|(_, report)| report),
        }
    }

    /// The verdicts of the last round, without waiting for one; `None` before the first. When they are more than ten minutes old a
    /// round begins in the background, unless one is under way.
    pub fn recent_configuration_report(&self) -> Option<Arc<Report>> {
        let last = self.last_report.last();
        let is_old = last.as_ref().is_none_or(|(ended, _)| self.clock.instant().since(*ended) >= RECENT);
        if is_old && self.last_report.turn.try_lock().is_ok() {
            let own = self.clone();
            drop(tokio::spawn(async move { own.check_configuration().await }));
        }
        last.map(|(_, report)| report)
    }

    async fn all_checks(&self) -> Vec<Check> {
        let mut checks = self.inspector.inspect().await;
        let ready = self.check_readiness().await;
        checks.extend(ready.into_iter().map(|(part, problem)| {
            let item = format!("readiness.{}", part.label());
            match problem {
                None => Check::new(item, Verdict::Ok, ("ready", "gereed")),
                Some(problem) => Check::new(item, Verdict::Wrong, (problem, part.fault().nl)).with_remedy((
                    "see the logs of this node, and its disk or brokers",
                    "kijk in de logs van deze node, en naar zijn schijf of de brokers",
                )),
            }
        }));
        let remarks = self.remarks().into_iter();
        checks.extend(remarks.map(|(name, remark)| {
            Check::new(name, Verdict::Warning, (remark, "er is schade gevonden aan wat is opgeslagen"))
        }));
        let own = self.clone();
        let check = move || {
            let sinks = sinks_of(&own.registry.read());
            check_sinks(&sinks, |url| own.receivers.check_url(url))
        };
        match tokio::task::spawn_blocking(check).await {
            Ok(sinks) => checks.extend(sinks),
            Err(error) => tracing::error!(%error, "the sinks of subscriptions were not checked"),
        }
        checks
    }
}

fn out_of_time() -> Check {
    let seconds = TIMEOUT.as_secs();
    let finding = (
        format!("the checks took longer than {seconds} seconds"),
        format!("de controles duurden langer dan {seconds} seconden"),
    );
    Check::new("checks", Verdict::Wrong, finding).with_remedy((
        "check that disks and brokers answer, and repeat the request",
        "kijk of schijven en brokers antwoorden, en controleer dan opnieuw",
    ))
}
