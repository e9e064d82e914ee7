//! The suite can fail: a gateway with one planted fault is caught by exactly the requirements that fault breaks,
//! and the same gateway without a fault passes them all.

#[cfg(feature = "kafka")]
mod records;
mod target;
#[cfg(feature = "kafka")]
mod topics;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use conformance::library;
use conformance::receiver::Receiver;
use conformance::report::{Report, Verdict};
use conformance::runner;
use conformance::scenario::Scenario;
use conformance::suite::Suite;
use conformance::target::Target;
use conformance::{every_request, requirements};
use target::Fault;
use tokio::sync::Semaphore;

/// Titles of the scenarios that the small target supports.
const SCENARIOS: &[&str] = &[
    "An event without a required attribute is refused, structured",
    "An event without a required attribute is refused, binary",
    "id is a non-empty string",
    "An event of four attributes is enough",
    "All attributes of an event come out as they went in",
    "Numbers, booleans and texts keep their JSON type",
    "A redirect is never followed, and is a failed attempt",
    "410 Gone ends the subscription at once, whatever is still waiting",
    "429 with Retry-After: nothing is sent before that moment, then all of it, in order",
    "503 with Retry-After is honoured like 429",
    "Who did not ask for batches gets one event per request, structured",
    "A failing delivery is tried again, byte for byte the same",
    "A batch of two is two events, in order",
    "One bad event refuses the batch, and the answer says which",
    "The text of a ce- header becomes the value of the attribute",
    "An access token goes in the Authorization header with scheme Bearer",
    "Two subscribers get one notification with the same id",
    "An event with every attribute of the profile is accepted and keeps all but the null",
    "These answers are consent",
    "These answers are no consent, and nothing is sent",
    "Numbers in data keep every digit, and members their order",
    "Bytes come out as base64",
    "An empty batch is a batch",
    "The media type of batches in capitals is a batch",
    "The same notification twice is two",
    "Documented extensions arrive as they were sent",
    "The OpenAPI document keeps the rules for names, version and language",
];

fn chosen(titles: &[&str]) -> Vec<Scenario> {
    let all = library::built_in().expect("the scenario files are in order");
    let chosen: Vec<_> = all.into_iter().filter(|scenario| titles.contains(&scenario.title.as_str())).collect();
    assert_eq!(chosen.len(), titles.len(), "every title names a scenario");
    chosen
}

/// The ids that fail against a target with this fault.
async fn caught(fault: Fault) -> (BTreeSet<String>, String) {
    let (address, _) = target::start(fault, None).await.expect("the target starts");
    failing(Target::new(&address, None).expect("an address"), SCENARIOS, Duration::from_secs(30)).await
}

/// The ids that fail when the scenarios with these titles run against a target, and the report as text.
async fn failing(target: Target, titles: &[&str], patience: Duration) -> (BTreeSet<String>, String) {
    let receiver = Receiver::start(([127, 0, 0, 1], 0).into(), None).await.expect("the receiver starts");
    let mut suite = Suite::new(target, receiver);
    suite.patience = patience;
    let results = runner::run(&suite, chosen(titles)).await;
    let findings = every_request::check(&suite.receiver.sinks());
    let report = Report::new(&suite.target.address(), Duration::ZERO, &results, &findings);
    let failing = report.rows.iter().filter(|row| row.verdict == Verdict::Fail).map(|row| row.id.clone()).collect();
    (failing, report.text())
}

