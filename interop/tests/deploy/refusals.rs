//! Values that cannot work are refused before anything is installed, and the message names the value and the remedy.

use std::path::Path;

use interop::Failure;

use crate::chart::Chart;

/// Values beside those that Kafka needs, and a part of the refusal.
const REFUSED: &[(&str, &str)] = &[
    ("{storage: kafka, kafka: {brokers: ''}}", "kafka.brokers: say where the brokers are"),
    ("{key: {existingSecret: ''}}", "key.existingSecret: all nodes share one key"),
    ("{config: {listen: '0.0.0.0:1'}}", "config.listen: the chart sets it"),
    ("{config: {operations: {listen: '0.0.0.0:1'}}}", "config.operations.listen"),
    ("{config: {secrets: {key_file: /x}}}", "config.secrets"),
    ("{config: {kafka: {brokers: 'b:1'}}}", "config.kafka.brokers"),
    ("{config: {kafka: {properties: {sasl.password: x}}}}", "sasl.password would be readable in a ConfigMap"),
    ("{config: {applicatie: [{client_id: a, secret: s}]}}", "the secret of a would be readable"),
    ("{kafka: {sasl: {mechanism: PLAIN}}}", "username and existingSecret are needed"),
    (
        "{kafka: {sasl: {mechanism: OAUTHBEARER, username: a, existingSecret: b}}}",
        "config.kafka.oauth.token_url: is needed",
    ),
    ("{config: {kafka: {oauth: {token_url: 'https://a.example/t'}}}}", "goes with kafka.sasl.mechanism OAUTHBEARER"),
    ("{config: {kafka: {oauth: {client_secret: x}}}}", "config.kafka.oauth.client_secret: the chart sets it"),
    ("{kafka: {tls: {client: {existingSecret: x}}}}", "kafka.tls.enabled"),
    ("{storage: embedded}", "kafka.brokers: storage is embedded"),
    ("{storage: embedded, kafka: {brokers: ''}, layout: byRole}", "the embedded file has one node"),
    ("{ingress: {enabled: true}}", "ingress.host: is needed"),
    ("{layout: byRole, ingress: {enabled: true, host: a.example}}", "ingress.publishHost"),
    ("{tls: {clients: {existingConfigMap: x}}}", "tls.clients: needs tls.existingSecret"),
    ("{httpRoute: {enabled: true}}", "httpRoute.parentRefs"),
    // These are refused by the schema of the values.
    ("{storage: sqlite}", "storage"),
    ("{kafka: {brokers: kafka}}", "brokers"),
    ("{nodes: {deliver: {replicas: 0}}}", "replicas"),
    ("{replicaCount: 2}", "replicaCount"),
    ("{applicaties: [{clientId: a}]}", "existingSecret"),
    ("{applicaties: [{clientId: a, existingSecret: b, scopes: [alles]}]}", "scopes"),
];

#[tokio::test]
async fn values_that_cannot_work_are_refused_in_words() -> Result<(), Failure> {
    let folder = tempfile::tempdir().map_err(Failure::file(Path::new("values")))?;
    let (base, more) = (folder.path().join("base.yaml"), folder.path().join("more.yaml"));
    let write = |file: &Path, text: &str| std::fs::write(file, text).map_err(Failure::file(file));
    write(&base, "{kafka: {brokers: 'kafka:9092'}, key: {existingSecret: key}}")?;
    assert_eq!(Chart::render(std::slice::from_ref(&base)).await?.refused, None);
    for (values, expected) in REFUSED {
        write(&more, values)?;
        let refused = Chart::render(&[base.clone(), more.clone()]).await?.refused.unwrap_or_default();
        assert!(refused.contains(expected), "{values}: {refused:?}");
    }
    // Without any values, everything that is needed is named in one message.
    let refused = Chart::render(&[]).await?.refused.unwrap_or_default();
    assert!(refused.contains("kafka.brokers") && refused.contains("key.existingSecret"), "{refused}");
    Ok(())
}
