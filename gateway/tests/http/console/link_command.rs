//! `gateway login-link`: the printed link logs in at the running gateway, with what the options say.

use std::process::Command;

use crate::support::Gateway;

use super::{CONSOLE, OWN_FORM, post, text};

#[tokio::test]
async fn the_command_prints_a_link_that_logs_in_while_the_gateway_runs() {
    let gateway = Gateway::with(CONSOLE).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("gateway.toml");
    let run = |text: &str, options: &[&str]| {
        std::fs::write(&file, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.arg("login-link").args(options).arg("--config").arg(&file).output().expect("the binary starts")
    };
    let key = gateway.key_file().display().to_string();
    let configuration = format!("public_url = \"{}\"\n{CONSOLE}[secrets]\nkey_file = {key:?}\n", gateway.base);
    let options = ["--role", "lezer", "--role", "afnemer", "--right", "inhoud", "--client", "zaken", "--name", "Anna"];
    let output = run(&configuration, &options);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let url = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    let page = text(&gateway.nobody().get(&url).await.expect(200));
    assert!(page.contains("Anna") && page.contains("lezer, afnemer"), "{page}");
    let (_, code) = url.split_once("?code=").expect("a code");
    post(&gateway.nobody(), "/beheer/inloglink", &OWN_FORM, &format!("code={code}")).await.expect(303);
    for (text, options) in [
        (configuration.as_str(), &["--role", "baas"][..]),
        (configuration.as_str(), &[][..]),
        (configuration.as_str(), &["--role", "lezer", "--minutes", "0"][..]),
        ("", &["--role", "lezer"][..]),
    ] {
        assert!(!run(text, options).status.success(), "{options:?}");
    }
}
