//! Brokers with authentication: `inspect` finds missing permissions and prints the commands that grant them, and the
//! operator's properties reach every client.
//!
//! The printed commands are executed unchanged, with the tools of Kafka.

use std::{path::Path, process::Command, sync::Arc, time::Duration};

use model::{
    Mark, Partition,
    clock::{SystemClock, SystemRandom},
    decide,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use storage::{
    Control, EventLog, Journal, Progress,
    kafka::{
        Kafka, Options,
        broker::Broker,
        inspect::{Finding, Severity},
    },
    log::Limit,
    suite::sample::{kanaal, name, record},
};

fn options(broker: &Broker, properties: &[(&str, &str)]) -> Options {
    let mut options = Options::new(broker.address(), Arc::new(SystemClock::default()), Arc::new(SystemRandom));
    options.prefix = "organisatie.gateway".into();
    (options.partitions, options.replication, options.min_insync_replicas, options.shards) = (1, 1, 1, 1);
    options.deadline = Duration::from_mins(1);
    options.properties = properties.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    options
}

fn kafka(options: &Options) -> Kafka {
    Kafka::new(options.clone()).expect("the options are right")
}

async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_mins(5), what).await.expect("in time")
}

fn bad(findings: &[Finding]) -> Vec<&str> {
    findings
        .iter()
        .filter(|finding| finding.severity == Severity::Failure)
        .map(|finding| finding.text.as_str())
        .collect()
}

