//! A process without a free file descriptor, which needs a process of its own: the test starts its executable again with a
//! low limit.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use egress::{Egress, Limits, Policy, Request, SendError, Settings, Shortage};
use http::{HeaderMap, Method};

const CHILD: &str = "EGRESS_TEST_CHILD";

#[test]
fn b6_used_up_descriptors_are_our_own_trouble() {
    if std::env::var_os(CHILD).is_some() {
        return child();
    }
    let executable = std::env::current_exe().expect("a path");
    let name = "b6_used_up_descriptors_are_our_own_trouble";
    let mut command = Command::new("sh");
    let output = command
        .args(["-c", "ulimit -n 40 && exec \"$0\" --exact --nocapture \"$1\""])
        .arg(executable)
        .arg(name)
        .env(CHILD, "1")
        .output()
        .expect("a shell");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn child() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let ranges = vec!["127.0.0.0/8".parse().expect("a network")];
        let policy = Policy { allow: ranges.clone(), allow_http: ranges };
        let egress = Egress::new(Settings { policy, ..Settings::default() }).expect("good settings");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let send = async |host: &str, total: Duration| {
            let url = format!("http://{host}:{port}/").parse().expect("a URL");
            let request = Request { method: Method::GET, url, headers: HeaderMap::new(), body: "".into(), tls: None };
            let limits = Limits { total, ..Limits::default() };
            egress.send(request, limits).await.expect_err("nobody answers")
        };
        let mut files = Vec::new();
        while let Ok(file) = File::open("/dev/null") {
            files.push(file);
        }
        for host in ["127.0.0.1", "localhost"] {
            let error = send(host, Duration::from_mins(2)).await;
            assert!(matches!(error, SendError::Own(Shortage::Descriptors)), "{host}: {error}");
            assert_eq!(egress.shortage(), Some(Shortage::Descriptors));
        }
        drop(files);
        assert!(matches!(send("127.0.0.1", Duration::from_millis(300)).await, SendError::Timeout(_)));
    });
}
