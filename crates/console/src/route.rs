//! A row of the table of routes of the console, and what it needs of the person.

use std::time::Duration;

use axum::{
    handler::Handler,
    middleware::from_fn_with_state,
    routing::{MethodFilter, MethodRouter, on},
};
use http::Method;
use management::Right;
use web::{Face, Freshness, Produces, Role, Route, auth::Access};

use crate::{
    Console, bound,
    guard::{Guard, guard},
};

/// What a route needs of the person who requests it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: log-in, style sheets. A form must come from this site.
    Nothing,
    /// Nothing, and a form may come from elsewhere: the requests of an identity provider, which prove themselves.
    Provider,
    /// To be logged in, whatever the role.
    Session,
    /// A role that grants this right.
    Right(Right),
}

/// A row of the table.
pub struct PageRoute {
    /// The method.
    pub method: Method,
    /// The path, with `{placeholders}`.
    pub path: &'static str,
    /// What it needs of the person.
    pub needs: Needs,
    /// What happens to a form that is sent again.
    pub repeats: Repeats,
    /// Where the page of its form is, when what was typed is kept while the session lapses.
    pub keeps: Option<FormPage>,
    /// How long the handler may take; `None` when it has bounds of its own.
    limit: Option<Duration>,
    service: MethodRouter<Console>,
}

/// What happens to a form that is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// Nothing is done again.
    Once,
    /// It is handled again.
    Again,
}

/// Where the page of a form is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormPage {
    /// At the path that the form is posted to.
    Same,
    /// At the path above it.
    Above,
}

impl FormPage {
    /// The path of the page of a form that is posted to `path`.
    pub(crate) fn of(self, path: &str) -> &str {
        match self {
            Self::Same => path,
            Self::Above => path.rsplit_once('/').map_or(path, |(above, _)| above),
        }
    }
}

impl PageRoute {
    /// A page.
    pub fn get<H, T>(path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Console>,
        T: 'static,
    {
        Self {
            method: Method::GET,
            path,
            needs,
            repeats: Repeats::Again,
            keeps: None,
            limit: Some(bound::PAGE),
            service: on(MethodFilter::GET, handler),
        }
    }

    /// What a form is posted to that changes something: the same form is handled once.
    pub fn post<H, T>(path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Console>,
        T: 'static,
    {
        Self {
            method: Method::POST,
            path,
            needs,
            repeats: Repeats::Once,
            keeps: None,
            limit: None,
            service: on(MethodFilter::POST, handler),
        }
    }

    /// What a form is posted to that changes nothing, or nothing more when it is sent again.
    pub fn post_repeatable<H, T>(path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Console>,
        T: 'static,
    {
        Self { repeats: Repeats::Again, ..Self::post(path, needs, handler) }
    }

    /// The same for a form whose values are kept while the session lapses; its page has them after the next log-in
    /// ([`crate::View::kept`]).
    #[must_use]
    pub fn keeping(self, page: FormPage) -> Self {
        Self { keeps: Some(page), ..self }
    }

    /// The same for a page that counts, or asks an identity provider, within bounds of its own.
    #[must_use]
    pub fn with_own_bound(self) -> Self {
        Self { limit: None, ..self }
    }

    /// The route behind the guard of the console, for the router of `web`. Nodes with the role beheer serve it.
    pub fn into_route(self, console: &Console) -> Route {
        let route = format!("{} {}", self.method, self.path).into();
        let Self { needs, repeats, keeps, limit, .. } = self;
        let state = Guard { console: console.clone(), needs, repeats, keeps, limit, route };
        Route {
            method: self.method,
            path: self.path,
            access: Access::Public,
            face: Face::Page,
            produces: Produces::Any,
            freshness: Freshness::BestEffort,
            role: Some(Role::Beheer),
            recording: None,
            service: self.service.route_layer(from_fn_with_state(state, guard)).with_state(console.clone()),
        }
    }
}
