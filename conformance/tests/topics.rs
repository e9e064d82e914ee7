//! The steps about topics on a real broker: what the suite puts on a topic it finds there, and what is not there
//! fails. No gateway is involved.

use std::collections::BTreeMap;
use std::time::Duration;

use conformance::receiver::Receiver;
use conformance::runner::{self, Outcome, Suite};
use conformance::target::Target;
use conformance::target::file::Kafka;
use conformance::{requirements, scenario};

#[path = "setting/broker.rs"]
mod broker;

use broker::Broker;

const SCENARIOS: &str = r#"
[[scenario]]
ids = ["CE-KAFKA-09"]
title = "what is put there is found there"
bare = true
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

[[scenario]]
ids = ["CE-KAFKA-09"]
title = "what is not there fails"
bare = true
[[scenario.step]]
produce = "{{topic}}"
message = "ce_id: a"
[[scenario.step]]
record = "{{topic}}"
about = "b"
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_are_put_and_found() {
    let broker = Broker::start().await;
    let receiver = Receiver::start(([127, 0, 0, 1], 0).into(), None).await.expect("the receiver starts");
    let mut target = Target::new("http://127.0.0.1:9", None).expect("an address");
    let (brokers, topic) = (broker.address.clone(), "gateway.kanaal.{{kanaal}}".to_owned());
    target.kafka(Kafka { brokers, topic, properties: BTreeMap::new() });
    let mut suite = Suite::new(target, receiver);
    suite.patience = Duration::from_secs(20);
    let mut scenarios = scenario::read("topics.toml", SCENARIOS, &requirements::by_id()).expect("they are in order");
    let missing = scenarios.pop().expect("two scenarios");
    let found = runner::run(&suite, scenarios).await.remove(0);
    assert_eq!(found.outcome, Outcome::Passed);
    assert_eq!(found.exchanges.len(), 6, "{:#?}", found.exchanges);
    suite.patience = Duration::from_secs(3);
    let Outcome::Failed(failures) = runner::run(&suite, vec![missing]).await.remove(0).outcome else {
        panic!("it must fail")
    };
    assert!(failures[0].what.contains("no such record") && failures[0].evidence.contains("ce_id: a"), "{failures:?}");
}
