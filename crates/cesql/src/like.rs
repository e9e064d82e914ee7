//! Matching by a LIKE pattern: `%` any characters, `_` one, `\` before either means itself (CESQL 3.4.3).

/// Whether the whole `text` matches `pattern`; time is bounded by the product of their lengths.
pub(crate) fn matches(text: &str, pattern: &str) -> bool {
    let (mut text, mut pattern) = (text, pattern);
    // Where to go on when a match fails: behind the last `%`, one character further in the text.
    let mut resume: Option<(&str, &str)> = None;
    loop {
        match step(pattern) {
            Some((Element::Many, rest)) => {
                pattern = rest;
                resume = Some((rest, text));
                continue;
            }
            Some((element, rest)) => {
                if let Some(c) = text.chars().next()
                    && (element == Element::One || element == Element::Exactly(c))
                {
                    text = &text[c.len_utf8()..];
                    pattern = rest;
                    continue;
                }
            }
            None if text.is_empty() => return true,
            None => {}
        }
        let Some((behind, from)) = resume else { return false };
        let Some(c) = from.chars().next() else { return false };
        text = &from[c.len_utf8()..];
        pattern = behind;
        resume = Some((behind, text));
    }
}

#[derive(PartialEq, Eq)]
enum Element {
    Many,
    One,
    Exactly(char),
}

fn step(pattern: &str) -> Option<(Element, &str)> {
    let mut chars = pattern.chars();
    let element = match chars.next()? {
        '%' => Element::Many,
        '_' => Element::One,
        '\\' => match chars.clone().next() {
            Some(c @ ('%' | '_')) => {
                chars.next();
                Element::Exactly(c)
            }
            _ => Element::Exactly('\\'),
        },
        c => Element::Exactly(c),
    };
    Some((element, chars.as_str()))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_ce_sql() {
        for (text, pattern, expected) in [
            ("zaak", "zaak", true),
            ("zaak", "z%", true),
            ("zaak", "%k", true),
            ("zaak", "%a%k%", true),
            ("zaak", "z_k", false),
            ("zaak", "z__k", true),
            ("", "%", true),
            ("", "_", false),
            ("Zaak", "zaak", false),
            ("100%", "100\\%", true),
            ("100x", "100\\%", false),
            ("a_b", "a\\_b", true),
            ("a\\b", "a\\b", true),
            ("€€x", "__x", true),
            ("aaaaaaaaaaaaaaaaaaaaaaaab", "%a%a%a%a%a%a%c", false),
        ] {
            assert_eq!(matches(text, pattern), expected, "{text:?} LIKE {pattern:?}");
        }
    }
}
