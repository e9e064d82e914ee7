//! `gateway import notifybc` and `gateway import people`: from a file to confirmed subscriptions, and the links of before.

use std::{path::Path, process::Command};

use model::addressee::Channel;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{gateway, path, press, text};
use crate::support::{Gateway, eventually};

/// Runs a command on the storage of a stopped gateway; returns whether it succeeded, and its output.
async fn import(data: &Path, arguments: &[&str]) -> (bool, String) {
    let folder = TempDir::new().expect("a directory");
    let config = folder.path().join("gateway.toml");
    let text = format!("data = '{}'\n[people]\nurl = \"https://berichten.example.nl\"\n", data.display());
    std::fs::write(&config, text).expect("a file");
    // The threads of a gateway that stopped in this process may have its files for a moment.
    eventually("the files are free", || async {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        let done = command.arg("import").args(arguments).arg("--config").arg(&config).output().expect("it runs");
        let output = String::from_utf8([done.stdout, done.stderr].concat()).expect("text");
        (!output.contains("in use")).then_some((done.status.success(), output))
    })
    .await
}

fn subscription(id: &str, address: &str, state: &str) -> Value {
    json!({
        "_id": { "$oid": id }, "serviceName": "Wegen", "channel": "email", "userChannelId": address, "state": state,
        "updated": { "$date": "2021-01-02T03:04:05Z" }, "unsubscriptionCode": "54321",
    })
}

/// A gateway to which an export and a file with CSV were imported.
async fn imported() -> Gateway {
    let files = TempDir::new().expect("a directory");
    let (export, csv) = (files.path().join("export.json"), files.path().join("people.csv"));
    let items = [
        subscription("5f1", "geheim-an@example.nl", "confirmed"),
        subscription("5f2", "geheim-bo@example.nl", "confirmed"),
        subscription("5f3", "geheim-cas@example.nl", "unconfirmed"),
        subscription("5f4", "geheim-dirk@", "confirmed"),
    ];
    std::fs::write(&export, items.map(|item| item.to_string()).join("\n")).expect("a file");
    std::fs::write(&csv, "address,kanaal,confirmed\ngeheim-an@example.nl,raad,2021-01-02\n").expect("a file");
    let (export, csv) = (export.display().to_string(), csv.display().to_string());
    let export = ["notifybc", &export, "--kanaal", "Wegen=weg"];
    let export_applied = [&export[..], &["--apply"]].concat();
    gateway()
        .await
        .restart_after(async |data| {
            let (good, said) = import(data, &export).await;
            assert!(!good && said.contains("2 over te nemen") && said.contains("1 niet bevestigd"), "{said}");
            assert!(said.contains("regel 4: userChannelId is geen geldig adres"), "{said}");
            assert!(said.contains("Er is niets veranderd") && !said.contains("geheim"), "{said}");
            let (_, said) = import(data, &export_applied).await;
            assert!(said.contains("2 overgenomen"), "{said}");
            let (_, said) = import(data, &export_applied).await;
            assert!(said.contains("0 overgenomen") && said.contains("2 hier al aangemeld"), "{said}");
            let (good, said) = import(data, &["people", &csv, "--apply"]).await;
            assert!(good && said.contains("1 overgenomen"), "{said}");
        })
        .await
}

// The command runs beside the gateway.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_imported_once_and_its_links_open_pages_that_change_nothing_by_get_ch_130_ch_131() {
    let gateway = imported().await;
    let counts = gateway.audience().counts(None).await.expect("read");
    let mut found: Vec<_> =
        counts.iter().map(|count| (count.kanaal.as_str(), count.channel, count.addressees)).collect();
    found.sort_unstable();
    assert_eq!(found, [("raad", Channel::Email, 1), ("weg", Channel::Email, 2)]);
    assert!(gateway.audience().outbox(gateway.now(), 10).await.expect("read").is_empty());
    for file in gateway.files() {
        assert!(!file.windows(9).any(|part| part == b"geheim-an"), "a file has an address");
    }
    let nobody = gateway.nobody();
    let old = "/api/subscriptions/5f1/unsubscribe?unsubscriptionCode=54321&additionalServices=_all";
    let location = |answer: &crate::support::Answer| path(answer.header("location").expect("a page"));
    let mut page = String::new();
    for _ in 0..3 {
        page = location(&nobody.get(old).await.expect(303));
        assert!(text(&nobody.get(&page).await.expect(200)).contains("<button"));
    }
    for wrong in [
        "/api/subscriptions/5f1/unsubscribe?unsubscriptionCode=54322",
        "/api/subscriptions/5f9/unsubscribe?unsubscriptionCode=54321",
        "/api/subscriptions/5f1/unsubscribe",
        "/api/subscriptions/5f1/unsubscribe/undo?unsubscriptionCode=54321",
        "/api/subscriptions/5f1/verify?confirmationCode=12345",
    ] {
        let page = location(&nobody.get(wrong).await.expect(303));
        assert_eq!(page, "/a/x", "{wrong}");
        nobody.get(&page).await.expect(404);
    }
    let count = async || gateway.audience().counts(None).await.expect("read").len();
    assert_eq!(count().await, 2, "nobody has left");
    press(&nobody, &page, "afmelden").await.expect(303);
    assert_eq!(count().await, 3, "one has left");
    let undo =
        location(&nobody.get("/api/subscriptions/5f1/unsubscribe/undo?unsubscriptionCode=54321").await.expect(303));
    press(&nobody, &undo, "herstellen").await.expect(303);
    assert_eq!(count().await, 2, "and is back");
}
