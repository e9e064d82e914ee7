//! Whether the colours of a theme of the console can be read: the contrast of the pairs that its pages use (WCAG 2.2, 1.4.3 and 1.4.11).
//!
//! It reads the tokens of the theme as text: selectors and media queries do not count, and the last value of a token does. What is
//! no plain colour is named as not computed.

use std::collections::HashMap;

use crate::config::{CheckResult, Config};

/// Most bytes of a style sheet that are read.
const MAX_FILE: u64 = 1_024 * 1_024;

/// How many tokens a value may lead along.
const MAX_STEPS: usize = 8;

/// A colour: the token, and the value of the built-in theme.
type Colour = (&'static str, &'static str);

const TEXT: Colour = ("--utrecht-document-color", "#1f2328");
const SUBTLE: Colour = ("--utrecht-form-field-description-color", "#4d5560");
const SURFACE: Colour = ("--utrecht-document-background-color", "#fff");
const LINE: Colour = ("--utrecht-textbox-border-color", "#6b7380");
const HEADER: Colour = ("--utrecht-page-header-background-color", "#14467c");
const HEADER_TEXT: Colour = ("--utrecht-page-header-color", "#fff");
const ACTION: Colour = ("--utrecht-button-primary-action-background-color", "#14467c");
const ACTION_TEXT: Colour = ("--utrecht-button-primary-action-color", "#fff");
const LINK: Colour = ("--utrecht-link-color", "#0b4f9c");
const FOCUS: Colour = ("--utrecht-focus-color", "#1f2328");
const FOCUS_SURFACE: Colour = ("--utrecht-focus-background-color", "#ffdd33");

/// What the console draws, on what, and the least contrast in tenths.
const PAIRS: [(Colour, Colour, u32); 8] = [
    (TEXT, SURFACE, 45),
    (SUBTLE, SURFACE, 45),
    (LINK, SURFACE, 45),
    (ACTION, SURFACE, 45),
    (ACTION_TEXT, ACTION, 45),
    (HEADER_TEXT, HEADER, 45),
    (FOCUS, FOCUS_SURFACE, 45),
    (LINE, SURFACE, 30),
];

/// The verdict; `None` without a style sheet of its own.
pub(super) fn check(config: &Config) -> Option<CheckResult> {
    let path = config.console.as_ref()?.theme_css.as_ref()?;
    let shown = path.display();
    let size = std::fs::metadata(path).map_or(0, |file| file.len());
    let read = if size > MAX_FILE { None } else { std::fs::read(path).ok() };
    let Some(bytes) = read else {
        let text = (
            format!("theme {shown} cannot be read, or is larger than {MAX_FILE} bytes: the built-in theme is shown"),
            format!(
                "stijl {shown} is niet te lezen, of is groter dan {MAX_FILE} bytes: de ingebouwde stijl is te zien"
            ),
        );
        let remedy = ("correct console.theme_css, and start again", "verbeter console.theme_css, en start opnieuw");
        return Some(CheckResult::advice("console.theme_css", text, remedy));
    };
    Some(verdict(&shown.to_string(), &String::from_utf8_lossy(&bytes)))
}

/// The verdict on the logo; `None` when it is good, or without one.
#[cfg(feature = "console")]
pub(super) fn check_logo(config: &Config) -> Option<CheckResult> {
    let path = config.console.as_ref()?.logo.as_ref()?;
    let error = crate::console::read_logo(path).err()?;
    let text = (
        format!("the logo is not shown ({error})"),
        format!("het logo {} is niet te gebruiken, en is niet te zien", path.display()),
    );
    let remedy = (
        "name an SVG image without scripts and references in console.logo, and start again",
        "noem in console.logo een SVG-afbeelding zonder scripts en verwijzingen, en start opnieuw",
    );
    Some(CheckResult::advice("console.logo", text, remedy))
}

