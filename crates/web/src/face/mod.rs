//! The face of an API: the form, the language and the codes in which it refuses. The table of routes gives every route its
//! face, so that no other code derives it from the path.

mod dutch;
mod page;
mod zgw;

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use model::{Interface, applicatie::Scope};

use crate::{
    Context, Limits, Problem, ProblemType, Produces, accept,
    auth::{
        access_tokens::AccessTokenError, autorisaties::LookupError, certificates::CertificateError, jwt::TokenError,
    },
};

/// `Retry-After` for a client whose rights are not known.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The face of an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Problem documents (RFC 9457) in English: the native API and everything without a form of its own.
    ProblemJson,
    /// The documents and codes of the Notificaties API of ZGW, in Dutch. A missing token is 403.
    Zgw,
    /// Pages of the console, in HTML for people. Where no console is configured, problem documents.
    Page,
}

pub use self::page::{FormTargets, HTML, PageHead, RefusalPages};

impl Face {
    /// The face that answers where `context` has no pages for refusals.
    pub(crate) fn available(self, context: &Context) -> Self {
        match self {
            Self::Page if context.pages.is_none() => Self::ProblemJson,
            face => face,
        }
    }

    /// Whether an answer of a handler is complete, so that it is not replaced by a refusal.
    pub(crate) fn is_complete(self, content_type: &[u8]) -> bool {
        content_type.starts_with(b"application/") || (self == Self::Page && content_type.starts_with(b"text/html"))
    }

    /// Writes the headers that every answer of this face carries. `https`: the client used HTTPS; `targets`: where forms of the page
    /// lead.
    pub(crate) fn protect(self, headers: &mut HeaderMap, https: bool, targets: Option<&FormTargets>) {
        match self {
            Self::Page => page::protect(headers, https, targets),
            Self::ProblemJson | Self::Zgw => {
                headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'none'"));
                headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
                headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
            }
        }
    }

    /// The interface that requests of this face use.
    pub const fn interface(self) -> Interface {
        match self {
            Self::ProblemJson => Interface::Native,
            Self::Zgw => Interface::Notificaties,
            Self::Page => Interface::Console,
        }
    }

    /// 406 when the client takes none of the types that the route produces.
    pub fn check_accept(self, produces: Produces, headers: &HeaderMap) -> Result<(), Problem> {
        let (takes, detail) = match self {
            _ if produces == Produces::Any => return Ok(()),
            Self::ProblemJson if produces == Produces::List && accept::prefers_csv(headers) => return Ok(()),
            Self::Page => return Ok(()),
            Self::ProblemJson => (accept::accepts_json(headers), "Answers are JSON; Accept names only other types."),
            Self::Zgw => {
                let takes = accept::accepts_exactly(headers, produces);
                (takes, "Kan niet voldoen aan de opgegeven Accept header.")
            }
        };
        if takes { Ok(()) } else { Err(Problem::new(ProblemType::NotAcceptable, detail)) }
    }

    /// Whether a scheme of `Authorization` is Bearer. Schemes are case-insensitive (RFC 9110 section 11.1), but not for the
    /// Notificaties API as deployed (ZGW-AUT13).
    pub fn is_bearer(self, scheme: &str) -> bool {
        match self {
            Self::ProblemJson | Self::Page => scheme.eq_ignore_ascii_case("bearer"),
            Self::Zgw => scheme == "Bearer",
        }
    }

    /// The token of a request is missing or not valid.
    pub fn invalid_token(self, error: TokenError) -> Problem {
        let detail = match self {
            Self::ProblemJson | Self::Page => error.to_string(),
            Self::Zgw => dutch::token(error).to_owned(),
        };
        Problem::unauthenticated(detail).with_zgw_code(error.code())
    }

    /// An access token is not valid, or cannot be verified now.
    pub fn invalid_access_token(self, error: &AccessTokenError) -> Problem {
        let (detail, code) = match self {
            Self::ProblemJson | Self::Page => (format!("The access token is refused: {error}."), "jwt-decode-error"),
            Self::Zgw => dutch::access_token(error),
        };
        match (self, error) {
            (Self::ProblemJson | Self::Page, AccessTokenError::NoKeys) => {
                Problem::unavailable("The access token cannot be verified now.", RETRY_AFTER)
            }
            _ => Problem::unauthenticated(detail).with_zgw_code(code),
        }
    }

