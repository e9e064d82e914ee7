//! Findings about headers that were ignored: copies of attributes with other values, and `ce-datacontenttype`
//! (CE-HTTP-09, CE-HTTP-34). They never change the event.

use model::{Event, profile::Finding};

use super::{Mode, binary::decode_value};

/// The findings about the headers of a message in `mode` that contained `event`.
pub fn check<'h>(mode: Mode, headers: impl IntoIterator<Item = (&'h str, &'h [u8])>, event: &Event) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (header, raw) in headers {
        let Some((prefix, name)) = header.split_at_checked(3) else { continue };
        if !prefix.eq_ignore_ascii_case("ce-") {
            continue;
        }
        let name = name.to_ascii_lowercase();
        match mode {
            Mode::Binary if name == "datacontenttype" => findings.push(Finding::new(
                "ce-datacontenttype",
                &name,
                "the header ce-datacontenttype was ignored: Content-Type carries this attribute",
                "de header ce-datacontenttype is genegeerd: Content-Type draagt dit attribuut",
            )),
            Mode::Structured if !copies(event, &name, raw) => findings.push(Finding::new(
                "header-differs",
                &name,
                "a ce- header differs from the body; the body counts",
                "een ce-header wijkt af van de inhoud; de inhoud telt",
            )),
            _ => {}
        }
    }
    findings
}

/// Whether a header has the same value as the event.
fn copies(event: &Event, name: &str, raw: &[u8]) -> bool {
    let Some(text) = decode_value(raw) else { return false };
    match name {
        "specversion" => text == model::event::SPECVERSION,
        _ => event.attribute(name).is_some_and(|value| value.canonical() == text),
    }
}
