//! Placeholders of scenario files: `{{name}}` becomes the value of that name, `{{function:…}}` a generated text.
//! The result is bytes, because a scenario may ask for bytes that are no text.

/// A placeholder without a value: neither a known name nor a known function.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("unknown placeholder {{{{{0}}}}}")]
pub struct Unknown(pub String);

/// Replaces every placeholder of `text`; `lookup` knows the names of the scenario.
///
/// Functions: `byte:FF` (one byte), `repeat:x:100` (text, times), `lines:100:ce-e#: #` (a line per number, `#` is
/// the number), `http-date:5` (now plus seconds), `time` (now, RFC 3339),
/// `time:-60` (now plus seconds).
pub fn fill(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Vec<u8>, Unknown> {
    let mut filled = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        filled.extend_from_slice(&rest.as_bytes()[..start]);
        let Some(length) = rest[start..].find("}}") else { return Err(Unknown(rest[start..].to_owned())) };
        let name = &rest[start + 2..start + length];
        let value = match lookup(name) {
            Some(value) => value.into_bytes(),
            None => generate(name).ok_or_else(|| Unknown(name.to_owned()))?,
        };
        filled.extend_from_slice(&value);
        rest = &rest[start + length + 2..];
    }
    filled.extend_from_slice(rest.as_bytes());
    Ok(filled)
}

/// As [`fill`], for texts that are compared: bytes that are no UTF-8 are replaced.
pub fn fill_text(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, Unknown> {
    fill(text, lookup).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn generate(name: &str) -> Option<Vec<u8>> {
    let (function, argument) = name.split_once(':').unwrap_or((name, ""));
    match function {
        "byte" => u8::from_str_radix(argument, 16).ok().map(|byte| vec![byte]),
        "repeat" => {
            let (text, times) = argument.rsplit_once(':')?;
            Some(text.repeat(times.parse().ok()?).into_bytes())
        }
        "lines" => {
            let (count, line) = argument.split_once(':')?;
            let lines: Vec<String> =
                (1..=count.parse::<u32>().ok()?).map(|number| line.replace('#', &number.to_string())).collect();
            Some(lines.join("\n").into_bytes())
        }
        "http-date" => {
            let seconds = argument.parse().ok()?;
            let moment = crate::clock::now() + std::time::Duration::from_secs(seconds);
            Some(httpdate::fmt_http_date(moment).into_bytes())
        }
        "time" => {
            let format = &time::format_description::well_known::Rfc3339;
            let seconds = if argument.is_empty() { 0 } else { argument.parse().ok()? };
            let moment = time::OffsetDateTime::from(crate::clock::now());
            let moment = moment.checked_add(time::Duration::seconds(seconds))?;
            moment.format(format).ok().map(String::into_bytes)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_functions_are_replaced_and_json_stays() {
        let lookup = |name: &str| (name == "id").then(|| "42".to_owned());
        for (text, expected) in [
            ("plain", b"plain".to_vec()),
            (r#"{"a":{"id":"{{id}}"}}"#, br#"{"a":{"id":"42"}}"#.to_vec()),
            ("{{byte:00}}{{byte:fF}}", vec![0, 255]),
            ("{{repeat:ab:3}}", b"ababab".to_vec()),
            ("{{lines:2:ce-e#: v#}}", b"ce-e1: v1\nce-e2: v2".to_vec()),
        ] {
            assert_eq!(fill(text, &lookup), Ok(expected), "{text}");
        }
    }

    #[test]
    fn moments_are_relative_to_now() {
        let at = |text: &str| String::from_utf8(fill(text, &|_| None).unwrap()).unwrap();
        assert!(at("{{time:-60}}") < at("{{time}}") && at("{{time}}") < at("{{time:60}}"));
        assert!(fill("{{time:soon}}", &|_| None).is_err());
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        assert_eq!(fill("a {{nobody}}", &|_| None), Err(Unknown("nobody".to_owned())));
        assert!(fill("a {{open", &|_| None).is_err());
    }
}
