//! The commands that only print: `token`, `check`, `schema`, `cesql`.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use rcgen::date_time_ymd;

use crate::support::tls::{Authority, file, section};

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
    let (good, printed, _) = gateway(&["check", "--config", SAMPLE, "--data", data, "--listen", "127.0.0.1:0"], &[]);
    assert!(good, "{printed}");
    assert!(printed.contains("ok") && printed.contains("public_url is not set"), "{printed}");
    assert!(printed.contains("has the secret of the sample"), "{printed}");
    assert!(!dir.path().join("data").exists(), "what serve makes under its own user is not there already");

    let file = dir.path().join("gateway.toml");
    std::fs::write(&file, "[limits]\nbody = 5\n").unwrap();
    let (good, printed, _) = gateway(&["check", "--config", file.to_str().unwrap()], &[]);
    assert!(!good && printed.contains("body") && printed.contains("limits"), "{printed}");

    let (good, printed, _) = gateway(&["check", "--data", "/dev/null/data"], &[("GATEWAY_ORIGIN", "a b")]);
    assert!(!good && printed.contains("origin"), "the environment counts: {printed}");
    let (good, printed, _) = gateway(&["check", "--data", "/dev/null/data"], &[("GATEWAY_PORT", "tcp://10.0.0.1:80")]);
    assert!(!good && printed.contains("/dev/null/data"), "what is not ours is left alone: {printed}");
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
        let (good, printed, _) = gateway(&[&arguments[..], &["--listen", "127.0.0.1:0"]].concat(), &[]);
        let bad: Vec<&str> = printed.lines().filter(|line| line.starts_with("BAD")).collect();
        assert!(!good && bad.len() == 1 && bad[0].contains(named), "{text}: {printed}");
    }

    let lock = std::fs::File::create(data.join("gateway.lock")).unwrap();
    lock.try_lock().unwrap();
    let (_, printed, _) = gateway(&["check", "--data", data.to_str().unwrap()], &[]);
    assert!(printed.contains("in use"), "{printed}");

    let missing = dir.path().join("missing.toml");
    for command in ["check", "serve"] {
        let (good, printed, why) = gateway(&[command, "--config", missing.to_str().unwrap()], &[]);
        assert!(!good && (printed + &why).matches("missing.toml").count() == 1, "{command} names the file once");
    }
}

#[test]
fn c6_check_advises_a_listener_of_their_own_for_metrics() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let (data, advice) = (data.to_str().unwrap(), "operations.listen is not set");
    for (listen, own, advised) in
        [("0.0.0.0:0", None, true), ("127.0.0.1:0", None, false), ("0.0.0.0:0", Some("127.0.0.1:0"), false)]
    {
        let environment: Vec<_> = own.map(|own| ("GATEWAY_OPERATIONS__LISTEN", own)).into_iter().collect();
        let (_, printed, _) = gateway(&["check", "--data", data, "--listen", listen], &environment);
        assert_eq!(printed.contains(advice), advised, "{listen} {own:?}: {printed}");
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
        let (good, printed, _) = gateway(&[&arguments[..], &["--listen", "127.0.0.1:0"]].concat(), &[]);
        let bad: Vec<String> = printed.lines().filter(|line| line.starts_with("BAD")).map(str::to_owned).collect();
        assert_eq!(good, bad.is_empty(), "{printed}");
        (printed, bad)
    };
    let (printed, bad) = check(broker.address(), 1, 60);
    assert!(bad.len() == 1 && bad[0].contains(key.to_str().unwrap()), "{printed}");
    std::fs::write(&key, "5e".repeat(32)).unwrap();
    let (printed, bad) = check(broker.address(), 1, 60);
    assert_eq!(bad, [""; 0]);
    for part in ["answers, with 1 brokers", "rights on what starts with check.", "no topic is there yet"] {
        assert!(printed.contains(part), "{part} is not in: {printed}");
    }
    let (printed, bad) = check(broker.address(), 3, 60);
    assert!(bad.len() == 1 && bad[0].contains("start more of them"), "{printed}");
    let (printed, bad) = check("127.0.0.1:1", 1, 2);
    assert!(bad.len() == 1 && bad[0].contains("127.0.0.1:1"), "{printed}");
}

