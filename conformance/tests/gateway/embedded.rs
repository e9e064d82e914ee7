//! The whole suite against the built gateway on its embedded storage: every requirement that can be observed passes.

use conformance::identity::Identity;
use conformance::report::Verdict;

use crate::setting::{run, start};

/// Light subscriptions, which all come from one source here.
const PEOPLE: &str = "[people]\nurl = \"https://berichten.example.nl\"\norganisation = \"Gemeente Voorbeeld\"\n\
                      subscriptions_per_source = 10000\npages_per_source = 10000\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_gateway_passes_every_requirement_but_those_about_topics() {
    let identity = Identity::fresh("127.0.0.1").expect("a certificate");
    let gateway = start(&identity, PEOPLE).await;
    let report = run(&gateway, &identity, &["tls", "people"], None, |_| true).await;
    // It has no topics.
    gateway.assert_passed(&report, Some("CE-KAFKA-"));
    gateway.assert_log_is_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_on_ingest_is_told_ce_wh_20() {
    let identity = Identity::fresh("127.0.0.1").expect("a certificate");
    // So low that the slowest machine is faster.
    let gateway = start(&identity, "[limits]\nrequests_per_second = 1\n").await;
    let report = run(&gateway, &identity, &["ingest-limit"], None, |scenario| scenario.ids == ["CE-WH-20"]).await;
    let row = report.rows.iter().find(|row| row.id == "CE-WH-20").expect("a row");
    assert_eq!(row.verdict, Verdict::Pass, "{}", report.text());
}
