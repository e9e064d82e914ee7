//! Parses a posted notification by the rules of the Notificaties API, and what Open Notificaties also accepts:
//! snake_case members, numbers for texts, kenmerken absent or null (MAP-27).

use std::borrow::Cow;

use bytes::Bytes;
use model::kanaal::MAX_NAME;

use super::{
    keys::is_camel_case,
    moment::Moment,
    rules::{is_longer, is_url},
};
use crate::{
    Limits,
    facts::entries,
    json::{Kind, Raw, Scanner, SyntaxError},
};

/// The longest name and the longest value of a kenmerk, in characters.
pub const MAX_KENMERK: usize = 1_000;
const MAX_TEXT: usize = 100;

/// A valid notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notificatie {
    /// The body as posted.
    pub raw: Bytes,
    /// `kanaal`, 1 to 50 characters.
    pub kanaal: String,
    /// `source`, 1 to 100 characters, if present.
    pub source: Option<String>,
    /// `hoofdObject`, a URL.
    pub hoofd_object: String,
    /// `resource`, 1 to 100 characters.
    pub resource: String,
    /// `resourceUrl`, a URL.
    pub resource_url: String,
    /// `actie`, 1 to 100 characters.
    pub actie: String,
    /// `aanmaakdatum`; the caller checks that it is not in the future.
    pub aanmaakdatum: Moment,
    /// `kenmerken`, in order, keys as posted, numbers as text.
    pub kenmerken: Vec<(String, String)>,
    /// Whether the body has the standard shape (only members of the API, by their names there, and keys of kenmerken in
    /// camel case), so that subscribers get it byte for byte.
    pub is_standard: bool,
}

/// A violated rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct FieldError {
    /// The member by its name in the API, such as `hoofdObject`; `nonFieldErrors` for the body as a whole.
    pub field: &'static str,
    /// The invalid kenmerk, if `field` is `kenmerken` and one of them is invalid.
    pub key: Option<String>,
    /// The code of the rule in the Notificaties API; `parse_error` if the body is not JSON.
    pub code: &'static str,
    /// The rule in Dutch, for the publisher.
    pub reason: Cow<'static, str>,
}

impl FieldError {
    fn new(field: &'static str, code: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { field, key: None, code, reason: reason.into() }
    }

    fn missing(field: &'static str) -> Self {
        Self::new(field, "required", "Dit veld is vereist.")
    }

    fn too_long(field: &'static str, limit: usize) -> Self {
        Self::new(field, "max_length", format!("Zorg ervoor dat dit veld niet meer dan {limit} karakters bevat."))
    }
}

type Field<T> = Result<T, FieldError>;

/// Parses `body` as a notification.
///
/// # Errors
/// All violated rules.
pub fn decode(body: &Bytes, limits: &Limits) -> Result<Notificatie, Vec<FieldError>> {
    let members = members(body, limits)?;
    let mut reader = Reader { errors: Vec::new(), is_standard: members.only_standard };
    let kanaal = reader.text("kanaal", members.kanaal, MAX_NAME);
    let source = match members.source {
        None => None,
        present => reader.text("source", present, MAX_TEXT),
    };
    let hoofd_object = reader.url("hoofdObject", members.hoofd_object);
    let resource = reader.text("resource", members.resource, MAX_TEXT);
    let resource_url = reader.url("resourceUrl", members.resource_url);
    let actie = reader.text("actie", members.actie, MAX_TEXT);
    let aanmaakdatum = reader.moment("aanmaakdatum", members.aanmaakdatum);
    let kenmerken = reader.kenmerken(body, members.kenmerken, limits);
    match (kanaal, hoofd_object, resource, resource_url, actie, aanmaakdatum) {
        (Some(kanaal), Some(hoofd_object), Some(resource), Some(resource_url), Some(actie), Some(aanmaakdatum))
            if reader.errors.is_empty() =>
        {
            Ok(Notificatie {
                raw: body.clone(),
                kanaal,
                source,
                hoofd_object,
                resource,
                resource_url,
                actie,
                aanmaakdatum,
                kenmerken,
                is_standard: reader.is_standard,
            })
        }
        _ => Err(reader.errors),
    }
}

