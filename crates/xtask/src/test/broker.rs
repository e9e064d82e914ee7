//! The Kafka broker that the tests of a run share: each has topics of its own on it. Tests that stop a broker or want other
//! settings start their own.

use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use free_port::free_port;

use crate::workspace::{Failure, Workspace};

/// The variable that names its address. Without it every executable starts one.
pub const VARIABLE: &str = "KAFKA_TEST_BROKER";

/// How long it may take to listen; its first start fetches the jars.
const PATIENCE: Duration = Duration::from_mins(10);

/// A running broker. It ends and deletes its data when its standard input ends.
pub struct Broker {
    process: Child,
    pub address: String,
}

impl Broker {
    /// Starts it and waits until it listens.
    pub fn start(workspace: &Workspace) -> Result<Self, Failure> {
        let port = free_port();
        let mut command = workspace.command(workspace.path("deploy/kafka/broker"));
        command.arg(workspace.path(&format!("target/kafka/run/{port}")));
        command.args([port, free_port()].map(|port| port.to_string()));
        // It runs for as long as the tests do, so the better compiler of the virtual machine pays.
        command.env("BROKER_DATA", "drop").env("BROKER_COMPILER", "full").stdin(Stdio::piped()).stdout(Stdio::null());
        let process = command.spawn().map_err(|error| format!("the broker does not start: {error}"))?;
        let mut broker = Self { process, address: format!("127.0.0.1:{port}") };
        let start = Instant::now();
        while TcpStream::connect(&broker.address).is_err() {
            if !matches!(broker.process.try_wait(), Ok(None)) || start.elapsed() > PATIENCE {
                return Err("the broker does not get ready".to_owned());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(broker)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // Fails only for a process that has gone already.
        let _ = self.process.wait();
    }
}
