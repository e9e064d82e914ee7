//! The pages of refusals: what happened, what to do, and the number by which the log has it. No internals.

use askama::Template;
use web::{Problem, problem::Fault};

use crate::{View, text::refusal::Words};

#[derive(Template)]
#[template(path = "refusal.html")]
struct Refusal<'a> {
    view: &'a View,
    status: u16,
    words: &'a Words,
    /// Why, in a sentence; only where the words are of several problem types.
    why: Option<&'static str>,
    /// In English: what exactly was refused.
    detail: &'a str,
    faults: &'a [Fault],
    instance: &'a str,
    /// Whether the person has to log in.
    log_in: bool,
}

/// The page of a problem, in the language of the view.
pub(crate) fn page(view: &View, problem: &Problem, instance: &str) -> String {
    let template = Refusal {
        view,
        status: problem.status.as_u16(),
        words: view.text.refusal.words(problem),
        why: (view.text.problem)(problem.kind).filter(|_| view.text.refusal.is_general(problem)),
        detail: &problem.detail,
        faults: &problem.errors,
        instance,
        log_in: view.session.is_none(),
    };
    template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "the page of a refusal was not written");
        String::new()
    })
}
