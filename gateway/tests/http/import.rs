//! `gateway import open-notificaties`: from a set-up file and from a Notificaties API to a gateway that delivers.

use std::{path::Path, process::Command};

use http::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{CONSUMER, Gateway, OTHER, PUBLISHER, Sink, eventually};

const UUID: &str = "4aa9b3a6-2c31-4b0a-9e4e-0a6f2c1a7d01";

/// Runs the command on the storage in a directory; returns whether it succeeded, and its output.
fn import(directory: &Path, arguments: &[&str]) -> (bool, String) {
    let config = directory.join("gateway.toml");
    let data = directory.join("data");
    std::fs::write(
        &config,
        format!("data = '{}'\n[egress]\nallow = [\"127.0.0.0/8\"]\nallow_http = [\"127.0.0.0/8\"]", data.display()),
    )
    .expect("a file");
    let done = Command::new(env!("CARGO_BIN_EXE_gateway"))
        .args(["import", "open-notificaties", "--config"])
        .arg(&config)
        .args(arguments)
        .env("ONTVANGER_AUTH", "Token abc")
        .env("F10_AAN", "true")
        .output()
        .expect("the program runs");
    let output = [done.stdout, done.stderr].concat();
    (done.status.success(), String::from_utf8(output).expect("text"))
}

fn file(directory: &Path, text: &str) -> String {
    let path = directory.join("setup.yaml");
    std::fs::write(&path, text).expect("a file");
    path.display().to_string()
}

fn setup(callback: &str, zaaktype: &str) -> String {
    format!(
        "notifications_kanalen_config_enable: true
notifications_kanalen_config:
  items: [{{naam: zaken, filters: [zaaktype]}}]
notifications_abonnementen_config_enable: true
notifications_abonnementen_config:
  items:
    - uuid: {UUID}
      callback_url: {callback}
      auth: {{value_from: {{env: ONTVANGER_AUTH}}}}
      kanalen: [{{naam: zaken, filters: {{zaaktype: {zaaktype}}}}}]
"
    )
}

async fn publish(gateway: &Gateway, zaaktype: &str) {
    let body = json!({
        "kanaal": "zaken", "hoofdObject": "https://z.nl/zaken/1", "resource": "status",
        "resourceUrl": "https://z.nl/statussen/1", "actie": "create", "aanmaakdatum": "2025-01-01T12:00:00Z",
        "kenmerken": {"zaaktype": zaaktype},
    });
    gateway.client(PUBLISHER).post("/api/v1/notificaties", body).await.expect(201);
}

async fn granted(gateway: &Gateway) {
    granted_by_id(gateway, UUID).await;
}

