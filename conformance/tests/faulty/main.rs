//! The suite can fail: a gateway with one planted fault is caught by exactly the requirements that fault breaks,
//! and the same gateway without a fault passes them all.

mod target;

use std::collections::BTreeSet;
use std::time::Duration;

use conformance::library;
use conformance::receiver::Receiver;
use conformance::report::{Report, Verdict};
use conformance::runner::{self, Suite};
use conformance::scenario::Scenario;
use conformance::standing;
use conformance::target::Target;
use target::Fault;

/// Scenarios the small target can play, by title.
const PLAYED: &[&str] = &[
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
];

fn chosen() -> Vec<Scenario> {
    let all = library::built_in().expect("the scenario files are in order");
    let chosen: Vec<_> = all.into_iter().filter(|scenario| PLAYED.contains(&scenario.title.as_str())).collect();
    assert_eq!(chosen.len(), PLAYED.len(), "every title names a scenario");
    chosen
}

/// The ids that fail against a target with this fault.
async fn caught(fault: Fault) -> (BTreeSet<String>, String) {
    let address = target::start(fault).await.expect("the target starts");
    let receiver = Receiver::start(([127, 0, 0, 1], 0).into(), None).await.expect("the receiver starts");
    let mut suite = Suite::new(Target::new(&address, None).expect("an address"), receiver);
    suite.patience = Duration::from_secs(3);
    let played = runner::run(&suite, chosen()).await;
    let standing = standing::check(&suite.receiver.sinks());
    let report = Report::new(&address, Duration::ZERO, &played, &standing);
    let failing = report.rows.iter().filter(|row| row.verdict == Verdict::Fail).map(|row| row.id.clone()).collect();
    (failing, report.text())
}

async fn is_caught_by(fault: Fault, ids: &[&str]) {
    let (failing, text) = caught(fault).await;
    let expected: BTreeSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(failing, expected, "{fault:?}\n{text}");
}

macro_rules! faults {
    ($($name:ident: $fault:ident => [$($id:literal),* $(,)?];)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            is_caught_by(Fault::$fault, &[$($id),*]).await;
        })*
    };
}

faults! {
    a_target_without_a_fault_passes: None => [];
    accepting_everything_is_caught: AcceptsEverything => ["CE-BATCH-04", "CE-BATCH-06", "CE-CTX-01", "CE-CTX-02", "CE-CTX-03", "CE-CTX-04", "CE-CTX-05", "CE-CTX-14", "CE-HTTP-07", "CE-HTTP-33", "CE-JSON-05", "CE-JSON-26", "GW-05", "NLG-HTTP-07"];
    refusing_without_saying_why_is_caught: RefusesWithoutSayingWhy => ["CE-CTX-01", "CE-CTX-02", "CE-CTX-03", "CE-CTX-04", "CE-CTX-05", "CE-HTTP-07", "CE-JSON-05", "GW-05"];
    storing_what_is_refused_is_caught: StoresWhatItRefuses => ["CE-BATCH-04", "CE-BATCH-06", "CE-CTX-01", "CE-CTX-02", "CE-CTX-03", "CE-CTX-04", "CE-CTX-05", "CE-CTX-14", "CE-HTTP-07", "CE-HTTP-33", "CE-JSON-05", "CE-JSON-26", "GW-05", "NLG-HTTP-07"];
    dropping_extensions_is_caught: DropsExtensions => ["CE-CTX-23", "CE-CTX-37", "CE-CTX-47", "CE-CTX-50", "CE-JSON-02", "CE-JSON-08", "NLG-CTX-01", "NLG-CTX-20", "NLG-CTX-30", "NLG-CTX-35", "NLG-JSON-02", "NLG-SEC-06"];
    numbers_as_text_are_caught: TurnsNumbersIntoText => ["CE-JSON-02"];
    sending_before_consent_is_caught: SendsBeforeConsent => ["CE-WHV-02", "CE-WHV-13", "CE-WHV-14", "CE-WHV-15", "CE-WHV-16", "CE-WHV-19", "NLG-WH-08"];
    any_origin_as_consent_is_caught: TakesAnyOriginForConsent => ["CE-WHV-15"];
    an_early_retry_is_caught: IgnoresRetryAfter => ["CE-WH-16", "CE-WH-19"];
    sending_after_gone_is_caught: IgnoresGone => ["CE-WH-15"];
    a_new_id_per_attempt_is_caught: NewIdPerAttempt => ["CE-WH-07", "CE-WH-16", "CE-WH-19", "CE-WH-23", "GW-06", "MAP-03", "NLG-CTX-04"];
    half_a_batch_is_caught: StoresTheGoodHalfOfABatch => ["CE-BATCH-04", "CE-BATCH-06", "GW-05", "NLG-HTTP-07"];
    decoding_twice_is_caught: DecodesTwice => ["CE-HTTP-24"];
    a_forgotten_token_is_caught: ForgetsTheToken => ["CE-WHA-01", "CE-WHA-05", "CE-WHA-09", "NLG-WH-03", "NLG-WH-04"];
    a_new_id_per_subscriber_is_caught: NewIdPerSubscriber => ["MAP-03", "NLG-CTX-04"];
    nulls_that_stay_are_caught: KeepsNulls => ["CE-JSON-26", "NLG-CTX-30", "NLG-JSON-02", "NLG-SEC-06"];
    following_a_redirect_is_caught: FollowsRedirects => ["CE-WH-02", "CE-WH-03", "CE-WH-07"];
    a_forgotten_origin_is_caught: ForgetsOrigin => ["CE-WH-05", "CE-WH-06"];
    a_credential_in_the_handshake_is_caught: ShowsItsTokenInTheHandshake => ["CE-WHV-26"];
}

/// Which scenarios see the second copy in time is chance; those that go on long enough always do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn delivering_twice_is_caught() {
    let (failing, text) = caught(Fault::DeliversTwice).await;
    for id in ["CE-WH-16", "CE-WH-23", "CE-WHV-02", "CE-WHV-13"] {
        assert!(failing.contains(id), "{id} is not among {failing:?}\n{text}");
    }
}
