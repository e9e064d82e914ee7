//! The version, accessibility, contact, and the licences of what is built in. The licences of each package, with their texts, are
//! in a file beside each release.

use askama::Template;
use axum::extract::State;

use crate::{
    Console, View,
    page::{PageResult, page},
};

/// The path of the page.
pub const PATH: &str = "/beheer/over";

/// The licences of packages, by their SPDX identifiers.
const PACKAGES: [&str; 11] = [
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

#[derive(Template)]
#[template(path = "about.html")]
struct About<'a> {
    view: &'a View,
    contacts: &'a [String],
    licences: Vec<(&'static str, &'static str)>,
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let text = &view.text.about;
    let packages = PACKAGES.into_iter().map(|licence| match licence {
        "CDLA-Permissive-2.0" => (licence, text.root_certificates),
        "Unicode-3.0" => (licence, text.unicode),
        _ => (licence, text.packages),
    });
    let licences = packages.chain([(text.public_domain, "SQLite")]).collect();
    page(&About { view: &view, contacts: &console.settings.contacts, licences })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the build accepts is what the page shows, beside the licence of the gateway itself.
    #[test]
    fn every_licence_that_packages_may_have_is_shown() {
        let deny = include_str!("../../../../deny.toml");
        let (_, rest) = deny.split_once("\nallow = [\n").unwrap();
        let (list, _) = rest.split_once("\n]").unwrap();
        let allowed = list.lines().filter_map(|line| line.split('"').nth(1));
        let allowed: Vec<_> = allowed.filter(|licence| *licence != "EUPL-1.2").collect();
        assert_eq!(allowed, PACKAGES);
    }
}
