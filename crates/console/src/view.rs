//! What every template needs: texts, the person, links, and the form of moments and numbers.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use jiff::tz::TimeZone;
use management::{InTwoLanguages, Right, subscriptions::State};
use model::{Actor, Grants, Origin, Timestamp};
use web::{Problem, face::PageHead, language::Language};

use crate::{
    Site,
    area::{Area, Served},
    form::Form,
    moment::Moment,
    nav, number, presets,
    session::{Session, cookie},
    settings::{IDLE, LIFETIME},
    text::{self, Texts, states::Words},
};

/// The parameter that chooses a language.
pub const LANGUAGE_PARAMETER: &str = "taal";

/// The longest query of a list that a link back to it keeps, in bytes.
const MOST_KEPT: usize = 2_000;

/// The parameter with the code of a notice.
const NOTICE_PARAMETER: &str = "gedaan";

/// What a page is written with; cheap to clone.
#[derive(Clone)]
pub struct View {
    /// The texts of the language.
    pub text: &'static Texts,
    /// The language of the page.
    pub language: Language,
    /// The session; `None` for somebody who has not logged in.
    pub session: Option<Arc<Session>>,
    /// Who requests the page; somebody who has not logged in has no rights.
    pub actor: Arc<Actor>,
    /// The present time, the same for the whole page.
    pub now: Timestamp,
    /// The head of the request.
    pub head: Arc<PageHead>,
    /// The area of the page.
    pub area: Area,
    /// What was typed in the form of this page when the session lapsed.
    pub(crate) kept: Option<Arc<Form>>,
    site: Arc<Site>,
}

impl View {
    /// The view for a request. Without an origin there is no actor to act.
    pub(crate) fn of_request(site: &Arc<Site>, head: &PageHead, origin: Option<Origin>) -> Self {
        let now = site.clock.now();
        let session = site.session_of(head, now).map(Arc::new);
        let area = Area::of_path(head.uri.path());
        let interface = area.interface();
        let origin = origin.map_or_else(|| Origin::of(interface), |origin| Origin { interface, ..origin });
        let actor = match &session {
            Some(session) => session.actor(origin, area),
            None => Actor::person("", "", Grants::default()).with_origin(origin),
        };
        let asked = parameter(head, LANGUAGE_PARAMETER).and_then(|tag| language(&tag));
        let kept = session.as_ref().and_then(|session| session.language);
        let language = asked.or(kept).or_else(|| Language::preferred(&head.headers)).unwrap_or(Language::Dutch);
        Self {
            text: text::of(language),
            language,
            session,
            actor: Arc::new(actor),
            now,
            head: Arc::new(own_head(site, area, head)),
            area,
            kept: None,
            site: Arc::clone(site),
        }
    }

    /// A link to the page with this path in the console, or to its counterpart in the area of this page, with the prefix of a
    /// proxy.
    pub fn to(&self, path: &str) -> String {
        format!("{}{}", self.head.prefix, self.area.path(path))
    }

    /// The link to a list. When the browser comes from it, as its referrer says, with the filters that it had there.
    pub fn back_to(&self, path: &str) -> String {
        let link = self.to(path);
        let referrer = self.head.headers.get(header::REFERER).and_then(|value| value.to_str().ok());
        let query = referrer.and_then(|url| url.strip_prefix(&self.url(path))?.strip_prefix('?'));
        let Some(query) = query.filter(|query| query.len() <= MOST_KEPT) else { return link };
        let kept = form_urlencoded::parse(query.as_bytes());
        let kept =
            kept.filter(|(name, value)| !value.is_empty() && !["gedaan", LANGUAGE_PARAMETER].contains(&name.as_ref()));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
        if query.is_empty() { link } else { format!("{link}?{query}") }
    }

