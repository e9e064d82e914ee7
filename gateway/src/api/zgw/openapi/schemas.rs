//! The objects of the Notificaties API for its description, in Dutch. What goes in and what comes out are told apart:
//! read-only members, what is required, and `auth`, which is never shown.

use serde_json::{Value, json};

/// All of them, by name.
pub fn all() -> Value {
    json!({
        "Wortel": {
            "type": "object",
            "required": ["abonnement", "kanaal", "cloudevents"],
            "properties": {"abonnement": url(), "kanaal": url(), "cloudevents": url()},
        },
        "Kanaal": object("Een kanaal waarop notificaties verschijnen.", kanaal(true), &["url", "naam", "documentatieLink", "filters"]),
        "KanaalInvoer": object("Een kanaal zoals het aangeboden wordt.", kanaal(false), &["naam"]),
        "KanaalWijziging": object("Wat er aan een kanaal verandert; wat ontbreekt blijft zoals het is.", kanaal(false), &[]),
        "Abonnement": object(
            "Een abonnement op kanalen en CloudEvents.",
            abonnement(true),
            &["url", "callbackUrl", "kanalen", "sendCloudevents", "cloudeventFilters"],
        ),
        "AbonnementInvoer": object(
            "Een abonnement zoals het aangeboden wordt. Bij PUT vervangt het kanalen en cloudeventFilters geheel.",
            abonnement(false),
            &["callbackUrl"],
        ),
        "AbonnementWijziging": object(
            "Wat er aan een abonnement verandert; wat ontbreekt blijft zoals het is, ook auth.",
            abonnement(false),
            &[],
        ),
        "AbonnementKanaal": abonnement_kanaal(),
        "CloudeventFilter": cloudevent_filter(),
        "Notificatie": notificatie(&json!({"type": "string", "maxLength": 1000})),
        "NotificatieInvoer": notificatie(&json!({"type": ["string", "number"], "maxLength": 1000})),
        "CloudEvent": cloudevent(),
        "Metadata": {
            "type": "object",
            "required": ["name", "description", "renders", "parses"],
            "properties": {
                "name": {"type": "string"},
                "description": {"type": "string"},
                "renders": {"type": "array", "items": {"type": "string"}},
                "parses": {"type": "array", "items": {"type": "string"}},
            },
        },
        "Fout": fout("invalidParams"),
        "FoutBijCloudEvents": fout("invalid_params"),
        "FoutPerVeld": {
            "type": "object",
            "description": "Per veld de regels die overtreden zijn; bij kenmerken per kenmerk. Zonder codes.",
            "additionalProperties": {"anyOf": [
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
            ]},
            "examples": [{"kanaal": ["Kanaal met deze naam bestaat niet."]}],
        },
    })
}

