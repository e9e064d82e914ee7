//! `gateway demo`: an embedded gateway and a subscriber in one process; one notification and one CloudEvent all the way,
//! explained step by step for a newcomer.
//!
//! It uses the gateway as anybody would: over HTTP, with a token. With `--stay`, or in a terminal, both keep running so
//! that the reader can go on by hand.

mod channels;
mod client;
mod environment;
mod examine;
mod mail_server;
mod scenario;
mod subscriber;
mod transcript;
mod viewer;

use std::{
    io::IsTerminal,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    process::ExitCode,
};

use self::{environment::Environment, mail_server::MailServer, transcript::Transcript};
use crate::cli::output::outln;

/// What goes wrong in a demonstration, in words.
type Failure = String;

/// Options of `gateway demo`.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Keep gateway and subscriber running until Ctrl-C, also when this is no terminal
    #[arg(long)]
    stay: bool,
    /// A citizen instead of a webhook: subscribes by e-mail, confirms, gets a mail and leaves. Needs python3-aiosmtpd
    #[arg(long)]
    channels: bool,
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
        if self.channels {
            return self.show_channels().await;
        }
        let gateway = listen_address(self.listen, stay, 8080);
        let subscriber = listen_address(self.subscriber, stay, 8081);
        let mut environment = Environment::start(gateway, subscriber).await?;
        let mut transcript = Transcript::default();
        let result = scenario::run(&mut environment, &mut transcript).await;
        if result.is_ok() {
            transcript.show_curl_commands(&environment);
            if let Some(link) = environment.login_link().filter(|_| stay) {
                transcript.show_login_link(&link);
            }
            if stay {
                outln!("\nBoth keep running; what arrives at the subscriber is shown here. Ctrl-C ends them.");
                outln!("The same in a browser: {}/", environment.subscriber);
                environment.echo_until_interrupted().await?;
            }
        }
        environment.stop().await;
        result
    }

    async fn show_channels(&self) -> Result<(), Failure> {
        let mut mail = MailServer::start().await?;
        let gateway = listen_address(self.listen, false, 8080);
        let environment = Environment::with_mail(gateway, mail.port).await?;
        let result = channels::run(&environment, &mut mail, &mut Transcript::default()).await;
        environment.stop().await;
        result
    }
}

/// The address to listen on: the configured one; else the usual port if it is free and the demonstration stays; else any
/// free port.
fn listen_address(configured: Option<SocketAddr>, stay: bool, usual: u16) -> SocketAddr {
    let local = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    configured.unwrap_or_else(|| {
        let free = stay && std::net::TcpListener::bind(local(usual)).is_ok();
        local(if free { usual } else { 0 })
    })
}
