//! RSS and Atom feeds as publishers: each configured feed is polled through `egress`, and its new items become CloudEvents of a
//! kanaal, published by the same use case as the events of any publisher.
//!
//! # How it works
//!
//! [`read::items`] reads a feed, [`compare()`] decides which items are due; both are pure. [`Poller`] asks for the feed with the
//! validators of the answer before, publishes what is due, and only then stores what was published. So a crash, or a refusal, at most
//! publishes an item again; its id follows from the item, so that subscribers get it once.
//!
//! Not here: configuration files and the start (`gateway`), the rules that events must follow (`publishing`), and pages that are no
//! feed. One process polls: on Kafka it is the node that works for people.
//!
//! # Requirements
//!
//! | id | in short |
//! |---|---|
//! | CH-103 | a feed becomes events of a kanaal; the item is the data |
//! | CH-104 | known items give nothing, changed ones only when asked for; items that are absent are forgotten after some polls |
//! | CH-105 | the id of the event follows from key and compared fields |
//! | CH-106 | RSS 0.9x, 1.0, 2.0 and Atom, in any charset; broken XML is an error of the feed |
//! | CH-107 | conditional requests; 429, 503 and `Retry-After` are obeyed; 410 ends the feed |
//! | CH-108 | address policy, bounds on size, time and redirects; no entities |
//! | CH-109 | a feed can be tried without storing anything |

mod charset;
mod compare;
mod dates;
mod event;
mod fetch;
mod item;
pub mod metrics;
mod poller;
pub mod read;
mod report;
mod schedule;
mod settings;
mod state;

pub use self::{
    charset::CharsetError,
    compare::{Comparison, Due, compare},
    event::event,
    fetch::{FetchError, Fetched, fetch},
    item::{Enclosure, Field, Item},
    poller::{Parts, Poller, dry_run},
    report::{Reports, Trouble},
    schedule::{Cron, CronError, Schedule},
    settings::{Feed, Key},
};
