//! The two areas of the pages: `/beheer` for the organisation, `/portaal` for subscribers and publishers.
//!
//! Many pages are in both areas, with one handler. It names paths under `/beheer`; [`Area::path`] makes the path in the area of
//! the request out of it. In the portal a person keeps only the roles that may use the portal, so that use cases show and
//! change nothing of others, whatever further roles the person has.
//!
//! Not here: which roles those are (`management::rights`), and the routes of an area (`routes`).

use std::borrow::Cow;

use management::Right;
use model::{Grants, Interface, Role};

/// An area of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// For the people who run the gateway.
    Console,
    /// For subscribers and publishers.
    Portal,
}

impl Area {
    /// The path of its first page; all others are below it.
    pub const fn root(self) -> &'static str {
        match self {
            Self::Console => "/beheer",
            Self::Portal => "/portaal",
        }
    }

    /// The area of the page at `path`; the console for a path in neither.
    pub fn of_path(path: &str) -> Self {
        if below(path, Self::Portal.root()).is_some() { Self::Portal } else { Self::Console }
    }

    /// The path in this area of a page that is named by its path in the console. Other paths stay as they are.
    pub fn path(self, path: &str) -> Cow<'_, str> {
        match (self, below(path, Self::Console.root())) {
            (Self::Portal, Some(rest)) => Cow::Owned(format!("{}{rest}", self.root())),
            _ => Cow::Borrowed(path),
        }
    }

    /// What a person may use of these grants in this area.
    pub fn grants(self, grants: &Grants) -> Grants {
        let mut grants = grants.clone();
        if self == Self::Portal {
            grants.roles.retain(|role| Right::UsePortal.is_granted_by(*role));
        }
        grants
    }

    /// Whether it is the area for a person with these grants. Who has none of the roles of the portal is for the console.
    fn suits(self, grants: &Grants) -> bool {
        let (in_portal, others): (Vec<Role>, Vec<Role>) =
            grants.roles.iter().copied().partition(|role| Right::UsePortal.is_granted_by(*role));
        match self {
            Self::Portal => !in_portal.is_empty(),
            Self::Console => !others.is_empty() || in_portal.is_empty(),
        }
    }

    /// The area in which a person with these grants starts after a log-in in this area.
    pub(crate) fn landing(self, served: Served, grants: &Grants) -> Self {
        let other = match self {
            Self::Console => Self::Portal,
            Self::Portal => Self::Console,
        };
        let moves = served == Served::Together && !self.suits(grants) && other.suits(grants);
        if moves { other } else { self }
    }

    /// The interface of requests for its pages.
    pub const fn interface(self) -> Interface {
        match self {
            Self::Console => Interface::Console,
            Self::Portal => Interface::Portal,
        }
    }
}

/// Which areas one address serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// One of them, or each at an address of its own: no link and no log-in leads from one to the other.
    Apart,
    /// Both.
    Together,
}

/// What follows `root` in a path or a link; `None` for a path that is not there.
fn below<'a>(path: &'a str, root: &str) -> Option<&'a str> {
    path.strip_prefix(root).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;

    #[test]
    fn paths_of_the_console_have_a_counterpart_in_the_portal() {
        for (path, expected) in [
            ("/beheer", "/portaal"),
            ("/beheer/abonnementen?zoek=/beheer", "/portaal/abonnementen?zoek=/beheer"),
            ("/beheer?taal=en", "/portaal?taal=en"),
            ("/beheerder", "/beheerder"),
            ("/portaal/herstellen", "/portaal/herstellen"),
            ("https://elders.example/beheer", "https://elders.example/beheer"),
        ] {
            assert_eq!(Area::Portal.path(path), expected);
            assert_eq!(Area::Console.path(path), path);
        }
        for (path, area) in [
            ("/portaal", Area::Portal),
            ("/portaal/x", Area::Portal),
            ("/portaals", Area::Console),
            ("/beheer/portaal", Area::Console),
        ] {
            assert_eq!(Area::of_path(path), area, "{path}");
        }
    }

    #[test]
    fn the_portal_takes_away_the_roles_that_see_what_others_own() {
        let all = Grants { roles: Role::ALL.to_vec(), client_ids: vec!["own".into()], ..Grants::default() };
        let own = Area::Portal.grants(&all);
        assert_eq!(own.roles, [Role::Kanaaleigenaar, Role::Afnemer]);
        assert_eq!(own.client_ids, all.client_ids);
        assert_eq!(Area::Console.grants(&all), all);
    }

    #[test]
    fn roles_decide_where_a_person_starts() {
        use Area::{Console, Portal};
        for (roles, area, served, start) in [
            (&[Role::Afnemer][..], Console, Served::Together, Portal),
            (&[Role::Kanaaleigenaar], Console, Served::Together, Portal),
            (&[Role::Lezer], Console, Served::Together, Console),
            (&[Role::Lezer], Portal, Served::Together, Console),
            (&[Role::Afnemer, Role::Lezer], Portal, Served::Together, Portal),
            (&[Role::Afnemer, Role::Lezer], Console, Served::Together, Console),
            (&[], Console, Served::Together, Console),
            (&[Role::Afnemer], Console, Served::Apart, Console),
            (&[Role::Beheerder], Portal, Served::Apart, Portal),
        ] {
            let grants = Grants { roles: roles.to_vec(), ..Grants::default() };
            assert_eq!(area.landing(served, &grants), start, "{roles:?} {area:?} {served:?}");
        }
    }
}
