//! The steps about topics on a real broker: what the suite puts on a topic it finds there, and what is not as expected
//! fails. No gateway is involved.

use std::collections::BTreeMap;
use std::time::Duration;

use conformance::receiver::Receiver;
use conformance::requirements;
use conformance::runner::{self, Outcome};
use conformance::scenario::{self, Scenario};
use conformance::suite::Suite;
use conformance::target::Target;
use conformance::target::file::Kafka;

use crate::broker::Broker;
use crate::topic;

/// A scenario of these steps, without a kanaal.
fn of_steps(steps: &str) -> Vec<Scenario> {
    let text = format!("[[scenario]]\nids = [\"CE-KAFKA-09\"]\ntitle = \"steps\"\nbare = true\n{steps}");
    scenario::read("topics.toml", &text, &requirements::by_id()).expect("it is in order")
}

const FOUND: &str = r#"
[[scenario.step]]
produce = "{{topic}}"
key = "zaak-1"
message = '''
ce_id: {{id}}
content-type: application/json

{"a":1}
'''
[[scenario.step]]
produce = "{{topic}}"
message = "ce_id: other"
tombstone = true
[[scenario.step]]
record = "{{topic}}"
about = "other"
expect.tombstone = true
expect.key = ""
[[scenario.step]]
record = "{{topic}}"
expect.headers.ce_id = "{{id}}"
expect.absent_headers = "ce_type"
expect.json = '{"a":1}'
expect.key = "zaak-1"
expect.tombstone = false
save.kept = "header:ce_id"
[[scenario.step]]
produce = "{{topic}}"
message = "ce_id: {{kept}}-again"
[[scenario.step]]
record = "{{topic}}"
about = "{{kept}}-again"
expect.empty = true
expect.tombstone = false
[[scenario.step]]
no_record = "{{topic}}"
[[scenario.step]]
topic = "{{topic}}"
expect.json = '{"cleanup.policy":"delete"}'
"#;

/// Steps that fail, with the reported difference.
const MISSING: &[(&str, &str)] = &[
    ("record = \"{{topic}}\"\nabout = \"nothing\"", "no such record"),
    ("no_record = \"{{topic}}\"", "one more record"),
    ("topic = \"{{topic}}\"\nexpect.json = '{\"cleanup.policy\":\"compact\"}'", "/cleanup.policy"),
    ("record = \"{{topic}}\"\ncount = 8\nexpect.one_partition = true", "they are in the partitions"),
    ("record = \"other\"", "there is no topic other"),
    ("produce = \"other\"", "there is no topic other"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_are_put_and_found() {
    let broker = Broker::get().await;
    let topic = Broker::prefix();
    let receiver = Receiver::start(([127, 0, 0, 1], 0).into(), None).await.expect("the receiver starts");
    let mut target = Target::new("http://127.0.0.1:9", None).expect("an address");
    target.kafka(Kafka { brokers: broker.address.clone(), topic: topic.clone(), properties: BTreeMap::new() });
    let mut suite = Suite::new(target, receiver);
    suite.patience = Duration::from_secs(30);
    topic::make(&broker.address, &topic, "delete").await;
    let found = runner::run(&suite, of_steps(FOUND)).await.remove(0);
    assert_eq!(found.outcome, Outcome::Passed);
    assert_eq!(found.exchanges.len(), 7, "{:#?}", found.exchanges);

    let put = (0..8).map(|key| format!("[[scenario.step]]\nproduce = \"{{{{topic}}}}\"\nkey = \"{key}\""));
    let put = put.collect::<Vec<_>>().join("\n");
    assert_eq!(runner::run(&suite, of_steps(&put)).await.remove(0).outcome, Outcome::Passed);
    let missing = MISSING.iter().flat_map(|(step, _)| of_steps(&format!("[[scenario.step]]\n{step}\n"))).collect();
    for ((step, said), result) in MISSING.iter().zip(runner::run(&suite, missing).await) {
        let Outcome::Failed(failures) = result.outcome else { panic!("it must fail: {step}") };
        assert!(failures[0].what.contains(said), "{step}: {failures:?}");
    }
}
