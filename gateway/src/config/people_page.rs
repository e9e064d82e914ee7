//! Section `[[people.page]]`: what people see after confirming or leaving, and when that fails, per kanaal: texts, or a redirect to a page in
//! `people.redirects` (CH-50). Without it the pages have built-in texts.

use std::collections::HashSet;

use model::KanaalName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{People, people::is_address};

/// The most characters of a text.
const MAX_TEXT: usize = 1_000;
/// The most characters of a redirect.
const MAX_REDIRECT: usize = 1_000;

/// What people see after confirming or leaving, and when that fails. A text that is absent is the built-in one.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PeoplePage {
    /// The kanaal; absent: every one without a section of its own, and links that are wrong.
    pub kanaal: Option<String>,
    /// The text after confirming, in Dutch; above the name of the kanaal, at most 1,000 characters.
    pub confirmed_nl: Option<String>,
    /// The same in English.
    pub confirmed_en: Option<String>,
    /// The text after leaving, in Dutch; above the names of the kanalen.
    pub left_nl: Option<String>,
    /// The same in English.
    pub left_en: Option<String>,
    /// The text for a link that is wrong, used or too old, in Dutch.
    pub failed_nl: Option<String>,
    /// The same in English.
    pub failed_en: Option<String>,
    /// The page that takes the place of the texts; its origin must be in `people.redirects`. It gets the parameter `channel` (`email`, `sms`),
    /// and after a failure `err` (`void`).
    pub redirect: Option<String>,
}

impl PeoplePage {
    /// What is wrong with them: the key and why.
    pub(super) fn fault(people: &People) -> Option<(&'static str, String)> {
        if let Some(origin) = people.redirects.iter().find(|origin| !is_origin(origin)) {
            let why =
                "must be origins such as https://www.gemeente.example, without path; http only on a loopback address";
            return Some(("people.redirects", format!("{origin:?} {why}")));
        }
        let mut seen = HashSet::new();
        for own in &people.page {
            let name = own.kanaal.as_deref();
            if !seen.insert(name) {
                return Some(("people.page.kanaal", format!("{:?} is there twice", name.unwrap_or("every kanaal"))));
            }
            if name.is_some_and(|name| KanaalName::new(name).is_none()) {
                return Some(("people.page.kanaal", "must be the name of a kanaal, or absent".to_owned()));
            }
            if own.texts().flatten().any(|text| text.trim().is_empty() || text.chars().nth(MAX_TEXT).is_some()) {
                return Some(("people.page", format!("each text must have 1 to {MAX_TEXT} characters")));
            }
            let Some(redirect) = &own.redirect else { continue };
            if own.texts().flatten().next().is_some() {
                return Some(("people.page.redirect", "takes the place of the texts: give either".to_owned()));
            }
            if let Err(why) = check_redirect(redirect, &people.redirects) {
                return Some(("people.page.redirect", format!("{redirect:?} {why}")));
            }
        }
        None
    }

    fn texts(&self) -> impl Iterator<Item = Option<&String>> {
        let texts =
            [&self.confirmed_nl, &self.confirmed_en, &self.left_nl, &self.left_en, &self.failed_nl, &self.failed_en];
        texts.into_iter().map(Option::as_ref)
    }
}

/// Scheme and authority of a URL, in lower case.
fn origin_of(url: &str) -> Option<String> {
    let uri = url.parse::<http::Uri>().ok()?;
    Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?).to_ascii_lowercase())
}

/// Whether it is scheme and host, with a port at most. The policy of the pages names it, so it has no other characters.
fn is_origin(text: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-[]".contains(&byte);
    is_address(text) && !text.ends_with('/') && text.bytes().all(is_fit)
}

fn check_redirect(target: &str, allowed: &[String]) -> Result<(), &'static str> {
    if target.chars().nth(MAX_REDIRECT).is_some() {
        return Err("must have at most 1000 characters");
    }
    let is_plain = !target.contains(['#', '@', '\\']) && !target.contains(char::is_control);
    let origin = origin_of(target).filter(|_| is_plain);
    let origin = origin.ok_or("must be an absolute URL without fragment and user name")?;
    let is_allowed = allowed.iter().any(|own| own.eq_ignore_ascii_case(&origin));
    if is_allowed { Ok(()) } else { Err("leads outside people.redirects") }
}

