//! `gateway verify` on topics.

use crate::support::Cluster;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g1_verify_of_a_wrong_prefix_is_an_error() {
    let (good, output) = Cluster::new().verify();
    assert!(!good && output.contains("there is no topic"), "{output}");
}
