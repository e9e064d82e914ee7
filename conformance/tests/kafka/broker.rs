//! A Kafka broker for a test: the one at the address in KAFKA_TEST_BROKER, which tests share, or else one of its own. Topics
//! have names that no other test uses.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use conformance::clock;

pub struct Broker {
    pub address: String,
    _own: Option<Own>,
}

/// A broker of this test; ends when its standard input does.
struct Own(Child);

impl Drop for Own {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        drop(self.0.wait());
    }
}

impl Broker {
    /// The shared one, or a new one as soon as it answers.
    pub async fn get() -> Broker {
        if let Ok(address) = std::env::var("KAFKA_TEST_BROKER") {
            return Broker { address, _own: None };
        }
        let free = || TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let (port, controller) = (free(), free());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let process = Command::new(root.join("deploy/kafka/broker"))
            .arg(root.join(format!("target/kafka/run/{port}")))
            .args([port.to_string(), controller.to_string()])
            .env("BROKER_DATA", "drop")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the broker starts");
        let (mut own, address) = (Own(process), format!("127.0.0.1:{port}"));
        for _ in 0..3_000 {
            if std::net::TcpStream::connect(&address).is_ok() {
                return Broker { address, _own: Some(own) };
            }
            let ended = own.0.try_wait().expect("a child can be asked");
            assert_eq!(ended, None, "the broker ended");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no broker at {address}");
    }

    /// What the names of topics of one test begin with.
    pub fn prefix() -> String {
        format!("conformance{}", clock::unix_nanos())
    }
}
