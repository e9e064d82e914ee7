//! `gateway check` accepts what the chart renders: every key of the configuration, every file where it is mounted,
//! and on Kafka the brokers as they are configured, with log-in and certificates on both sides where the example has them.

use interop::Failure;

use crate::authority::Authority;
use crate::broker::Broker;
use crate::chart::Chart;
use crate::container::Container;

/// What makes an example fit one broker on this machine. The check is of topics that are to be made, so each has a prefix.
fn here(broker: &str, prefix: &str) -> String {
    format!(
        "{{kafka: {{brokers: '{broker}'}}, \
           config: {{kafka: {{prefix: '{prefix}', replication: 1, min_insync_replicas: 1, timeout_seconds: 30}}}}}}"
    )
}

/// Runs the pod of `helm test`; returns its output.
async fn check(chart: &Chart, give: &dyn Fn(&str, &str) -> String) -> Result<String, Failure> {
    let pod = chart.all("Pod").next().expect("the pod of helm test");
    let container = Container::of_pod(pod, chart.configuration(), give)?;
    let arguments = crate::texts(&pod["spec"]["containers"][0]["args"]);
    let output = container.run(&[&["gateway"], arguments.as_slice()].concat()).await?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{}", chart.configuration());
    Ok(said)
}

/// A key, or a secret long enough.
fn secret(_: &str, _: &str) -> String {
    "5e".repeat(32)
}

#[tokio::test]
async fn the_embedded_file_with_tls() -> Result<(), Failure> {
    let identity = Authority::new().identity();
    let give = |secret_name: &str, key: &str| match (secret_name, key) {
        ("gateway-tls", "tls.crt") => identity.certificate.clone(),
        ("gateway-tls", "tls.key") => identity.key.clone(),
        other => secret(other.0, other.1),
    };
    let said = check(&Chart::example("embedded", "").await?, &give).await?;
    assert!(said.contains("ok      certificate and key of the listener"), "{said}");
    Ok(())
}

#[tokio::test]
async fn g7_more_secrets_of_a_client_and_authorities_of_certificates() -> Result<(), Failure> {
    let authority = Authority::new();
    let identity = authority.identity();
    let give = |name: &str, key: &str| match (name, key) {
        ("gateway-tls", "tls.crt") => identity.certificate.clone(),
        ("gateway-tls", "tls.key") => identity.key.clone(),
        ("authorities", "ca.crt") => authority.pem(),
        ("gateway-open-zaak", "next") => "7f".repeat(32),
        other => secret(other.0, other.1),
    };
    let more = "{tls: {clients: {existingConfigMap: authorities}}, applicaties: [{clientId: open-zaak, existingSecret: \
                gateway-open-zaak, moreSecretKeys: [next], certificate: {oin: '00000001823288444000'}}]}";
    let chart = Chart::example("embedded", more).await?;
    let configuration = chart.configuration();
    for line in [
        "/etc/gateway/secrets/applicatie-0-0",
        "client_ca = \"/etc/gateway/clients/ca.crt\"",
        "oin = \"00000001823288444000\"",
    ] {
        assert!(configuration.contains(line), "{line}: {configuration}");
    }
    let said = check(&chart, &give).await?;
    assert!(said.contains("ok      secrets of applicatie open-zaak"), "{said}");
    assert!(said.contains("tls.client_crl is not set"), "{said}");
    Ok(())
}