fn verdict(shown: &str, css: &str) -> CheckResult {
    let css = without_comments(css);
    let tokens = tokens(&css);
    let (mut low, mut unknown) = (Vec::new(), Vec::new());
    for (front, back, least) in PAIRS {
        let [one, other] = [front, back].map(|(name, built_in)| {
            let value = tokens.get(name).map_or(built_in, String::as_str);
            rgb(value, &tokens).ok_or(name)
        });
        match (one, other) {
            (Ok(one), Ok(other)) => {
                let found = contrast(one, other);
                if found < f64::from(least) / 10.0 {
                    low.push(format!("{} / {} ({found:.1}, {}.{})", front.0, back.0, least / 10, least % 10));
                }
            }
            (one, other) => unknown.extend([one.err(), other.err()].into_iter().flatten()),
        }
    }
    unknown.sort_unstable();
    unknown.dedup();
    let item = "console.theme_css";
    if !low.is_empty() {
        let low = low.join(", ");
        let text = (
            format!("theme {shown}: too little contrast between {low}"),
            format!("stijl {shown}: te weinig contrast tussen {low}"),
        );
        let remedy = ("choose colours that differ more", "kies kleuren die meer verschillen");
        return CheckResult::advice(item, text, remedy);
    }
    if !unknown.is_empty() {
        let unknown = unknown.join(", ");
        let text = (
            format!("theme {shown}: the contrast of {unknown} cannot be computed"),
            format!("stijl {shown}: het contrast van {unknown} is niet te berekenen"),
        );
        let remedy = ("look at it in a browser", "bekijk het in een browser");
        return CheckResult::advice(item, text, remedy);
    }
    let text =
        (format!("theme {shown}: colours with enough contrast"), format!("stijl {shown}: kleuren met genoeg contrast"));
    CheckResult::good(item, text)
}

/// The custom properties of a style sheet, the last value of each.
fn tokens(css: &str) -> HashMap<&str, String> {
    let mut found = HashMap::new();
    let mut rest = css;
    while let Some(start) = rest.find("--") {
        let from = &rest[start..];
        let end = from.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '_');
        let (name, after) = from.split_at(end.unwrap_or(from.len()));
        rest = after;
        if let Some(value) = after.trim_start().strip_prefix(':') {
            let value = value.split([';', '}']).next().unwrap_or_default();
            found.insert(name, value.trim().trim_end_matches("!important").trim().to_ascii_lowercase());
        }
    }
    found
}

/// A style sheet without its comments.
fn without_comments(css: &str) -> String {
    let (mut kept, mut rest) = (String::with_capacity(css.len()), css);
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    kept + rest
}

/// The colour of a value; `None` for what is no opaque colour in one of the usual forms.
fn rgb(value: &str, tokens: &HashMap<&str, String>) -> Option<[u8; 3]> {
    let mut value = value;
    for _ in 0..MAX_STEPS {
        let Some(inner) = value.strip_prefix("var(") else { return plain(value) };
        let inner = inner.strip_suffix(')')?;
        let (name, fallback) = inner.split_once(',').map_or((inner, None), |(name, rest)| (name, Some(rest.trim())));
        value = tokens.get(name.trim()).map(String::as_str).or(fallback)?;
    }
    None
}

fn plain(value: &str) -> Option<[u8; 3]> {
    match value {
        "white" => return Some([255; 3]),
        "black" => return Some([0; 3]),
        _ => {}
    }
    if let Some(digits) = value.strip_prefix('#') {
        let digit = |at: usize| u8::try_from(digits.chars().nth(at)?.to_digit(16)?).ok();
        return match digits.len() {
            3 => Some([digit(0)? * 17, digit(1)? * 17, digit(2)? * 17]),
            6 => Some([digit(0)? * 16 + digit(1)?, digit(2)? * 16 + digit(3)?, digit(4)? * 16 + digit(5)?]),
            _ => None,
        };
    }
    let numbers = value.strip_prefix("rgb(")?.strip_suffix(')')?;
    let mut parts = numbers.split([',', ' ']).filter(|part| !part.is_empty()).map(|part| part.parse::<u8>().ok());
    let colour = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(colour)
}