/// The pages, as they are meant.
#[cfg(feature = "console")]
pub fn outcomes(people: &People) -> console::people::Outcomes {
    use console::people::{Localized, Outcome, Outcomes};
    let mut outcomes = Outcomes { targets: people.redirects.clone(), ..Outcomes::default() };
    for own in people.page.iter().cloned() {
        let outcome = Outcome {
            confirmed: Localized { nl: own.confirmed_nl, en: own.confirmed_en },
            left: Localized { nl: own.left_nl, en: own.left_en },
            failed: Localized { nl: own.failed_nl, en: own.failed_en },
            redirect: own.redirect,
        };
        match own.kanaal.as_deref().and_then(KanaalName::new) {
            Some(kanaal) => drop(outcomes.by_kanaal.insert(kanaal, outcome)),
            None => outcomes.all = outcome,
        }
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn a_redirect_outside_the_list_is_refused_ch_50() {
        let list = "redirects = [\"https://www.gemeente.example\", \"http://127.0.0.1:8090\"]\n";
        let redirect = |to: &str| format!("{list}[[people.page]]\nkanaal = \"afval\"\nredirect = \"{to}\"");
        let page = |text: &str| format!("{list}[[people.page]]\n{text}");
        for (text, key) in [
            (redirect("https://www.gemeente.example"), None),
            (redirect("https://WWW.gemeente.example/berichten?taal=nl"), None),
            (redirect("http://127.0.0.1:8090/klaar"), None),
            (redirect("https://www.gemeente.example.evil.example/"), Some("people.page.redirect")),
            (redirect("https://evil.example/www.gemeente.example"), Some("people.page.redirect")),
            (redirect("https://www.gemeente.example@evil.example/"), Some("people.page.redirect")),
            (redirect("https://evil.example#https://www.gemeente.example"), Some("people.page.redirect")),
            (redirect("https://www.gemeente.example:8443/"), Some("people.page.redirect")),
            (redirect("http://www.gemeente.example/"), Some("people.page.redirect")),
            (redirect("//www.gemeente.example/"), Some("people.page.redirect")),
            (redirect("/berichten"), Some("people.page.redirect")),
            (redirect("javascript:alert(1)"), Some("people.page.redirect")),
            (redirect(&format!("https://www.gemeente.example/{}", "x".repeat(1_000))), Some("people.page.redirect")),
            (redirect("https://www.gemeente.example").replace(list, ""), Some("people.page.redirect")),
            (list.replace("https://www", "https://*"), Some("people.redirects")),
            (list.replace(".example", ".example/pad"), Some("people.redirects")),
            (list.replace(".example", ".example; script-src *"), Some("people.redirects")),
            (list.replace("https://www", "http://www"), Some("people.redirects")),
            (page("confirmed_nl = \"Gelukt\"\nfailed_en = \"It failed\""), None),
            (page("confirmed_nl = \" \""), Some("people.page")),
            (page(&format!("left_nl = \"{}\"", "x".repeat(1_001))), Some("people.page")),
            (page("kanaal = \"\"\nleft_nl = \"x\""), Some("people.page.kanaal")),
            (page("left_nl = \"x\"\n[[people.page]]\nleft_nl = \"y\""), Some("people.page.kanaal")),
            (format!("{}\nleft_nl = \"x\"", redirect("https://www.gemeente.example")), Some("people.page.redirect")),
        ] {
            let text = format!("[people]\nurl = \"https://b.example\"\n{text}\n");
            let found = parse(&text).err().map(|error| error.to_string());
            match key {
                None => assert_eq!(found, None, "{text}"),
                Some(key) => assert!(found.as_ref().is_some_and(|why| why.starts_with(key)), "{text}: {found:?}"),
            }
        }
    }
}
