//! The shapes of the contract: those of the Federatief Berichtenstelsel for a delivery, with what we add.

use basics::NumberKind;
use serde_json::{Value, json};

use super::schema;
use crate::asked::{
    ATTACHMENTS, LANGUAGE_CHARACTERS, NAME_CHARACTERS, PDF, REFERENCE_CHARACTERS, TEXT_BYTES,
    TITLE_CHARACTERS, TYPE_CHARACTERS,
};
use crate::receipts::Status;

pub(super) fn all() -> Value {
    json!({
        "BerichtAanleverenRequest": request(),
        "BijlageAanleverenRequest": attachment(),
        "Identificatienummer": number(&NumberKind::ALL),
        "BerichtResponse": response(),
        "Afleverstatus": delivery_status(),
        "Gebeurtenis": event(),
        "Links": {
            "type": "object",
            "required": ["self"],
            "properties": {"self": schema("Link")},
        },
        "Link": {
            "type": "object",
            "required": ["href"],
            "properties": {"href": {"type": "string", "format": "uri-reference"}},
        },
        "Problem": problem(),
        "InvoerFout": input_fault(),
    })
}

/// A number of a person, of the kinds that are used.
pub(super) fn number(kinds: &[NumberKind]) -> Value {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    let example = match kinds {
        [NumberKind::Crib] => json!({"type": "CRIB", "waarde": "AB12345"}),
        _ => json!({"type": "BSN", "waarde": "999993653"}),
    };
    json!({
        "type": "object",
        "description": "Het nummer van een persoon. Een BSN bestaat uit negen cijfers en voldoet aan de elfproef.",
        "required": ["type", "waarde"],
        "properties": {
            "type": {"type": "string", "enum": names},
            "waarde": {"type": "string", "minLength": 1, "maxLength": 20, "pattern": "^[0-9A-Za-z]{1,20}$"},
        },
        "example": example,
    })
}

fn oin() -> Value {
    json!({
        "type": "string",
        "pattern": "^[0-9]{20}$",
        "minLength": 20,
        "maxLength": 20,
        "description": "Het OIN van de afzender",
        "example": "00000099000000001000",
    })
}

fn title() -> Value {
    json!({
        "type": "string",
        "minLength": TITLE_CHARACTERS.start(),
        "maxLength": TITLE_CHARACTERS.end(),
        "description": "Een regel, zoals de ontvanger die in de lijst ziet",
        "example": "Uw aanvraag is ontvangen",
    })
}

fn moment(description: &str) -> Value {
    json!({"type": "string", "format": "date-time", "description": description, "example": "2026-11-20T13:30:00.000Z"})
}

fn message_id() -> Value {
    json!({"type": "string", "format": "uuid", "description": "Het kenmerk van het bericht"})
}

fn request() -> Value {
    json!({
        "type": "object",
        "required": ["afzender", "ontvanger", "onderwerp", "inhoud"],
        "properties": {
            "afzender": oin(),
            "ontvanger": schema("Identificatienummer"),
            "onderwerp": title(),
            "inhoud": {
                "type": "string",
                "minLength": 1,
                "maxLength": TEXT_BYTES,
                "description": "De tekst, in Markdown. Ten hoogste 1 MiB in UTF-8.",
            },
            "publicatietijdstip": moment("Vanaf wanneer de ontvanger het bericht ziet; zonder dit veld meteen. Tot 5 minuten \
                voorbij geldt als nu; ten hoogste een jaar vooruit."),
            "referentie": {
                "type": "string",
                "minLength": REFERENCE_CHARACTERS.start(),
                "maxLength": REFERENCE_CHARACTERS.end(),
                "description": "Uw eigen kenmerk, dat de ontvanger bij het bericht ziet",
            },
            "berichttype": {
                "type": "string",
                "minLength": TYPE_CHARACTERS.start(),
                "maxLength": TYPE_CHARACTERS.end(),
                "description": "Wat voor bericht het is, in uw eigen woord",
            },
            "actieVoorDatum": {
                "type": "string",
                "format": "date",
                "description": "De dag waarvóór de ontvanger moet doen wat het bericht vraagt; op de dag zelf kan het niet meer",
            },
            "taal": {
                "type": "string",
                "minLength": LANGUAGE_CHARACTERS.start(),
                "maxLength": LANGUAGE_CHARACTERS.end(),
                "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
                "description": "De taal van onderwerp en inhoud (BCP 47), zodat een voorleesprogramma ze goed uitspreekt; zonder dit veld \
                    de eerste taal van de installatie",
                "example": "nl",
            },
            "bijlagen": {
                "type": "array",
                "minItems": ATTACHMENTS.start(),
                "maxItems": ATTACHMENTS.end(),
                "items": schema("BijlageAanleverenRequest"),
            },
        },
    })
}

