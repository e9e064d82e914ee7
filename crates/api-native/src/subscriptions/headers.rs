//! `protocolsettings`: the headers that every delivery carries besides the gateway's own (CE-SUB-16, CE-SUB-17).

use management::{
    Update,
    subscriptions::{
        headers::HIDDEN,
        rules::{MAX_HEADERS, check_header_name, check_header_value},
    },
};

use crate::members::Members;

/// Reads `protocolsettings` and returns its headers; [`HIDDEN`] as the value of one keeps what is stored.
pub fn read(top: &Members<'_>) -> Vec<(String, Update<String>)> {
    let Some(settings) = top.object("protocolsettings") else { return Vec::new() };
    settings.only(&["method", "headers"]);
    settings.word("method", &[("POST", ())]);
    let Some(headers) = settings.object("headers") else { return Vec::new() };
    if headers.iter().nth(MAX_HEADERS).is_some() {
        settings.fault("headers", format!("has more than {MAX_HEADERS} members"));
    }
    let mut read: Vec<(String, Update<String>)> = Vec::new();
    for (name, _) in headers.iter() {
        if let Err(rule) = check_header_name(name, &read) {
            headers.fault(name, rule);
        }
        let Some(value) = headers.free_text(name) else { continue };
        if let Err(rule) = check_header_value(value) {
            headers.fault(name, rule);
        }
        let value = if value == HIDDEN { Update::Keep } else { Update::Set(value.to_owned()) };
        read.push((name.clone(), value));
    }
    read
}