/// The findings once none is bad; brokers exchange changed ACLs with a delay.
async fn until_all_is_well(options: &Options) -> Vec<Finding> {
    let mut last = Vec::new();
    for _ in 0..20 {
        last = kafka(options).inspect().await;
        if bad(&last).is_empty() {
            return last;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("{:#?}", bad(&last));
}

/// An administrator with the tools of Kafka who executes the remedies in findings.
struct Administrator(tempfile::NamedTempFile);

impl Administrator {
    fn new() -> Self {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let login = login("alles");
        let text = format!("security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config={login}\n");
        std::fs::write(file.path(), text).expect("written");
        Self(file)
    }

    fn run(&self, command: &str) {
        let lib = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/kafka/lib/*");
        let java = format!("java -Xmx128m -XX:TieredStopAtLevel=1 -cp '{}'", lib.display());
        let config = format!("\"$@\" --command-config {}", self.0.path().display());
        let script = format!(
            "kafka-acls.sh() {{ {java} org.apache.kafka.tools.AclCommand {config}; }}\n\
             kafka-configs.sh() {{ {java} kafka.admin.ConfigCommand {config}; }}\n{command}"
        );
        let output = Command::new("bash").args(["-c", &script]).output().expect("bash");
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn follow(&self, findings: &[&str]) {
        std::thread::scope(|scope| {
            for finding in findings {
                let (_, command) = finding.split_once(" with: ").unwrap_or_else(|| panic!("no remedy in: {finding}"));
                scope.spawn(|| self.run(command));
            }
        });
    }
}

/// The JAAS configuration of a user, whose password is the reversed name.
fn login(user: &str) -> String {
    let module = "org.apache.kafka.common.security.plain.PlainLoginModule required";
    format!("{module} username=\"{user}\" password=\"{}\";", password(user))
}

fn password(user: &str) -> String {
    user.chars().rev().collect()
}

fn as_user(broker: &Broker, user: &str, password: &str) -> Options {
    let properties = [
        ("security.protocol", "sasl_plaintext"),
        ("sasl.mechanism", "PLAIN"),
        ("sasl.username", user),
        ("sasl.password", password),
    ];
    options(broker, &properties)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_said_with_the_commands_that_mend_it() {
    let users = ["alles", "gateway", "lezer"].map(|user| format!("user_{user}=\"{}\"", password(user))).join(" ");
    let login_of_the_broker = login("alles").replace(';', &format!(" {users};"));
    let jaas = format!("listener.name.plaintext.plain.sasl.jaas.config={login_of_the_broker}");
    let broker = Broker::start(&[
        "listener.security.protocol.map=PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name=PLAINTEXT",
        "sasl.enabled.mechanisms=PLAIN",
        "sasl.mechanism.inter.broker.protocol=PLAIN",
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users=User:alles;User:ANONYMOUS",
        &jaas,
    ])
    .expect("a broker");
    let administrator = Administrator::new();

    let stranger = Options { deadline: Duration::from_secs(20), ..as_user(&broker, "gateway", "wrong") };
    let stranger = kafka(&stranger).inspect().await;
    assert!(bad(&stranger).iter().any(|text| text.contains("uthentication failed")), "{stranger:#?}");

    let gateway = as_user(&broker, "gateway", &password("gateway"));
    let before = in_time(kafka(&gateway).inspect()).await;
    assert_eq!(bad(&before).len(), 3, "{before:#?}");
    assert!(bad(&before).iter().all(|text| text.contains("'User:gateway'")), "{before:#?}");
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/kafka.md")).expect("a page");
    for finding in bad(&before) {
        let (_, command) = finding.split_once(" with: ").expect("a remedy");
        let shown = command.replace(broker.address(), "kafka-1:9093").replace(&gateway.prefix, "gateway");
        assert!(page.lines().any(|line| line == shown), "docs/kafka.md shows: {shown}");
    }
    administrator.follow(&bad(&before));
    let granted = until_all_is_well(&gateway).await;
    assert!(granted.iter().any(|finding| finding.text.contains("no topic is there yet")), "{granted:#?}");

    // The granted permissions suffice for a node.
    let node = kafka(&gateway);
    let log = node.log().await.expect("the log opens");
    log.append(vec![(name("zaken"), record("k", "een"))]).await.expect("appended");
    log.trim(&name("zaken"), model::Timestamp::from_seconds(1), 10).await.expect("trimmed");
    let control = node.control().await.expect("control opens");
    let actor = model::Actor::gateway();
    let create = || control.submit(&actor, decide::Command::CreateKanaal(kanaal(1, "zaken")));
    in_time(async { while create().await.is_err() {} }).await;
    let progress = node.progress().await.expect("progress opens");
    in_time(progress.ownership()).await.expect("a shard is gained");
    let journal = node.journal().await.expect("the journal opens");
    journal.flush().await.expect("flushed");
    let after = in_time(kafka(&gateway).inspect()).await;
    assert_eq!(bad(&after), [""; 0]);
    let end = log.end(&name("zaken"), Partition(0)).await.expect("an end");
    assert_eq!(end, Mark(1), "looking around writes nothing");
    let topics =
        after.iter().filter(|finding| finding.severity == Severity::Pass && finding.text.starts_with("topic "));
    assert_eq!(topics.count(), 9, "{after:#?}");

    let reader = as_user(&broker, "lezer", &password("lezer"));
    administrator.run(&format!(
        "kafka-acls.sh --bootstrap-server {} --add --allow-principal User:lezer --operation Read \
         --topic {}. --resource-pattern-type prefixed",
        broker.address(),
        reader.prefix
    ));
    let partly = in_time(kafka(&reader).inspect()).await;
    let missing = bad(&partly).join("\n");
    assert!(missing.contains("the right to Create, DescribeConfigs, Write, Delete topics that"), "{missing}");
    assert!(missing.contains("the right to Read consumer groups") && missing.contains("Write transactional ids"));

    let all = as_user(&broker, "alles", &password("alles"));
    let topic = format!("{}.kanaal.zaken", all.prefix);
    administrator.run(&format!(
        "kafka-configs.sh --bootstrap-server {} --alter --topic {topic} --add-config \
         retention.ms=60000,message.timestamp.type=CreateTime,unclean.leader.election.enable=true",
        broker.address()
    ));
    let findings = in_time(kafka(&all).inspect()).await;
    let wrong = bad(&findings);
    assert!(wrong.len() == 1 && wrong[0].contains("retention.ms is \"60000\" and must be \"-1\""), "{findings:#?}");
    let advice = findings.iter().filter(|finding| finding.severity == Severity::Advice);
    assert!(advice.clone().any(|finding| finding.text.contains("unclean.leader.election.enable")), "{findings:#?}");
    administrator.follow(&wrong);
    until_all_is_well(&all).await;
    let too_many = Options { replication: 3, ..all };
    let findings = in_time(kafka(&too_many).inspect()).await;
    assert!(bad(&findings).iter().any(|text| text.contains("there are 1 brokers")), "{findings:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_certificate_passes_through_to_every_client() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let mut params = CertificateParams::new([]).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a root");
    let identity = || {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).expect("a name");
        params.distinguished_name.push(DnType::CommonName, "leaf");
        (key.serialize_pem(), params.signed_by(&key, &authority).expect("a certificate").pem())
    };
    let root = file("root.pem", authority.pem());
    let (key, certificate) = identity();
    let broker = Broker::start(&[
        "listener.security.protocol.map=PLAINTEXT:SSL,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name=PLAINTEXT",
        "ssl.client.auth=required",
        "ssl.keystore.type=PEM",
        &format!("ssl.keystore.location={}", file("broker.pem", format!("{key}{certificate}"))),
        "ssl.truststore.type=PEM",
        &format!("ssl.truststore.location={root}"),
    ])
    .expect("a broker");
    let (key, certificate) = identity();
    let (key, certificate) = (file("key.pem", key), file("certificate.pem", certificate));
    let mut properties = vec![("security.protocol", "ssl"), ("ssl.ca.location", &root)];

    let mut without = options(&broker, &properties);
    without.deadline = Duration::from_secs(20);
    let findings = in_time(kafka(&without).inspect()).await;
    assert_eq!(bad(&findings).len(), 1, "{findings:#?}");
    assert!(bad(&findings)[0].contains("ertificate"), "{findings:#?}");

    properties.extend([("ssl.certificate.location", certificate.as_str()), ("ssl.key.location", &key)]);
    let options = options(&broker, &properties);
    assert_eq!(bad(&in_time(kafka(&options).inspect()).await), [""; 0]);
    let node = kafka(&options);
    let log = node.log().await.expect("the log opens");
    log.append(vec![(name("zaken"), record("k", "een"))]).await.expect("appended");
    let limit = Limit { records: 10, bytes: 1 << 20 };
    let read = kafka(&options).log().await.expect("the log opens");
    let read = read.read(&name("zaken"), Partition(0), Mark::BEGINNING, limit).await.expect("read");
    assert_eq!(read.records.len(), 1);
    let control = node.control().await.expect("control opens");
    let actor = model::Actor::gateway();
    let create = || control.submit(&actor, decide::Command::CreateKanaal(kanaal(1, "zaken")));
    in_time(async { while create().await.is_err() {} }).await;
}
