//! The whole suite against the built gateway on Apache Kafka, rows about topics included: every requirement that can be
//! observed passes, the same as on the embedded storage, so that the storage makes no difference on the wire.

use std::collections::BTreeMap;

use conformance::identity::Identity;
use conformance::target::file::Kafka;

use crate::broker::Broker;
use crate::setting::{run, start};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gateway_on_kafka_passes_every_requirement() {
    let broker = Broker::get().await;
    let prefix = Broker::prefix();
    let identity = Identity::fresh("127.0.0.1").expect("a certificate");
    let keys = tempfile::tempdir().expect("a directory");
    let key = keys.path().join("key");
    std::fs::write(&key, "c0".repeat(32)).expect("the key is written");
    // Tests beside this one may keep the broker busy, so changes may take longer than the default of 5 s.
    let more = format!(
        "[secrets]\nkey_file = \"{}\"\n[kafka]\nbrokers = \"{}\"\nprefix = \"{prefix}\"\nreplication = 1\n\
         min_insync_replicas = 1\ntimeout_seconds = 240\nsession_timeout_ms = 45000\n",
        key.display(),
        broker.address
    );
    let gateway = start(&identity, &more).await;
    let kafka = Kafka {
        brokers: broker.address.clone(),
        topic: format!("{prefix}.kanaal.{{{{kanaal}}}}"),
        properties: BTreeMap::new(),
    };
    let report = run(&gateway, &identity, &["tls"], Some(kafka), |_| true).await;
    // Addressees are stored in the embedded file only.
    gateway.assert_passed(&report, Some("CH-"));
    gateway.assert_log_is_clean();
}
