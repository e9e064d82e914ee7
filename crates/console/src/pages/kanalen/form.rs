//! The form of a kanaal: a new one, or the change of one. What is typed wrong stays, with what is wrong beside it.

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use management::{
    Error, Fault, Update,
    kanalen::{FilterRequest, Filters, KanaalRequest, rules},
};
use model::{
    AttributeName, Kanaal, KanaalName,
    profile::{Mode, Profile, Rules},
    schema::PayloadCheck,
};
use ring::digest;

use super::{LIST, NEW, path_of};
use crate::{
    Console, View,
    choice::Choice,
    form::Form,
    page::{PageResult, page_with, see_other},
    pages::conflict::{Conflict, Member, Versions, differences},
};

const SECONDS_PER_DAY: u64 = 86_400;

/// Longest link, in bytes.
const MAX_LINK: usize = 1_000;

/// Most lines of kenmerken and of routes.
const MAX_LINES: usize = 100;

#[derive(Template)]
#[template(path = "kanaal_form.html")]
struct KanaalForm<'a> {
    view: &'a View,
    typed: &'a Typed,
    /// The name of the kanaal that changes; `None` for a new one.
    changes: Option<&'a str>,
    /// Where the form is sent to, and where it is left for.
    paths: (String, String),
    /// What the kanaal was like when the form was made.
    seen: String,
    /// Somebody changed it since.
    conflict: Option<Conflict>,
    may_set_owner: bool,
    selects: Vec<(&'static str, &'static str, Vec<Choice>)>,
    faults: Vec<(&'static str, String)>,
}

impl KanaalForm<'_> {
    fn fault(&self, field: &str) -> &str {
        self.faults.iter().find(|(own, _)| *own == field).map_or("", |(_, text)| text.as_str())
    }
}

/// Both versions of a kanaal that somebody changed since the form was made.
async fn conflict(console: &Console, view: &View, kanaal: &Kanaal, typed: &Typed) -> Conflict {
    let versions = Versions::Typed(differences(Typed::of(kanaal).members(view), typed.members(view)));
    Conflict::of_kanaal((console, view), kanaal, view.text.kanaal_form.changed, versions).await
}

/// What the fields contain.
#[derive(Debug, Clone, Default)]
struct Typed {
    naam: String,
    documentation: String,
    kenmerken: String,
    routes: String,
    source: String,
    days: String,
    owner: String,
    approval: bool,
    profile: String,
    mode: String,
    privacy: String,
    payloads: String,
}

/// The form of a new kanaal.
pub async fn new(State(_): State<Console>, view: View) -> PageResult {
    let empty = || Typed { payloads: PayloadCheck::default().label().to_owned(), ..Typed::default() };
    let typed = view.kept().map_or_else(empty, Typed::read);
    show(&view, &typed, None, Vec::new(), None)
}

/// Creates a kanaal.
pub async fn create(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let typed = Typed::read(&form);
    let (request, mut faults) = typed.request(&view, true);
    if faults.is_empty() {
        match console.management.create_kanaal(&view.actor, request).await {
            Ok(kanaal) => return Ok(see_other(&view, &path_of(kanaal.naam.as_str()), "kanaal-aangemaakt")),
            Err(error) => faults = refused(&view, error)?,
        }
    }
    show(&view, &typed, None, faults, None)
}

/// The form of a change.
pub async fn ask_change(State(console): State<Console>, Path(naam): Path<String>, view: View) -> PageResult {
    let kanaal = console.management.find_own_kanaal(&view.actor, &naam)?;
    let (typed, is_changed) = match view.kept() {
        Some(form) => (Typed::read(form), form.text("gezien") != seen(&kanaal)),
        None => (Typed::of(&kanaal), false),
    };
    let conflict = if is_changed { Some(conflict(&console, &view, &kanaal, &typed).await) } else { None };
    show(&view, &typed, Some(&kanaal), Vec::new(), conflict)
}

/// Changes a kanaal, unless somebody else changed it since the form was made.
pub async fn change(State(console): State<Console>, Path(naam): Path<String>, view: View, form: Form) -> PageResult {
    let kanaal = console.management.find_own_kanaal(&view.actor, &naam)?;
    let typed = Typed::read(&form);
    if form.text("gezien") != seen(&kanaal) {
        let conflict = conflict(&console, &view, &kanaal, &typed).await;
        return show(&view, &typed, Some(&kanaal), Vec::new(), Some(conflict));
    }
    let (request, mut faults) = typed.request(&view, false);
    if faults.is_empty() {
        match console.management.replace_kanaal(&view.actor, &naam, request).await {
            Ok(kanaal) => return Ok(see_other(&view, &path_of(kanaal.naam.as_str()), "kanaal-gewijzigd")),
            Err(error) => faults = refused(&view, error)?,
        }
    }
    show(&view, &typed, Some(&kanaal), faults, None)
}

