//! The web console: pages in HTML under `/beheer` for the people who run the gateway, and under `/portaal` for subscribers and
//! publishers. Pages that are in both have one handler, see [`Area`].
//!
//! A page calls the same use cases of `management` as the APIs, with an actor made from the session, and fills a template.
//! Pages contain no rule: what is allowed comes from `management`. Everything works without JavaScript, with plain links and
//! forms; two scripts (`assets/*.js`, together at most 10 KB) add rows to the live view and announce the end of the session; a form is posted, and answered with a redirect to a page (POST-redirect-GET).
//!
//! # To add a page
//!
//! 1. `templates/<page>.html`: extends `layout.html`, and uses the macros of `components.html`. Every text comes from
//!    `view.text`; a template contains no words. No `style=` attributes and no inline scripts: the policy of the pages blocks
//!    them.
//! 2. `src/text/<page>.rs`: a struct with a field for each text (`&'static str`, or a function when the text contains a number
//!    or a name), with the values `NL` and `EN`; a field in [`text::Texts`] and a line in its two values.
//! 3. `src/pages/<page>.rs`: the handler, which returns [`page::PageResult`], and the struct of its template; a line in
//!    `src/pages/mod.rs`.
//! 4. `src/routes.rs`, and `src/portal_routes.rs` for the portal: a line with method, path and what it [`Needs`]. A page of the main navigation also gets a line in
//!    `src/nav.rs`.
//! 5. `gateway/tests/http/console/<page>.rs`: the page as an allowed person, and its forms. The generated tests of
//!    `gateway/tests/http/console/routes.rs` call every route with every role; an unknown placeholder in a path needs an
//!    example there.
//!
//! A handler of a form takes [`form::Form`]; the guard has checked where the form came from before the handler runs, and runs it
//! once for a form that is sent twice, unless the route is [`PageRoute::post_repeatable`]. After the change it returns [`page::see_other`] with a code of `text::notices`, which the next page shows.
//!
//! The pages of people who get messages are apart from these, in [`people`].
//!
//! Not here: rights (`management::rights`), the headers of pages (`web::face`), the protocol of the identity provider (`oidc`),
//! configuration files (`gateway`).

mod area;
pub mod assets;
mod bound;
mod chart;
mod choice;
mod claims;
mod curl;
mod days;
pub mod form;
mod guard;
mod list_file;
pub mod login_link;
mod mask;
pub mod moment;
pub mod nav;
pub mod number;
mod once;
pub mod page;
mod pages;
mod paging;
pub mod people;
mod portal_routes;
mod presets;
pub mod provider;
mod rate;
mod refresh;
pub mod refusal;
pub mod route;
mod routes;
pub mod session;
pub mod settings;
mod sink_text;
pub mod site;
mod sorting;
mod statuses;
mod suspension;
pub mod text;
pub mod view;

use std::{ops::Deref, sync::Arc};

pub use self::{
    area::{Area, Served},
    claims::{ClaimSettings, ClientClaim, Granted},
    people::Theme,
    portal_routes::portal_routes,
    route::{FormPage, Needs, PageRoute, Repeats},
    routes::{ROBOTS, routes},
    settings::Settings,
    site::Site,
    view::View,
};

/// The path of the first page of the console; all others of it are below it.
pub const ROOT: &str = "/beheer";

/// The state of the pages; cheap to clone.
#[derive(Clone)]
pub struct Console {
    /// What pages are made with: use cases, settings, keys, time.
    pub site: Arc<Site>,
    /// The settings of the HTTP layer.
    pub web: web::Context,
}

impl Deref for Console {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}
