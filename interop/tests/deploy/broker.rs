//! Kafka brokers: by the script for trying things out, and with settings of their own. Each ends when its value is dropped.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use interop::Failure;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

use crate::deploy;

pub struct Broker {
    pub address: String,
    /// It ends when this does.
    _input: ChildStdin,
    process: Child,
}

impl Broker {
    /// By `deploy/kafka/local`, as a new user does; waits for the line that reports that Kafka runs.
    pub async fn local() -> Result<Broker, Failure> {
        let (port, program) = (free_port::in_a_row(2), deploy("kafka/local"));
        let mut command = Command::new(&program);
        command.arg(port.to_string()).env("BROKER_DATA", "drop").stdout(Stdio::piped());
        let (mut process, input) = spawn(command, program)?;
        let mut said = BufReader::new(process.stdout.take().expect("its output")).lines();
        let running = async {
            while let Ok(Some(line)) = said.next_line().await {
                if line.contains(&format!("Kafka runs on 127.0.0.1:{port}")) {
                    return true;
                }
            }
            false
        };
        let running = tokio::time::timeout(Duration::from_mins(10), running).await;
        assert_eq!(running, Ok(true), "deploy/kafka/local does not say that Kafka runs");
        // It prints more, and would end if its output were closed.
        tokio::spawn(async move { while let Ok(Some(_)) = said.next_line().await {} });
        Ok(Broker { address: format!("127.0.0.1:{port}"), _input: input, process })
    }

    /// By `deploy/kafka/broker`, with further settings, each `key=value`.
    pub async fn with(settings: &[String]) -> Result<Broker, Failure> {
        let (port, program) = (free_port::in_a_row(2), deploy("kafka/broker"));
        let folder = interop::target()?.join("kafka/run").join(port.to_string());
        let mut command = Command::new(&program);
        command.arg(&folder).args([port.to_string(), (port + 1).to_string()]).args(settings);
        command.env("BROKER_DATA", "drop").stdout(Stdio::null());
        let (process, input) = spawn(command, program)?;
        let mut broker = Broker { address: format!("127.0.0.1:{port}"), _input: input, process };
        for _ in 0..3_000 {
            if TcpStream::connect(&broker.address).is_ok() {
                return Ok(broker);
            }
            if let Ok(Some(status)) = broker.process.try_wait() {
                let console = std::fs::read_to_string(folder.join("console.log")).unwrap_or_default();
                panic!("the broker ended with {status}: {console}");
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("no broker at {}", broker.address);
    }
}

fn spawn(mut command: Command, program: PathBuf) -> Result<(Child, ChildStdin), Failure> {
    let mut process = command.stdin(Stdio::piped()).spawn().map_err(Failure::file(&program))?;
    let input = process.stdin.take().expect("its input");
    Ok((process, input))
}
