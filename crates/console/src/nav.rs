//! The main navigation: the pages that every page links to.

use management::Right;

use crate::text::Texts;

/// An entry of the navigation.
pub struct Entry {
    /// The path, without the prefix of a proxy.
    pub path: &'static str,
    /// The right without which it is not shown.
    pub right: Right,
    /// Its text.
    pub text: fn(&Texts) -> &'static str,
}

/// All entries, in the order in which they are shown.
pub const ENTRIES: &[Entry] = &[
    Entry { path: "/beheer", right: Right::Read, text: |texts| texts.nav.overview },
    Entry { path: "/beheer/abonnementen", right: Right::SeeSubscriptions, text: |texts| texts.nav.subscriptions },
    Entry { path: "/beheer/kanalen", right: Right::Read, text: |texts| texts.nav.kanalen },
    Entry { path: "/beheer/goedkeuringen", right: Right::Approve, text: |texts| texts.nav.approvals },
    Entry { path: "/beheer/events", right: Right::SeeEvents, text: |texts| texts.nav.events },
    Entry { path: "/beheer/live", right: Right::SeeEvents, text: |texts| texts.live.title },
    Entry { path: "/beheer/publiceren", right: Right::PublishByHand, text: |texts| texts.publish.title },
    Entry { path: "/beheer/dead-letters", right: Right::SeeEvents, text: |texts| texts.nav.dead_letters },
    Entry { path: "/beheer/runs", right: Right::SeeSubscriptions, text: |texts| texts.nav.runs },
    Entry { path: "/beheer/typen", right: Right::Read, text: |texts| texts.types.title },
    Entry { path: "/beheer/applicaties", right: Right::SeeApplicaties, text: |texts| texts.applicaties.title },
    Entry { path: "/beheer/configuratie", right: Right::SeeConfiguration, text: |texts| texts.configuration.title },
    Entry { path: "/beheer/systeem", right: Right::SeeConfiguration, text: |texts| texts.system.title },
    Entry { path: "/beheer/logboek", right: Right::SeeOwnAudit, text: |texts| texts.audit.title },
    Entry { path: "/beheer/sessies", right: Right::Read, text: |texts| texts.sessions.title },
];

impl Entry {
    /// Whether the page at `path` is this entry or below it.
    pub fn covers(&self, path: &str) -> bool {
        let below = path.strip_prefix(self.path).is_some_and(|rest| rest.starts_with('/'));
        path == self.path || (below && self.path != crate::ROOT)
    }
}
