//! Section `[console]`: the web console. Without this section there is none.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ConsoleAfnemer, ConsoleClaims, ConsoleOidc};

/// The web console under `/beheer`, on nodes with the role beheer.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Console {
    /// Whether the pages under `/beheer` are served; off, only those of `[portaal]` are.
    pub beheer: bool,
    /// The name of the organisation, in the header and in titles.
    pub organisation: String,
    /// The logo of the organisation, a file with an SVG image without scripts and references.
    #[schema(value_type = Option<String>)]
    pub logo: Option<PathBuf>,
    /// A style sheet with the design tokens of a theme, a file; beside the built-in one.
    #[schema(value_type = Option<String>)]
    pub theme_css: Option<PathBuf>,
    /// The class that the design tokens of the theme are under.
    pub theme_class: String,
    /// The time zone in which moments are shown, by its name in the IANA database.
    pub time_zone: String,
    /// The accessibility statement of the organisation, an http(s) URL.
    pub toegankelijkheidsverklaring: Option<String>,
    /// The identity provider with which people log in; absent: by login links of the command line only.
    pub oidc: Option<ConsoleOidc>,
    /// Which claims of the provider grant what.
    pub claims: ConsoleClaims,
    /// Persons who act for clients by another claim than `claims.client_ids`.
    pub afnemer: Vec<ConsoleAfnemer>,
}

impl Default for Console {
    fn default() -> Self {
        Self {
            beheer: true,
            organisation: "Organisatie".to_owned(),
            logo: None,
            theme_css: None,
            theme_class: "voorbeeld-theme".to_owned(),
            time_zone: "Europe/Amsterdam".to_owned(),
            toegankelijkheidsverklaring: None,
            oidc: None,
            claims: ConsoleClaims::default(),
            afnemer: Vec::new(),
        }
    }
}

impl Console {
    /// What is wrong with it: the key and why.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let is_page = |url: &String| {
            url.parse::<http::Uri>()
                .is_ok_and(|uri| matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some())
        };
        let is_class = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_ ".contains(&byte))
        };
        let rules = [
            (cfg!(feature = "console"), "console", "is set, and this program was built without the feature console"),
            (
                (1..=100).contains(&self.organisation.chars().count()),
                "console.organisation",
                "must have 1 to 100 characters",
            ),
            (is_class(&self.theme_class), "console.theme_class", "must be class names of letters, digits, - and _"),
            (
                self.toegankelijkheidsverklaring.as_ref().is_none_or(is_page),
                "console.toegankelijkheidsverklaring",
                "must be an absolute http(s) URL",
            ),
            (
                self.afnemer.is_empty() || self.oidc.is_some(),
                "console.afnemer",
                "needs [console.oidc]: a login link names its clients itself",
            ),
        ];
        let own = rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why));
        own.or_else(|| self.oidc.as_ref().and_then(|oidc| oidc.fault().or_else(|| self.claims.fault())))
            .or_else(|| self.afnemer.iter().find_map(ConsoleAfnemer::fault))
    }
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn the_console_is_off_until_it_is_configured_and_its_keys_are_checked() {
        assert!(parse("").unwrap().console.is_none());
        let oidc = "[console.oidc]\nissuer = \"https://i.example\"\nclient_id = \"g\"\n";
        let claims = "[console.claims.grants]\nlezer = [\"gw-lezer\"]\n";
        for (text, key) in [
            ("[console]\n".to_owned(), None),
            ("[console]\norganisation = \"\"\n".to_owned(), Some("console.organisation")),
            ("[console]\ntheme_class = \"a<b\"\n".to_owned(), Some("console.theme_class")),
            (
                "[console]\ntoegankelijkheidsverklaring = \"x\"\n".to_owned(),
                Some("console.toegankelijkheidsverklaring"),
            ),
            (format!("{oidc}client_secret = \"s\"\n{claims}"), None),
            (format!("{oidc}client_secret = \"s\"\n"), Some("console.claims.grants")),
            (
                format!("{oidc}client_secret = \"s\"\n[console.claims.grants]\ninhoud = [\"x\"]\n"),
                Some("console.claims.grants"),
            ),
            (
                format!("{oidc}client_secret = \"s\"\n[console.claims.grants]\nbaas = [\"x\"]\n"),
                Some("console.claims.grants"),
            ),
            (
                format!("{oidc}client_secret = \"s\"\n[console.claims.grants]\nlezer = [\"*\"]\n"),
                Some("console.claims.grants"),
            ),
            (format!("{oidc}{claims}"), Some("console.oidc.client_secret_file")),
            (
                format!("{oidc}client_authentication = \"private_key_jwt\"\n{claims}"),
                Some("console.oidc.private_key_file"),
            ),
            (format!("{oidc}client_authentication = \"none\"\n{claims}"), None),
            (format!("{}client_secret = \"s\"\n{claims}", oidc.replace("https", "ftp")), Some("console.oidc.issuer")),
        ] {
            let found = parse(&text).err().map(|error| error.to_string());
            match key {
                None => assert_eq!(found, None, "{text}"),
                Some(key) => assert!(found.as_ref().is_some_and(|why| why.starts_with(key)), "{text}: {found:?}"),
            }
        }
    }
}
