//! The commands that only print: `token`, `check`, `schema`, `cesql`.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/gateway.toml");

fn gateway(arguments: &[&str], environment: &[(&str, &str)]) -> (bool, String, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_gateway"))
        .args(arguments)
        .envs(environment.iter().copied())
        .output()
        .expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (status.success(), text(stdout), text(stderr))
}

#[test]
fn a_token_is_printed_for_declared_applicaties_only() {
    let (good, token, _) = gateway(&["token", "open-zaak", "--config", SAMPLE], &[]);
    assert!(good);
    assert_eq!(token.trim().split('.').count(), 3);
    let (good, _, why) = gateway(&["token", "nobody", "--config", SAMPLE], &[]);
    assert!(!good && why.contains("nobody") && why.contains("gateway.toml"), "{why}");
}

#[test]
fn check_says_what_is_wrong_and_where() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let (good, said, _) = gateway(&["check", "--config", SAMPLE, "--data", data, "--listen", "127.0.0.1:0"], &[]);
    assert!(good, "{said}");
    assert!(said.contains("ok") && said.contains("public_url is not set"), "{said}");
    assert!(said.contains("has the secret of the sample"), "{said}");
    assert!(!dir.path().join("data").exists(), "what serve makes under its own user is not there already");

    let file = dir.path().join("gateway.toml");
    std::fs::write(&file, "[limits]\nbody = 5\n").unwrap();
    let (good, said, _) = gateway(&["check", "--config", file.to_str().unwrap()], &[]);
    assert!(!good && said.contains("body") && said.contains("limits"), "{said}");

    let (good, said, _) = gateway(&["check", "--data", "/dev/null/data"], &[("GATEWAY_ORIGIN", "a b")]);
    assert!(!good && said.contains("origin"), "the environment counts: {said}");
    let (good, said, _) = gateway(&["check", "--data", "/dev/null/data"], &[("GATEWAY_PORT", "tcp://10.0.0.1:80")]);
    assert!(!good && said.contains("/dev/null/data"), "what is not ours is left alone: {said}");
}

#[test]
fn check_looks_at_every_file_and_address_that_serve_needs() {
    let dir = tempfile::tempdir().unwrap();
    let (file, data) = (dir.path().join("gateway.toml"), dir.path().join("data"));
    let empty = dir.path().join("empty");
    std::fs::write(&empty, "\n").unwrap();
    std::fs::create_dir(&data).unwrap();
    let applicatie = |path: &str| format!("[[applicatie]]\nclient_id = \"a\"\nscopes = []\nsecret_file = \"{path}\"");
    for (text, named) in [
        (applicatie("/nowhere/a.secret"), "/nowhere/a.secret"),
        (applicatie(empty.to_str().unwrap()), "holds no secret"),
        ("[egress]\nextra_ca = [\"/nowhere/ca.pem\"]".into(), "/nowhere/ca.pem"),
        ("[egress.tls.\"x.nl\"]\ncertificate = \"/nowhere/c.pem\"\nkey = \"/nowhere/k.pem\"".into(), "/nowhere/c.pem"),
        ("[operations]\nlisten = \"192.0.2.1:9\"".into(), "192.0.2.1:9"),
        ("[secrets]\nkey_file = \"/nowhere/secrets.key\"".into(), "/nowhere/secrets.key"),
    ] {
        std::fs::write(&file, &text).unwrap();
        let arguments = ["check", "--config", file.to_str().unwrap(), "--data", data.to_str().unwrap()];
        let (good, said, _) = gateway(&[&arguments[..], &["--listen", "127.0.0.1:0"]].concat(), &[]);
        let bad: Vec<&str> = said.lines().filter(|line| line.starts_with("BAD")).collect();
        assert!(!good && bad.len() == 1 && bad[0].contains(named), "{text}: {said}");
    }

    let lock = std::fs::File::create(data.join("gateway.lock")).unwrap();
    lock.try_lock().unwrap();
    let (_, said, _) = gateway(&["check", "--data", data.to_str().unwrap()], &[]);
    assert!(said.contains("in use"), "{said}");

    let missing = dir.path().join("missing.toml");
    for command in ["check", "serve"] {
        let (good, said, why) = gateway(&[command, "--config", missing.to_str().unwrap()], &[]);
        assert!(!good && (said + &why).matches("missing.toml").count() == 1, "{command} names the file once");
    }
}

