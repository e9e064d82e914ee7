//! The program against receivers on the loopback interface: a correct one, and others with one fault each, which must
//! be found by exactly the clauses that it violates.

mod callback;
mod raw;
mod receiver;
mod secure;

use std::io;
use std::process::Output;

use serde_json::Value;
use tokio::process::Command;

use receiver::{Fault, start};

const CREDENTIAL: [&str; 3] = ["--authorization", "Bearer abc", "--query-token"];

async fn program(url: &str, more: &[&str]) -> io::Result<Output> {
    // What is slow is measured by one test; elsewhere the machine may take its time.
    let usual = ["--origin", "gateway.example", "--rate", "6000", "--allow", "127.0.0.0/8", "--slow-after", "3600"];
    let usual =
        usual.iter().filter(|word| !(more.contains(&"--slow-after") && ["--slow-after", "3600"].contains(word)));
    Command::new(env!("CARGO_BIN_EXE_webhook-validator")).arg(url).args(usual).args(more).output().await
}

/// What the program found.
struct Found {
    status: Option<i32>,
    report: Value,
}

impl Found {
    /// Ids of the clauses with this verdict, in order.
    fn with(&self, verdict: &str) -> Vec<String> {
        let findings = self.report["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
        let ids = findings.iter().filter(|finding| finding["verdict"] == verdict);
        ids.map(|finding| finding["id"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

async fn find(url: &str, more: &[&str]) -> io::Result<Found> {
    let output = program(url, &[&["--json"][..], more].concat()).await?;
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    for secret in ["s3cret", "Bearer abc", "access_token=abc"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let report =
        serde_json::from_slice(&output.stdout).map_err(|error| io::Error::other(format!("{error}: {errors}")))?;
    Ok(Found { status: output.status.code(), report })
}

async fn faulty(fault: Fault, more: &[&str]) -> io::Result<Found> {
    find(&start(fault).await?, more).await
}

#[tokio::test]
async fn a_good_receiver_passes_everything() {
    for format in ["structured", "binary", "batch"] {
        let found = faulty(Fault::None, &[&CREDENTIAL[..], &["--format", format]].concat()).await.unwrap();
        assert_eq!(found.status, Some(0), "{format}: {:#}", found.report);
        assert_eq!(found.with("fail"), [""; 0], "{format}");
        assert_eq!(found.with("warn"), ["NLG-WH-01"], "{format}: http on a test machine; {:#}", found.report);
        // Without TLS there is no version of it and no HTTP/2; nobody was busy, silent, or asked for a callback.
        let unseen =
            ["NLG-SEC-04", "CE-WH-25", "CE-WHV-22", "CE-WHV-21", "CE-WHV-07", "CE-WHV-10", "CE-WH-13", "CE-WH-20"];
        assert_eq!(found.with("not-observed"), unseen, "{format}");
    }
}

#[tokio::test]
async fn each_fault_is_found_by_the_clauses_it_breaks_and_by_no_other() {
    use Fault::*;
    let none: &[&str] = &[];
    let table: &[(Fault, &[&str], &[&str])] = &[
        (Silent, &["CE-WHV-13"], &["CE-WHV-01", "CE-WHV-22"]),
        (NoOptions, &["CE-WHV-13"], &["CE-WHV-01"]),
        (NoRate, &["CE-WHV-17"], none),
        (NoRateUnasked, none, &["CE-WHV-18"]),
        (RateInWords, &["CE-WHV-19"], none),
        (OtherOrigin, &["CE-WHV-15"], none),
        (OriginAsUrl, &["CE-WHV-15"], none),
        (OriginTwice, &["CE-WHV-16"], none),
        (ConsentWith503, &["CE-WHV-14"], none),
        (ConsentWith405, none, &["CE-WHV-14"]),
        (NoAllow, none, &["CE-WHV-23"]),
        (Echo, none, &["CE-WHV-24"]),
        (Everybody, none, &["CE-WHV-24", "CE-WHV-24"]),
        (RedirectOptions, &["CE-WH-08"], &["CE-WHV-14"]),
        (RedirectEvents, &["CE-WH-08", "NLG-WH-02"], none),
        (Status(500), &["NLG-WH-02"], none),
        (Status(503), &["NLG-WH-02"], none),
        (Status(404), &["NLG-WH-02"], none),
        (Status(410), &["NLG-WH-02"], none),
        (Status(415), &["NLG-WH-02"], none),
        (Partial, none, &["NLG-WH-02"]),
        (Busy, &["CE-WH-20"], none),
        (BusyInWords, &["CE-WH-20"], none),
        (Untyped, &["CE-WH-13"], &["CE-WHA-08"]),
        (Wordy, &["CE-WH-13"], &["CE-WHA-08"]),
        (Empty200, none, &["NLG-WH-02", "CE-WHA-08"]),
        (NoRepeat, none, &["CE-CTX-12"]),
        (NoExtensions, &["CE-CTX-36"], none),
        (Small, none, &["CE-CTX-40"]),
        (FailsWithoutId, &["CE-CTX-01"], none),
        (AcceptsWithoutId, none, &["CE-CTX-01"]),
        (FailsOnBroken, &["CE-JSON-25"], none),
        (MediaTypeAsText, &["CE-HTTP-40"], none),
        (NoChunks, none, &["RFC 9112 7"]),
        (AcceptsAnyFormat, &["CE-WH-21"], none),
        (UnknownWith400, &["CE-WH-21"], none),
        (FailsOnBinary, &["CE-WH-21"], none),
        (NoEmptyBatch, &["CE-BATCH-03"], none),
        (Open, none, &["CE-WHV-25", "CE-WHA-11"]),
        (HeaderOnly, &["CE-WHA-02"], none),
        (Public, none, &["CE-WHA-08"]),
        (TokenTwice, none, &["CE-WHA-11"]),
    ];
    for (fault, failed, warned) in table {
        let found = faulty(*fault, &CREDENTIAL).await.unwrap();
        assert_eq!(found.with("fail"), *failed, "{fault:?}: {:#}", found.report);
        assert_eq!(found.with("warn"), [&["NLG-WH-01"][..], *warned].concat(), "{fault:?}: {:#}", found.report);
        assert_eq!(found.status, Some(i32::from(!failed.is_empty())), "{fault:?}");
    }
}

#[tokio::test]
async fn letter_case_of_header_names_is_tried_ce_http_16() {
    let careful = |head: &str| if head.contains("\r\nContent-Type: ") { "400 Bad Request" } else { "204 No Content" };
    let found = find(&raw::start(6000, careful).await.unwrap(), &[]).await.unwrap();
    assert!(found.with("fail").contains(&"CE-HTTP-16".to_owned()), "{:#}", found.report);
    let found = find(&raw::start(6000, |_| "204 No Content").await.unwrap(), &[]).await.unwrap();
    assert!(found.with("pass").contains(&"CE-HTTP-16".to_owned()), "{:#}", found.report);
}

#[tokio::test]
async fn a_slow_answer_is_remarked_on_ce_wh_14() {
    let found = faulty(Fault::Slow, &[&CREDENTIAL[..], &["--slow-after", "0.2"]].concat()).await.unwrap();
    assert_eq!((found.status, found.with("warn")), (Some(0), vec!["NLG-WH-01".to_owned(), "CE-WH-14".to_owned()]));
}

#[tokio::test]
async fn a_receiver_is_left_alone_when_it_says_so_ce_wh_15_ce_wh_16() {
    for fault in [Fault::Status(410), Fault::Busy] {
        let found = faulty(fault, &CREDENTIAL).await.unwrap();
        let exchanges = found.report["exchanges"].as_array().unwrap();
        let events = exchanges.iter().filter(|one| one["request"]["start"].as_str().unwrap().starts_with("POST"));
        assert_eq!(events.count(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_receiver_that_wants_a_credential_is_not_blamed_for_it_ce_wh_21() {
    let found = faulty(Fault::None, &[]).await.unwrap();
    assert_eq!((found.status, found.with("fail")), (Some(1), vec!["NLG-WH-02".to_owned()]));
    let seen = found.report["findings"].as_array().unwrap().iter().find(|one| one["id"] == "NLG-WH-02").unwrap();
    assert!(seen["seen"]["nl"].as_str().unwrap().contains("--authorization"), "{seen}");
    assert!(found.with("not-observed").contains(&"CE-WH-21".to_owned()));
}

#[tokio::test]
async fn a_token_in_the_query_is_left_out_and_moved_ce_wha_02_ce_wha_06_ce_wha_08() {
    let url = start(Fault::None).await.unwrap() + "&access_token=abc";
    let found = find(&url, &[]).await.unwrap();
    assert_eq!((found.status, found.with("fail")), (Some(0), vec![]), "{:#}", found.report);
    for id in ["CE-WHV-25", "CE-WHA-02", "CE-WHA-08"] {
        assert!(found.with("pass").contains(&id.to_owned()), "{id}: {:#}", found.report);
    }
    let output = program(&url, &["--authorization", "Bearer abc"]).await.unwrap();
    assert_eq!(output.status.code(), Some(2), "a token in both places is a mistake of the caller");
}

#[tokio::test]
async fn an_event_of_ones_own_is_sent_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("event.json");
    std::fs::write(&file, r#"{"specversion":"1.0","id":"7","source":"/a","type":"nl.a","data":{"naam":"é"}}"#).unwrap();
    for format in ["structured", "binary", "batch"] {
        let own = ["--format", format, "--event", file.to_str().unwrap()];
        let found = faulty(Fault::None, &[&CREDENTIAL[..], &own].concat()).await.unwrap();
        assert_eq!((found.status, found.with("warn")), (Some(0), vec!["NLG-WH-01".to_owned()]), "{:#}", found.report);
        assert!(found.report.to_string().contains("nl.a"));
    }
    let output = program("http://127.0.0.1:1/", &["--event", "/no/such/file"]).await.unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("/no/such/file"), "{output:?}");
}

#[tokio::test]
async fn a_low_rate_is_kept_ce_whv_20() {
    let url = raw::start(1, |_| "204 No Content").await.unwrap();
    let found = find(&url, &[]).await.unwrap();
    assert_eq!(found.status, Some(0), "{:#}", found.report);
    let exchanges = found.report["exchanges"].as_array().unwrap();
    let events = exchanges.iter().filter(|one| one["request"]["start"].as_str().unwrap().starts_with("POST"));
    assert_eq!(events.count(), 1, "the next would be due in a minute");
    assert!(found.with("not-observed").contains(&"CE-WH-21".to_owned()), "{:#}", found.report);
}

#[tokio::test]
async fn the_notificaties_api_is_checked_by_its_probes_map_26() {
    let legacy = [&CREDENTIAL[..], &["--format", "legacy"]].concat();
    let found = faulty(Fault::None, &legacy).await.unwrap();
    assert_eq!((found.status, found.with("fail")), (Some(0), vec![]), "{:#}", found.report);
    for id in ["MAP-26", "NLG-WH-02", "CE-CTX-12", "CE-CTX-40", "RFC 9112 7"] {
        assert!(found.with("pass").contains(&id.to_owned()), "{id}: {:#}", found.report);
    }
    assert!(!found.report.to_string().contains("CE-WHV-"), "there is no handshake");

    let found = faulty(Fault::Open, &legacy).await.unwrap();
    assert_eq!((found.status, found.with("fail")), (Some(1), vec!["MAP-26".to_owned()]));
    let found = faulty(Fault::None, &["--format", "legacy"]).await.unwrap();
    assert_eq!(found.with("fail"), ["MAP-26", "NLG-WH-02"], "the credential is missing");
}

#[tokio::test]
async fn the_report_reads_well_in_both_languages() {
    let url = start(Fault::Silent).await.unwrap();
    for (language, wanted) in [
        (
            "en",
            ["FAIL", "CE-WHV-13", "no WebHook-Allowed-Origin", "remedy: Add WebHook-Allowed-Origin", "Consent: none"],
        ),
        (
            "nl",
            [
                "FOUT",
                "CE-WHV-13",
                "geen WebHook-Allowed-Origin",
                "oplossing: Voeg WebHook-Allowed-Origin toe",
                "Toestemming: geen",
            ],
        ),
    ] {
        let output = program(&url, &["--lang", language]).await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        // What is wrong is shown with its exchange in full.
        for words in
            wanted.into_iter().chain(["-> OPTIONS http://127.0.0.1", "WebHook-Request-Rate: 6000", "<- 200 OK"])
        {
            assert!(text.contains(words), "{words} in {text}");
        }
        assert!(!text.contains("s3cret"), "{text}");
        assert_eq!(output.status.code(), Some(1));
    }
    let help = Command::new(env!("CARGO_BIN_EXE_webhook-validator")).arg("--help").output().await.unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("Exit status") && help.contains("Examples"), "{help}");
}

#[tokio::test]
async fn wrong_usage_and_silence_have_their_own_status_ce_whv_28() {
    for (url, more, says) in [
        ("http://127.0.0.1:9/", &[][..], "loopback"),
        ("https://10.0.0.1/", &[], "private"),
        ("http://example.nl/", &[], "use https"),
        ("no url", &[], "absolute"),
        ("http://127.0.0.1:1/?access_token=s3cret", &["--allow", "127.0.0.0/8"], "does not answer"),
        ("http://127.0.0.1:1/", &["--allow", "127.0.0.1/8"], "127.0.0.0/8"),
        ("http://127.0.0.1:1/", &["--allow", "127.0.0.0/8", "--lang", "nl"], "antwoordt niet: er komt geen verbinding"),
        ("https://127.0.0.1/", &["--lang", "nl"], "geen openbaar adres"),
        ("https://a@example.nl/", &["--lang", "nl"], "geen gebruiker"),
        ("https://example.nl/", &["--origin", "https://gateway.example"], "DNS name"),
        ("https://example.nl/", &["--rate", "0"], "rate"),
        ("https://example.nl/", &["--slow-after", "soon"], "slow-after"),
        ("https://example.nl/", &["--client-key", "key.pem"], "client-certificate"),
        ("https://example.nl/", &["--ca", "/no/such.pem"], "/no/such.pem"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_webhook-validator")).arg(url).args(more).output().await.unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{url}: {text}");
        assert!(text.contains(says) && !text.contains("s3cret"), "{url}: {text}");
    }
}