    /// The absolute URL of such a page.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{}", self.head.public_url, self.area.path(path))
    }

    /// The same for links of an area.
    pub(crate) fn in_area(&self, area: Area) -> Self {
        Self { area, ..self.clone() }
    }

    /// What was typed in the form of this page when the session lapsed, without secrets; the page shows it once.
    pub fn kept(&self) -> Option<&Form> {
        self.kept.as_deref()
    }

    /// Whether the page is in the portal.
    pub fn is_portal(&self) -> bool {
        self.area == Area::Portal
    }

    /// The path of this page, without the prefix of a proxy.
    pub fn path(&self) -> &str {
        self.head.uri.path()
    }

    /// A parameter of the query; `None` when it is absent or empty.
    pub fn parameter(&self, name: &str) -> Option<String> {
        parameter(&self.head, name)
    }

    /// The name of the organisation.
    pub fn organisation(&self) -> &str {
        &self.site.settings.organisation
    }

    /// The classes of the document.
    pub fn theme_class(&self) -> &str {
        &self.site.settings.theme_class
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

    /// The link of the script of the live view.
    pub(crate) fn live_script(&self) -> String {
        self.asset(&self.site.assets.live.name)
    }

    /// The link of the script that announces the end of the session.
    pub(crate) fn session_script(&self) -> String {
        self.asset(&self.site.assets.session.name)
    }

    /// The link of the script of the buttons that copy a text.
    pub(crate) fn copy_script(&self) -> String {
        self.asset(&self.site.assets.copy.name)
    }

    /// The link of a small file whose request prolongs the session.
    pub(crate) fn session_prolongs_at(&self) -> String {
        self.asset(&self.site.assets.css.name)
    }

    /// How long the session lasts from this page on; `None` without a session.
    pub(crate) fn session_lasts(&self) -> Option<SessionLasts> {
        let session = self.session.as_ref()?;
        let latest = session.started + LIFETIME;
        let renewed = session.renewed(self.now).map_or_else(|| session.ends(), |renewed| renewed.ends());
        Some(SessionLasts {
            idle: renewed.since(self.now).as_secs(),
            latest: latest.since(self.now).as_secs(),
            at_most: IDLE.as_secs(),
        })
    }

    /// The accessibility statement, if it is configured.
    pub fn accessibility_statement(&self) -> Option<&str> {
        self.site.settings.accessibility_statement.as_deref()
    }

    /// The time zone in which moments are shown.
    pub fn time_zone(&self) -> &TimeZone {
        &self.site.settings.time_zone
    }

    /// The version of the gateway.
    pub fn version(&self) -> &str {
        self.site.settings.version
    }

    fn asset(&self, name: &str) -> String {
        self.to(&format!("{}/assets/{name}", crate::ROOT))
    }

    /// The entries of the navigation that the person may use.
    pub fn navigation(&self) -> Vec<NavigationLink> {
        let has_people = self.site.people.is_some();
        let is_shown = |entry: &&nav::Entry| self.may(entry.right) && (has_people || entry.right != Right::SeePeople);
        let entries = nav::entries(self.area).iter().filter(is_shown);
        let link = |entry: &nav::Entry| NavigationLink {
            href: self.to(entry.path),
            text: (entry.text)(self.text),
            is_current: entry.covers(self.path()),
        };
        entries.map(link).chain(self.other_area()).collect()
    }

    /// The other area, when this address serves it and the person has a role for it.
    fn other_area(&self) -> Option<NavigationLink> {
        let grants = &self.session.as_ref()?.grants;
        let (other, text, may_enter) = match self.area {
            Area::Console => (Area::Portal, self.text.nav.portal, Right::UsePortal.is_granted_to(&self.actor)),
            Area::Portal => (Area::Console, self.text.nav.console, self.area.grants(grants) != *grants),
        };
        let leads = may_enter && self.site.settings.served == Served::Together;
        let href = format!("{}{}", self.head.prefix, other.root());
        leads.then_some(NavigationLink { href, text, is_current: false })
    }

    /// This page in the other language: its tag, the name of the language, and the link.
    pub fn other_language(&self) -> (&'static str, &'static str, String) {
        let (tag, name) = match self.language {
            Language::Dutch => ("en", "English"),
            Language::English => ("nl", "Nederlands"),
        };
        let mut query = form_urlencoded::Serializer::new(String::new());
        let own = form_urlencoded::parse(self.head.uri.query().unwrap_or_default().as_bytes());
        query.extend_pairs(own.filter(|(name, _)| name != LANGUAGE_PARAMETER && name != NOTICE_PARAMETER));
        query.append_pair(LANGUAGE_PARAMETER, tag);
        (tag, name, format!("{}?{}", self.to(self.path()), query.finish()))
    }

    /// The same for the page of a form that was posted to a path without a page: its links lead to the page at `path`.
    pub(crate) fn at(&self, path: &str) -> Self {
        let uri = path.parse().unwrap_or_else(|_| self.head.uri.clone());
        Self { head: Arc::new(PageHead { uri, ..(*self.head).clone() }), ..self.clone() }
    }

    /// What counts as one sender of requests: an IPv4 address, or an IPv6 network of 64 bits.
    pub(crate) fn address(&self) -> String {
        self.actor.origin.address.map(|address| web::client::network(address).to_string()).unwrap_or_default()
    }

    /// Whether the person has a right.
    pub fn may(&self, right: Right) -> bool {
        right.is_granted_to(&self.actor)
    }

    /// Whether pages link to the form of a new subscription.
    pub fn may_subscribe(&self) -> bool {
        self.is_portal() && self.may(Right::ManageSubscriptions)
    }

    /// The token that every form of the session contains; empty without a session.
    pub fn token(&self) -> &str {
        self.session.as_ref().map_or("", |session| session.token.as_str())
    }

    /// A key for one form: what it asks for is done once.
    pub fn form_key(&self) -> String {
        self.site.random.uuid().simple().to_string()
    }

    /// The notice of the change that led to this page, or that its form has what was typed before.
    pub fn notice(&self) -> Option<&'static str> {
        if self.kept.is_some() {
            return Some(self.text.session_over.shown_again);
        }
        let code = self.parameter(NOTICE_PARAMETER)?;
        self.text.notices.iter().find(|(own, _)| *own == code).map(|(_, text)| *text)
    }

    /// The words of a state of a subscription, for those who run the gateway or for its subscriber.
    pub(crate) fn state_words(&self, state: State) -> Words {
        let states = &self.text.states;
        if self.is_portal() { (states.of_own)(state) } else { (states.of)(state) }
    }

    /// A moment in the configured time zone.
    pub fn moment(&self, at: impl At) -> Moment {
        Moment::new(at.at(), self.now, &self.site.settings.time_zone, self.language, self.text)
    }

    /// Links to usual periods, for a list that is filtered by moments.
    pub(crate) fn moment_presets(&self) -> Vec<presets::Preset> {
        presets::moments(self)
    }

    /// Links to usual periods, for a list that is filtered by days.
    pub(crate) fn day_presets(&self) -> Vec<presets::Preset> {
        presets::days(self)
    }

    /// A text of a use case in the language of the page.
    pub fn text_in<'a>(&self, text: &'a InTwoLanguages) -> &'a str {
        match self.language {
            Language::Dutch => &text.nl,
            Language::English => &text.en,
        }
    }

    /// A number of bytes in a unit that keeps it short.
    pub fn bytes(&self, bytes: impl Count) -> String {
        number::bytes(self.language, bytes.count())
    }

    /// The moment that a person typed in the configured time zone; `None` when it is none.
    pub fn read_moment(&self, text: &str) -> Option<Timestamp> {
        crate::moment::read(text, &self.site.settings.time_zone)
    }

    /// A number in the notation of the language.
    pub fn number(&self, number: impl Count) -> String {
        number::whole(self.language, number.count())
    }
}

