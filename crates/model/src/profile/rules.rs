//! Rules on single attributes and on the event as a whole: the advice of CloudEvents (CE-CTX-10, 15, 25) and the
//! additions of the NL GOV profile (NLG-CTX-05 to NLG-CTX-34).

use super::{Finding, Profile};
use crate::{Data, Event, media_type::MediaType};

/// The longest recommended name, in characters (CE-CTX-25).
const MAX_NAME: usize = 20;
/// Most recommended extensions (NLG-CTX-28).
const MANY_EXTENSIONS: usize = 20;
/// Most recommended bytes of names and values (NLG-CTX-28).
const MANY_BYTES: usize = 8 * 1024;
/// The size that every intermediary must forward, in bytes (CE-CTX-40, NLG-CTX-33).
const LARGE: usize = 64 * 1024;

/// The inputs of the rules, collected in one pass over the attributes.
#[derive(Debug, Default)]
pub(super) struct Seen<'a> {
    source: &'a str,
    kind: &'a str,
    dataref: Option<&'a str>,
    sequence: Option<&'a str>,
    sequencetype: Option<&'a str>,
    datacontenttype: Option<&'a str>,
    extensions: usize,
    /// The size of names and values together.
    bytes: usize,
    is_odd_name: bool,
    /// Whether the event uses an extension with rules of its own.
    pub(super) is_documented: bool,
}

impl<'a> Seen<'a> {
    pub(super) fn new(event: &'a Event) -> Self {
        let mut seen = Self::default();
        for (name, value) in event.attributes() {
            let (name, text) = (name.as_str(), value.as_text());
            seen.bytes += name.len() + text.map_or(5, str::len);
            seen.is_odd_name |= name.len() > MAX_NAME || name.starts_with(|first: char| first.is_ascii_digit());
            match name {
                "source" => seen.source = text.unwrap_or_default(),
                "type" => seen.kind = text.unwrap_or_default(),
                "datacontenttype" => seen.datacontenttype = text,
                "id" | "subject" | "time" | "dataschema" => {}
                _ => {
                    seen.extensions += 1;
                    match name {
                        "dataref" => seen.dataref = text,
                        "sequence" => seen.sequence = text,
                        "sequencetype" => seen.sequencetype = text,
                        _ => seen.is_documented |= super::extensions::has_rules(name),
                    }
                }
            }
        }
        seen
    }
}

/// The advice of CloudEvents itself.
pub(super) fn core(event: &Event, seen: &Seen<'_>, profile: Profile, findings: &mut Vec<Finding>) {
    if scheme(seen.source).is_none() {
        findings.push(Finding::new(
            "source-not-absolute",
            "source",
            "should be an absolute URI",
            "is bij voorkeur een absolute URI",
        ));
    }
    if !is_reverse_domain(seen.kind) {
        let finding = Finding::new(
            "type-not-reverse-domain",
            "type",
            "must be in reverse domain notation, such as nl.overheid.zaken.zaak-gemuteerd",
            "moet in omgekeerde domeinnotatie staan, zoals nl.overheid.zaken.zaak-gemuteerd",
        );
        findings.push(if profile == Profile::NlGov { finding.strict() } else { finding });
    }
    if seen.is_odd_name {
        names(event, findings);
    }
    if seen.bytes + event.data().map_or(0, |data| data.bytes().len()) > LARGE {
        findings.push(Finding::new(
            "event-large",
            "event",
            "is larger than 64 KiB, which not everyone has to pass on; refer to large data instead",
            "is groter dan 64 KiB, wat niet iedereen hoeft door te geven; verwijs liever naar grote gegevens",
        ));
    }
}

fn names(event: &Event, findings: &mut Vec<Finding>) {
    for (name, _) in event.attributes() {
        let name = name.as_str();
        if name.len() > MAX_NAME {
            findings.push(Finding::new(
                "attribute-name-long",
                name,
                "a name should not be longer than 20 characters",
                "een naam is bij voorkeur niet langer dan 20 tekens",
            ));
        }
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            findings.push(Finding::new(
                "attribute-name-digit",
                name,
                "a name should start with a letter",
                "een naam begint bij voorkeur met een letter",
            ));
        }
    }
}

/// The additions of the NL GOV profile.
pub(super) fn nl_gov(event: &Event, seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    source(seen, findings);
    versions(seen.kind, findings);
    sequence(seen, findings);
    if seen.extensions > MANY_EXTENSIONS || seen.bytes > MANY_BYTES {
        findings.push(Finding::new(
            "many-extensions",
            "event",
            "carries many or large extension attributes; keep them few",
            "heeft veel of grote extensieattributen; houd het aantal klein",
        ));
    }
    if !payload_is_json(event, seen) {
        findings.push(Finding::new(
            "payload-not-json",
            "datacontenttype",
            "the payload should be JSON",
            "de inhoud is bij voorkeur JSON",
        ));
    }
}

