//! The configured values of the console.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::area::Served;

/// How long a session lasts without a request.
pub const IDLE: Duration = Duration::from_mins(15);

/// How long a session lasts at most.
pub const LIFETIME: Duration = management::sessions::LIFETIME;

/// The configured values.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name of the organisation, in the header and in titles.
    pub organisation: String,
    /// The class that the design tokens of the theme are under.
    pub theme_class: String,
    /// The style sheet of the theme, beside the built-in one.
    pub theme_css: Option<Vec<u8>>,
    /// The logo of the organisation, an SVG image.
    pub logo: Option<Vec<u8>>,
    /// The time zone in which moments are shown.
    pub time_zone: TimeZone,
    /// The accessibility statement of the organisation.
    pub accessibility_statement: Option<String>,
    /// Where to report weaknesses: URIs with `mailto:`, `tel:` or `https:`.
    pub contacts: Vec<String>,
    /// The version of the gateway.
    pub version: &'static str,
    /// Which areas one address serves.
    pub served: Served,
    /// The address of the portal, when it has one of its own: scheme and authority.
    pub portal_url: Option<String>,
}

/// The time zone with this name in the IANA database.
pub fn time_zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}