/// How long a session lasts, in seconds.
pub(crate) struct SessionLasts {
    /// Without another request.
    pub idle: u64,
    /// At most, whatever is requested.
    pub latest: u64,
    /// Without another request after one that prolongs it.
    pub at_most: u64,
}

/// A moment, or a reference to one: templates have both.
pub trait At {
    /// The moment.
    fn at(&self) -> Timestamp;
}

impl At for Timestamp {
    fn at(&self) -> Timestamp {
        *self
    }
}

impl<T: At> At for &T {
    fn at(&self) -> Timestamp {
        T::at(self)
    }
}

/// A whole number, or a reference to one: templates have both.
pub trait Count {
    /// The number.
    fn count(&self) -> u64;
}

impl Count for u64 {
    fn count(&self) -> u64 {
        *self
    }
}

impl Count for u32 {
    fn count(&self) -> u64 {
        u64::from(*self)
    }
}

impl Count for usize {
    fn count(&self) -> u64 {
        *self as u64
    }
}

impl<T: Count> Count for &T {
    fn count(&self) -> u64 {
        T::count(self)
    }
}

impl Site {
    /// The session of a request, if it holds at `now` and was not ended.
    pub(crate) fn session_of(&self, head: &PageHead, now: Timestamp) -> Option<Session> {
        let session = cookie::session(&self.secrets, head)?;
        (session.holds(now) && !self.is_ended(&session)).then_some(session)
    }

    /// Whether the session of a request that goes on still holds at `now`: it was not ended, and this node saw a request of it
    /// within the time that it lasts without one.
    pub(crate) fn is_open(&self, session: &Session, now: Timestamp) -> bool {
        let seen = self.activity.last(session.id).map_or(session.seen, |last| last.max(session.seen));
        Session { seen, ..session.clone() }.holds(now) && !self.is_ended(session)
    }

    /// Whether a session was ended, not only left unused.
    pub(crate) fn is_ended(&self, session: &Session) -> bool {
        session.revocations().any(|what| self.management.is_ended(&what, session.started))
    }
}

/// A link of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavigationLink {
    /// Where it goes.
    pub href: String,
    /// Its text.
    pub text: &'static str,
    /// Whether this page is there or below it.
    pub is_current: bool,
}

/// The head of a request for a page of an area: the portal may have an address of its own.
fn own_head(site: &Site, area: Area, head: &PageHead) -> PageHead {
    match &site.settings.portal_url {
        Some(url) if area == Area::Portal => {
            PageHead { public_url: url.clone(), prefix: String::new(), ..head.clone() }
        }
        _ => head.clone(),
    }
}

fn parameter(head: &PageHead, name: &str) -> Option<String> {
    web::query::first(&head.uri, name).filter(|value| !value.is_empty())
}

fn language(tag: &str) -> Option<Language> {
    [Language::Dutch, Language::English].into_iter().find(|language| language.tag() == tag)
}

impl<S: Sync> FromRequestParts<S> for View {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::internal)
    }
}
