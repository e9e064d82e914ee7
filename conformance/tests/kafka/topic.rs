//! A topic for a test.

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;

/// Makes a topic of three partitions with this `cleanup.policy`.
pub async fn make(brokers: &str, name: &str, policy: &str) {
    let mut config = ClientConfig::new();
    let client: AdminClient<DefaultClientContext> =
        config.set("bootstrap.servers", brokers).create().expect("a client");
    let topic = NewTopic::new(name, 3, TopicReplication::Fixed(1)).set("cleanup.policy", policy);
    let made = client.create_topics([&topic], &AdminOptions::new()).await.expect("the broker answers");
    assert!(made.iter().all(Result::is_ok), "{made:?}");
}
