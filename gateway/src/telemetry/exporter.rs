//! The metrics of this process, in the text form of Prometheus.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use metrics::SetRecorderError;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use super::series::BoundedSeries;

/// How often histograms are folded, so that they stay small between two scrapes.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Bounds of histogram buckets, in seconds.
const BUCKETS: [f64; 16] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 300.0, 3_600.0, 86_400.0];

static HANDLE: Mutex<Option<PrometheusHandle>> = Mutex::new(None);

/// Starts collecting, once per process; later calls give the same collection.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    // Held to the end: the handle that is kept must be that of the recorder in use.
    let mut kept = HANDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*kept {
        return Ok(handle.clone());
    }
    let recorder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS)?.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(BoundedSeries::new(recorder))
        .map_err(|error| SetRecorderError(error.into_inner().into_inner()))?;
    super::describe::all();
    super::process::started();
    *kept = Some(handle.clone());
    Ok(handle)
}

/// Folds histograms every `UPKEEP_INTERVAL`, until it is dropped.
pub async fn upkeep(handle: PrometheusHandle) {
    let mut ticks = tokio::time::interval(UPKEEP_INTERVAL);
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}
