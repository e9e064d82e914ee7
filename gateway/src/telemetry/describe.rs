//! What each metric means, as the `# HELP` lines of the exposition say it; not where they are counted.

use delivery::metrics as deliveries;
use metrics::{describe_counter, describe_gauge, describe_histogram};

use super::{autorisaties, consent, http, ingest, states};

/// Counters: what is counted since the process started.
const COUNTERS: [(&str, &str); 12] = [
    (http::REQUESTS, "HTTP requests answered, by class of status."),
    (ingest::ACCEPTED, "Events that were stored durably and accepted, by form."),
    (ingest::FINDINGS, "Remarks of the profile and of payload schemas on accepted events, by rule and kanaal."),
    (consent::STEPS, "Steps of consent handshakes, by the state they led to."),
    (
        deliveries::DELIVERIES,
        "Deliveries that ended, by outcome; those of replays, redrives and redeliveries included.",
    ),
    (
        deliveries::PASSED_OVER,
        "Stored records that a subscription never got to see, wanted or not, by outcome: expired when retention or the \
         end of its time came first, ended when its sink was gone or it was deleted.",
    ),
    (deliveries::ATTEMPTS, "Requests with events to sinks, by what their answer means."),
    (deliveries::CHECKPOINTS, "Checkpoints of delivery progress that were written."),
    (deliveries::UNREADABLE, "Stored records that hold no readable event and were passed over; should stay 0."),
    (deliveries::OWNERSHIP, "Shards that this node gained or lost, by change."),
    (deliveries::FENCED, "Checkpoints that were refused because another node has the shard."),
    (deliveries::INVARIANT_VIOLATIONS, "Promises of the delivery engine that were broken, by id; should stay 0."),
];

/// Gauges: how things stand now.
const GAUGES: [(&str, &str); 11] = [
    (states::SUBSCRIPTIONS, "Subscriptions, by state."),
    (
        autorisaties::REGISTERED,
        "Whether the gateway's own abonnement at another Notificaties API is kept: 1 or 0; 1 on one node.",
    ),
    (deliveries::LAG_EVENTS, "Events that the shared readers have not read yet."),
    (
        deliveries::PARTITION_LAG,
        "Events of a partition that are not read yet, by kanaal and partition; of the slowest shard.",
    ),
    (deliveries::SHARDS_OWNED, "Shards that this node delivers."),
    (deliveries::LAGGING, "Subscriptions that read for themselves because they are behind."),
    (deliveries::UNSETTLED, "Deliveries that were read from the log and have no outcome yet."),
    (
        deliveries::OLDEST_SECONDS,
        "Seconds since the oldest event without an outcome was accepted; 0 when there is none.",
    ),
    (deliveries::IN_FLIGHT, "Requests to sinks under way."),
    (deliveries::WINDOW_BYTES, "Bytes of payload held in memory for deliveries."),
    (deliveries::OUTAGES, "Sinks that fail at the moment."),
];

/// Histograms, in seconds.
const HISTOGRAMS: [(&str, &str); 2] = [
    (ingest::SECONDS, "Seconds from the first look at a publisher's request to the durable append, by form."),
    (deliveries::DELIVERY_SECONDS, "Seconds from the acceptance of an event to its delivery, replays included."),
];

/// Describes those of the adapter on Kafka.
#[cfg(feature = "kafka")]
fn kafka() {
    use storage::kafka::metrics as kafka;

    describe_histogram!(kafka::APPEND_SECONDS, "Seconds until the brokers confirmed an append, or it failed.");
    describe_counter!(kafka::APPENDS_FAILED, "Appends that the brokers did not confirm.");
    describe_counter!(kafka::FENCED, "Transactions that were refused because another node has taken over, by what.");
    describe_gauge!(kafka::PROCESSOR, "Whether this node decides on changes: 1 or 0.");
}

/// Describes all of them to the recorder in use, and lets those that are rare start at 0.
pub fn all() {
    for (name, help) in COUNTERS {
        describe_counter!(name, help);
    }
    for (name, help) in GAUGES {
        describe_gauge!(name, help);
    }
    for (name, help) in HISTOGRAMS {
        describe_histogram!(name, help);
    }
    // A counter that appears with its first increment hides that increment from rate().
    for class in http::CLASSES {
        metrics::counter!(http::REQUESTS, "status" => class).absolute(0);
    }
    #[cfg(feature = "kafka")]
    kafka();
    for name in [deliveries::UNREADABLE, deliveries::FENCED] {
        metrics::counter!(name).absolute(0);
    }
}