#[test]
fn cesql_tries_an_expression_on_an_event() {
    let event = r#"{"specversion":"1.0","id":"1","source":"s","type":"nl.x.y","hop":3}"#;
    for (expression, printed, message, passes) in [
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
        assert!(text(&output.stderr).contains(message), "{expression}: {}", text(&output.stderr));
        assert_eq!(output.stderr.is_empty(), message.is_empty(), "{expression}: {}", text(&output.stderr));
    }
}

#[test]
fn d11_short_secrets_are_refused_and_others_advised_against() {
    let dir = tempfile::tempdir().unwrap();
    let (file, data, secret) = (dir.path().join("gateway.toml"), dir.path().join("data"), dir.path().join("secret"));
    std::fs::create_dir(&data).unwrap();
    let arguments = ["check", "--config", file.to_str().unwrap(), "--data", data.to_str().unwrap()];
    for (length, good, advised) in
        [(1, false, false), (15, false, false), (16, true, true), (31, true, true), (32, true, false)]
    {
        let text = "x".repeat(length);
        std::fs::write(&secret, format!("{text}\n")).unwrap();
        let long = "y".repeat(40);
        for key in [
            format!("secret = \"{text}\""),
            format!("secrets = [\"{long}\", \"{text}\"]"),
            format!("secret_file = {secret:?}"),
        ] {
            std::fs::write(&file, format!("[[applicatie]]\nclient_id = \"open-zaak\"\nscopes = []\n{key}")).unwrap();
            let (passed, printed, _) = gateway(&[&arguments[..], &["--listen", "127.0.0.1:0"]].concat(), &[]);
            assert_eq!(passed, good, "{key}: {printed}");
            let line = printed.lines().find(|line| line.contains("secret of applicatie open-zaak has"));
            let mark = line.map(|line| line.split_whitespace().next().unwrap());
            let expected = if good { advised.then_some("advice") } else { Some("BAD") };
            assert_eq!(mark, expected, "{key}: {printed}");
            assert!(
                line.is_none_or(|line| line.contains("openssl rand -base64 32") && !line.contains("xx")),
                "{printed}"
            );
        }
    }
    std::fs::write(&file, "[[applicatie]]\nclient_id = \"open-zaak\"\nscopes = []\nsecret = \"kort\"").unwrap();
    let (passed, _, why) =
        gateway(&["serve", "--config", file.to_str().unwrap(), "--data", data.to_str().unwrap()], &[]);
    assert!(!passed && why.contains("open-zaak") && why.contains("openssl"), "{why}");
}

#[test]
fn d1_d2_d4_d6_check_names_what_clients_could_do_to_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let (file, data) = (dir.path().join("gateway.toml"), dir.path().join("data"));
    std::fs::create_dir(&data).unwrap();
    let check = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let arguments = ["check", "--config", file.to_str().unwrap(), "--data", data.to_str().unwrap()];
        gateway(&[&arguments[..], &["--listen", "127.0.0.1:0"]].concat(), &[]).1
    };
    let applicatie = |id: &str, more: &str| {
        let secret = "s".repeat(32);
        format!(
            "[[applicatie]]\nclient_id = \"{id}\"\nsecret = \"{secret}\"\nscopes = [\"notificaties.publiceren\"]\n{more}\n"
        )
    };
    let kanaal = |naam: &str, more: &str| format!("[[kanaal]]\nnaam = \"{naam}\"\n{more}\n");
    let open =
        check(&[applicatie("a", ""), applicatie("b", ""), kanaal("zaken", ""), kanaal("besluiten", "")].concat());
    assert!(open.contains("any of 2 publishers may publish on zaken, besluiten"), "{open}");
    assert!(open.contains("a, b may publish under the source of each other"), "{open}");
    let limited = check(
        &[
            applicatie("a", "sources = [\"urn:a:*\"]"),
            applicatie("b", "sources = [\"urn:b:*\"]"),
            kanaal("zaken", "publishers = [\"a\"]"),
        ]
        .concat(),
    );
    assert!(!limited.contains("publishers") && !limited.contains("source of each other"), "{limited}");
    let alone = check(&[applicatie("a", ""), kanaal("zaken", "")].concat());
    assert!(!alone.contains("publishers"), "{alone}");
    let unknown = check(&[applicatie("a", ""), kanaal("zaken", "publishers = [\"x\"]")].concat());
    assert!(unknown.contains("kanaal.publishers") && unknown.contains("\"x\""), "{unknown}");
    let routes = check(
        &[
            kanaal("zaken", "owner = \"a\"\ntype_routes = [\"nl.zaken.\"]"),
            kanaal("evil", "owner = \"b\"\ntype_routes = [\"nl.zaken.zaak-\", \"nl.other.\"]"),
        ]
        .concat(),
    );
    let route = "the type route nl.zaken.zaak- of kanaal evil overlaps those of kanaal zaken";
    assert!(routes.contains(route) && !routes.contains("nl.other."), "{routes}");
    let shared = check("[notificaties]\nany_publisher_changes_kanalen = true\n");
    assert!(shared.contains("advice  notificaties.any_publisher_changes_kanalen is on"), "{shared}");
    let both = check("[notificaties]\nany_publisher_changes_kanalen = true\nown_kanalen_only = true\n");
    assert!(both.contains("contradicts notificaties.own_kanalen_only"), "{both}");
    let own = check(
        "public_url = \"https://gateway.example\"\n[[subscription]]\nid = \"self\"\nsink = \"https://gateway.example/v1/events\"\n",
    );
    assert!(own.contains("BAD") && own.contains("\"self\"") && own.contains("this gateway itself"), "{own}");
}