/// A digest of a kanaal, by which a change in between is noticed.
fn seen(kanaal: &Kanaal) -> String {
    let digest = digest::digest(&digest::SHA256, format!("{kanaal:?}").as_bytes());
    secrets::hex(&digest.as_ref()[..16])
}

/// What a use case refuses, at its field.
fn refused(view: &View, error: Error) -> Result<Vec<(&'static str, String)>, web::Problem> {
    let text = &view.text.kanaal_form;
    let Error::Invalid(faults) = error else {
        let problem = web::Problem::from(error);
        if problem.status.is_server_error() {
            return Err(problem);
        }
        return Ok(vec![("naam", (text.refused)(&problem.detail))]);
    };
    let shown = |fault: &Fault| {
        let field = match fault.member.as_str() {
            "source" => "bron",
            "owner" => "eigenaar",
            member if member.starts_with("filters") => "kenmerken",
            member if member.starts_with("typeRoutes") => "routes",
            _ => "naam",
        };
        (field, (text.refused)(&format!("{} {}", fault.member, fault.rule)))
    };
    Ok(faults.iter().map(shown).collect())
}

/// The rules: the name of the field, its label, and its choices.
fn selects(view: &View, typed: &Typed) -> Vec<(&'static str, &'static str, Vec<Choice>)> {
    let text = &view.text.kanaal;
    let inherited = || (String::new(), text.inherited);
    let modes = || {
        let mode =
            |mode: Mode| (mode.label().to_owned(), if mode == Mode::Strict { text.strict } else { text.lenient });
        [inherited()].into_iter().chain(Mode::ALL.map(mode))
    };
    let profile =
        |own: Profile| (own.label().to_owned(), if own == Profile::NlGov { text.nl_gov } else { text.cloudevents });
    let check = |check: PayloadCheck| {
        let words = match check {
            PayloadCheck::Off => text.payloads_off,
            PayloadCheck::Warn => text.payloads_warn,
            PayloadCheck::Reject => text.payloads_reject,
        };
        (check.label().to_owned(), words)
    };
    let profiles = [inherited()].into_iter().chain(Profile::ALL.map(profile));
    vec![
        ("profiel", text.profile, Choice::list(profiles, &typed.profile)),
        ("strengheid", text.mode, Choice::list(modes(), &typed.mode)),
        ("privacy", text.privacy, Choice::list(modes(), &typed.privacy)),
        ("inhoudscontrole", text.payloads, Choice::list(PayloadCheck::ALL.map(check), &typed.payloads)),
    ]
}

