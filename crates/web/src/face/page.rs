//! Pages in HTML: the headers that they carry, and who writes the page of a refusal.
//!
//! Not here: the pages themselves (crate `console`).

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

use crate::{Context, Problem};

/// The media type of a page.
pub const HTML: &str = "text/html; charset=utf-8";

/// No inline style or script, and nothing from elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// Where the forms of a page lead besides this gateway, as an extension of its response: browsers follow the redirect after a form only to
/// targets of the policy of the page.
#[derive(Debug, Clone)]
pub struct FormTargets(pub Arc<str>);

impl FormTargets {
    /// Origins in the form of the policy: scheme and authority, separated by spaces.
    pub fn new<'a>(origins: impl IntoIterator<Item = &'a str>) -> Self {
        let origins: Vec<&str> = origins.into_iter().collect();
        Self(origins.join(" ").into())
    }
}

/// Every feature of a browser that a page could use is off.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), \
     fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), \
     payment=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), web-share=(), \
     xr-spatial-tracking=()";

/// Writes the page of a refusal.
pub trait RefusalPages: Send + Sync {
    /// The page in HTML. `instance` is the URI of this occurrence, which the log contains too.
    fn page(&self, problem: &Problem, head: &PageHead, instance: &str) -> String;
}

/// What a page needs of the request that it answers.
#[derive(Debug, Clone)]
pub struct PageHead {
    /// The headers, of which a page reads cookies and languages.
    pub headers: HeaderMap,
    /// Path and query, without the prefix of a proxy.
    pub uri: Uri,
    /// Scheme, authority and path prefix as the client sees them, without a slash at the end.
    pub public_url: String,
    /// The path prefix under which a proxy passes requests on; empty for none.
    pub prefix: String,
}

impl PageHead {
    /// The head of a request that [`crate::edge`] has prepared.
    pub fn new(context: &Context, headers: &HeaderMap, uri: &Uri) -> Self {
        Self {
            headers: headers.clone(),
            uri: uri.clone(),
            public_url: context.public_url(headers),
            prefix: context.settings.prefix.clone(),
        }
    }

    /// Whether the client used HTTPS.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// Writes the headers that every page and asset carries.
pub(super) fn protect(headers: &mut HeaderMap, https: bool, targets: Option<&FormTargets>) {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(FormTargets(targets)) = targets {
        let policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", &format!("form-action 'self' {targets}"));
        if let Ok(policy) = HeaderValue::try_from(policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}
