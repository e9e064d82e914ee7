//! What a person sees after confirming or leaving, and when that fails: texts per kanaal, or a redirect to a page elsewhere (CH-50).
//!
//! What is not configured has the texts of these pages. Which targets are allowed was checked when the configuration was read. A redirect
//! has no personal data: only the channel, and that it failed.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use model::{KanaalName, addressee::Channel};
use people::{Error, Link};
use web::{Problem, face::FormTargets, language::Language};

use super::{
    Pages,
    view::{self, View},
};
use crate::page::{PageResult, page_with};

/// The value of `err` in a redirect: the link is wrong, was used, or is too old.
const VOID: &str = "void";

/// A text in the languages that there are.
#[derive(Debug, Clone, Default)]
pub struct Localized {
    /// Dutch.
    pub nl: Option<String>,
    /// English.
    pub en: Option<String>,
}

impl Localized {
    fn of(&self, language: Language) -> Option<&str> {
        match language {
            Language::Dutch => self.nl.as_deref(),
            Language::English => self.en.as_deref(),
        }
    }
}

/// What is particular to a kanaal.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The text after confirming.
    pub confirmed: Localized,
    /// The text after leaving.
    pub left: Localized,
    /// The text for a link that is wrong or void.
    pub failed: Localized,
    /// The page elsewhere that takes the place of these; an absolute URL without fragment.
    pub redirect: Option<String>,
}

/// What is particular, by kanaal.
#[derive(Debug, Default)]
pub struct Outcomes {
    /// Of every kanaal that has none of its own, and for links that are about no kanaal that is known.
    pub all: Outcome,
    /// Of one kanaal.
    pub by_kanaal: BTreeMap<KanaalName, Outcome>,
    /// The origins of all redirects.
    pub targets: Vec<String>,
}

impl Outcomes {
    fn of(&self, kanaal: Option<&KanaalName>) -> &Outcome {
        kanaal.and_then(|kanaal| self.by_kanaal.get(kanaal)).unwrap_or(&self.all)
    }

    /// The text after confirming a kanaal.
    pub fn confirmed(&self, kanaal: &KanaalName, language: Language) -> Option<&str> {
        self.of(Some(kanaal)).confirmed.of(language)
    }

    /// The text after leaving kanalen.
    pub fn left(&self, kanalen: &[KanaalName], language: Language) -> Option<&str> {
        let kanaal = if let [one] = kanalen { Some(one) } else { None };
        self.of(kanaal).left.of(language)
    }

    /// Where to go after success; `None` where these pages show it.
    pub fn redirect(&self, kanaal: &KanaalName, channel: Channel) -> Option<Response> {
        let target = self.of(Some(kanaal)).redirect.as_deref()?;
        Some(redirect(&location(target, Some(channel), None)))
    }

    /// A response whose forms may lead to these redirects.
    pub fn with_targets(&self, mut response: Response) -> Response {
        if !self.targets.is_empty() {
            response.extensions_mut().insert(FormTargets::new(self.targets.iter().map(String::as_str)));
        }
        response
    }
}

/// The answer to a request with a link to confirm or leave, or with none that is ours, that did not work; a link for something else has the
/// pages that there are.
pub async fn failed(pages: &Pages, view: &View<'_>, link: Option<&Link>, error: Error) -> PageResult {
    let (kanaal, channel) = match (&error, link) {
        (Error::Unknown, None) => (None, None),
        (Error::Unknown, Some(link @ (Link::Confirm { .. } | Link::Leave { .. }))) => {
            match pages.site.people.subject(link).await? {
                Some((kanaal, channel)) => (Some(kanaal), Some(channel)),
                None => (None, None),
            }
        }
        _ => return Err(error.into()),
    };
    // Only messages by e-mail have a link to confirm, so the channel reveals nothing of what there is.
    let channel = channel.or(matches!(link, Some(Link::Confirm { .. })).then_some(Channel::Email));
    let own = pages.site.outcomes.of(kanaal.as_ref());
    if let Some(target) = &own.redirect {
        return Ok(redirect(&location(target, channel, Some(VOID))));
    }
    match own.failed.of(view.language) {
        Some(text) => page_with(StatusCode::NOT_FOUND, &view::Void { view, text }),
        None => Err(Problem::from(error)),
    }
}

/// The target with its two parameters.
fn location(target: &str, channel: Option<Channel>, error: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(channel) = channel {
        query.append_pair("channel", channel.label());
    }
    if let Some(error) = error {
        query.append_pair("err", error);
    }
    let query = query.finish();
    let separator = match (query.is_empty(), target.contains('?')) {
        (true, _) => "",
        (false, true) => "&",
        (false, false) => "?",
    };
    format!("{target}{separator}{query}")
}

fn redirect(location: &str) -> Response {
    let location = HeaderValue::try_from(location).unwrap_or_else(|_| HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_has_the_channel_and_the_failure_and_nothing_else_ch_50() {
        for (target, channel, error, expected) in [
            ("https://x.nl", Some(Channel::Email), None, "https://x.nl?channel=email"),
            ("https://x.nl/a?b=c", Some(Channel::Sms), Some(VOID), "https://x.nl/a?b=c&channel=sms&err=void"),
            ("https://x.nl/a", None, Some(VOID), "https://x.nl/a?err=void"),
            ("https://x.nl/a", None, None, "https://x.nl/a"),
        ] {
            assert_eq!(location(target, channel, error), expected);
        }
    }

    #[test]
    fn a_kanaal_without_texts_of_its_own_has_those_of_all_ch_50() {
        let text = |nl: &str| Localized { nl: Some(nl.to_owned()), en: None };
        let own = Outcome { confirmed: text("eigen"), ..Outcome::default() };
        let name = |naam: &str| KanaalName::new(naam).expect("a name");
        let outcomes = Outcomes {
            all: Outcome { confirmed: text("alle"), left: text("weg"), ..Outcome::default() },
            by_kanaal: [(name("afval"), own)].into(),
            targets: Vec::new(),
        };
        let (nl, en) = (Language::Dutch, Language::English);
        assert_eq!(outcomes.confirmed(&name("afval"), nl), Some("eigen"));
        assert_eq!(outcomes.confirmed(&name("afval"), en), None);
        assert_eq!(outcomes.confirmed(&name("raad"), nl), Some("alle"));
        assert_eq!(outcomes.left(&[name("afval")], nl), None);
        assert_eq!(outcomes.left(&[name("afval"), name("raad")], nl), Some("weg"));
    }
}
