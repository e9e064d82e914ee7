//! Where the outside reaches us, for links in answers.
//!
//! [`crate::inbound::outer`] has taken `X-Forwarded-*` of strangers away and given HTTP/2 requests a `Host`.

use http::{HeaderMap, header};

use crate::config::Config;

/// Where the gateway is, as far as configuration tells; no slash at the end.
pub fn own_url(config: &Config) -> String {
    match (&config.public_url, &config.tls) {
        (Some(url), _) => url.trim_end_matches('/').to_owned(),
        (None, Some(_)) => format!("https://{}{}", config.listen, config.proxy.prefix),
        (None, None) => format!("http://{}{}", config.listen, config.proxy.prefix),
    }
}

/// Scheme and authority (and path prefix, when configured), without a slash at the end.
pub fn public_url(config: &Config, headers: &HeaderMap) -> String {
    if config.public_url.is_some() {
        return own_url(config);
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text("x-forwarded-host")
        .and_then(|hosts| hosts.split(',').next())
        .map(str::trim)
        .filter(|host| is_authority(host))
        .or_else(|| text(header::HOST.as_str()).filter(|host| is_authority(host)));
    let scheme = match text("x-forwarded-proto").map(str::trim) {
        Some("https") => "https",
        Some("http") => "http",
        _ if config.tls.is_some() => "https",
        _ => "http",
    };
    match host {
        Some(host) => format!("{scheme}://{host}{}", config.proxy.prefix),
        None => own_url(config),
    }
}

fn is_authority(text: &str) -> bool {
    !text.is_empty() && !text.contains('@') && text.parse::<http::uri::Authority>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_follow_configuration_then_proxy_then_host() {
        let mut headers = HeaderMap::new();
        let mut config = Config::default();
        assert_eq!(public_url(&config, &headers), "http://127.0.0.1:8080");
        headers.insert("host", "gw.example:81".parse().unwrap());
        assert_eq!(public_url(&config, &headers), "http://gw.example:81");
        headers.insert("x-forwarded-host", "outside.example, inside".parse().unwrap());
        headers.insert("x-forwarded-proto", "https".parse().unwrap());
        assert_eq!(public_url(&config, &headers), "https://outside.example");
        headers.insert("x-forwarded-host", "a b\"c".parse().unwrap());
        assert_eq!(public_url(&config, &headers), "https://gw.example:81");
        config.proxy.prefix = "/sub".into();
        assert_eq!(public_url(&config, &headers), "https://gw.example:81/sub");
        config.public_url = Some("https://fixed.example/gw/".into());
        assert_eq!(public_url(&config, &headers), "https://fixed.example/gw");
    }
}
