//! Metrics of this process and this program, under the names that client libraries of Prometheus use. They are read from
//! `/proc/self` when metrics are rendered; where that is not there, they are left out.

use std::{fmt::Write, sync::OnceLock};

use model::{Clock, Timestamp, clock::SystemClock};

use super::text::header;

/// CPU time used, user and system.
pub const CPU_SECONDS: &str = "process_cpu_seconds_total";
/// Memory in use.
pub const RESIDENT_BYTES: &str = "process_resident_memory_bytes";
/// Open file descriptors.
pub const OPEN_FDS: &str = "process_open_fds";
/// Most file descriptors that may be open.
pub const MAX_FDS: &str = "process_max_fds";
/// When the process started collecting metrics.
pub const START_SECONDS: &str = "process_start_time_seconds";
/// Version and storage of the program; always 1.
pub const BUILD_INFO: &str = "gateway_build_info";

/// Names, types and descriptions of these metrics.
pub const METRICS: [(&str, &str, &str); 6] = [
    (CPU_SECONDS, "counter", "CPU time that the process used, user and system, in seconds."),
    (RESIDENT_BYTES, "gauge", "Memory that the process uses, in bytes."),
    (OPEN_FDS, "gauge", "Open file descriptors of the process."),
    (MAX_FDS, "gauge", "Most file descriptors that the process may have open."),
    (START_SECONDS, "gauge", "When the process started, in seconds since 1970."),
    (BUILD_INFO, "gauge", "Always 1; the labels name the version of the program and its storage."),
];

/// Clock ticks in a second of `/proc/self/stat` (`USER_HZ`), which is 100 on every architecture that Rust supports there.
const TICKS_PER_SECOND: f64 = 100.0;

static STARTED: OnceLock<Timestamp> = OnceLock::new();

/// Notes the start of the process; later calls change nothing.
pub fn started() {
    STARTED.get_or_init(|| SystemClock::default().now());
}

/// The lines of these metrics. `store` is `embedded` or `kafka`.
pub fn render(store: &str) -> String {
    let mut text = String::new();
    let read = |name: &str| std::fs::read_to_string(format!("/proc/self/{name}")).ok();
    let values = [
        read("stat").as_deref().and_then(cpu_seconds),
        read("status").as_deref().and_then(resident_bytes),
        std::fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count().saturating_sub(1) as f64),
        read("limits").as_deref().and_then(max_fds),
        STARTED.get().map(|at| at.as_millis() as f64 / 1_000.0),
    ];
    for ((name, kind, help), value) in METRICS.into_iter().zip(values) {
        if let Some(value) = value {
            header(&mut text, name, kind, help);
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name} {value}");
        }
    }
    let [.., (name, kind, help)] = METRICS;
    header(&mut text, name, kind, help);
    let _ = writeln!(text, "{name}{{version=\"{}\",store=\"{store}\"}} 1", crate::VERSION);
    text
}

/// Memory in use, in bytes; `None` where `/proc` is absent.
pub fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    resident_bytes(&status).map(|bytes| bytes as u64)
}

/// User and system time: fields 14 and 15, counted from behind the name of the program, which may hold blanks.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS_PER_SECOND)
}

fn resident_bytes(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? * 1_024.0)
}

/// The soft limit; `None` when there is none.
fn max_fds(limits: &str) -> Option<f64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g8_values_are_read_from_the_forms_of_proc() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194560 9 0 0 0 250 50 0 0 20 0 5 0 100 1 2";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(resident_bytes("Name:\tx\nVmRSS:\t    2048 kB\n"), Some(2_097_152.0));
        let limits = "Limit   Soft Limit  Hard Limit  Units\nMax open files            1024     524288   files\n";
        assert_eq!(max_fds(limits), Some(1_024.0));
        assert_eq!(max_fds("Max open files   unlimited   unlimited   files\n"), None);
    }
}
