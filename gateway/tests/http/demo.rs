//! `gateway demo` prints all its steps and exits with 0 by itself.

use std::process::{Command, Stdio};

#[test]
fn g10_the_demonstration_ends_well() {
    let output = Command::new(env!("CARGO_BIN_EXE_gateway"))
        .arg("demo")
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
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
    assert!(text.lines().all(|line| line.trim_end() == line), "no line ends in blanks:\n{text}");
    let bare = |line: &str| line.split(' ').any(|word| word.starts_with("http") && word.contains('?'));
    assert!(!text.lines().any(bare), "a shell would read the question mark of a bare URL as a pattern:\n{text}");
}