/// Each fault and exactly the requirements that catch it.
const FAULTS: &[(Fault, &[&str])] = &[
    (Fault::None, &[]),
    (
        Fault::AcceptsEverything,
        &[
            "CE-BATCH-04",
            "CE-BATCH-06",
            "CE-CTX-01",
            "CE-CTX-02",
            "CE-CTX-03",
            "CE-CTX-04",
            "CE-CTX-05",
            "CE-CTX-14",
            "CE-HTTP-07",
            "CE-HTTP-33",
            "CE-JSON-05",
            "CE-JSON-26",
            "GW-05",
            "NLG-HTTP-07",
        ],
    ),
    (
        Fault::RefusesWithoutSayingWhy,
        &["CE-CTX-01", "CE-CTX-02", "CE-CTX-03", "CE-CTX-04", "CE-CTX-05", "CE-HTTP-07", "CE-JSON-05", "GW-05"],
    ),
    (
        Fault::StoresWhatItRefuses,
        &[
            "CE-BATCH-04",
            "CE-BATCH-06",
            "CE-CTX-01",
            "CE-CTX-02",
            "CE-CTX-03",
            "CE-CTX-04",
            "CE-CTX-05",
            "CE-CTX-14",
            "CE-HTTP-07",
            "CE-HTTP-33",
            "CE-JSON-05",
            "CE-JSON-26",
            "GW-05",
            "NLG-HTTP-07",
        ],
    ),
    (
        Fault::DropsExtensions,
        &[
            "CE-CTX-23",
            "CE-CTX-37",
            "CE-CTX-47",
            "CE-CTX-50",
            "CE-EXT-02",
            "CE-EXT-03",
            "CE-EXT-06",
            "CE-EXT-08",
            "CE-EXT-09",
            "CE-EXT-12",
            "CE-EXT-13",
            "CE-EXT-15",
            "CE-EXT-16",
            "CE-EXT-23",
            "CE-EXT-24",
            "CE-EXT-25",
            "CE-EXT-26",
            "CE-EXT-27",
            "CE-JSON-02",
            "CE-JSON-08",
            "NLG-CTX-01",
            "NLG-CTX-20",
            "NLG-CTX-30",
            "NLG-CTX-35",
            "NLG-JSON-02",
            "NLG-SEC-06",
        ],
    ),
    (Fault::TurnsNumbersIntoText, &["CE-EXT-12", "CE-EXT-16", "CE-EXT-25", "CE-EXT-27", "CE-JSON-02"]),
    (
        Fault::SendsBeforeConsent,
        &["CE-WHV-02", "CE-WHV-13", "CE-WHV-14", "CE-WHV-15", "CE-WHV-16", "CE-WHV-19", "NLG-WH-08"],
    ),
    (Fault::TakesAnyOriginForConsent, &["CE-WHV-15"]),
    (Fault::IgnoresRetryAfter, &["CE-WH-16", "CE-WH-19"]),
    (Fault::IgnoresGone, &["CE-WH-15"]),
    (Fault::NewIdPerAttempt, &["CE-WH-07", "CE-WH-16", "CE-WH-19", "CE-WH-23", "GW-06", "MAP-03", "NLG-CTX-04"]),
    (Fault::StoresTheGoodHalfOfABatch, &["CE-BATCH-04", "CE-BATCH-06", "GW-05", "NLG-HTTP-07"]),
    (Fault::DecodesTwice, &["CE-HTTP-24"]),
    (Fault::ForgetsTheToken, &["CE-WHA-01", "CE-WHA-05", "CE-WHA-09", "NLG-WH-03", "NLG-WH-04"]),
    (Fault::NewIdPerSubscriber, &["MAP-03", "NLG-CTX-04"]),
    (Fault::KeepsNulls, &["CE-JSON-26", "NLG-CTX-30", "NLG-JSON-02", "NLG-SEC-06"]),
    (Fault::FollowsRedirects, &["CE-WH-02", "CE-WH-03", "CE-WH-07"]),
    (Fault::ForgetsOrigin, &["CE-WH-05", "CE-WH-06"]),
    (Fault::ShowsItsTokenInTheHandshake, &["CE-WHV-26"]),
    (Fault::ReordersJson, &["CE-CTX-47", "CE-JSON-24"]),
    (Fault::LosesBase64, &["CE-JSON-09"]),
    (
        Fault::MovesTime,
        &[
            "CE-CTX-23",
            "CE-CTX-37",
            "CE-CTX-47",
            "CE-CTX-50",
            "CE-EXT-26",
            "CE-JSON-08",
            "NLG-CTX-01",
            "NLG-CTX-20",
            "NLG-CTX-30",
            "NLG-CTX-35",
            "NLG-JSON-02",
            "NLG-SEC-06",
        ],
    ),
    (Fault::SendsBatchesUnasked, &["CE-BATCH-07", "CE-HTTP-41", "NLG-HTTP-02", "NLG-HTTP-03", "NLG-JSON-05"]),
    (Fault::RefusesEmptyBatches, &["CE-BATCH-03", "NLG-HTTP-07"]),
    (Fault::MindsTheCaseOfMediaTypes, &["CE-HTTP-04", "CE-HTTP-40"]),
    (Fault::TakesRepeatsForOne, &["ZGW-NOT19"]),
    (Fault::DescribesItselfCarelessly, &["ADR-01", "ADR-02", "ADR-05", "ADR-06", "ADR-22", "ADR-24"]),
];

/// Which scenarios see the second copy in time is chance; those that go on long enough always do.
const TWICE: &[&str] = &["CE-WH-16", "CE-WH-23", "CE-WHV-02", "CE-WHV-13"];

/// How many faults are tested concurrently.
const TOGETHER: usize = 4;

/// Tests every fault, some at a time, and compares the ids that catch it with the table.
async fn compare<F, C>(table: &'static [(F, &[&str])], catch: impl Fn(F) -> C)
where
    F: std::fmt::Debug + Copy,
    C: Future<Output = (BTreeSet<String>, String)> + Send + 'static,
{
    let slots = Arc::new(Semaphore::new(TOGETHER));
    let test = |fault: F| {
        let (slots, caught) = (Arc::clone(&slots), catch(fault));
        tokio::spawn(async move {
            let _slot = slots.acquire_owned().await;
            caught.await
        })
    };
    let running: Vec<_> = table.iter().map(|(fault, expected)| (fault, expected, test(*fault))).collect();
    let mut wrong = vec![];
    for (fault, expected, test) in running {
        let (failing, text) = test.await.expect("the suite does not panic");
        let ids: Vec<_> = failing.iter().map(String::as_str).collect();
        println!("{:<28} {}", format!("{fault:?}"), ids.join(", "));
        if ids != *expected {
            wrong.push(format!("{fault:?} is caught by {ids:?}, expected {expected:?}\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_caught_by_exactly_the_requirements_it_breaks() {
    compare(FAULTS, caught).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn delivering_twice_is_caught() {
    let (failing, text) = caught(Fault::DeliversTwice).await;
    for id in TWICE {
        assert!(failing.contains(*id), "{id} is not among {failing:?}\n{text}");
    }
}

#[test]
fn every_group_of_obligatory_requirements_has_a_planted_fault() {
    let mut caught: BTreeSet<_> = FAULTS.iter().flat_map(|(_, ids)| *ids).map(|id| requirements::group(id)).collect();
    // Its faults are planted where there is a broker (topics.rs).
    caught.insert("CE-KAFKA");
    let obligatory = requirements::all().into_iter().filter(|row| row.tier == 1);
    let groups: BTreeSet<_> = obligatory.map(|row| requirements::group(&row.id).to_owned()).collect();
    let without: Vec<_> = groups.iter().filter(|group| !caught.contains(group.as_str())).collect();
    assert_eq!(without, Vec::<&String>::new());
}
