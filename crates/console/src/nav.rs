//! The main navigation: the pages that every page of an area links to.

use management::Right;

use crate::{area::Area, pages::to_people, text::Texts};

/// An entry of the navigation.
pub struct Entry {
    /// The path, without the prefix of a proxy.
    pub path: &'static str,
    /// The right without which it is not shown.
    pub right: Right,
    /// Its text.
    pub text: fn(&Texts) -> &'static str,
}

/// The entries of an area, in the order in which they are shown.
pub const fn entries(area: Area) -> &'static [Entry] {
    match area {
        Area::Console => CONSOLE,
        Area::Portal => PORTAL,
    }
}

/// The entries of the portal.
const PORTAL: &[Entry] = &[
    Entry { path: "/portaal", right: Right::UsePortal, text: |texts| texts.portal.home.title },
    Entry {
        path: "/portaal/abonnementen",
        right: Right::ManageSubscriptions,
        text: |texts| texts.portal.home.subscriptions,
    },
    Entry { path: "/portaal/zoek", right: Right::UsePortal, text: |texts| texts.search.title },
    Entry { path: "/portaal/catalogus", right: Right::UsePortal, text: |texts| texts.portal.catalogue.title },
    Entry { path: "/portaal/events", right: Right::SeeEvents, text: |texts| texts.nav.events },
    Entry { path: "/portaal/herstellen", right: Right::Resend, text: |texts| texts.portal.recover.title },
    Entry { path: "/portaal/dead-letters", right: Right::Resend, text: |texts| texts.nav.dead_letters },
    Entry { path: "/portaal/runs", right: Right::Resend, text: |texts| texts.nav.runs },
    Entry { path: "/portaal/mijn-kanalen", right: Right::Approve, text: |texts| texts.portal.own_kanalen.title },
    Entry { path: "/portaal/goedkeuringen", right: Right::Approve, text: |texts| texts.nav.approvals },
    Entry { path: "/portaal/logboek", right: Right::SeeOwnAudit, text: |texts| texts.audit.title },
];

/// The entries of the console.
const CONSOLE: &[Entry] = &[
    Entry { path: "/beheer", right: Right::Read, text: |texts| texts.nav.overview },
    Entry { path: "/beheer/zoek", right: Right::Read, text: |texts| texts.search.title },
    Entry { path: "/beheer/abonnementen", right: Right::SeeSubscriptions, text: |texts| texts.nav.subscriptions },
    Entry { path: "/beheer/kanalen", right: Right::Read, text: |texts| texts.nav.kanalen },
    Entry { path: "/beheer/goedkeuringen", right: Right::Approve, text: |texts| texts.nav.approvals },
    Entry { path: "/beheer/events", right: Right::SeeEvents, text: |texts| texts.nav.events },
    Entry { path: "/beheer/live", right: Right::SeeEvents, text: |texts| texts.live.title },
    Entry { path: "/beheer/publiceren", right: Right::PublishByHand, text: |texts| texts.publish.title },
    Entry { path: "/beheer/dead-letters", right: Right::SeeEvents, text: |texts| texts.nav.dead_letters },
    Entry { path: "/beheer/runs", right: Right::SeeSubscriptions, text: |texts| texts.nav.runs },
    Entry { path: to_people::PATH, right: Right::SeePeople, text: |texts| texts.to_people.title },
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
        path == self.path || (below && ![Area::Console.root(), Area::Portal.root()].contains(&self.path))
    }
}
