//! Providers with their state, what waits in the outbox, and the numbers of addressees.

use askama::Template;
use axum::extract::State;
use management::Right;
use model::{KanaalName, consent::Rate};
use people::administration::{Overview, ProviderState};

use super::{administration, sending_path};
use crate::{
    Console, View,
    page::{PageResult, page},
};

#[derive(Template)]
#[template(path = "to_people.html")]
struct Page<'a> {
    view: &'a View,
    may_look_up: bool,
    is_failing: bool,
    overview: Overview,
}

impl Page<'_> {
    /// The page that pauses what a kanaal sends.
    fn sending(&self, kanaal: &KanaalName) -> String {
        self.view.to(&sending_path(kanaal.as_str()))
    }

    /// The pace of a provider in words.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the template passes a reference")]
    fn rate(&self, rate: &Rate) -> String {
        let text = &self.view.text.to_people;
        match rate {
            Rate::Unlimited => text.no_limit.to_owned(),
            Rate::PerMinute(rate) => (text.per_minute)(&self.view.number(rate.get())),
        }
    }
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let overview = administration(&console)?.overview().await?;
    page(&Page {
        may_look_up: view.may(Right::LookUpAddressee),
        is_failing: overview.providers.iter().any(|own| matches!(own.state, ProviderState::Failing { .. })),
        overview,
        view: &view,
    })
}
