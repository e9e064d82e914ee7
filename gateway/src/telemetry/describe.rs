//! The description of each metric, for the `# HELP` lines of the exposition. Counting is elsewhere.

use ::feeds::metrics as feeds;
use ::inbound_mail::metrics as inbound;
use ::inbox::metrics as inbox;
use channel_webhook::consent::metrics as consent;
use delivery::metrics as deliveries;
use mailer::mailings::metrics as mailings;
use metrics::{describe_counter, describe_gauge, describe_histogram};
use publishing::metrics as ingest;
use storage::metrics as storage;
use web::{
    auth::{failures, trusted_header},
    metrics as http, overload,
};

use super::{autorisaties, connections, log_queue, states};
use crate::{inbound_mail, receipts, receivers};

/// Counters: what is counted since the process started.
const COUNTERS: [(&str, &str); 32] = [
    (http::REQUESTS, "HTTP requests answered, by class of status."),
    (failures::FAILURES, "Requests that were refused because of their token, by reason."),
    (trusted_header::IGNORED, "Requests with the header of a person that no proxy sent which may name people."),
    (overload::SHED, "Publishing requests that were refused because they would have waited too long."),
    (log_queue::DROPPED, "Log lines that were dropped because they could not be written."),
    (connections::ENDED, "Connections of clients that the gateway closed, by reason."),
    (connections::ANSWERS_REFUSED, "Answers replaced by 503 because too many bytes of answers were not sent yet."),
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
    (receivers::TESTS, "Test events that clients had sent to a sink, by what the answer means; no deliveries."),
    (deliveries::ATTEMPTS, "Requests with events to sinks, by what their answer means."),
    (deliveries::CHECKPOINTS, "Checkpoints of delivery progress that were written."),
    (deliveries::UNREADABLE, "Stored records that hold no readable event and were passed over; should stay 0."),
    (storage::JOURNAL_FAILURES, "Batches of the journal that were not written; each is tried again."),
    (
        storage::JOURNAL_DROPPED,
        "Entries of the journal that were dropped because too many waited or its file is damaged; should stay 0.",
    ),
    (deliveries::OWNERSHIP, "Shards that this node gained or lost, by change."),
    (deliveries::FENCED, "Checkpoints that were refused because another node has the shard."),
    (deliveries::INVARIANT_VIOLATIONS, "Promises of the delivery engine that were broken, by id; should stay 0."),
    (mailer::MAILS, "Mails to people that were tried, by what the reply of the relay means."),
    (mailer::TEXTS, "Text messages to people that were tried, by what the answer of the provider means."),
    (mailings::ENDS, "Addressees of mailings that ended, by kanaal and end."),
    (mailer::outbox::DUE, "Attempts of due messages to people, by message and result."),
    (receipts::RECEIPTS, "What providers of messages to people posted, by result."),
    (inbound_mail::MAILS, "Mails that came back and were accepted, by result."),
    (inbound::REFUSED, "Commands, mails and connections of mail servers that were refused, by reason."),
    (inbox::MESSAGES, "Events that became messages of the inbox, by kanaal and kind."),
    (inbox::CHANGES, "Changes of messages of the inbox by people, by change."),
    (feeds::POLLS, "Polls of feeds, by feed and result."),
    (feeds::ITEMS, "Items of feeds, by feed and what became of them."),
];

/// Gauges: present values.
const GAUGES: [(&str, &str); 20] = [
    (mailings::OPEN, "Mailings whose addressees have not all ended, by kanaal."),
    (feeds::FAILING, "Whether a feed has trouble: 1 or 0, by feed."),
    (inbox::STREAMS, "Open live streams of the inbox."),
    (inbound::CONNECTIONS, "Open connections of mail servers."),
    (mailings::SUSPENDED, "Mailings whose messages were refused, by kanaal; the next start resumes them."),
    (connections::OPEN, "Open connections of clients."),
    (states::SUBSCRIPTIONS, "Subscriptions, by state."),
    (
        states::NEAR_RETENTION,
        "Subscriptions of this node that did not get events which retention removes within a day, or a quarter of its time.",
    ),
    (
        autorisaties::REGISTERED,
        "Whether the gateway's own abonnement at another Notificaties API is kept: 1 or 0; 1 on one node.",
    ),
    (deliveries::CHECKPOINT_AGE, "Seconds for which progress of deliveries has waited to be stored."),
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
    (storage::JOURNAL_LAG, "Entries of the journal that wait to be written."),
];

/// Histograms, in seconds.
const HISTOGRAMS: [(&str, &str); 2] = [
    (ingest::SECONDS, "Seconds from the first look at a publisher's request to the durable append, by form."),
    (deliveries::DELIVERY_SECONDS, "Seconds from the acceptance of an event to its delivery, replays included."),
];

/// Describes those of the adapter on Kafka.
#[cfg(feature = "kafka")]
fn kafka() {
    use ::storage::kafka::metrics as kafka;

    describe_histogram!(kafka::APPEND_SECONDS, "Seconds until the brokers confirmed an append, or it failed.");
    describe_counter!(kafka::APPENDS_FAILED, "Appends that the brokers did not confirm.");
    describe_counter!(kafka::FENCED, "Transactions that were refused because another node has taken over, by what.");
    describe_counter!(kafka::TOPICS_LOST, "Topics that were deleted, or lost records, while this node ran.");
    describe_counter!(
        kafka::MARKS_RESET,
        "Partitions, per shard, whose logs were not the ones that progress was stored for: deliveries began anew."
    );
    describe_gauge!(kafka::PROCESSOR, "Whether this node decides on changes: 1 or 0.");
    describe_gauge!(kafka::PEOPLE_OWNER, "Whether this node works for people: 1 or 0.");
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
    for reason in connections::REASONS {
        metrics::counter!(connections::ENDED, "reason" => reason).absolute(0);
    }
    for reason in failures::REASONS {
        metrics::counter!(failures::FAILURES, "reason" => reason).absolute(0);
    }
    for name in [connections::ANSWERS_REFUSED, overload::SHED, log_queue::DROPPED] {
        metrics::counter!(name).absolute(0);
    }
    #[cfg(feature = "kafka")]
    kafka();
    for name in [deliveries::UNREADABLE, deliveries::FENCED, storage::JOURNAL_FAILURES, storage::JOURNAL_DROPPED] {
        metrics::counter!(name).absolute(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::{process, samples};

    #[test]
    fn every_metric_is_documented() {
        let page = include_str!("../../../docs/metrics.md");
        let names = COUNTERS.iter().chain(&GAUGES).chain(&HISTOGRAMS).map(|(name, _)| *name);
        let names = names.chain(process::METRICS.map(|(name, ..)| name));
        let names = names.chain(samples::METRICS.map(|(name, _)| name));
        #[cfg(feature = "kafka")]
        let names = {
            use ::storage::kafka::metrics as kafka;
            let more = [kafka::TOPICS_LOST, kafka::MARKS_RESET, kafka::PEOPLE_OWNER];
            names.chain([kafka::APPEND_SECONDS, kafka::APPENDS_FAILED, kafka::FENCED, kafka::PROCESSOR]).chain(more)
        };
        let documented = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
        let mut documented: Vec<String> = documented.map(|(name, _)| name.to_owned()).collect();
        #[cfg(not(feature = "kafka"))]
        documented.retain(|name| !name.starts_with("gateway_kafka_"));
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.sort();
        documented.sort();
        assert_eq!(names, documented, "docs/metrics.md lists all metrics and no others");
    }
}
