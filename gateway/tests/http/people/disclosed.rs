//! Texts that see only a part of the payload, through a real relay (CH-139).

use serde_json::json;

use super::{
    mail::{configuration, relay},
    resends,
};
use crate::support::{Gateway, PUBLISHER};

#[tokio::test]
async fn a_token_of_an_undisclosed_member_has_no_value_ch_139() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("weg.txt");
    std::fs::write(&file, "{notification::zaak.nummer} {zaak.bsn} {notification::naam} {straat}").expect("written");
    let template = format!(
        "[[people.template]]\nkanaal = \"weg\"\nlanguage = \"nl\"\nsubject = \"Nieuws {{naam}}\"\ntext_file = {file:?}\n\
         sms = \"Nieuws {{naam}}\"\ndisclose = [\"/zaak/nummer\", \"/straat\"]\n"
    );
    let mut relay = relay(0).await;
    let gateway = Gateway::with(&format!("{}{template}", configuration(relay.port()))).await;
    resends::confirmed(&gateway, &mut relay, &["an@burger.example"]).await;
    let data = json!({ "zaak": { "nummer": "Z-1", "bsn": "geheim-1" }, "naam": "geheim-2", "straat": "Dorpsstraat" });
    gateway.client(PUBLISHER).publish("weg", "e1", json!({ "type": "nl.weg", "data": data })).await.expect(202);
    let mail = relay.line().await.expect("a mail");
    let text = mail["text"].as_str().expect("a text");
    assert_eq!(text.trim_end(), "Z-1 {zaak.bsn} {notification::naam} Dorpsstraat");
    assert_eq!(mail["fields"]["subject"], "Nieuws {naam}");
    assert!(!mail.to_string().contains("geheim"), "{mail}");
    gateway.stop().await;
}
