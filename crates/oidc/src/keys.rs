//! The public keys of a provider (RFC 7517). Keys of kinds or uses that are not needed are passed over.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Map, Value};

use crate::{
    Error,
    algorithm::{Algorithm, Kind},
};

/// The longest document of keys, in bytes.
const MAX_DOCUMENT: usize = 256 << 10;
/// Most keys that are kept.
const MAX_KEYS: usize = 64;
const WHAT: &str = "the document of keys";

/// The keys of a provider that verify signatures.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    keys: Vec<Key>,
}

#[derive(Debug, Clone)]
struct Key {
    id: Option<String>,
    /// The only algorithm it is meant for, if the provider names one.
    algorithm: Option<String>,
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Ec { kind: Kind, point: Vec<u8> },
}

impl Material {
    const fn kind(&self) -> Kind {
        match self {
            Self::Rsa { .. } => Kind::Rsa,
            Self::Ec { kind, .. } => *kind,
        }
    }
}

impl KeySet {
    /// Reads a JWK Set.
    ///
    /// # Errors
    /// When it is longer than 256 KiB, no JSON object, or has no list `keys` of at most 64 keys.
    pub fn parse(document: &[u8]) -> Result<Self, Error> {
        let document = crate::provider::object(document, WHAT, MAX_DOCUMENT)?;
        let Some(Value::Array(keys)) = document.get("keys") else {
            return Err(Error::member(WHAT, "keys", "must be a list"));
        };
        if keys.len() > MAX_KEYS {
            return Err(Error::member(WHAT, "keys", "must have at most 64 keys"));
        }
        Ok(Self { keys: keys.iter().filter_map(Value::as_object).filter_map(key).collect() })
    }

    /// Whether there is a key with this `kid`.
    pub fn has(&self, id: &str) -> bool {
        self.keys.iter().any(|key| key.id.as_deref() == Some(id))
    }

    /// Verifies a signature with the key named `id`, or, for a token that names none, with every key that fits.
    pub(crate) fn verify(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        signed: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        let mut fitting = self
            .keys
            .iter()
            .filter(|key| id.is_none() || key.id.as_deref() == id)
            .filter(|key| key.algorithm.as_deref().is_none_or(|only| only == algorithm.name()))
            .filter(|key| key.material.kind() == algorithm.kind())
            .peekable();
        if fitting.peek().is_none() {
            return Err(Error::UnknownKey);
        }
        if fitting.any(|key| key.fits(algorithm, signed, signature)) { Ok(()) } else { Err(Error::Signature) }
    }
}

impl Key {
    fn fits(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Rsa { n, e } => {
                let key = RsaPublicKeyComponents { n, e };
                algorithm.rsa().is_some_and(|parameters| key.verify(parameters, signed, signature).is_ok())
            }
            Material::Ec { point, .. } => algorithm.ecdsa().is_some_and(|verification| {
                UnparsedPublicKey::new(verification, point).verify(signed, signature).is_ok()
            }),
        }
    }
}

/// A key for signatures; `None` for any other.
fn key(member: &Map<String, Value>) -> Option<Key> {
    let text = |name: &str| member.get(name).and_then(Value::as_str);
    let bytes = |name: &str| BASE64_URL_SAFE_NO_PAD.decode(text(name)?.trim_end_matches('=')).ok();
    if text("use").is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let material = match (text("kty")?, text("crv")) {
        ("RSA", _) => Material::Rsa { n: without_zeros(bytes("n")?), e: without_zeros(bytes("e")?) },
        ("EC", Some(curve @ ("P-256" | "P-384"))) => {
            let (kind, length) = if curve == "P-256" { (Kind::P256, 32) } else { (Kind::P384, 48) };
            let (x, y) = (bytes("x")?, bytes("y")?);
            if x.len() != length || y.len() != length {
                return None;
            }
            // An uncompressed point (SEC 1, 2.3.3).
            Material::Ec { kind, point: [&[4], &x[..], &y[..]].concat() }
        }
        _ => return None,
    };
    Some(Key { id: text("kid").map(str::to_owned), algorithm: text("alg").map(str::to_owned), material })
}

/// Numbers have no leading zeros (RFC 7518, 6.3.1.1); some providers send them all the same.
fn without_zeros(bytes: Vec<u8>) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes[zeros..].to_vec()
}