fn object(description: &str, properties: Value, required: &[&str]) -> Value {
    let mut object = json!({"type": "object", "description": description, "properties": properties});
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

fn url() -> Value {
    json!({"type": "string", "format": "uri"})
}

/// The properties; `out` with what the gateway adds.
fn kanaal(out: bool) -> Value {
    let mut properties = json!({
        "naam": {
            "type": "string", "minLength": 1, "maxLength": 50,
            "description": "De naam; uniek, en niet te wijzigen.",
            "examples": ["zaken"],
        },
        "documentatieLink": {
            "type": "string", "maxLength": 200,
            "description": "Waar de bronhouder het kanaal beschrijft: een URL, of leeg. Alleen de vorm wordt gecontroleerd, \
                            tenzij de beheerder instelt dat de link opgehaald wordt (dan moet die met 200 antwoorden).",
            "examples": ["https://zaken.example.nl/ref/kanalen/#zaken"],
        },
        "filters": {
            "type": "array", "maxItems": 1000, "items": {"type": "string", "minLength": 1, "maxLength": 100},
            "description": "De kenmerken van notificaties op dit kanaal. object_type en objectType zijn hetzelfde kenmerk.",
            "examples": [["bronorganisatie", "zaaktype", "vertrouwelijkheidaanduiding"]],
        },
    });
    if out {
        properties["url"] = read_only_url();
    }
    properties
}

fn read_only_url() -> Value {
    json!({"type": "string", "format": "uri", "readOnly": true, "description": "Het adres van dit object."})
}

fn abonnement(out: bool) -> Value {
    let mut properties = json!({
        "callbackUrl": {
            "type": "string", "format": "uri", "minLength": 1, "maxLength": 200,
            "description": "Waar berichten heen gaan. Bij aanmaken en wijzigen krijgt dit adres een testnotificatie op kanaal \
                            `test`: zonder Authorization moet het die weigeren met 401 of 403, met Authorization moet het \
                            antwoorden met 200 tot en met 209 (of precies 204, als de beheerder dat instelt).",
            "examples": ["https://afnemer.example.nl/api/v1/callbacks"],
        },
        "kanalen": {
            "type": "array", "maxItems": 1000, "items": {"$ref": "#/components/schemas/AbonnementKanaal"},
            "description": "Kanalen waarvan notificaties gewenst zijn; een kanaal mag meer dan eens voorkomen, dan volstaat \
                            dat een van de vermeldingen past.",
        },
        "sendCloudevents": {
            "type": "boolean", "default": false,
            "description": "Of berichten als CloudEvent bezorgd worden (`application/cloudevents+json`).",
        },
        "cloudeventFilters": {
            "type": "array", "maxItems": 1000, "items": {"$ref": "#/components/schemas/CloudeventFilter"},
            "description": "CloudEvents die gewenst zijn; een vermelding die past volstaat. Telt alleen mee als \
                            sendCloudevents waar is, en blijft anders bewaard.",
        },
        "rendering": {
            "type": "string", "enum": ["on116", "canonical"],
            "description": "Uitbreiding: hoe een notificatie er als CloudEvent uitziet. `on116` (standaard): acht attributen, met \
                            kenmerken en hoofdObject in data; `canonical`: de hele notificatie in data, met extensies. In \
                            antwoorden alleen als het niet de standaard is; alleen toegestaan met sendCloudevents.",
        },
        "validation": {
            "type": "string", "enum": ["probe", "handshake"],
            "description": "Uitbreiding: hoe de ontvanger toestemming geeft. `probe` (standaard): met de testnotificatie; \
                            `handshake`: met de WebHook-Request-Origin-handshake van CloudEvents, die na het aanmaken begint.",
        },
    });
    if out {
        properties["url"] = read_only_url();
        properties["consent"] = json!({
            "type": "object", "readOnly": true, "required": ["state", "reason"],
            "description": "Hoe het met de handshake staat; alleen bij validation `handshake`.",
            "properties": {
                "state": {"type": "string", "enum": ["validating", "pending-callback", "granted", "refused"]},
                "reason": {"type": ["string", "null"]},
            },
        });
    } else {
        properties["auth"] = json!({
            "type": "string", "maxLength": 1000, "writeOnly": true,
            "description": "De waarde van de header Authorization bij elke bezorging; mag leeg zijn. Verplicht bij aanmaken en \
                            vervangen, tenzij authType iets anders zegt. Wordt nooit getoond.",
            "examples": ["Token 0123456789"],
        });
        for (name, member) in credential() {
            properties[name] = member;
        }
    }
    properties
}

/// How a delivery proves that it is us, other than by `auth`; never shown.
fn credential() -> [(&'static str, Value); 9] {
    let text = |description: &str| json!({"type": "string", "maxLength": 1000, "writeOnly": true, "description": format!("Uitbreiding: {description}")});
    let choice = |values: &[&str], description: &str| json!({"type": "string", "enum": values, "writeOnly": true, "description": format!("Uitbreiding: {description}")});
    let kinds = ["api_key", "no_auth", "zgw", "oauth2_client_credentials"];
    [
        (
            "authType",
            choice(
                &kinds,
                "hoe elke bezorging aantoont van deze gateway te komen. `api_key` (standaard): met auth; `zgw`: met een \
                 ZGW-JWT die voor de bezorging gemaakt wordt; `oauth2_client_credentials`: met een token van oauth2TokenUrl. \
                 Alleen bij `api_key` is auth verplicht.",
            ),
        ),
        ("authClientId", text("de client_id bij `zgw` en `oauth2_client_credentials`, daar verplicht.")),
        ("secret", text("het secret daarbij; verplicht bij `zgw`.")),
        ("oauth2TokenUrl", text("waar tokens vandaan komen; verplicht bij `oauth2_client_credentials`.")),
        ("oauth2Authentication", choice(&["basic", "post"], "hoe het secret daar getoond wordt; standaard `basic`.")),
        ("oauth2Scope", text("de scope van het token.")),
        ("oauth2Audience", text("de audience van het token.")),
        ("oauth2TlsProfiel", text("het TLS-profiel (configuratie van de beheerder) voor oauth2TokenUrl.")),
        ("tlsProfiel", text("het TLS-profiel voor callbackUrl.")),
    ]
}

fn filters(description: &str) -> Value {
    json!({
        "type": "object", "maxProperties": 1000,
        "propertyNames": {"maxLength": 100},
        "additionalProperties": {"type": "string", "maxLength": 1000},
        "description": description,
    })
}

fn abonnement_kanaal() -> Value {
    let filters = filters(
        "Kenmerken en hun waarde; allemaal moeten ze gelijk zijn. `*` past op elke waarde, en een kenmerk dat een notificatie \
         niet heeft telt niet mee. De sleutels zijn een deel van de filters van het kanaal, of bevatten ze alle. Uitbreiding: \
         `#actie`, `#resource` en `#hoofdObject` vergelijken die velden van de notificatie zelf.",
    );
    json!({
        "type": "object",
        "required": ["naam"],
        "properties": {
            "naam": {"type": "string", "minLength": 1, "maxLength": 50, "description": "Een kanaal dat bestaat."},
            "filters": filters,
        },
        "examples": [{"naam": "zaken", "filters": {"bronorganisatie": "051845623", "#actie": "create"}}],
    })
}

fn cloudevent_filter() -> Value {
    json!({
        "type": "object",
        "required": ["typeSubstring"],
        "properties": {
            "typeSubstring": {
                "type": "string", "minLength": 1, "maxLength": 255,
                "description": "Een deel van type, waar ook in type; hoofdletters tellen.",
            },
            "filters": filters("Velden van data en hun waarde, op dezelfde manier vergeleken als kenmerken."),
        },
        "examples": [{"typeSubstring": "nl.overheid.zaken.zaak-gemuteerd", "filters": {}}],
    })
}

fn notificatie(kenmerk: &Value) -> Value {
    let text = |limit: u32| json!({"type": "string", "minLength": 1, "maxLength": limit});
    let url = json!({"type": "string", "format": "uri", "maxLength": 2048});
    json!({
        "type": "object",
        "required": ["kanaal", "hoofdObject", "resource", "resourceUrl", "actie", "aanmaakdatum"],
        "properties": {
            "kanaal": {"type": "string", "minLength": 1, "maxLength": 50, "description": "Een kanaal dat bestaat."},
            "source": {
                "type": "string", "minLength": 1, "maxLength": 100,
                "description": "Wie het meldt (source van het CloudEvent); zonder geldt wat de beheerder instelt.",
            },
            "hoofdObject": url,
            "resource": text(100),
            "resourceUrl": url,
            "actie": text(100),
            "aanmaakdatum": {
                "type": "string", "format": "date-time",
                "description": "Wanneer het gebeurde; niet in de toekomst. Zonder offset geldt UTC.",
            },
            "kenmerken": {
                "type": ["object", "null"],
                "propertyNames": {"maxLength": 1000},
                "additionalProperties": kenmerk,
                "description": "Waarop afnemers kunnen filteren: een deel van de filters van het kanaal, of alle.",
            },
        },
        "examples": [{
            "kanaal": "zaken",
            "hoofdObject": "https://zaken.example.nl/api/v1/zaken/1",
            "resource": "status",
            "resourceUrl": "https://zaken.example.nl/api/v1/statussen/2",
            "actie": "create",
            "aanmaakdatum": "2025-01-01T12:00:00.123456Z",
            "kenmerken": {"bronorganisatie": "051845623"},
        }],
    })
}

fn cloudevent() -> Value {
    let optional = |format: &str| json!({"type": ["string", "null"], "format": format, "minLength": 1});
    json!({
        "type": "object",
        "description": "Een CloudEvent 1.0 in JSON. Andere attributen zijn extensies: namen van a-z en 0-9, waarden tekst, \
                        geheel getal of boolean. Een attribuut met null telt als afwezig.",
        "required": ["id", "source", "specversion", "type"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "source": {"type": "string", "format": "uri-reference", "minLength": 1},
            "specversion": {"type": "string", "const": "1.0"},
            "type": {"type": "string", "minLength": 1},
            "datacontenttype": {"type": ["string", "null"]},
            "dataschema": optional("uri"),
            "subject": {"type": ["string", "null"], "minLength": 1},
            "time": optional("date-time"),
            "data": {},
            "data_base64": {"type": ["string", "null"], "contentEncoding": "base64"},
        },
        "propertyNames": {"pattern": "^([a-z0-9]+|data_base64)$"},
        "additionalProperties": {"type": ["string", "integer", "boolean", "null"]},
        "examples": [{
            "specversion": "1.0",
            "id": "b62cf6d0-6a3a-4b8a-9f2b-1c7c7b9d0f11",
            "source": "urn:nld:oin:00000001823288444000:systeem:zaken",
            "type": "nl.overheid.zaken.zaak-gemuteerd",
            "time": "2025-01-01T12:00:00Z",
            "subject": "1",
            "datacontenttype": "application/json",
            "data": {"zaaktype": "https://catalogi.example.nl/api/v1/zaaktypen/1"},
        }],
    })
}

fn fout(params: &str) -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "type": "object",
        "description": "Een fout.",
        "required": ["type", "code", "title", "status", "detail", "instance"],
        "properties": {
            "type": {"type": "string", "format": "uri", "description": "De soort fout; dit adres legt haar uit."},
            "code": text("De soort fout, voor programma's."),
            "title": text("De soort fout, voor mensen."),
            "status": {"type": "integer", "description": "De HTTP-status."},
            "detail": text("Wat er hier aan de hand is."),
            "instance": text("Dit voorval, `urn:uuid:…`."),
            params: {
                "type": "array",
                "description": "De regels die overtreden zijn, per veld.",
                "items": {
                    "type": "object",
                    "required": ["name", "code", "reason"],
                    "properties": {
                        "name": text("Het veld; punten scheiden de delen."),
                        "code": text("De regel, voor programma's."),
                        "reason": text("De regel, voor mensen."),
                    },
                },
            },
        },
    })
}
