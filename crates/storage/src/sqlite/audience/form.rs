//! The personal part of an addressee as bytes: what its slot holds, without the zeros behind it. Texts that many share are numbers,
//! see [`super::names`]. Version 2 has the frequency of mails, and is written only for another one than at once: a program that
//! does not know it would send each event. Version 3 has the moment at which a source verified the address, and is written only where there
//! is one.

use bytes::Bytes;
use model::{
    Timestamp,
    addressee::{Addressee, Attributes, CodeRequests, Frequency, Language, Owner, State, StateKind},
    sealed::Sealed,
};
use rusqlite::Connection;

use super::{
    form_state,
    names::{Kind, Names},
    row::corrupt,
};
use crate::{
    Error,
    codec::{Decoder, Encoder},
};

/// The version with a frequency.
const WITH_FREQUENCY: u8 = 2;
/// The version with a frequency, and the moment at which a source verified the address (CH-54).
const WITH_VERIFICATION: u8 = 3;

const IS_ENGLISH: u8 = 1;
const HAS_ADDRESS: u8 = 2;
const HAS_ATTRIBUTES: u8 = 4;
const IS_PERSONS: u8 = 8;
const IS_APPLICATIES: u8 = 16;
const HAS_EXPIRY: u8 = 32;
const HAS_REQUESTS: u8 = 64;

/// The members of an addressee that are in its slot.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) address: Option<Sealed>,
    pub(super) generation: u32,
    pub(super) attributes: Attributes,
    pub(super) language: Language,
    pub(super) frequency: Frequency,
    pub(super) owner: Option<Owner>,
    pub(super) created: Timestamp,
    pub(super) expires: Option<Timestamp>,
    pub(super) code_requests: CodeRequests,
    pub(super) state: State,
}

/// The body of an addressee.
pub(super) fn encode(connection: &Connection, names: &mut Names, addressee: &Addressee) -> Result<Vec<u8>, Error> {
    let version = match addressee.frequency {
        _ if form_state::has_verification(&addressee.state) => Some(WITH_VERIFICATION),
        Frequency::AtOnce => None,
        Frequency::Daily | Frequency::Weekly => Some(WITH_FREQUENCY),
    };
    let mut form = version.map_or_else(|| Encoder::new(160), |version| Encoder::of_version(version, 160));
    if version.is_some() {
        form.byte(frequency_number(addressee.frequency));
    }
    form.byte(flags(addressee)).timestamp(addressee.created).number(addressee.generation.into());
    if let Some(address) = &addressee.address {
        sealed(connection, names, &mut form, address)?;
    }
    if !addressee.attributes.as_str().is_empty() {
        form.bytes(addressee.attributes.as_str().as_bytes());
    }
    match &addressee.owner {
        None => {}
        Some(Owner::Person { issuer, subject }) => {
            form.number(names.number(connection, Kind::Issuer, issuer)? as u64).bytes(subject.as_bytes());
        }
        Some(Owner::Applicatie(client_id)) => {
            form.number(names.number(connection, Kind::Client, client_id)? as u64);
        }
    }
    if let Some(expires) = addressee.expires {
        form.timestamp(expires);
    }
    if !addressee.code_requests.moments().is_empty() {
        moments(&mut form, addressee.code_requests.moments());
    }
    form_state::encode(connection, names, &mut form, addressee)?;
    Ok(form.finish())
}

/// The number of a frequency, stored.
const fn frequency_number(frequency: Frequency) -> u8 {
    match frequency {
        Frequency::AtOnce => 0,
        Frequency::Daily => 1,
        Frequency::Weekly => 2,
    }
}

fn frequency(number: u8) -> Result<Frequency, Error> {
    let found = Frequency::ALL.into_iter().find(|own| frequency_number(*own) == number);
    found.ok_or_else(|| corrupt("not a frequency"))
}