/// The contrast ratio of WCAG: 1 to 21.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126f64.mul_add(red, 0.7152f64.mul_add(green, 0.0722 * blue))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Severity, parse};

    #[test]
    fn contrasts_are_those_of_the_definition() {
        for (one, other, expected) in [
            ([0, 0, 0], [255, 255, 255], "21.00"),
            ([255, 255, 255], [255, 255, 255], "1.00"),
            ([0x76, 0x76, 0x76], [255, 255, 255], "4.54"),
            ([0x77, 0x77, 0x77], [255, 255, 255], "4.48"),
        ] {
            assert_eq!(format!("{:.2}", contrast(one, other)), expected);
        }
    }

    #[test]
    fn the_built_in_theme_and_good_themes_pass_and_others_get_advice() {
        for (css, severity, part) in [
            ("", Severity::Pass, "enough"),
            (".x-theme { --utrecht-document-color: #000 }", Severity::Pass, "enough"),
            (".x { --utrecht-link-color: #aaaaaa; }", Severity::Advice, "--utrecht-link-color / "),
            (".x { --utrecht-link-color /* a */ : RGB(170, 170, 170) }", Severity::Advice, "(2.3, 4.5)"),
            (".x{--utrecht-page-header-color:var(--y);--y:var(--z, #14467d)}", Severity::Advice, "page-header-color"),
            (".x { --utrecht-textbox-border-color: #949494 }", Severity::Pass, "enough"),
            (".x { --utrecht-textbox-border-color: #969696 }", Severity::Advice, "border-color"),
            (".x { --utrecht-document-color: hsl(0 0% 0%) }", Severity::Advice, "document-color cannot be computed"),
            (".x { --utrecht-document-color: #00000080 }", Severity::Advice, "cannot be computed"),
            (".x { --a: var(--a); --utrecht-document-color: var(--a) }", Severity::Advice, "cannot be computed"),
            (".x { --utrecht-link-color: #aaa; --utrecht-link-color: #000 !important }", Severity::Pass, "enough"),
            ("/* --utrecht-link-color: #aaa */", Severity::Pass, "enough"),
            ("--", Severity::Pass, "enough"),
            ("é--é: /*", Severity::Pass, "enough"),
        ] {
            let result = verdict("x.css", css);
            assert_eq!(result.severity, severity, "{css}: {result}");
            assert!(result.text.en.contains(part), "{css}: {result}");
        }
    }

    #[cfg(feature = "console")]
    #[test]
    fn a_logo_that_cannot_be_shown_gets_advice() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("logo.svg");
        let config = parse(&format!("[console]\nlogo = {:?}\n", path.to_str().unwrap())).unwrap();
        for (svg, is_shown) in
            [(None, false), (Some("<svg xmlns=\"x\"></svg>"), true), (Some("<svg><script/></svg>"), false)]
        {
            if let Some(svg) = svg {
                std::fs::write(&path, svg).unwrap();
            }
            assert_eq!(check_logo(&config).map(|result| result.severity), (!is_shown).then_some(Severity::Advice));
        }
        assert_eq!(check_logo(&parse("[console]\n").unwrap()), None);
    }

    #[test]
    fn only_a_theme_of_its_own_is_checked_and_it_must_be_there() {
        assert_eq!(check(&parse("[console]\n").unwrap()), None);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("theme.css");
        let config = parse(&format!("[console]\ntheme_css = {:?}\n", path.to_str().unwrap())).unwrap();
        let result = check(&config).unwrap();
        assert!(result.severity == Severity::Advice && result.text.en.contains("built-in"), "{result}");
        std::fs::write(&path, ".x { --utrecht-document-color: #ccc }").unwrap();
        let result = check(&config).unwrap();
        assert_eq!((result.severity, result.item.as_str()), (Severity::Advice, "console.theme_css"));
    }
}
