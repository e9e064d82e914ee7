//! Light subscriptions of people where addresses, codes and links are in clear text: between the APIs and pages, which read
//! what people write, and `management::addressees`, which sees digests and sealed bytes.
//!
//! Not here: HTTP, configuration, sending, and the decisions on an addressee (`model::addressee`).
//!
//! # Requirements
//!
//! | id | in short |
//! |---|---|
//! | CH-14 | one address without headers |
//! | CH-31 | one number in the form of E.164, confirmed by its code alone |
//! | CH-37, CH-40, CH-117 | receipts of providers become evidence, and a keyword by text message ends subscriptions |
//! | CH-43 to CH-45 | codes and links, their digests, their end; a new one voids the one before |
//! | CH-45, CH-49 | a code is typed for the id of the answer, five times at most |
//! | CH-46 | five requests an hour for an address, a bound per source |
//! | CH-48, CH-57 | reading a page changes nothing |
//! | CH-49, CH-52, CH-58 | wrong, void and unknown are alike; answers reveal nothing of an address |
//! | CH-50 | what a link is about, for texts and redirects of its kanaal |
//! | CH-54 | a source that verified the address takes the place of a confirmation |
//! | CH-55, CH-56 | the link to leave works as long as the subscription; one click ends it |
//! | CH-51 | another address is confirmed first; the present one gets a notice |
//! | CH-59, CH-141 | owner and administrator end it and see it masked |
//! | CH-60, CH-62 | all of an address by one act; an undo restores exactly these, once |
//! | CH-63, CH-111 to CH-116 | bounces, complaints and mails to unsubscribe that came back |
//! | CH-65, CH-135, CH-137 | a person sees, exports and erases what is stored, by a link that is sent for it |
//! | CH-72 | people change the attributes that are declared for that |
//! | CH-98 | an event that waits is cancelled or replaced by its publisher |
//! | CH-101 | mails at once, daily or weekly |
//! | CH-130, CH-131 | confirmed subscriptions come from elsewhere, and their links of before open pages here |
//! | CH-134 | addresses are sealed, and found by keyed digest |

mod act;
mod address;
pub mod administration;
mod answered;
mod change_address;
mod change_attributes;
mod change_frequency;
mod code;
mod cursor;
mod data;
mod erase;
mod error;
mod export;
mod import;
mod keys;
mod limit;
mod links;
mod list;
mod old_links;
mod owner_attribute;
mod page;
mod read;
mod receipt;
mod replacements;
mod returned;
mod soft_bounce;
mod source;
mod subject;
mod subscribe;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use management::addressees::Addressees;
/// An e-mail address or a number.
pub use message::address::Address;
use model::{Clock, Random, addressee::bounce::SoftThreshold};
use people_filter::Dialects;
use storage::Audience;

use self::{answered::Answered, limit::Limit};
pub use message::address::EmailAddress;

pub use self::{
    act::Act,
    address::{parse_address, parse_mailto, parse_sms},
    code::ConfirmedByCode,
    data::{LINK_VALID as DATA_LINK_VALID, Overview, OverviewRow, ShownAttribute},
    error::Error,
    export::{Export, Exported, ExportedConfirmation},
    import::{ImportLine, Imported},
    keys::{Challenge, Keys, KeysError},
    links::{Link, Links},
    list::{Listed, Wanted},
    old_links::{OldAct, OldLink},
    owner_attribute::{AttributeKind, MAX_TYPED, OwnerAttribute},
    page::Page,
    read::{Shown, ShownFilter},
    receipt::{Receipt, Receipted},
    replacements::Replacements,
    returned::Returned,
    source::{NotVerified, Source, is_same_address},
    subscribe::{NumberWish, Wish},
};

/// The configured values.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How long an act of leaving can be undone (CH-62).
    pub undo: Duration,
    /// Most requests to subscribe of one source in an hour (CH-46).
    pub subscriptions_per_source: u32,
    /// Most requests of one source in a minute for pages whose link is not authentic by itself.
    pub pages_per_source: u32,
}