fn show(
    view: &View,
    typed: &Typed,
    kanaal: Option<&Kanaal>,
    faults: Vec<(&'static str, String)>,
    conflict: Option<Conflict>,
) -> PageResult {
    let status = match () {
        () if conflict.is_some() => StatusCode::PRECONDITION_FAILED,
        () if !faults.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        () => StatusCode::OK,
    };
    let own = kanaal.map(|kanaal| path_of(kanaal.naam.as_str()));
    let paths = match own {
        Some(own) => (format!("{own}/wijzigen"), own),
        None => (NEW.to_owned(), LIST.to_owned()),
    };
    page_with(
        status,
        &KanaalForm {
            view: &view.at(&paths.0),
            typed,
            changes: kanaal.map(|kanaal| kanaal.naam.as_str()),
            paths: paths.clone(),
            seen: kanaal.map(seen).unwrap_or_default(),
            conflict,
            may_set_owner: view.actor.is_beheer(),
            selects: selects(view, typed),
            faults,
        },
    )
}

/// The lines of a field that are not empty.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

impl Typed {
    fn read(form: &Form) -> Self {
        let text = |name: &str| form.text(name).to_owned();
        Self {
            naam: text("naam"),
            documentation: text("documentatie"),
            kenmerken: text("kenmerken"),
            routes: text("routes"),
            source: text("bron"),
            days: text("bewaardagen"),
            owner: text("eigenaar"),
            approval: form.is_ticked("goedkeuring"),
            profile: text("profiel"),
            mode: text("strengheid"),
            privacy: text("privacy"),
            payloads: text("inhoudscontrole"),
        }
    }

    fn of(kanaal: &Kanaal) -> Self {
        let kenmerk = |own: &model::kanaal::Filterkenmerk| match &own.attribute {
            Some(attribute) if attribute.as_str() != own.naam => format!("{} = {attribute}", own.naam),
            Some(_) | None => own.naam.clone(),
        };
        let kenmerken: Vec<String> = kanaal.filters.iter().map(kenmerk).collect();
        let label = |mode: Option<Mode>| mode.map(|mode| mode.label().to_owned()).unwrap_or_default();
        Self {
            naam: kanaal.naam.to_string(),
            documentation: kanaal.documentatie_link.clone(),
            kenmerken: kenmerken.join("\n"),
            routes: kanaal.type_routes.join("\n"),
            source: kanaal.source.clone().unwrap_or_default(),
            days: kanaal.retention_seconds.map(|own| own.div_ceil(SECONDS_PER_DAY).to_string()).unwrap_or_default(),
            owner: kanaal.owner.clone().unwrap_or_default(),
            approval: kanaal.approval,
            profile: kanaal.rules.profile.map(|own| own.label().to_owned()).unwrap_or_default(),
            mode: label(kanaal.rules.mode),
            privacy: label(kanaal.rules.privacy),
            payloads: kanaal.payloads.label().to_owned(),
        }
    }

    /// The members that the form can change, as people read them.
    fn members(&self, view: &View) -> Vec<Member> {
        let (text, common) = (&view.text.kanaal_form, &view.text.common);
        let joined = |text: &str| lines(text).collect::<Vec<_>>().join(", ");
        let mut members = vec![
            (text.documentation, self.documentation.clone()),
            (text.kenmerken, joined(&self.kenmerken)),
            (text.routes, joined(&self.routes)),
            (text.source, self.source.clone()),
            (text.days, self.days.clone()),
            (text.approval, if self.approval { common.yes } else { common.no }.to_owned()),
        ];
        if view.actor.is_beheer() {
            members.push((text.owner, self.owner.clone()));
        }
        let chosen =
            |choices: Vec<Choice>| choices.into_iter().find(|choice| choice.is_chosen).map(|choice| choice.text);
        let rules = selects(view, self).into_iter();
        members.extend(rules.map(|(_, label, choices)| (label, chosen(choices).unwrap_or_default())));
        members
    }

    /// The request, and what is wrong with it; with faults it must not be used.
    fn request(&self, view: &View, is_new: bool) -> (KanaalRequest, Vec<(&'static str, String)>) {
        let text = &view.text.kanaal_form;
        let mut faults = Vec::new();
        let naam = KanaalName::new(&self.naam);
        if is_new && naam.is_none() {
            faults.push(("naam", text.naam_hint.to_owned()));
        }
        let link = &self.documentation;
        let is_http = link.starts_with("https://") || link.starts_with("http://");
        if !link.is_empty() && (!is_http || link.len() > MAX_LINK || link.parse::<http::Uri>().is_err()) {
            faults.push(("documentatie", text.documentation_hint.to_owned()));
        }
        let days = self.days.parse::<u64>().ok().filter(|days| (1..=36_500).contains(days));
        if days.is_none() && !self.days.is_empty() {
            faults.push(("bewaardagen", text.days_hint.to_owned()));
        }
        let source = Some(self.source.clone()).filter(|source| !source.is_empty());
        if source.as_deref().is_some_and(|source| rules::check_source(source).is_err()) {
            faults.push(("bron", text.source_hint.to_owned()));
        }
        let filters = self.kenmerken(view, &mut faults);
        let routes: Vec<String> = lines(&self.routes).map(str::to_owned).collect();
        if routes.len() > MAX_LINES || routes.iter().any(|route| route.contains(char::is_whitespace)) {
            faults.push(("routes", text.routes_hint.to_owned()));
        }
        let mode = |typed: &str| Mode::ALL.into_iter().find(|mode| mode.label() == typed);
        let owner = Some(self.owner.clone()).filter(|owner| !owner.is_empty());
        let request = KanaalRequest {
            naam: naam.filter(|_| is_new),
            documentatie_link: link.clone(),
            filters: Filters::Attributes(filters),
            type_routes: routes,
            source,
            retention_seconds: days.map(|days| days * SECONDS_PER_DAY),
            rules: Rules {
                profile: Profile::ALL.into_iter().find(|own| own.label() == self.profile),
                mode: mode(&self.mode),
                privacy: mode(&self.privacy),
            },
            payloads: PayloadCheck::ALL.into_iter().find(|own| own.label() == self.payloads).unwrap_or_default(),
            clearance: Update::Keep,
            owner: if view.actor.is_beheer() { Update::Set(owner) } else { Update::Keep },
            approval: Update::Set(self.approval),
        };
        (request, faults)
    }

    /// The kenmerken, one a line.
    fn kenmerken(&self, view: &View, faults: &mut Vec<(&'static str, String)>) -> Vec<FilterRequest> {
        let wrong = view.text.kanaal_form.kenmerk_wrong;
        let (mut filters, mut before) = (Vec::new(), Vec::new());
        for (at, line) in lines(&self.kenmerken).take(MAX_LINES).enumerate() {
            let (naam, attribute) = match line.split_once('=') {
                Some((naam, attribute)) => (naam.trim(), Some(AttributeName::new(attribute.trim()))),
                None => (line, None),
            };
            let request = match attribute.transpose() {
                Ok(attribute) => FilterRequest { naam: naam.to_owned(), attribute },
                Err(error) => {
                    faults.push(("kenmerken", wrong(at + 1, &error.to_string())));
                    return filters;
                }
            };
            match rules::kenmerk(&request, &before) {
                Ok(kenmerk) => {
                    before.push(kenmerk);
                    filters.push(request);
                }
                Err(rule) => {
                    faults.push(("kenmerken", wrong(at + 1, &rule)));
                    return filters;
                }
            }
        }
        filters
    }
}