fn attachment() -> Value {
    json!({
        "type": "object",
        "required": ["naam", "mimeType", "inhoud"],
        "properties": {
            "naam": {
                "type": "string",
                "minLength": NAME_CHARACTERS.start(),
                "maxLength": NAME_CHARACTERS.end(),
                "description": "De naam van het bestand, zoals de ontvanger die ziet",
                "example": "besluit.pdf",
            },
            "mimeType": {"type": "string", "enum": [PDF]},
            "inhoud": {"type": "string", "format": "byte", "minLength": 1, "description": "Een PDF van ten hoogste 25 MiB, in base64"},
        },
    })
}

fn response() -> Value {
    json!({
        "type": "object",
        "required": ["berichtId", "afzender", "ontvanger", "onderwerp", "tijdstipOntvangst", "publicatietijdstip", "_links"],
        "properties": {
            "berichtId": message_id(),
            "afzender": oin(),
            "ontvanger": schema("Identificatienummer"),
            "onderwerp": title(),
            "tijdstipOntvangst": moment("Wanneer het bericht is ontvangen"),
            "publicatietijdstip": moment("Vanaf wanneer de ontvanger het bericht ziet"),
            "_links": schema("Links"),
        },
    })
}

fn status() -> Value {
    json!({
        "type": "string",
        "enum": Status::ALL.map(Status::name),
        "description": "`gepland`: ontvangen, nog niet zichtbaar. `afgeleverd`: in de berichtenbox van de ontvanger.",
    })
}

fn delivery_status() -> Value {
    json!({
        "type": "object",
        "required": ["berichtId", "status", "tijdstipOntvangst", "publicatietijdstip", "historie", "_links"],
        "properties": {
            "berichtId": message_id(),
            "status": status(),
            "tijdstipOntvangst": moment("Wanneer het bericht is ontvangen"),
            "publicatietijdstip": moment("Vanaf wanneer de ontvanger het bericht ziet"),
            "historie": {
                "type": "array",
                "minItems": 1,
                "description": "De oudste eerst; de laatste is hoe het nu staat.",
                "items": schema("Gebeurtenis"),
            },
            "_links": schema("Links"),
        },
    })
}

fn event() -> Value {
    json!({
        "type": "object",
        "required": ["status", "tijdstip"],
        "properties": {"status": status(), "tijdstip": moment("Sinds wanneer")},
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457. Herhaalt niet wat is gestuurd.",
        "required": ["status", "title", "detail"],
        "properties": {
            "status": {"type": "integer", "minimum": 400, "maximum": 599, "example": 400},
            "title": {"type": "string", "description": "Hoort bij de status", "example": "Ongeldige invoer"},
            "detail": {"type": "string", "description": "Wat er aan dit verzoek schort", "example": "De invoer bevat 2 fouten."},
            "errors": {
                "type": "array",
                "description": "Alle fouten van de invoer",
                "items": schema("InvoerFout"),
            },
        },
    })
}

fn input_fault() -> Value {
    json!({
        "type": "object",
        "required": ["in", "detail"],
        "properties": {
            "in": {"type": "string", "enum": ["body", "query", "header", "path"]},
            "pointer": {"type": "string", "description": "JSON Pointer (RFC 6901) naar het veld in de body", "example": "/onderwerp"},
            "name": {"type": "string", "description": "De naam van de parameter of header"},
            "detail": {"type": "string", "example": "Is verplicht."},
        },
    })
}