#[tokio::test]
async fn kafka_with_log_in_and_certificates_on_both_sides() -> Result<(), Failure> {
    let authority = Authority::new();
    let (broker, client, listener) = (authority.identity(), authority.identity(), authority.identity());
    let folder = tempfile::tempdir().map_err(Failure::file(&std::env::temp_dir()))?;
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).map_err(Failure::file(&path)).map(|()| path.display().to_string())
    };
    let login = "org.apache.kafka.common.security.plain.PlainLoginModule required \
                 username=\"gateway\" password=\"wachtwoord\" user_gateway=\"wachtwoord\";";
    let broker = Broker::with(&[
        "listener.security.protocol.map=PLAINTEXT:SASL_SSL,CONTROLLER:PLAINTEXT".to_owned(),
        "inter.broker.listener.name=PLAINTEXT".to_owned(),
        "sasl.enabled.mechanisms=PLAIN".to_owned(),
        "sasl.mechanism.inter.broker.protocol=PLAIN".to_owned(),
        format!("listener.name.plaintext.plain.sasl.jaas.config={login}"),
        "ssl.client.auth=required".to_owned(),
        "ssl.keystore.type=PEM".to_owned(),
        format!("ssl.keystore.location={}", file("broker.pem", broker.key + &broker.certificate)?),
        "ssl.truststore.type=PEM".to_owned(),
        format!("ssl.truststore.location={}", file("root.pem", authority.pem())?),
    ])
    .await?;
    // Users for SCRAM would have to be created on the broker before it starts.
    let chart = Chart::example("secured", &here(&broker.address, "secured")).await?;
    assert!(chart.configuration().contains("\"sasl.mechanism\" = \"SCRAM-SHA-512\""));
    let plain = here(&broker.address, "secured").replace("}, config", ", sasl: {mechanism: PLAIN}}, config");
    let chart = Chart::example("secured", &plain).await?;
    let give = |name: &str, key: &str| match (name, key) {
        ("gateway-kafka-user", "password") => "wachtwoord".to_owned(),
        ("kafka-cluster-ca" | "private-authorities", _) => authority.pem(),
        ("gateway-kafka-client", "tls.crt") => client.certificate.clone(),
        ("gateway-kafka-client", "tls.key") => client.key.clone(),
        ("gateway-tls", "tls.crt") => listener.certificate.clone(),
        ("gateway-tls", "tls.key") => listener.key.clone(),
        other => secret(other.0, other.1),
    };
    let said = check(&chart, &give).await?;
    assert!(said.contains("ok      rights on what starts with secured."), "{said}");
    assert!(said.contains("ok      authorities and client certificates of [egress]"), "{said}");
    Ok(())
}

#[tokio::test]
async fn kafka_with_access_tokens() -> Result<(), Failure> {
    let module = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required";
    let broker = Broker::with(&[
        "listener.security.protocol.map=PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT".to_owned(),
        "inter.broker.listener.name=PLAINTEXT".to_owned(),
        "sasl.enabled.mechanisms=OAUTHBEARER".to_owned(),
        "sasl.mechanism.inter.broker.protocol=OAUTHBEARER".to_owned(),
        format!(
            "listener.name.plaintext.oauthbearer.sasl.jaas.config={module} unsecuredLoginStringClaim_sub=\"broker\" \
             unsecuredLoginListClaim_scope=\",kafka\" unsecuredValidatorRequiredScope=\"kafka\";"
        ),
    ])
    .await?;
    let endpoint = crate::tokens::endpoint("gateway", "5e5e").await?;
    let more = format!(
        "{{kafka: {{brokers: '{}', sasl: {{mechanism: OAUTHBEARER, username: gateway, existingSecret: token-client}}}}, \
           config: {{egress: {{allow: [127.0.0.0/8], allow_http: [127.0.0.0/8]}}, \
             kafka: {{oauth: {{token_url: '{endpoint}', scope: kafka}}, \
               prefix: tokens, replication: 1, min_insync_replicas: 1, timeout_seconds: 30}}}}}}",
        broker.address
    );
    let give = |name: &str, key: &str| match (name, key) {
        ("token-client", "password") => "5e5e".to_owned(),
        other => secret(other.0, other.1),
    };
    let said = check(&Chart::example("together", &more).await?, &give).await?;
    assert!(said.contains("ok      rights on what starts with tokens."), "{said}");
    Ok(())
}

#[tokio::test]
async fn kafka_as_everybody_starts() -> Result<(), Failure> {
    let broker = Broker::local().await?;
    for example in ["together", "by-role"] {
        let said = check(&Chart::example(example, &here(&broker.address, example)).await?, &secret).await?;
        assert!(said.contains(&format!("ok      rights on what starts with {example}.")), "{said}");
        assert!(said.contains("no topic is there yet"), "{said}");
    }
    crate::nodes::by_role(&broker.address, &here(&broker.address, "by-role"), &secret).await
}