/// The use cases.
pub struct People {
    addressees: Addressees,
    audience: Arc<dyn Audience>,
    keys: Arc<Keys>,
    links: Links,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    settings: Settings,
    limits: Limits,
    answered: Answered,
    sends_texts: bool,
    dialects: Dialects,
    attributes: Vec<String>,
    owner_attributes: Vec<OwnerAttribute>,
    confirming: Vec<String>,
    sources: Vec<Source>,
    soft_bounces: SoftThreshold,
}

/// The bounds of requests.
struct Limits {
    /// Requests to subscribe an address, by its digest (CH-46).
    addresses: Limit<[u8; 32]>,
    /// Requests to subscribe, by source.
    subscriptions: Limit<String>,
    /// Requests for pages, by source.
    pages: Limit<String>,
}

impl People {
    /// The use cases on this store, with pages at the base of `links`.
    pub fn new(
        audience: Arc<dyn Audience>,
        keys: Arc<Keys>,
        links: Links,
        (clock, random): (Arc<dyn Clock>, Arc<dyn Random>),
        settings: Settings,
    ) -> Self {
        let hour = Duration::from_hours(1);
        let limits = Limits {
            addresses: Limit::new(model::addressee::MAX_CODE_REQUESTS as u32, hour),
            subscriptions: Limit::new(settings.subscriptions_per_source, hour),
            pages: Limit::new(settings.pages_per_source, Duration::from_mins(1)),
        };
        let addressees = Addressees::new(Arc::clone(&audience), Arc::clone(&clock));
        Self {
            addressees,
            audience,
            keys,
            links,
            clock,
            random,
            settings,
            limits,
            answered: Answered::default(),
            sends_texts: false,
            dialects: Dialects::default(),
            attributes: Vec::new(),
            owner_attributes: Vec::new(),
            confirming: Vec::new(),
            sources: Vec::new(),
            soft_bounces: SoftThreshold::default(),
        }
    }

    /// The same where a provider of text messages is configured.
    #[must_use]
    pub fn with_texts(self) -> Self {
        Self { sends_texts: true, ..self }
    }

    /// The same with named expressions for filters, and with the attributes of people that clients may set, by name (CH-72).
    #[must_use]
    pub fn with_filters(self, dialects: Dialects, attributes: Vec<String>) -> Self {
        Self { dialects, attributes, ..self }
    }

    /// The same with the attributes that people may change of themselves (CH-72).
    #[must_use]
    pub fn with_owner_attributes(self, owner_attributes: Vec<OwnerAttribute>) -> Self {
        Self { owner_attributes, ..self }
    }

    /// The same with the clients that may name an agreement instead of a confirmation, by client_id (CH-42).
    #[must_use]
    pub fn with_confirming(self, clients: Vec<String>) -> Self {
        Self { confirming: clients, ..self }
    }

    /// The same with sources that verified addresses (CH-54).
    #[must_use]
    pub fn with_sources(self, sources: Vec<Source>) -> Self {
        Self { sources, ..self }
    }

    /// The same with another number of soft bounces that ends the light subscriptions of an address (CH-114).
    #[must_use]
    pub fn with_soft_bounces(self, threshold: SoftThreshold) -> Self {
        Self { soft_bounces: threshold, ..self }
    }

    /// Whether a client may do so.
    pub fn may_confirm(&self, client_id: &str) -> bool {
        self.confirming.iter().any(|own| own == client_id)
    }

    /// The dialects of filters.
    pub fn dialects(&self) -> &Dialects {
        &self.dialects
    }

    /// Whether a client may set this attribute of a person.
    pub fn may_set(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|own| own == attribute)
    }

    /// Whether numbers may subscribe.
    pub fn sends_texts(&self) -> bool {
        self.sends_texts
    }

    /// The links to the pages.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// The keys.
    pub fn keys(&self) -> &Arc<Keys> {
        &self.keys
    }
}

impl fmt::Debug for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("People")
    }
}