    /// A client certificate is refused, alone or beside a token.
    pub fn invalid_certificate(self, error: CertificateError) -> Problem {
        match self {
            Self::ProblemJson | Self::Page => Problem::unauthenticated(sentence(error)),
            Self::Zgw => {
                let (detail, code) = dutch::certificate(error);
                Problem::unauthenticated(detail).with_zgw_code(code)
            }
        }
    }

    /// The caller has none of the scopes that the route requires.
    pub fn missing_scope(self, scopes: &[Scope]) -> Problem {
        match self {
            Self::ProblemJson | Self::Page => {
                let needed: Vec<&str> = scopes.iter().map(|scope| scope.label()).collect();
                Problem::forbidden(format!("This needs the scope {}.", needed.join(" or ")))
            }
            Self::Zgw => Problem::forbidden(dutch::missing_scopes(scopes)),
        }
    }

    /// The rights of the caller are not known now. The Notificaties API has 403 for it, after which clients retry.
    pub fn unknown_rights(self, error: &LookupError) -> Problem {
        match self {
            Self::ProblemJson | Self::Page => {
                Problem::unavailable("What this client may do is not known now.", RETRY_AFTER)
            }
            Self::Zgw => {
                let code = match error {
                    LookupError::NotAuthenticated(_) => "not_authenticated_for_ac",
                    LookupError::Unreachable(_) | LookupError::Unusable(_) => "permission_denied",
                };
                Problem::forbidden(dutch::lookup_error(error)).with_zgw_code(code)
            }
        }
    }

    /// The problem of an answer that the router or an extractor made by itself, of which only the status is known.
    pub fn bare(self, status: StatusCode, method: &Method, uri: &Uri) -> Problem {
        match (self, status) {
            // A 400 of the router itself is about a path that is no text.
            (Self::Zgw, StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST) => {
                Problem::not_found(zgw::nothing_at(uri.path()))
            }
            (Self::ProblemJson | Self::Page, StatusCode::NOT_FOUND) => {
                Problem::not_found("There is nothing at this path.")
            }
            (_, StatusCode::METHOD_NOT_ALLOWED) => {
                Problem::new(ProblemType::MethodNotAllowed, format!("{method} is not supported here; see Allow."))
            }
            (_, status) if status.is_server_error() => Problem::internal(),
            (_, status) => {
                Problem::new(ProblemType::InvalidRequest, "The request cannot be understood.").with_status(status)
            }
        }
    }

    /// The form of refusals for the client that sent these headers.
    pub(crate) fn form(self, context: &Context, headers: &HeaderMap, uri: &Uri) -> Form {
        match self {
            Self::ProblemJson => Form::ProblemJson,
            Self::Zgw => Form::Zgw(zgw::Shape {
                public_url: context.public_url(headers),
                problem_json: accept::names_problem_documents(headers),
            }),
            Self::Page => match &context.pages {
                Some(pages) => Form::Page(Arc::clone(pages), Box::new(PageHead::new(context, headers, uri))),
                None => Form::ProblemJson,
            },
        }
    }
}

/// The text of an error as a sentence.
fn sentence(error: CertificateError) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    chars.next().map(|first| format!("{}{}.", first.to_uppercase(), chars.as_str())).unwrap_or_default()
}

/// The form of refusals for one client.
pub(crate) enum Form {
    ProblemJson,
    Zgw(zgw::Shape),
    Page(Arc<dyn RefusalPages>, Box<PageHead>),
}

impl Form {
    /// Status, content type and body of the answer to a request that is refused. `instance` is the URI of this occurrence.
    pub(crate) fn document(
        &self,
        problem: &Problem,
        (method, uri): (&Method, &Uri),
        limits: &Limits,
        instance: &str,
    ) -> (StatusCode, &'static str, String) {
        match self {
            Self::ProblemJson => (problem.status, "application/problem+json", problem.document(instance).to_string()),
            Self::Zgw(shape) => {
                let (status, kind, document) = zgw::document(problem, method, uri.path(), shape, limits, instance);
                (status, kind, document.to_string())
            }
            Self::Page(pages, head) => (problem.status, HTML, pages.page(problem, head, instance)),
        }
    }
}
