//! Causes one fault, and waits until the gateway is ready again. Not which fault, nor when.

use std::time::Duration;

use super::books::{Books, TYPES};
use super::broker::Network;
use super::node::Node;
use super::plan::{Fault, LATEST_CLOCK};
use super::receivers::Mood;
use super::subscriptions::{Change, Subscriptions};
use crate::workspace::Failure;

/// Causes a fault.
pub async fn cause(
    fault: Fault,
    node: &mut Node,
    subscriptions: &mut Subscriptions,
    network: Option<&mut Network>,
    books: &Books,
) -> Result<(), Failure> {
    match (fault, network) {
        (Fault::Kill { down }, _) => {
            node.kill();
            tokio::time::sleep(down).await;
            node.start().await
        }
        (Fault::Restart, _) => {
            node.stop().await?;
            node.start().await
        }
        (Fault::Configure(delivery), _) => {
            node.configure(delivery);
            node.stop().await?;
            node.start().await
        }
        (Fault::Suspend(time), _) => {
            node.signal("STOP")?;
            tokio::time::sleep(time).await;
            node.signal("CONT")
        }
        (Fault::Receiver { number, mood, lasts }, _) => {
            if let Some(receiver) = subscriptions.receivers.get(number) {
                receiver.behave(mood, lasts);
            }
            Ok(())
        }
        (Fault::Subscription(change), _) => subscriptions.change(node, change).await,
        (Fault::Disk { trouble, lasts }, _) => {
            node.disk(Some(trouble))?;
            tokio::time::sleep(lasts).await;
            node.disk(None)?;
            node.recover().await
        }
        (Fault::Clock { seconds }, _) => node.clock(seconds),
        (Fault::Broker { down }, Some(network)) => {
            network.kill_broker();
            tokio::time::sleep(down).await;
            network.start_broker()?;
            node.recover().await
        }
        (Fault::Partition(time), Some(network)) => {
            network.cut(true);
            tokio::time::sleep(time).await;
            network.cut(false);
            node.recover().await
        }
        (Fault::Tamper { pick }, _) => {
            node.stop().await?;
            node.tamper(pick)?;
            node.start().await
        }
        (Fault::Foreign { number, is_event }, Some(network)) => {
            books.foreign(number, is_event);
            network.produce(TOPIC, &foreign_headers(number, is_event)).await
        }
        (Fault::Broker { .. } | Fault::Partition(_) | Fault::Foreign { .. }, None) => Ok(()),
    }
}

/// The topic of the kanaal.
const TOPIC: &str = "chaos.kanaal.bench";

/// The headers of a record that another program writes: an event, or what is none.
fn foreign_headers(number: u64, is_event: bool) -> Vec<(&'static str, String)> {
    if is_event {
        let id = Books::foreign_id(number);
        [("ce_specversion", "1.0"), ("ce_id", id.as_str()), ("ce_source", "urn:chaos:foreign"), ("ce_type", TYPES[0])]
            .map(|(name, value)| (name, value.to_owned()))
            .into()
    } else {
        vec![("ce_specversion", "9.9".to_owned())]
    }
}

/// Ends all faults.
pub async fn end(
    node: &mut Node,
    subscriptions: &mut Subscriptions,
    network: Option<&mut Network>,
) -> Result<(), Failure> {
    if let Some(network) = network {
        network.cut(false);
    }
    node.disk(None)?;
    for receiver in &subscriptions.receivers {
        receiver.behave(Mood::Well, Duration::ZERO);
    }
    node.recover().await?;
    // `gateway audit deliveries` leaves out what was appended before the last change of a subscription, by the wall clock. The times
    // of a log never go back, so with a clock that was set back that change must come at the latest time that there was.
    node.clock(LATEST_CLOCK)?;
    subscriptions.change(node, Change::Filter(1)).await?;
    node.clock(0)?;
    subscriptions.resume(node).await
}