async fn granted_by_id(gateway: &Gateway, id: &str) {
    eventually("consent", || async {
        let state = gateway.client(CONSUMER).get(&format!("/v1/subscriptions/{id}")).await.expect(200).json();
        (state["status"]["state"] == "granted").then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_a_set_up_file_holds_is_shown_then_made_then_left_alone() {
    let (directory, sink) = (TempDir::new().unwrap(), Sink::start().await);
    sink.answers(&[401, 204]);
    let path = file(directory.path(), &setup(&sink.url("/callbacks"), "A"));

    let (good, said) = import(directory.path(), &["--file", &path]);
    assert!(good && said.contains("maken") && said.contains(UUID), "{said}");
    assert!(said.contains("Er is niets veranderd") && said.contains("allow_http = [\"127.0.0.1/32\"]"), "{said}");
    let (good, said) = import(directory.path(), &["--file", &path, "--owner", CONSUMER, "--apply"]);
    assert!(good && said.contains("gemaakt"), "{said}");
    let (good, said) = import(directory.path(), &["--file", &path, "--apply"]);
    assert!(good && !said.contains("gemaakt") && said.matches("ongewijzigd").count() == 2, "{said}");

    let gateway = Gateway::on(directory).await;
    granted(&gateway).await;
    let probes = sink.seen(&Method::POST);
    assert_eq!((probes[0].header("authorization"), probes[1].header("authorization")), (None, Some("Token abc")));
    publish(&gateway, "B").await;
    publish(&gateway, "A").await;
    let arrived = sink.wait(Method::POST, 3).await.remove(2);
    assert_eq!(
        (arrived.json()["kenmerken"]["zaaktype"].as_str(), arrived.header("authorization")),
        (Some("A"), Some("Token abc"))
    );
    let path = format!("/api/v1/abonnement/{UUID}");
    gateway.client(OTHER).delete(&path).await.expect(403);
    gateway.client(CONSUMER).delete(&path).await.expect(204);
}

#[tokio::test]
async fn what_changed_in_the_file_is_brought_in_line_and_keeps_its_consent() {
    let (directory, sink) = (TempDir::new().unwrap(), Sink::start().await);
    sink.answers(&[401, 204]);
    let path = file(directory.path(), &setup(&sink.url("/callbacks"), "A"));
    assert!(import(directory.path(), &["--file", &path, "--owner", CONSUMER, "--apply"]).0);
    let gateway = Gateway::on(directory).await;
    granted(&gateway).await;
    let directory = gateway.into_directory().await;
    let path = file(directory.path(), &setup(&sink.url("/callbacks"), "B"));
    let (good, said) = import(directory.path(), &["--file", &path, "--apply"]);
    assert!(good && said.contains("bijgewerkt") && said.contains("(kanalen en filters)"), "{said}");
    let gateway = Gateway::on(directory).await;
    publish(&gateway, "A").await;
    publish(&gateway, "B").await;
    let arrived = sink.wait(Method::POST, 3).await;
    assert_eq!(arrived.len(), 3, "two probes and one notification: it was not asked again");
    assert_eq!(arrived[2].json()["kenmerken"]["zaaktype"], "B");
}

// The command runs beside the gateway it reads.
#[tokio::test(flavor = "multi_thread")]
async fn an_api_gives_all_but_auth_and_the_file_gives_that() {
    let (there, sink) = (Gateway::start().await, Sink::start().await);
    sink.answers(&[401, 204, 401, 204]);
    let body = json!({"naam": "zaken", "filters": ["zaaktype"]});
    let kanaal = there.client(PUBLISHER).post("/api/v1/kanaal", body).await.expect(201).json();
    let body = json!({
        "callbackUrl": sink.url("/callbacks"), "auth": "Token abc",
        "kanalen": [{"naam": "zaken", "filters": {"zaaktype": "A"}}],
    });
    let made = there.client(CONSUMER).post("/api/v1/abonnement", body).await.expect(201).json();
    let uuid = made["url"].as_str().and_then(|url| url.rsplit('/').next()).expect("a UUID").to_owned();

    let here = TempDir::new().unwrap();
    let secret = here.path().join("secret");
    std::fs::write(&secret, format!("the long enough secret of {CONSUMER}\n")).unwrap();
    let url = format!("{}/api/v1", there.base);
    let api = ["--url", &url, "--client-id", CONSUMER, "--secret-file", secret.to_str().unwrap()];
    let (good, said) = import(here.path(), &[&api[..], &["--owner", CONSUMER, "--apply"]].concat());
    assert!(good && said.contains(&uuid) && said.contains("1 abonnement(en) zonder auth"), "{said}");
    let file = file(here.path(), &setup(&sink.url("/callbacks"), "A").replace(UUID, &uuid));
    let (good, said) = import(here.path(), &[&api[..], &["--file", &file, "--apply"]].concat());
    assert!(good && said.contains("(auth)"), "{said}");

    let gateway = Gateway::on(here).await;
    let kanalen = gateway.client(CONSUMER).get("/api/v1/kanaal").await.expect(200).json();
    let uuid_of = |url: &serde_json::Value| url.as_str().and_then(|url| url.rsplit('/').next().map(str::to_owned));
    let zaken = kanalen.as_array().unwrap().iter().find(|kanaal| kanaal["naam"] == "zaken").unwrap();
    assert_eq!(uuid_of(&zaken["url"]), uuid_of(&kanaal["url"]), "kanalen keep their UUID");
    let second = sink.wait(Method::POST, 4).await.remove(3);
    assert_eq!(second.header("authorization"), Some("Token abc"));
}

#[tokio::test]
async fn what_cannot_be_carried_over_is_said_and_the_rest_is_done() {
    let directory = TempDir::new().unwrap();
    let text = setup("https://ontvanger.example/callbacks", "A");
    let path = file(
        directory.path(),
        &format!(
            "{text}    - uuid: 4aa9b3a6-2c31-4b0a-9e4e-0a6f2c1a7d02\n      callback_url: https://x.nl\n      kanalen: [{{naam: weg}}]\n"
        ),
    );
    let (good, said) = import(directory.path(), &["--file", &path, "--apply"]);
    assert!(!good && said.contains("KAN NIET") && said.contains("het kanaal \"weg\" bestaat niet"), "{said}");
    assert!(said.matches("gemaakt").count() == 2, "{said}");

    for (arguments, expected) in [
        (&[][..], "geef --file"),
        (&["--file", "/nergens.yaml"], "/nergens.yaml"),
        (&["--url", "http://127.0.0.1:9/api/v1", "--client-id", "a", "--secret-file", &path], "geen antwoord"),
    ] {
        let (good, said) = import(directory.path(), arguments);
        assert!(!good && said.contains(expected), "{said}");
    }
    let write = directory.path().join("regels.toml");
    let (_, said) = import(directory.path(), &["--file", &path, "--write", write.to_str().unwrap()]);
    assert!(said.contains("regels.toml"), "{said}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&write.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn d4_an_abonnement_at_the_gateway_itself_is_not_imported() {
    let directory = tempfile::tempdir().expect("a directory");
    // The address of the listener, as nothing else is configured.
    let file = file(directory.path(), &setup("http://localhost:8080/api/v1/notificaties", "A"));
    let (_, output) = import(directory.path(), &["--file", &file, "--apply"]);
    let refused = output.lines().find(|line| line.contains(UUID)).expect("a line");
    assert!(refused.contains("KAN NIET") && refused.contains("een adres van deze gateway zelf"), "{output}");
}

#[test]
fn d11_the_lines_of_an_import_name_secrets_that_are_too_short() {
    let directory = tempfile::tempdir().expect("a directory");
    let text = "vng_api_common_credentials_config_enable: true
vng_api_common_credentials:
  items:
    - {identifier: kort, secret: geheim}
    - {identifier: lang, secret: een-geheim-dat-lang-genoeg-is}
";
    let file = file(directory.path(), text);
    let (good, output) = import(directory.path(), &["--file", &file]);
    assert!(good, "{output}");
    let short = output.find("\"kort\"").expect("the client");
    let long = output.find("\"lang\"").expect("the other client");
    assert!(output[short..long].contains("LET OP") && !output[long..].contains("LET OP"), "{output}");
}

/// The output of an import of this text, and whether it succeeded.
fn shown(text: &str) -> (bool, String) {
    let directory = TempDir::new().expect("a directory");
    import(directory.path(), &["--file", &file(directory.path(), text)])
}

#[test]
fn f10_retries_that_are_absent_or_0_are_the_defaults_of_open_notificaties() {
    const DEFAULTS: &str = "max_retries = 7\nfactor = 25.0\nbase = 4.0\ncap_seconds = 52000";
    for (section, expected) in [
        ("", DEFAULTS),
        ("{}", DEFAULTS),
        ("{notification_delivery_max_retries: 0, notification_delivery_base_factor: 0}", DEFAULTS),
        (
            "{notification_delivery_max_retries: 2, notification_delivery_retry_backoff: 2, \
             notification_delivery_retry_backoff_max: '3'}",
            "max_retries = 2\nfactor = 2.0\nbase = 4.0\ncap_seconds = 3",
        ),
    ] {
        let (good, output) = shown(&format!("notifications_config_enable: true\nnotifications_config: {section}\n"));
        assert!(good && output.contains(expected), "{section}: {output}");
    }
}

#[test]
fn f10_kanalen_without_a_value_are_none() {
    let text = setup("https://ontvanger.example/callbacks", "A");
    let entry = "kanalen: [{naam: zaken, filters: {zaaktype: A}}]";
    let (good, output) = shown(&text.replace(entry, "kanalen:"));
    let line = output.lines().find(|line| line.contains(UUID)).expect("a line");
    assert!(!good && line.contains("KAN NIET") && line.contains("geen kanalen"), "{output}");
    let (good, output) = shown(&text.replace(entry, "kanalen:\n      cloudevent_filters: [nl.overheid]"));
    assert!(good && output.lines().any(|line| line.contains(UUID) && line.contains("maken")), "{output}");
}

#[test]
fn f10_an_identifier_that_occurs_twice_is_refused_by_its_name() {
    let (upper, service) = (UUID.to_uppercase(), "{identifier: ac, api_root: 'https://ac.example/'}");
    for (text, name) in [
        (
            "notifications_kanalen_config_enable: true\nnotifications_kanalen_config: {items: [{naam: zaken}, {naam: zaken}]}"
                .to_owned(),
            "items[1] (zaken): naam zaken",
        ),
        (
            format!(
                "notifications_abonnementen_config_enable: true\nnotifications_abonnementen_config: {{items: [\
                 {{uuid: {UUID}, callback_url: 'https://x.nl'}}, {{uuid: {upper}, callback_url: 'https://y.nl'}}]}}"
            ),
            UUID,
        ),
        (
            "vng_api_common_credentials_config_enable: true\nvng_api_common_credentials: {items: [\
             {identifier: open-zaak, secret: a}, {identifier: open-zaak, secret: b}]}"
                .to_owned(),
            "items[1] (open-zaak): identifier open-zaak",
        ),
        (
            format!("zgw_consumers_config_enable: true\nzgw_consumers: {{services: [{service}, {service}]}}"),
            "services[1] (ac): identifier ac",
        ),
    ] {
        let (good, output) = shown(&text);
        assert!(!good && output.contains(name) && output.contains("staat er twee keer"), "{text}: {output}");
    }
}

#[test]
fn f10_every_refusal_names_its_item_and_no_secret() {
    let clients = "vng_api_common_credentials_config_enable: true\nvng_api_common_credentials:";
    let abonnement = setup("https://ontvanger.example/callbacks", "A");
    let filter = "filters: {zaaktype: A}";
    for (text, expected) in [
        (format!("{clients} {{items: [{{identifier: zaak, secret: 987654}}]}}"), "items[0] (zaak): een waarde heeft"),
        (format!("{clients} {{items: [{{identifier: zaak}}]}}"), "items[0] (zaak): `secret` ontbreekt"),
        (format!("{clients} {{items: [{{identifier: '', secret: 's'}}]}}"), "items[0] (): identifier is leeg"),
        (format!("{clients} {{}}"), "vng_api_common_credentials: items ontbreekt"),
        (abonnement.replace(filter, "filters: "), UUID),
        (abonnement.replace(UUID, "4aa9"), "items[0] (4aa9): een waarde heeft de verkeerde vorm; verwacht is een UUID"),
        ("sites_config_enable: true\nsites_config: {items: [{name: x}]}".to_owned(), "sites_config.items[0]: `domain`"),
        (
            "notifications_config_enable: true\nnotifications_config: {notification_delivery_base_factor: -1}"
                .to_owned(),
            "notifications_config: notification_delivery_base_factor moet",
        ),
        ("a:\n  - secret: '987654'\n b: [".to_owned(), "geen geldige YAML"),
        ("sites_config_enable: misschien".to_owned(), "sites_config_enable: dit moet true of false zijn"),
    ] {
        let (good, output) = shown(&text);
        assert!(!good && output.contains(expected) && !output.contains("987654"), "{text}: {output}");
    }
}

#[test]
fn f10_what_cannot_be_applied_is_named() {
    let directory = TempDir::new().expect("a directory");
    let path = file(directory.path(), &setup("https://ontvanger.example/callbacks", "A"));
    let owner = "x".repeat(10_000);
    let (good, output) = import(directory.path(), &["--file", &path, "--owner", &owner, "--apply"]);
    assert!(!good && output.contains("kanaal zaken: "), "{output}");
}

#[test]
fn f10_switches_are_read_in_every_spelling_of_open_notificaties() {
    for switch in ["yes", "On", "'1'", "{value_from: {env: F10_AAN}}"] {
        let text = format!(
            "notifications_kanalen_config_enable: {switch}\nnotifications_kanalen_config: {{items: [{{naam: zaken}}]}}"
        );
        let (good, output) = shown(&text);
        assert!(good && output.contains("Kanalen (1)"), "{switch}: {output}");
    }
    let (_, output) = shown("notifications_kanalen_config_enable: true");
    assert!(output.contains("notifications_kanalen_config: ontbreekt"), "{output}");
}

/// The blocks `kanalen` and `abonnementen` as the values of the chart PodiumD have them (charts/podiumd/values.yaml).
const PODIUMD: &str = include_str!("../import/podiumd.yaml");

#[tokio::test]
async fn the_two_blocks_of_podiumd_are_imported_from_the_values_of_its_chart() {
    let directory = TempDir::new().unwrap();
    let (one, other) = (Sink::start().await, Sink::start().await);
    one.answers(&[401, 204]);
    other.answers(&[401, 204]);
    let text = PODIUMD.replace("https://ontvanger.example", &one.url(""));
    let text = text.replace("https://andere-ontvanger.example", &other.url(""));
    let path = file(directory.path(), &text);
    let (good, output) = import(directory.path(), &["--file", &path, "--owner", CONSUMER, "--apply"]);
    assert!(good && output.contains("Kanalen (7)") && output.matches("gemaakt").count() == 9, "{output}");
    assert!(output.contains("settings.maxRetries, retryBackoff, retryBackoffMax: niet overgenomen"), "{output}");
    assert!(!output.contains("geheim van de ontvanger"), "{output}");
    let (good, output) = import(directory.path(), &["--file", &path, "--apply"]);
    assert!(good && output.matches("ongewijzigd").count() == 9, "{output}");

    let gateway = Gateway::on(directory).await;
    granted_by_id(&gateway, "ff5a9438-6512-4c2d-b69e-6c512c466fb8").await;
    granted_by_id(&gateway, "03baec5a-93ef-4ba6-bb73-c548c12009a2").await;
    publish(&gateway, "https://openzaak.example.nl/catalogi/api/v1/zaaktypen/d0b3a90d-7959-4699-8bdb-bf228aef5e21")
        .await;
    // One credential is a secret of the chart, the other a value in the file.
    for (sink, credential) in [(one, "Token geheim van de ontvanger"), (other, "Token bar")] {
        let arrived = sink.wait(Method::POST, 3).await.remove(2);
        assert_eq!(arrived.header("authorization"), Some(credential));
        assert_eq!(arrived.json()["kanaal"], "zaken");
    }
}

#[test]
fn the_environment_comes_before_the_secrets_of_a_chart_and_an_empty_one_is_none() {
    let chart = |secret: &str| {
        let setup = setup("https://ontvanger.example/callbacks", "A");
        let lines: Vec<_> = setup.lines().collect();
        let indented = lines.join("\n      ");
        format!("opennotificaties:\n  configuration:\n    secrets: {{{secret}}}\n    data: |-\n      {indented}\n")
    };
    let (good, output) = shown(&chart("ONTVANGER_AUTH: 'iets anders'"));
    assert!(good, "{output}");
    let (good, output) = shown(&chart("ANDER: ''").replace("ONTVANGER_AUTH", "ANDER"));
    assert!(!good && output.contains("de omgevingsvariabele ANDER is niet gezet"), "{output}");
}