/// NLG-CTX-05 to NLG-CTX-08: `source` is a URN or a URI of the right form.
fn source(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let source = seen.source;
    let mut say = |finding| findings.push(finding);
    if is_location(seen) {
        let finding = Finding::new(
            "source-is-location",
            "source",
            "must name who says it, not where data can be found",
            "moet de bron benoemen en niet de vindplaats van gegevens",
        );
        say(finding.strict());
    }
    let Some(specific) = strip_prefix_ignore_case(source, "urn:nld:") else {
        say(Finding::new(
            "source-not-urn-nld",
            "source",
            "should be a URN in the namespace nld, such as urn:nld:oin:00000001823288444000:systeem:zaken",
            "is bij voorkeur een URN in namespace nld, zoals urn:nld:oin:00000001823288444000:systeem:zaken",
        ));
        return;
    };
    let numbered = ["oin:", "kvknr:", "kvk:"].iter().find_map(|kind| strip_prefix_ignore_case(specific, kind));
    let organisation = numbered.unwrap_or(specific);
    if end_of_name(organisation).is_none_or(|end| end + 1 >= organisation.len()) {
        say(Finding::new(
            "source-no-system",
            "source",
            "should name the organisation first and then its system",
            "benoemt bij voorkeur eerst de organisatie en dan het systeem",
        ));
    }
    if let Some(rest) = strip_prefix_ignore_case(specific, "oin:") {
        let oin = &rest[..end_of_name(rest).unwrap_or(rest.len())];
        if oin.len() != 20 || !oin.bytes().all(|byte| byte.is_ascii_digit()) {
            say(Finding::new("oin-length", "source", "an OIN has 20 digits", "een OIN heeft 20 cijfers"));
        }
    }
}

/// The end of the first name in the namespace-specific part of a URN.
fn end_of_name(specific: &str) -> Option<usize> {
    specific.bytes().position(|byte| matches!(byte, b':' | b'.'))
}

/// Whether `source` is the location of data: it equals `dataref`, or is a web address with a UUID in its path.
fn is_location(seen: &Seen<'_>) -> bool {
    let source = seen.source;
    if seen.dataref == Some(source) {
        return true;
    }
    scheme(source).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
        && source
            .split(['/', '?', '#'])
            .any(|segment| uuid::Uuid::try_parse(segment).is_ok_and(|_| segment.len() == 36))
}

/// NLG-CTX-13: versions in `type`.
fn versions(kind: &str, findings: &mut Vec<Finding>) {
    let is_number = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let (mut versions, mut numbers) = (0, 0);
    for label in labels(kind) {
        versions += usize::from(matches!(label, [b'v' | b'V', rest @ ..] if is_number(rest)));
        numbers += usize::from(is_number(label));
    }
    if versions <= 1 && numbers == 0 {
        return;
    }
    let finding = Finding::new(
        "type-version",
        "type",
        "holds at most one version, as one number behind v",
        "bevat hoogstens een versie, als een nummer achter v",
    );
    findings.push(if versions > 1 { finding.strict() } else { finding });
}

/// NLG-CTX-26: `sequence` and `sequencetype`. The profile's own example writes `integer`, so a different case
/// is reported but never refused.
fn sequence(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let Some(sequencetype) = seen.sequencetype.filter(|kind| kind.eq_ignore_ascii_case("integer")) else {
        return;
    };
    if sequencetype != "Integer" {
        findings.push(Finding::new(
            "sequencetype-case",
            "sequencetype",
            "is written Integer",
            "wordt geschreven als Integer",
        ));
    }
    if seen.sequence.is_some_and(|number| number.starts_with('+') || number.parse::<i32>().is_err()) {
        let finding = Finding::new(
            "sequence-integer",
            "sequence",
            "must be a whole number of 32 bits, since sequencetype is Integer",
            "moet een geheel getal van 32 bits zijn, omdat sequencetype Integer is",
        );
        findings.push(finding.strict());
    }
}

fn payload_is_json(event: &Event, seen: &Seen<'_>) -> bool {
    match (seen.datacontenttype.and_then(MediaType::parse), event.data()) {
        (Some(media_type), _) => media_type.is_json(),
        (None, data) => matches!(data, None | Some(Data::Json(_))),
    }
}

/// At least two labels of letters, digits, `-` and `_`, the first of two or more letters.
fn is_reverse_domain(kind: &str) -> bool {
    let of_label = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let is_label = |label: &[u8]| !label.is_empty() && label.iter().all(of_label);
    let mut labels = labels(kind);
    let first_is_name =
        labels.next().is_some_and(|first| first.len() >= 2 && first.iter().all(u8::is_ascii_alphabetic));
    first_is_name && labels.next().is_some_and(is_label) && labels.all(is_label)
}

/// The labels of a type, between the dots.
fn labels(kind: &str) -> impl Iterator<Item = &[u8]> {
    kind.as_bytes().split(|byte| *byte == b'.')
}

/// The scheme of a URI-reference, if it has one (RFC 3986 section 3.1).
fn scheme(reference: &str) -> Option<&str> {
    let of_scheme = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    let (scheme, rest) = reference.split_at(reference.bytes().position(|b| !of_scheme(b))?);
    (rest.starts_with(':') && scheme.starts_with(|first: char| first.is_ascii_alphabetic())).then_some(scheme)
}

fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}
