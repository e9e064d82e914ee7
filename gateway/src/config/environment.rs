//! Environment variables that look like keys of the configuration and are none: a misspelt one must not be ignored.
//!
//! Variables that container platforms set for a service named `gateway` are left alone, and so is everything that does not
//! resemble a key.

use super::{ConfigError, load::KEYS};

/// The beginning of all variables of the gateway.
pub const PREFIX: &str = "GATEWAY_";

/// Most letters by which a section may differ from the one that is meant.
const MISSPELT: usize = 2;

/// The error about the first of these variables that is meant for the gateway and names no key of it.
pub fn fault(variables: impl Iterator<Item = (String, String)>) -> Option<ConfigError> {
    variables.filter(|(name, value)| !is_of_platform(name, value)).find_map(|(name, _)| {
        let key = name.strip_prefix(PREFIX)?.to_ascii_lowercase();
        let first = key.split("__").next().filter(|first| !KEYS.contains(first))?;
        let meant = if key.contains("__") { misspelt(first, &key) } else { with_one_underscore(&key) }?;
        let why = format!("is no key; did you mean {PREFIX}{}?", meant.to_uppercase());
        Some(ConfigError::Value { key: name, why })
    })
}

/// Whether Kubernetes or Docker set it for a service whose name begins with `gateway`.
fn is_of_platform(name: &str, value: &str) -> bool {
    let is_port = name.contains("_PORT") && (value.contains("://") || value.parse::<u16>().is_ok());
    let is_part = ["_PROTO", "_ADDR"].iter().any(|end| name.ends_with(end)) && name.contains("_PORT_");
    name.ends_with("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || is_port || is_part
}

/// `limit__body_bytes`: another section was meant, or none is near; the levels say that it is a key.
fn misspelt(first: &str, key: &str) -> Option<String> {
    let near = KEYS.iter().min_by_key(|own| strsim::damerau_levenshtein(own, first))?;
    let rest = &key[first.len()..];
    let is_near = strsim::damerau_levenshtein(near, first) <= MISSPELT;
    Some(if is_near { format!("{near}{rest}") } else { "…, as in the sample configuration".to_owned() })
}

/// `egress_allow`: one underscore between the levels instead of two.
fn with_one_underscore(key: &str) -> Option<String> {
    KEYS.iter().find_map(|section| Some(format!("{section}__{}", key.strip_prefix(section)?.strip_prefix('_')?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, value: &str) -> Option<String> {
        fault(std::iter::once((name.to_owned(), value.to_owned()))).map(|error| error.to_string())
    }

    #[test]
    fn f8_a_misspelt_variable_is_refused_with_the_one_that_is_meant() {
        let egress = text("GATEWAY_EGRESS_ALLOW", "[\"10.0.0.0/8\"]").unwrap();
        assert!(egress.contains("GATEWAY_EGRESS_ALLOW") && egress.contains("GATEWAY_EGRESS__ALLOW?"), "{egress}");
        assert!(text("GATEWAY_LIMIT__BODY_BYTES", "5").unwrap().contains("GATEWAY_LIMITS__BODY_BYTES?"));
        assert!(text("GATEWAY_LOG_LEVEL", "debug").unwrap().contains("GATEWAY_LOG__LEVEL?"));
        assert!(text("GATEWAY_NOTHING__LIKE_IT", "1").is_some());
    }

    #[test]
    fn f8_variables_of_others_are_left_alone() {
        for (name, value) in [
            ("GATEWAY_PORT", "tcp://10.0.0.1:80"),
            ("GATEWAY_SERVICE_HOST", "10.0.0.1"),
            ("GATEWAY_SERVICE_PORT_HTTP", "8080"),
            ("GATEWAY_PORT_8080_TCP_ADDR", "10.0.0.1"),
            ("GATEWAY_PORT_8080_TCP_PROTO", "tcp"),
            ("GATEWAY_LOG_SERVICE_HOST", "10.0.0.1"),
            ("GATEWAY_BIN", "/usr/bin/gateway"),
            ("GATEWAY_LISTEN", "0.0.0.0:80"),
            ("GATEWAY_LIMITS__BODY_BYTES", "5"),
            ("HOME", "/root"),
        ] {
            assert_eq!(text(name, value), None, "{name}");
        }
    }
}