fn flags(addressee: &Addressee) -> u8 {
    let owner = match &addressee.owner {
        None => 0,
        Some(Owner::Person { .. }) => IS_PERSONS,
        Some(Owner::Applicatie(_)) => IS_APPLICATIES,
    };
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    owner
        | flag(addressee.language == Language::English, IS_ENGLISH)
        | flag(addressee.address.is_some(), HAS_ADDRESS)
        | flag(!addressee.attributes.as_str().is_empty(), HAS_ATTRIBUTES)
        | flag(addressee.expires.is_some(), HAS_EXPIRY)
        | flag(!addressee.code_requests.moments().is_empty(), HAS_REQUESTS)
}

/// Encodes a sealed address.
pub(super) fn sealed(
    connection: &Connection,
    names: &mut Names,
    form: &mut Encoder,
    sealed: &Sealed,
) -> Result<(), Error> {
    let key = names.number(connection, Kind::Key, &sealed.key_id)?;
    form.number(key as u64).bytes(&sealed.ciphertext);
    Ok(())
}

/// Decodes a sealed address.
pub(super) fn read_sealed(connection: &Connection, names: &mut Names, form: &mut Decoder) -> Result<Sealed, Error> {
    let key_id = text(connection, names, form)?;
    Ok(Sealed { key_id, ciphertext: form.bytes()?.into() })
}

/// Decodes the number of a name to its text.
pub(super) fn text(connection: &Connection, names: &mut Names, form: &mut Decoder) -> Result<String, Error> {
    let number = i64::try_from(form.number()?).map_err(|_| corrupt("not the number of a name"))?;
    Ok(names.text(connection, number)?.as_ref().to_owned())
}

/// Encodes a list of moments.
pub(super) fn moments(form: &mut Encoder, moments: &[Timestamp]) {
    form.number(moments.len() as u64);
    for moment in moments {
        form.timestamp(*moment);
    }
}

/// Decodes a list of moments.
pub(super) fn read_moments(form: &mut Decoder) -> Result<Vec<Timestamp>, Error> {
    (0..form.byte()?).map(|_| form.timestamp()).collect()
}

/// The members in a slot.
///
/// # Errors
/// `NewerVersion`, or `Corrupt`.
pub(super) fn decode(connection: &Connection, names: &mut Names, slot: Bytes, kind: StateKind) -> Result<Body, Error> {
    let has_frequency = slot.first().is_some_and(|version| *version >= WITH_FREQUENCY);
    let mut form = Decoder::up_to(WITH_VERIFICATION, "addressee", slot)?;
    let frequency = if has_frequency { frequency(form.byte()?)? } else { Frequency::AtOnce };
    let flags = form.byte()?;
    let has = |flag: u8| flags & flag != 0;
    let created = form.timestamp()?;
    let generation = form.small()?;
    let address = if has(HAS_ADDRESS) { Some(read_sealed(connection, names, &mut form)?) } else { None };
    let attributes = if has(HAS_ATTRIBUTES) { form.text()? } else { String::new() };
    let owner = if has(IS_PERSONS) {
        Some(Owner::Person { issuer: text(connection, names, &mut form)?, subject: form.text()? })
    } else if has(IS_APPLICATIES) {
        Some(Owner::Applicatie(text(connection, names, &mut form)?))
    } else {
        None
    };
    let expires = if has(HAS_EXPIRY) { Some(form.timestamp()?) } else { None };
    let requests = if has(HAS_REQUESTS) { read_moments(&mut form)? } else { Vec::new() };
    let state = form_state::decode(connection, names, &mut form, (kind, created))?;
    if form.rest().iter().any(|byte| *byte != 0) {
        return Err(corrupt("bytes are left over"));
    }
    Ok(Body {
        address,
        generation,
        attributes: Attributes::new(attributes).ok_or_else(|| corrupt("its attributes are too long"))?,
        language: if has(IS_ENGLISH) { Language::English } else { Language::Dutch },
        frequency,
        owner,
        created,
        expires,
        code_requests: CodeRequests::new(requests),
        state,
    })
}