/// The members of a notification as they are in the body; unknown members are kept there unread.
#[derive(Debug, Default)]
struct Members<'a> {
    kanaal: Option<Raw<'a>>,
    source: Option<Raw<'a>>,
    hoofd_object: Option<Raw<'a>>,
    resource: Option<Raw<'a>>,
    resource_url: Option<Raw<'a>>,
    actie: Option<Raw<'a>>,
    aanmaakdatum: Option<Raw<'a>>,
    kenmerken: Option<Raw<'a>>,
    only_standard: bool,
}

/// The name in the API of a member that may be written in snake case.
pub(super) fn api_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "kanaal" => "kanaal",
        "source" => "source",
        "hoofdObject" | "hoofd_object" => "hoofdObject",
        "resource" => "resource",
        "resourceUrl" | "resource_url" => "resourceUrl",
        "actie" => "actie",
        "aanmaakdatum" => "aanmaakdatum",
        "kenmerken" => "kenmerken",
        _ => return None,
    })
}

fn members<'a>(body: &'a [u8], limits: &Limits) -> Result<Members<'a>, Vec<FieldError>> {
    let parse_error = |error: SyntaxError| {
        vec![FieldError::new("nonFieldErrors", "parse_error", format!("JSON parse error - {error}"))]
    };
    let mut members = Members { only_standard: true, ..Members::default() };
    let mut errors = Vec::new();
    let mut scanner = Scanner::new(body, limits.depth).map_err(parse_error)?;
    if scanner.open(b'{').map_err(parse_error)? {
        let mut first = true;
        while let Some(key) = scanner.member(&mut first).map_err(parse_error)? {
            let value = scanner.value().map_err(parse_error)?;
            let key = key.content().unwrap_or_default();
            let Some(name) = api_name(&key) else {
                members.only_standard = false;
                continue;
            };
            members.only_standard &= name == key;
            let slot = match name {
                "kanaal" => &mut members.kanaal,
                "source" => &mut members.source,
                "hoofdObject" => &mut members.hoofd_object,
                "resource" => &mut members.resource,
                "resourceUrl" => &mut members.resource_url,
                "actie" => &mut members.actie,
                "aanmaakdatum" => &mut members.aanmaakdatum,
                _ => &mut members.kenmerken,
            };
            if slot.replace(value).is_some() {
                errors.push(FieldError::new(name, "duplicate", "Dit veld komt meer dan eens voor."));
            }
        }
    } else {
        scanner.value().map_err(parse_error)?;
        let reason = "Ongeldige data. Er werd een object verwacht.";
        errors.push(FieldError::new("nonFieldErrors", "invalid", reason));
    }
    scanner.end().map_err(parse_error)?;
    if errors.is_empty() { Ok(members) } else { Err(errors) }
}

/// Reads fields one by one and collects their errors.
struct Reader {
    errors: Vec<FieldError>,
    is_standard: bool,
}

impl Reader {
    fn note<T>(&mut self, field: Field<T>) -> Option<T> {
        field.map_err(|error| self.errors.push(error)).ok()
    }

    fn text(&mut self, field: &'static str, raw: Option<Raw<'_>>, limit: usize) -> Option<String> {
        let text = self.trimmed_text(field, raw);
        let checked = text
            .and_then(|text| if is_longer(&text, limit) { Err(FieldError::too_long(field, limit)) } else { Ok(text) });
        self.note(checked)
    }

    fn url(&mut self, field: &'static str, raw: Option<Raw<'_>>) -> Option<String> {
        let text = self.trimmed_text(field, raw);
        let checked = text.and_then(|text| {
            if is_url(&text) { Ok(text) } else { Err(FieldError::new(field, "invalid", "Voer een geldige URL in.")) }
        });
        self.note(checked)
    }

