//! The commands that only print: `token`, `check`, `schema`.

use std::process::{Command, Output};

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
fn schemas_are_printed_as_json() {
    for (kind, member) in [("native-openapi", "openapi"), ("config", "$defs")] {
        let (good, text, _) = gateway(&["schema", kind], &[]);
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(good && document.get(member).is_some(), "{kind}");
    }
}
