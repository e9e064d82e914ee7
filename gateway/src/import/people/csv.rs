//! CSV of light subscriptions: a head line with the columns `address`, `kanaal`, `confirmed`, and if wanted `language` and `filter`,
//! in any order; commas or semicolons; one line for each, with double quotes around values if needed.

use message::address::{Address, EmailAddress, PhoneNumber, Region};
use model::{
    Timestamp,
    addressee::{Attributes, Language},
};
use people::ImportLine;

use super::{Fault, Item, Kanalen, fault};

/// The columns, and whether a file must have them.
const COLUMNS: [(&str, bool); 5] =
    [("address", true), ("kanaal", true), ("confirmed", true), ("language", false), ("filter", false)];

/// Where the columns of a file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    separator: char,
    /// By the order of [`COLUMNS`].
    places: [Option<usize>; COLUMNS.len()],
}

impl Head {
    /// Reads the head line.
    ///
    /// # Errors
    /// A column that is missing, or one that is not known.
    pub fn parse(line: &str) -> Result<Self, Fault> {
        let line = line.trim_start_matches('\u{feff}').trim_end();
        let separator = if line.contains(';') { ';' } else { ',' };
        let names = fields(line, separator).ok_or(fault("", "heeft een aanhalingsteken dat niet sluit"))?;
        let names: Vec<String> = names.iter().map(|name| name.trim().to_lowercase()).collect();
        let place = |column: &str| names.iter().position(|name| name == column);
        if names.iter().any(|name| !COLUMNS.iter().any(|(column, _)| name == column)) {
            return Err(fault("", "heeft een kolom anders dan address, kanaal, confirmed, language en filter"));
        }
        if let Some((column, _)) = COLUMNS.iter().find(|(column, needed)| *needed && place(column).is_none()) {
            return Err(fault(column, "ontbreekt in de kopregel"));
        }
        Ok(Self { separator, places: COLUMNS.map(|(column, _)| place(column)) })
    }

    /// Reads a line.
    ///
    /// # Errors
    /// The column that cannot be imported; nothing of its value.
    pub fn read(&self, line: &str, kanalen: &Kanalen) -> Result<Item, Fault> {
        let fields = fields(line.trim_end_matches(['\r', '\n']), self.separator);
        let fields = fields.ok_or(fault("", "heeft een aanhalingsteken dat niet sluit"))?;
        let [address, kanaal, confirmed, language, filter] =
            self.places.map(|place| place.and_then(|place| fields.get(place)).map_or("", |field| field.trim()));
        if confirmed.is_empty() {
            return Ok(Item::Unconfirmed);
        }
        let address = if address.contains('@') {
            EmailAddress::parse(address).map(Address::Email).ok()
        } else {
            PhoneNumber::parse(address, Region::Netherlands).map(Address::Phone).ok()
        };
        let address = address.ok_or(fault("address", "is geen geldig adres of nummer"))?;
        let kanaal = kanalen.find(kanaal).map_err(|rule| fault("kanaal", rule))?;
        let confirmed = Timestamp::parse_rfc3339(confirmed)
            .or_else(|| Timestamp::parse_rfc3339(&format!("{confirmed}T00:00:00Z")))
            .ok_or(fault("confirmed", "is geen datum of moment (RFC 3339)"))?;
        let language = match language {
            "" | "nl" => Language::Dutch,
            "en" => Language::English,
            _ => return Err(fault("language", "moet nl of en zijn")),
        };
        let filter = match filter {
            "" => None,
            text => {
                let filter = kanalen.dialects().sql(text);
                Some(filter.map_err(|_| fault("filter", "is geen geldige expressie in CloudEvents SQL"))?)
            }
        };
        let attributes = Attributes::default();
        Ok(Item::Confirmed(Box::new(ImportLine {
            address,
            kanaal,
            filter,
            attributes,
            language,
            confirmed,
            old: None,
        })))
    }
}

/// The fields of a line (RFC 4180); `None` when a quote is not closed.
fn fields(line: &str, separator: char) -> Option<Vec<String>> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                field.push('"');
                characters.next();
            }
            '"' => quoted = !quoted,
            other if other == separator && !quoted => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    (!quoted).then_some(fields)
}

#[cfg(test)]
mod tests {
    use model::addressee::FilterText;

    use super::*;

    fn kanalen() -> Kanalen {
        Kanalen::of(["weg"], [])
    }

    #[test]
    fn ch_130_a_line_is_a_subscription_in_either_form_of_csv() {
        for (head, line) in [
            ("address,kanaal,confirmed,language,filter", "an@x.nl,weg,2021-01-02,en,\"type = 'a,b'\""),
            (
                "\u{feff}Kanaal;Confirmed;Address;Filter;Language\r\n",
                "weg;2021-01-02T00:00:00Z;an@x.nl;type = 'a,b';en\r\n",
            ),
        ] {
            let Item::Confirmed(line) = Head::parse(head).unwrap().read(line, &kanalen()).unwrap() else { panic!() };
            assert_eq!((line.address.expose(), line.language), ("an@x.nl", Language::English));
            assert_eq!(line.confirmed, Timestamp::from_seconds(1_609_545_600));
            assert_eq!(line.filter.as_ref().map(FilterText::as_str), Some("sql:type = 'a,b'"));
        }
        let head = Head::parse("address,kanaal,confirmed").unwrap();
        let Ok(Item::Confirmed(line)) = head.read("06 12345678,weg,2021-01-02", &kanalen()) else { panic!() };
        assert_eq!(line.address.expose(), "+31612345678");
        assert_eq!(head.read("an@x.nl,weg,", &kanalen()), Ok(Item::Unconfirmed));
        assert_eq!(head.read("an@x.nl,weg", &kanalen()), Ok(Item::Unconfirmed));
    }

    #[test]
    fn ch_130_what_cannot_be_imported_is_named_by_its_column() {
        let head = Head::parse("address,kanaal,confirmed,language,filter").unwrap();
        for (line, member) in [
            ("an@,weg,2021-01-02", "address"),
            ("0900 1234,weg,2021-01-02", "address"),
            ("an@x.nl,raad,2021-01-02", "kanaal"),
            ("an@x.nl,weg,gisteren", "confirmed"),
            ("an@x.nl,weg,2021-01-02,de", "language"),
            ("an@x.nl,weg,2021-01-02,nl,type =", "filter"),
            ("\"an@x.nl,weg,2021-01-02", ""),
        ] {
            assert_eq!(head.read(line, &kanalen()).map_err(|fault| fault.member), Err(member), "{line}");
        }
        assert_eq!(Head::parse("address,kanaal").map_err(|fault| fault.member), Err("confirmed"));
        assert_eq!(Head::parse("address,kanaal,confirmed,naam").map_err(|fault| fault.member), Err(""));
    }
}