    fn moment(&mut self, field: &'static str, raw: Option<Raw<'_>>) -> Option<Moment> {
        let text = self.trimmed_text(field, raw);
        let checked = text.and_then(|text| {
            Moment::parse(&text).ok_or_else(|| {
                let reason = "Geen geldige datum en tijd; gebruik JJJJ-MM-DDTuu:mm:ss[.uuuuuu][+UU:MM|-UU:MM|Z].";
                FieldError::new(field, "invalid", reason)
            })
        });
        let moment = self.note(checked)?;
        self.is_standard &= moment.is_rfc3339;
        Some(moment)
    }

    /// The text of a required member, without surrounding white space.
    fn trimmed_text(&mut self, field: &'static str, raw: Option<Raw<'_>>) -> Field<String> {
        let raw = raw.ok_or_else(|| FieldError::missing(field))?;
        let text = self.plain_text(field, raw)?;
        let trimmed = text.trim();
        self.is_standard &= trimmed.len() == text.len();
        if trimmed.is_empty() {
            return Err(FieldError::new(field, "blank", "Dit veld mag niet leeg zijn."));
        }
        Ok(trimmed.to_owned())
    }

    /// The text of a string or number.
    fn plain_text<'a>(&mut self, field: &'static str, raw: Raw<'a>) -> Field<Cow<'a, str>> {
        match raw.kind {
            Kind::String => {}
            Kind::Number => self.is_standard = false,
            Kind::Null => return Err(FieldError::new(field, "null", "Dit veld mag niet leeg zijn.")),
            Kind::Boolean | Kind::Object | Kind::Array => {
                return Err(FieldError::new(field, "invalid", "Dit is geen geldige tekst."));
            }
        }
        let text = raw.content().map_err(|_| {
            FieldError::new(field, "surrogate_characters_not_allowed", "Losse surrogaten zijn niet toegestaan.")
        })?;
        if text.contains('\0') {
            let reason = "Null-karakters zijn niet toegestaan.";
            return Err(FieldError::new(field, "null_characters_not_allowed", reason));
        }
        Ok(text)
    }

    fn kenmerken(&mut self, body: &[u8], raw: Option<Raw<'_>>, limits: &Limits) -> Vec<(String, String)> {
        const FIELD: &str = "kenmerken";
        let mut kenmerken = Vec::new();
        let raw = match raw {
            Some(raw) if raw.kind == Kind::Object => raw,
            None | Some(Raw { kind: Kind::Null, .. }) => {
                self.is_standard = false;
                return kenmerken;
            }
            Some(_) => {
                let reason = "Er werd een object met teksten verwacht.";
                self.errors.push(FieldError::new(FIELD, "not_a_dict", reason));
                return kenmerken;
            }
        };
        for (key, value) in entries(&body[raw.start..raw.start + raw.text.len()]) {
            let Ok(key) = key.content() else {
                let reason = "Losse surrogaten zijn niet toegestaan.";
                self.errors.push(FieldError::new(FIELD, "surrogate_characters_not_allowed", reason));
                continue;
            };
            if kenmerken.len() >= limits.attributes {
                let reason = format!("Zorg ervoor dat dit veld niet meer dan {} kenmerken bevat.", limits.attributes);
                self.errors.push(FieldError::new(FIELD, "max_length", reason));
                return kenmerken;
            }
            match self.kenmerk(&key, value, &kenmerken) {
                Ok(value) => {
                    self.is_standard &= is_camel_case(&key);
                    kenmerken.push((key.into_owned(), value));
                }
                Err(error) => self.errors.push(FieldError { key: Some(key.into_owned()), ..error }),
            }
        }
        kenmerken
    }

    fn kenmerk(&mut self, key: &str, value: Raw<'_>, earlier: &[(String, String)]) -> Field<String> {
        const FIELD: &str = "kenmerken";
        let value = self.plain_text(FIELD, value)?;
        if is_longer(&value, MAX_KENMERK) || is_longer(key, MAX_KENMERK) {
            return Err(FieldError::too_long(FIELD, MAX_KENMERK));
        }
        if earlier.iter().any(|(own, _)| own == key) {
            return Err(FieldError::new(FIELD, "duplicate", "Dit kenmerk komt meer dan eens voor."));
        }
        Ok(value.into_owned())
    }
}
