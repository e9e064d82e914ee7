//! One subscription of an export of NotifyBC: the API's form (`id`, dates as text) or that of `mongoexport` (`_id`, `$oid`, `$date`).

use message::address::{Address, EmailAddress, PhoneNumber, Region};
use model::{
    Timestamp,
    addressee::{Attributes, Language},
};
use people::{ImportLine, OldLink};
use serde_json::Value;

use super::{Fault, Item, Kanalen, fault};

/// Reads an object.
///
/// # Errors
/// The member that cannot be imported; nothing of its value.
pub fn read(object: &[u8], kanalen: &Kanalen) -> Result<Item, Fault> {
    let value: Value = serde_json::from_slice(object).map_err(|_| fault("", "is geen JSON"))?;
    let text = |member: &str| value.get(member).and_then(Value::as_str);
    match text("state") {
        Some("confirmed") => {}
        Some("unconfirmed") => return Ok(Item::Unconfirmed),
        Some("deleted") => return Ok(Item::Ended),
        _ => return Err(fault("state", "moet confirmed, unconfirmed of deleted zijn")),
    }
    let contact = text("userChannelId").ok_or(fault("userChannelId", "ontbreekt"))?;
    let address = match text("channel") {
        Some("email") => EmailAddress::parse(contact).map(Address::Email).ok(),
        Some("sms") => PhoneNumber::parse(contact, Region::Netherlands).map(Address::Phone).ok(),
        _ => return Err(fault("channel", "moet email of sms zijn")),
    };
    let address = address.ok_or(fault("userChannelId", "is geen geldig adres of nummer"))?;
    let service = text("serviceName").ok_or(fault("serviceName", "ontbreekt"))?;
    let kanaal = kanalen.find(service).map_err(|rule| fault("serviceName", rule))?;
    // A filter that is left out would send more than what was asked for.
    let filter = match text("broadcastPushNotificationFilter").map(str::trim) {
        None | Some("") => None,
        Some(expression) => Some(kanalen.dialects().jmespath(expression).map_err(|_| {
            fault(
                "broadcastPushNotificationFilter",
                "is geen expressie in JMESPath, of roept een functie aan die hier niet bestaat",
            )
        })?),
    };
    let attributes = match value.get("data") {
        None | Some(Value::Null) => Attributes::default(),
        Some(data @ Value::Object(_)) => {
            Attributes::new(data.to_string()).ok_or(fault("data", "is langer dan 2.048 bytes"))?
        }
        Some(_) => return Err(fault("data", "is geen object")),
    };
    let confirmed = moment(&value, "updated").or_else(|| moment(&value, "created"));
    let confirmed = confirmed.ok_or(fault("updated", "en created ontbreken: er is geen moment van toestemming"))?;
    let id = text("id").or_else(|| text("_id")).or_else(|| value.get("_id")?.get("$oid")?.as_str());
    let old = id.zip(text("unsubscriptionCode")).and_then(|(id, code)| OldLink::new(id, code));
    let language = Language::Dutch;
    Ok(Item::Confirmed(Box::new(ImportLine { address, kanaal, filter, attributes, language, confirmed, old })))
}

/// A moment as text, or as `mongoexport` writes it.
fn moment(value: &Value, member: &str) -> Option<Timestamp> {
    let found = value.get(member)?;
    let found = found.get("$date").unwrap_or(found);
    let millis = found.get("$numberLong").and_then(Value::as_str).and_then(|text| text.parse().ok());
    if let Some(millis) = millis.or_else(|| found.as_i64()) {
        return Some(Timestamp::from_millis(millis));
    }
    Timestamp::parse_rfc3339(found.as_str()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn subscription() -> Value {
        json!({
            "id": "64c1a8f0e3a1b2c3d4e5f607", "serviceName": "Wegen", "channel": "email", "userChannelId": "An@example.nl",
            "state": "confirmed", "userId": "an", "created": "2020-01-02T03:04:05.000Z", "updated": "2021-01-02T03:04:05.678Z",
            "confirmationRequest": { "confirmationCode": "12345", "sendRequest": true }, "unsubscriptionCode": "54321",
            "data": { "postcode": "1234AB" }, "more": [1],
        })
    }

    fn read_value(value: &Value) -> Result<Item, Fault> {
        read(value.to_string().as_bytes(), &Kanalen::of(["weg"], [("Wegen", "weg")]))
    }

    fn confirmed(value: &Value) -> ImportLine {
        match read_value(value) {
            Ok(Item::Confirmed(line)) => *line,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn ch_130_a_confirmed_subscription_keeps_its_moment_data_and_links() {
        let line = confirmed(&subscription());
        assert_eq!((line.address.expose(), line.kanaal.as_str()), ("An@example.nl", "weg"));
        assert_eq!(line.confirmed.to_rfc3339(), "2021-01-02T03:04:05.678Z");
        assert_eq!(line.attributes.as_str(), "{\"postcode\":\"1234AB\"}");
        assert_eq!(line.old, OldLink::new("64c1a8f0e3a1b2c3d4e5f607", "54321"));
        assert!(!format!("{line:?}").contains("example.nl"), "{line:?}");
        let mut filtered = subscription();
        filtered["broadcastPushNotificationFilter"] = json!("wijk == 'centrum'");
        let filter = confirmed(&filtered).filter.expect("a filter (CH-66)");
        assert_eq!(filter.as_str(), "jmespath:wijk == 'centrum'");
        let mut exported = subscription();
        exported["_id"] = json!({ "$oid": "64c1a8f0e3a1b2c3d4e5f607" });
        exported.as_object_mut().unwrap().remove("id");
        for date in [json!("2021-01-02T03:04:05.678Z"), json!({ "$numberLong": "1609556645678" })] {
            exported["updated"] = json!({ "$date": date });
            assert_eq!(confirmed(&exported), line, "{date}");
        }
    }

    #[test]
    fn ch_130_what_cannot_be_imported_is_named_and_not_shown() {
        for (member, value, expected) in [
            ("state", json!("unconfirmed"), Ok(Item::Unconfirmed)),
            ("state", json!("deleted"), Ok(Item::Ended)),
            ("state", json!(1), Err("state")),
            ("channel", json!("inApp"), Err("channel")),
            ("userChannelId", json!("an@"), Err("userChannelId")),
            ("userChannelId", json!("an@example.nl,bo@example.nl"), Err("userChannelId")),
            ("userChannelId", json!(null), Err("userChannelId")),
            ("serviceName", json!("other"), Err("serviceName")),
            ("broadcastPushNotificationFilter", json!("a === 'b'"), Err("broadcastPushNotificationFilter")),
            ("broadcastPushNotificationFilter", json!("own(a)"), Err("broadcastPushNotificationFilter")),
            ("data", json!({ "a": "x".repeat(3_000) }), Err("data")),
            ("data", json!("x"), Err("data")),
        ] {
            let mut changed = subscription();
            changed[member] = value;
            assert_eq!(read_value(&changed).map_err(|fault| fault.member), expected, "{changed}");
        }
        let mut without = subscription();
        without["updated"] = json!("yesterday");
        without["created"] = json!(null);
        assert_eq!(read_value(&without).map_err(|fault| fault.member), Err("updated"));
        assert_eq!(read(b"{\"a\":}", &Kanalen::default()).map_err(|fault| fault.member), Err(""));
    }
}
