//! `gateway demo`: an embedded gateway and a subscriber in one process; one notification and one CloudEvent all the way,
//! told step by step for a newcomer.
//!
//! It uses the gateway as anybody would: over HTTP, with a token. With `--stay`, or in a terminal, both keep running so
//! that the reader can go on by hand.

mod client;
mod setting;
mod story;
mod subscriber;
mod transcript;

use std::{
    io::IsTerminal,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    process::ExitCode,
};

use self::{setting::Setting, story::tell, transcript::Transcript};

/// What goes wrong in a demonstration, in words.
type Failure = String;

/// Options of `gateway demo`.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Keep gateway and subscriber running until Ctrl-C, also when this is no terminal
    #[arg(long)]
    stay: bool,
    /// Address of the gateway [default: 127.0.0.1:8080 when it stays, else any free port]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Address of the subscriber [default: 127.0.0.1:8081 when it stays, else any free port]
    #[arg(long, value_name = "ADDRESS")]
    subscriber: Option<SocketAddr>,
}

/// Runs the demonstration; fails when something did not arrive within ten seconds.
pub fn run(demo: Demo) -> Result<ExitCode, super::Failure> {
    let stay = demo.stay || std::io::stdin().is_terminal();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(demo.show(stay)).map_err(|failure| format!("the demonstration failed: {failure}"))?;
    Ok(ExitCode::SUCCESS)
}

impl Demo {
    async fn show(&self, stay: bool) -> Result<(), Failure> {
        let gateway = place(self.listen, stay, 8080);
        let subscriber = place(self.subscriber, stay, 8081);
        let mut setting = Setting::start(gateway, subscriber).await?;
        let mut transcript = Transcript::default();
        let told = tell(&mut setting, &mut transcript).await;
        if told.is_ok() {
            transcript.by_hand(&setting);
            if stay {
                println!("\nBoth keep running; what arrives at the subscriber is shown here. Ctrl-C ends them.");
                setting.echo_until_interrupted().await?;
            }
        }
        setting.stop().await;
        told
    }
}

/// Where to listen: as told; else the usual port when it is free and the demonstration stays; else any free port.
fn place(told: Option<SocketAddr>, stay: bool, usual: u16) -> SocketAddr {
    let local = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    told.unwrap_or_else(|| {
        let free = stay && std::net::TcpListener::bind(local(usual)).is_ok();
        local(if free { usual } else { 0 })
    })
}
