//! The pages of people who get messages, at `/a/{token}`: confirm an address by link or code, leave one kanaal or all, undo that;
//! see, export, change and erase what is stored. In Dutch and English, without script, session and cookie: the token of the link is what proves the person.
//!
//! A GET changes nothing (CH-48, CH-57). A wrong link and a void one have the same page (CH-49, CH-58). What a link may do is
//! decided in crate `people`; here it becomes HTML.

mod act;
mod data;
mod data_text;
mod export;
mod old_links;
mod outcome;
mod request;
mod show;
mod text;
mod view;

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Path, State},
    response::IntoResponse,
};
use http::{Method, header};
use model::KanaalName;
use people::People;
use web::{Face, Problem, Produces, Role, Route, auth::Access::Public};

pub use self::{
    outcome::{Localized, Outcome, Outcomes},
    view::Refusals,
};
use crate::{
    assets::{Asset, Assets},
    page::PageResult,
};

/// The look of the pages: that of the console.
#[derive(Debug, Clone, Default)]
pub struct Theme {
    /// The class that the design tokens of the theme are under.
    pub class: String,
    /// The style sheet of the theme, beside the built-in one.
    pub css: Option<Vec<u8>>,
    /// The logo of the organisation, an SVG image.
    pub logo: Option<Vec<u8>>,
    /// The accessibility statement of the organisation.
    pub accessibility_statement: Option<String>,
}

/// What the pages are made with.
pub struct Site {
    people: Arc<People>,
    organisation: String,
    theme: Theme,
    assets: Assets,
    outcomes: Outcomes,
    obligatory: BTreeSet<KanaalName>,
}

impl Site {
    /// The pages over these use cases. `organisation` is a name.
    pub fn new(people: Arc<People>, organisation: String, theme: Theme) -> Self {
        let assets = Assets::of(theme.css.as_deref(), theme.logo.as_deref());
        let obligatory = BTreeSet::new();
        Self { people, organisation, theme, assets, outcomes: Outcomes::default(), obligatory }
    }

    /// The same with texts and redirects of kanalen (CH-50).
    #[must_use]
    pub fn with_outcomes(self, outcomes: Outcomes) -> Self {
        Self { outcomes, ..self }
    }

    /// The same with the kanalen of which who leaves gets messages still, because they must be sent (CH-21).
    #[must_use]
    pub fn with_obligatory(self, obligatory: BTreeSet<KanaalName>) -> Self {
        Self { obligatory, ..self }
    }

    /// The file with this name; the script of the console is none of these pages.
    fn asset(&self, name: &str) -> Option<&Asset> {
        self.assets.find(name).filter(|asset| asset.name != self.assets.live.name)
    }
}

/// The state of the handlers; cheap to clone.
#[derive(Clone)]
pub struct Pages {
    /// What the pages are made with.
    pub site: Arc<Site>,
    /// The settings of the HTTP layer.
    pub web: web::Context,
}

/// The path of the pages.
pub const ROOT: &str = "/a/";

/// The routes.
pub fn routes() -> Vec<Route<Pages>> {
    let routes = [
        Route::new(Method::GET, "/a/{token}", Public, show::handler),
        Route::new(Method::POST, "/a/{token}", Public, act::handler),
        Route::new(Method::GET, "/a/{token}/gegevens", Public, export::handler),
        Route::new(Method::GET, "/a/assets/{file}", Public, file),
        Route::new(Method::GET, "/api/subscriptions/{id}/unsubscribe", Public, old_links::leave),
        Route::new(Method::GET, "/api/subscriptions/{id}/unsubscribe/undo", Public, old_links::undo),
        Route::new(Method::GET, "/api/subscriptions/{id}/verify", Public, old_links::verify),
    ];
    routes.map(|route| route.face(Face::Page).produces(Produces::Any).role(Role::Beheer)).into()
}

/// A style sheet or image. Its name contains a digest of its content, so that browsers keep it for a year.
async fn file(State(pages): State<Pages>, Path(file): Path<String>) -> PageResult {
    let asset = pages.site.asset(&file).ok_or_else(|| Problem::not_found("There is no such file."))?;
    let headers = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, asset.bytes.clone()).into_response())
}