#[test]
fn schemas_are_printed_as_json() {
    for (kind, member) in [("native-openapi", "openapi"), ("notificaties-openapi", "openapi"), ("config", "$defs")] {
        let (good, text, _) = gateway(&["schema", kind], &[]);
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(good && document.get(member).is_some(), "{kind}");
    }
}

#[test]
fn check_looks_at_kafka_as_a_node_would_use_it() {
    let broker = storage::kafka::broker::Broker::shared().expect("a broker");
    let dir = tempfile::tempdir().unwrap();
    let (file, key) = (dir.path().join("gateway.toml"), dir.path().join("key"));
    let check = |brokers: &str, replication: u8, timeout: u8| {
        let kafka = format!(
            "brokers = {brokers:?}\nprefix = \"check\"\nreplication = {replication}\ntimeout_seconds = {timeout}"
        );
        let kafka = format!("[kafka]\n{kafka}\nmin_insync_replicas = 1\n[secrets]\nkey_file = {key:?}\n");
        std::fs::write(&file, kafka).unwrap();
        let data = dir.path().join("data");
        let arguments = ["check", "--config", file.to_str().unwrap(), "--data", data.to_str().unwrap()];
        let (good, said, _) = gateway(&[&arguments[..], &["--listen", "127.0.0.1:0"]].concat(), &[]);
        let bad: Vec<String> = said.lines().filter(|line| line.starts_with("BAD")).map(str::to_owned).collect();
        assert_eq!(good, bad.is_empty(), "{said}");
        (said, bad)
    };
    let (said, bad) = check(broker.address(), 1, 20);
    assert!(bad.len() == 1 && bad[0].contains(key.to_str().unwrap()), "{said}");
    std::fs::write(&key, "5e".repeat(32)).unwrap();
    let (said, bad) = check(broker.address(), 1, 20);
    assert_eq!(bad, [""; 0]);
    for part in ["answers, with 1 brokers", "rights on what starts with check.", "no topic is there yet"] {
        assert!(said.contains(part), "{part} is not in: {said}");
    }
    let (said, bad) = check(broker.address(), 3, 20);
    assert!(bad.len() == 1 && bad[0].contains("start more of them"), "{said}");
    let (said, bad) = check("127.0.0.1:1", 1, 2);
    assert!(bad.len() == 1 && bad[0].contains("127.0.0.1:1"), "{said}");
}

#[test]
fn cesql_tries_an_expression_on_an_event() {
    let event = r#"{"specversion":"1.0","id":"1","source":"s","type":"nl.x.y","hop":3}"#;
    for (expression, printed, said, passes) in [
        ("type LIKE 'nl.%' AND hop = 3", "true\n", "", true),
        ("-hop + 1", "-2\n", "", false),
        ("--hop", "3\n", "", false),
        ("CONCAT(type, '!')", "\"nl.x.y!\"\n", "", false),
        ("ontbrekend = 1", "false\n", "no attribute ontbrekend", false),
        ("type LIKE 3", "", "at character 11", false),
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_gateway"));
        program.args(["cesql", "--", expression]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program.spawn().expect("the program runs");
        // One that refuses the expression does not read the event.
        drop(child.stdin.take().expect("an input").write_all(event.as_bytes()));
        let output = child.wait_with_output().expect("it ends");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!((text(&output.stdout).as_str(), output.status.success()), (printed, passes), "{expression}");
        assert!(text(&output.stderr).contains(said), "{expression}: {}", text(&output.stderr));
        assert_eq!(output.stderr.is_empty(), said.is_empty(), "{expression}: {}", text(&output.stderr));
    }
}