#[test]
fn check_reads_the_certificates_of_clients_and_reports_their_ends() {
    let dir = tempfile::tempdir().unwrap();
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    let tls = section(dir.path(), &servers, &clients);
    let data = dir.path().join("data");
    let check = |text: &str| {
        let file = file(dir.path(), "gateway.toml", text);
        let arguments = ["check", "--config", file.to_str().unwrap(), "--data", data.to_str().unwrap()];
        gateway(&[&arguments[..], &["--listen", "127.0.0.1:0"]].concat(), &[])
    };
    let applicatie = "[[applicatie]]\nclient_id = \"a\"\ncertificate = { san = \"a.example\" }\nscopes = []\n";
    let (good, printed, _) = check(&format!("{tls}{applicatie}"));
    assert!(good && printed.contains("tls.client_crl is not set"), "{printed}");
    assert!(!printed.contains("nobody is known"), "{printed}");
    let (_, printed, _) = check(&tls);
    assert!(printed.contains("no [[applicatie]] has a certificate"), "{printed}");

    let outdated = file(dir.path(), "old.crl", clients.revocation_list_until(&[], date_time_ymd(2026, 1, 2)));
    let (good, printed, _) = check(&format!("{tls}client_crl = [{outdated:?}]\n{applicatie}"));
    assert!(good && printed.contains("a newer list was due") && !printed.contains("is not set: a client"), "{printed}");

    let old = |params: &mut rcgen::CertificateParams| params.not_after = date_time_ymd(2020, 1, 1);
    file(dir.path(), "clients.pem", Authority::with("old clients", old).pem());
    let (good, printed, _) = check(&format!("{tls}{applicatie}"));
    let line = printed.lines().find(|found| found.contains("clients.pem")).expect("a line about the authorities");
    assert!(!good && line.starts_with("BAD") && line.contains("ended at 2020-01-01T"), "{line}");
    file(dir.path(), "clients.pem", clients.pem());

    for (text, part) in [
        (format!("{tls}client_crl = [\"/nowhere/a.crl\"]\n{applicatie}"), "/nowhere/a.crl"),
        (format!("{tls}client_crl = [{:?}]\n{applicatie}", file(dir.path(), "empty", "")), "holds no revocation list"),
        (
            format!(
                "[proxy]\ntrusted = [\"10.0.0.1/32\"]\nclient_certificate_header = \"client-cert\"\nclient_ca = \"/nowhere/ca\"\n{applicatie}"
            ),
            "/nowhere/ca",
        ),
    ] {
        let (good, printed, _) = check(&text);
        let bad: Vec<&str> = printed.lines().filter(|line| line.starts_with("BAD")).collect();
        assert!(!good && bad.len() == 1 && bad[0].contains(part), "{text}: {printed}");
    }
}
