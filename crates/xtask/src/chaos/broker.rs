//! A Kafka broker that can be killed and started again on its data, and the network between it and the gateway: a proxy on
//! loopback that can be cut. The broker announces the address of the proxy, so that every connection passes it.

use std::net::TcpStream as Blocking;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use free_port::free_port;
use rdkafka::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::util::Timeout;
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::workspace::{Failure, Workspace};

/// How long the broker may take to listen; its first start fetches the jars.
const PATIENCE: Duration = Duration::from_mins(5);

pub struct Network {
    script: PathBuf,
    directory: TempDir,
    ports: [u16; 2],
    proxy: u16,
    broker: Option<Child>,
    cut: Arc<watch::Sender<bool>>,
}

impl Network {
    /// Starts the proxy and the broker behind it.
    pub async fn start(workspace: &Workspace, directory: TempDir) -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| format!("the proxy: {error}"))?;
        let proxy = listener.local_addr().map_err(|error| error.to_string())?.port();
        let (script, ports) = (workspace.path("deploy/kafka/broker"), [free_port(), free_port()]);
        let cut = Arc::new(watch::Sender::new(false));
        tokio::spawn(pass(listener, ports[0], Arc::clone(&cut)));
        let mut network = Self { script, directory, ports, proxy, broker: None, cut };
        network.start_broker()?;
        Ok(network)
    }

    /// The address at which the gateway finds the broker.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.proxy)
    }

    /// Starts the broker on the data that it has, and waits until it listens.
    pub fn start_broker(&mut self) -> Result<(), Failure> {
        let mut command = std::process::Command::new(&self.script);
        command.arg(self.directory.path()).args(self.ports.map(|port| port.to_string()));
        command.arg(format!("advertised.listeners=PLAINTEXT://{}", self.address()));
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let broker = command.spawn().map_err(|error| format!("the broker does not start: {error}"))?;
        let broker = self.broker.insert(broker);
        let start = Instant::now();
        while Blocking::connect(("127.0.0.1", self.ports[0])).is_err() {
            if !matches!(broker.try_wait(), Ok(None)) || start.elapsed() > PATIENCE {
                return Err("the broker does not get ready".to_owned());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Kills the broker with SIGKILL, and waits until it is gone. Its data stays.
    pub fn kill_broker(&mut self) {
        if let Some(mut broker) = self.broker.take() {
            // The script kills the broker when its input ends.
            drop(broker.stdin.take());
            let _ = broker.wait();
        }
    }

    /// Writes a record to a topic, as another program would: past the proxy for the first connection.
    pub async fn produce(&self, topic: &str, headers: &[(&str, String)]) -> Result<(), Failure> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", format!("127.0.0.1:{}", self.ports[0])).set("acks", "all");
        let producer: FutureProducer = config.create().map_err(|error| error.to_string())?;
        let headers = headers.iter().fold(OwnedHeaders::new(), |headers, (key, value)| {
            headers.insert(Header { key, value: Some(value.as_str()) })
        });
        let record: FutureRecord<'_, (), str> = FutureRecord::to(topic).payload("tampered").headers(headers);
        let sent = producer.send(record, Timeout::After(PATIENCE)).await;
        sent.map(drop).map_err(|(error, _)| format!("a record of another program: {error}"))
    }

    /// Cuts the network, or mends it: nothing passes, and no connection is closed or refused meanwhile.
    pub fn cut(&self, is_cut: bool) {
        self.cut.send_replace(is_cut);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.kill_broker();
    }
}

/// Passes connections on to a port.
async fn pass(listener: TcpListener, port: u16, cut: Arc<watch::Sender<bool>>) {
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        tokio::spawn(pass_connection(client, port, cut.subscribe()));
    }
}

/// Passes one connection on. One that is cut in the middle loses what is under way, and is closed when the network is mended; one that
/// begins while the network is cut waits.
async fn pass_connection(mut client: TcpStream, port: u16, mut cut: watch::Receiver<bool>) {
    if !becomes(&mut cut, false).await {
        return;
    }
    let Ok(mut broker) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let is_cut = tokio::select! {
        _ = copy_bidirectional(&mut client, &mut broker) => false,
        is_cut = becomes(&mut cut, true) => is_cut,
    };
    if is_cut {
        becomes(&mut cut, false).await;
    }
}

/// Waits until the network is cut, or is not; `false` when the run ends.
async fn becomes(cut: &mut watch::Receiver<bool>, wanted: bool) -> bool {
    cut.wait_for(|is_cut| *is_cut == wanted).await.is_ok()
}
