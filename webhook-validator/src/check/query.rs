//! The token in the query of a URL (`access_token`, RFC 6750 section 2.3): find, remove and add it.

use http::Uri;
use percent_encoding::percent_decode_str;

/// The name of the parameter.
pub const NAME: &str = "access_token";

/// The token of this URL, decoded.
pub fn token(url: &Uri) -> Option<String> {
    let value = pairs(url).find_map(|pair| pair.strip_prefix(NAME)?.strip_prefix('='))?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// The URL without its token, otherwise unchanged.
pub fn without_token(url: &Uri) -> Uri {
    let rest: Vec<&str> = pairs(url).filter(|pair| !pair.starts_with("access_token=")).collect();
    with_query(url, &rest.join("&"))
}

/// The URL with this token.
pub fn with_token(url: &Uri, token: &str) -> Uri {
    let bare = without_token(url);
    let before = bare.query().filter(|query| !query.is_empty()).map(|query| format!("{query}&")).unwrap_or_default();
    with_query(url, &format!("{before}{NAME}={}", egress::url_part(token)))
}

/// The parameters, not decoded.
pub fn pairs(url: &Uri) -> impl Iterator<Item = &str> {
    url.query().into_iter().flat_map(|query| query.split('&'))
}

fn with_query(url: &Uri, query: &str) -> Uri {
    let target = if query.is_empty() { url.path().to_owned() } else { format!("{}?{query}", url.path()) };
    let mut parts = url.clone().into_parts();
    parts.path_and_query = target.parse().ok();
    // The path was valid before, and the addition is percent-encoded.
    Uri::from_parts(parts).unwrap_or_else(|_| url.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_left_out_and_put_in_ce_wha_06() {
        for (url, found, without, with) in [
            ("https://h/x", None, "https://h/x", "https://h/x?access_token=n%26w"),
            ("https://h/x?p=q", None, "https://h/x?p=q", "https://h/x?p=q&access_token=n%26w"),
            ("https://h/?access_token=a%2Fb&p=q", Some("a/b"), "https://h/?p=q", "https://h/?p=q&access_token=n%26w"),
            ("https://h/?p=q&access_token=a", Some("a"), "https://h/?p=q", "https://h/?p=q&access_token=n%26w"),
        ] {
            let url: Uri = url.parse().unwrap();
            assert_eq!(token(&url).as_deref(), found, "{url}");
            assert_eq!(without_token(&url), without);
            assert_eq!(with_token(&url, "n&w"), with);
        }
    }
}
