//! `gateway demo`, also with `--channels`, prints all its steps and exits with 0 by itself.

use std::process::{Command, Stdio};

/// What a demonstration with these arguments prints; it has to succeed.
fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_gateway"))
        .arg("demo")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.lines().all(|line| line.trim_end() == line), "no line ends in blanks:\n{text}");
    text
}

#[test]
fn a_citizen_subscribes_confirms_gets_a_mail_and_leaves_by_smtp_ch_41_ch_48_ch_56_ch_62() {
    let text = printed(&["--channels"]);
    for part in [
        "\"sink\": \"mailto:an@inwoner.example\"",
        "-> 202 Accepted",
        "To: an@inwoner.example",
        "wat=bevestigen",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "ophaaldag-verplaatst",
        "List-Unsubscribe=One-Click",
        "wat=herstellen",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    let mails = text.matches("To: an@inwoner.example").count();
    assert_eq!(mails, 3, "confirmation, news and acknowledgement:\n{text}");
}

#[test]
fn g10_the_demonstration_ends_well() {
    let text = printed(&[]);
    for part in [
        "> OPTIONS /klassiek",
        "> OPTIONS /modern",
        "WebHook-Request-Origin: gateway.demo.example",
        "POST /api/v1/notificaties",
        "> Content-Type: application/cloudevents+json",
        "> Content-Type: application/json",
        "ce-type: nl.overheid.parkeren.vergunning-verlengd",
        "delivered after 1 attempt",
        "export TOKEN=",
        "curl -sS",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    assert!(!text.contains("event ?"), "every event in the list has its id:\n{text}");
    assert!(
        text.contains(" G=http://127.0.0.1:") && text.contains(" S=http://127.0.0.1:"),
        "the lines to paste name both:\n{text}"
    );
    let bare = |line: &str| line.split(' ').any(|word| word.starts_with("http") && word.contains('?'));
    assert!(!text.lines().any(bare), "a shell would read the question mark of a bare URL as a pattern:\n{text}");
}
