//! A Kafka broker for a test.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A broker; ends when its standard input does.
pub struct Broker {
    process: Child,
    pub address: String,
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        drop(self.process.wait());
    }
}

impl Broker {
    pub async fn start() -> Broker {
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
        let mut broker = Broker { process, address: format!("127.0.0.1:{port}") };
        for _ in 0..900 {
            if std::net::TcpStream::connect(&broker.address).is_ok() {
                return broker;
            }
            let ended = broker.process.try_wait().expect("a child can be asked");
            assert_eq!(ended, None, "the broker ended");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no broker at {}", broker.address);
    }
}
