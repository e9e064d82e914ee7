//! The texts of due messages, in the language of the addressee. They are in plain text and contain nothing that a person wrote
//! (CH-47).

use model::{KanaalName, addressee::Language};

use super::{dutch, english};

/// What a text is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Topic<'a> {
    /// An address is to be confirmed.
    Confirmation {
        /// What is subscribed to.
        kanaal: &'a KanaalName,
        /// The link to the page that confirms.
        link: &'a str,
        /// The code to type instead, when it is valid still.
        code: Option<&'a str>,
        /// Whether it is another address of a subscription.
        new_address: bool,
    },
    /// Somebody asked for what there is already (CH-52).
    AlreadySubscribed {
        /// What is subscribed to.
        kanaal: &'a KanaalName,
        /// The link to the page that ends it.
        leave: &'a str,
    },
    /// Subscriptions ended (CH-61).
    Acknowledgement {
        /// What ended, at least one.
        kanalen: &'a [KanaalName],
        /// The link to the page that undoes it; `None` when it cannot be undone any more.
        undo: Option<&'a str>,
        /// Whether messages about one of them must be sent, so that they still come (CH-21).
        obligatory: bool,
    },
    /// The link to the page of the person's data (CH-65).
    DataLink {
        /// The link.
        link: &'a str,
    },
    /// Messages are to go to another address (CH-51); to the present one.
    ChangeRequested {
        /// What is subscribed to.
        kanaal: &'a KanaalName,
        /// The link to the page that ends it.
        leave: &'a str,
    },
}

/// Subject and text of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Texts {
    pub(super) subject: String,
    pub(super) text: String,
}

/// The texts in a language, signed by the organisation.
pub(super) fn texts(language: Language, topic: Topic<'_>, organisation: &str) -> Texts {
    match language {
        Language::Dutch => dutch::texts(topic, organisation),
        Language::English => english::texts(topic, organisation),
    }
}

/// Names as a list, one a line.
pub(super) fn list(kanalen: &[KanaalName]) -> String {
    kanalen.iter().flat_map(|kanaal| ["- ", kanaal.as_str(), "\n"]).collect()
}
