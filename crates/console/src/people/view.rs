//! What every page of people is written with, and the page of a refusal.

use std::sync::Arc;

use askama::Template;
use http::{HeaderMap, StatusCode, Uri};
use model::KanaalName;
use web::{
    Problem,
    face::{PageHead, RefusalPages},
    language::Language,
};

use super::{
    ROOT, Site,
    text::{self, Texts},
};

/// The parameter that chooses a language.
const LANGUAGE_PARAMETER: &str = "taal";
/// The parameter that names what was done by the form before.
const NOTICE_PARAMETER: &str = "gedaan";

/// What was done by the form before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A link to the data of the person is sent.
    DataLink,
    /// A message to confirm another address is sent.
    Address,
    /// Mails come as often as was chosen.
    Frequency,
    /// Attributes are changed.
    Attributes,
}

impl Notice {
    const ALL: [Self; 4] = [Self::DataLink, Self::Address, Self::Frequency, Self::Attributes];

    const fn word(self) -> &'static str {
        match self {
            Self::DataLink => "gegevens",
            Self::Address => "adres",
            Self::Frequency => "hoevaak",
            Self::Attributes => "kenmerken",
        }
    }
}

/// What a page is written with.
pub struct View<'a> {
    site: &'a Site,
    prefix: &'a str,
    /// The last segment of the path: the token of the link.
    token: &'a str,
    /// What the form before has done.
    notice: Option<Notice>,
    /// The language of the page.
    pub language: Language,
    /// The texts of the language.
    pub text: &'static Texts,
}

impl<'a> View<'a> {
    /// The view for a request. `prefix` is the path prefix of a proxy.
    pub fn new(site: &'a Site, prefix: &'a str, uri: &'a Uri, headers: &HeaderMap) -> Self {
        let parameter = |sought: &str| {
            let query = uri.query().unwrap_or_default().as_bytes();
            form_urlencoded::parse(query).find(|(name, _)| name == sought).map(|(_, value)| value)
        };
        let asked = parameter(LANGUAGE_PARAMETER)
            .and_then(|tag| [Language::Dutch, Language::English].into_iter().find(|language| language.tag() == tag));
        let notice =
            parameter(NOTICE_PARAMETER).and_then(|word| Notice::ALL.into_iter().find(|notice| notice.word() == word));
        let language = asked.or_else(|| Language::preferred(headers)).unwrap_or(Language::Dutch);
        let token = uri.path().strip_prefix(ROOT).unwrap_or_default();
        Self { site, prefix, token, notice, language, text: text::of(language) }
    }

    /// The name of the organisation.
    pub fn organisation(&self) -> &str {
        &self.site.organisation
    }

    /// The classes of the document.
    pub fn theme_class(&self) -> &str {
        &self.site.theme.class
    }

    /// The links of the style sheets.
    pub fn style_sheets(&self) -> Vec<String> {
        let assets = &self.site.assets;
        [Some(&assets.css), assets.theme.as_ref()].into_iter().flatten().map(|asset| self.asset(&asset.name)).collect()
    }

    /// The link of the logo, if there is one.
    pub fn logo(&self) -> Option<String> {
        self.site.assets.logo.as_ref().map(|asset| self.asset(&asset.name))
    }

    /// The accessibility statement, if it is configured.
    pub fn accessibility_statement(&self) -> Option<&str> {
        self.site.theme.accessibility_statement.as_deref()
    }

    /// Whether messages of one of these kanalen must be sent, so that they come also after leaving (CH-21).
    pub fn has_obligatory<'k>(&self, kanalen: impl IntoIterator<Item = &'k KanaalName>) -> bool {
        kanalen.into_iter().any(|kanaal| self.site.obligatory.contains(kanaal))
    }

    /// Where a form of this page is posted to.
    pub fn own(&self) -> String {
        self.to(self.token)
    }

    /// What confirming a kanaal has done, in words.
    pub fn confirmed(&self, kanaal: &KanaalName) -> &str {
        self.site.outcomes.confirmed(kanaal, self.language).unwrap_or(self.text.confirmed)
    }

    /// What leaving kanalen has done, in words.
    pub fn left(&self, kanalen: &[KanaalName]) -> &str {
        self.site.outcomes.left(kanalen, self.language).unwrap_or(self.text.left)
    }

    /// What the form before has done, in words; empty for nothing.
    pub fn notice(&self) -> &'static str {
        match self.notice {
            None => "",
            Some(Notice::DataLink) => self.text.data.link_sent,
            Some(Notice::Address) => self.text.data.address_sent,
            Some(Notice::Frequency) => self.text.data.frequency_changed,
            Some(Notice::Attributes) => self.text.data.attributes_changed,
        }
    }

    /// This page after a form, with what was done.
    pub fn with_notice(&self, notice: Notice) -> String {
        format!("{}&{NOTICE_PARAMETER}={}", self.own(), notice.word())
    }

    /// The file with the data of the person.
    pub fn export(&self) -> String {
        self.path(&format!("{}/gegevens", self.token))
    }

    /// The page of another link, in the language of this one.
    pub fn to(&self, token: &str) -> String {
        format!("{}?{LANGUAGE_PARAMETER}={}", self.path(token), self.language.tag())
    }

    /// This page in the other language: its tag, the name of the language, and the link.
    pub fn other_language(&self) -> (&'static str, &'static str, String) {
        let (tag, name) = match self.language {
            Language::Dutch => ("en", "English"),
            Language::English => ("nl", "Nederlands"),
        };
        (tag, name, format!("{}?{LANGUAGE_PARAMETER}={tag}", self.path(self.token)))
    }

    fn asset(&self, name: &str) -> String {
        self.path(&format!("assets/{name}"))
    }

    fn path(&self, rest: &str) -> String {
        format!("{}{ROOT}{rest}", self.prefix)
    }
}

#[derive(Template)]
#[template(path = "people_refusal.html")]
struct Refusal<'a> {
    view: &'a View<'a>,
    title: &'static str,
    what: &'static str,
    /// The names of the members that break a rule.
    members: Vec<&'a str>,
    instance: &'a str,
}

/// The page of a link that is wrong or void, with the text of its kanaal.
#[derive(Template)]
#[template(path = "people_void.html")]
pub struct Void<'a> {
    /// What it is written with.
    pub view: &'a View<'a>,
    /// The text.
    pub text: &'a str,
}

/// The pages of refusals on these paths.
pub struct Refusals(pub Arc<Site>);

impl RefusalPages for Refusals {
    fn page(&self, problem: &Problem, head: &PageHead, instance: &str) -> String {
        let view = View::new(&self.0, &head.prefix, &head.uri, &head.headers);
        let text = view.text;
        let (title, what) = match problem.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => (text.void_title, text.void),
            StatusCode::TOO_MANY_REQUESTS => (text.too_many_title, text.too_many),
            status if status.is_server_error() => (text.failed_title, text.failed),
            _ => (text.invalid_title, text.invalid),
        };
        let members = problem.errors.iter().map(|fault| fault.member.as_str()).collect();
        let page = Refusal { view: &view, title, what, members, instance };
        page.render().unwrap_or_else(|error| {
            tracing::error!(%error, "the page of a refusal was not written");
            String::new()
        })
    }
}
