//! The call of this room as OpenAPI: what it adds to the contract of the organisations' API. Headers, refusals and what a problem
//! looks like are that contract's own.

use organisations::Scope;
use serde_json::{Value, json};

use crate::asked::{LIMIT, LONGEST_URI, TRACE, USUAL_LIMIT};
use crate::standard;

pub(crate) const PATH: &str = "/processing-activities";

/// `components` and `paths` with what is new.
pub fn openapi() -> Value {
    json!({
        "tags": [{"name": "Logboek", "description": "Lezen wat uw organisatie zelf met gegevens van personen deed"}],
        "paths": {PATH: {"post": call()}},
        "components": {
            "schemas": {
                "ProcessingActivityRequest": request(),
                "ListProcessingActivities": list(),
                "ProcessingActivity": processing_activity(),
                "LogAttributes": attributes(),
                "LogMetadata": metadata(),
            },
            "securitySchemes": {"oauth": {"flows": {"clientCredentials": {"scopes": {
                Scope::Log.name(): "De eigen regels van het verwerkingenlogboek lezen",
            }}}}},
        },
    })
}

fn call() -> Value {
    let refusal = |name: &str| json!({"$ref": format!("#/components/responses/{name}")});
    json!({
        "tags": ["Logboek"],
        "operationId": "listProcessingActivitiesPost",
        "summary": "Lees wat uw organisatie met gegevens deed",
        "description": "Volgens de extensie Lezen van Logboek Dataverwerkingen. Het antwoord bevat alleen dataverwerkingen die uw eigen \
            organisatie deed, de nieuwste eerst. Vul minstens een van de velden voor trace, verwerkingsactiviteit en betrokkene in. \
            Ook deze vraag komt in het logboek, en in de geschiedenis van elke betrokkene in het antwoord.",
        "security": [{"oauth": [Scope::Log.name()]}],
        "requestBody": {
            "required": true,
            "description": "Wat u zoekt.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ProcessingActivityRequest"}}},
        },
        "responses": {
            "200": {
                "description": "De dataverwerkingen van uw organisatie die aan de vraag voldoen.",
                "headers": {"API-Version": {"$ref": "#/components/headers/API-Version"}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ListProcessingActivities"}}},
            },
            "400": refusal("OngeldigeInvoer"),
            "401": refusal("NietAangemeld"),
            "403": refusal("GeenToegang"),
            "406": refusal("NietAanvaardbaar"),
            "408": refusal("TeLangzaam"),
            "413": refusal("TeGroot"),
            "415": refusal("TypeNietOndersteund"),
            "500": refusal("InterneFout"),
            "503": refusal("TijdelijkNietBeschikbaar"),
        },
    })
}

fn request() -> Value {
    json!({
        "type": "object",
        "minProperties": 1,
        "properties": {
            TRACE: trace(),
            standard::ACTIVITY: activity(),
            standard::SUBJECT: subject(),
            "startTime": moment("Alleen dataverwerkingen die toen of later begonnen"),
            "endTime": moment("Alleen dataverwerkingen die toen of eerder eindigden"),
            "cursor": {"type": "string", "minLength": 1, "maxLength": 36, "description": "De cursor uit het vorige antwoord op dezelfde vraag"},
            "limit": {"type": "integer", "minimum": LIMIT.start(), "maximum": LIMIT.end(), "default": USUAL_LIMIT, "description": "Ten hoogste zoveel"},
        },
    })
}

fn list() -> Value {
    json!({
        "type": "object",
        "required": ["metadata", "processingActivities"],
        "properties": {
            "metadata": {"$ref": "#/components/schemas/LogMetadata"},
            "processingActivities": {
                "type": "array",
                "description": "De nieuwste eerst",
                "items": {"$ref": "#/components/schemas/ProcessingActivity"},
            },
            "cursor": {"type": "string", "description": "Stuur deze mee voor wat hierna komt; ontbreekt als er niets meer is. Staat er ook als in het deel dat is doorzocht niets te vinden was: vraag dan verder"},
        },
    })
}

fn processing_activity() -> Value {
    json!({
        "type": "object",
        "description": "Een dataverwerking van een betrokkene",
        "required": ["traceId", "spanId", "status", "name", "startTime", "endTime", "attributes"],
        "properties": {
            "traceId": trace(),
            "spanId": span("De dataverwerking"),
            "parentSpanId": span("De dataverwerking bij uw organisatie die hierom vroeg, zoals in de header traceparent van uw verzoek"),
            "status": {"type": "string", "enum": ["Unset", "Ok", "Error"], "description": "Hoe de dataverwerking afliep"},
            "name": {"type": "string", "description": "De verwerkingsactiviteit bij haar naam in de privacyverklaring", "example": "bericht-aanleveren"},
            "startTime": moment("Het begin"),
            "endTime": moment("Het einde"),
            "attributes": {"$ref": "#/components/schemas/LogAttributes"},
        },
    })
}

fn attributes() -> Value {
    json!({
        "type": "object",
        "description": "De velden van Logboek Dataverwerkingen",
        "required": [standard::ACTIVITY, standard::SUBJECT, standard::SUBJECT_KIND],
        "properties": {
            standard::ACTIVITY: activity(),
            standard::SUBJECT: subject(),
            standard::SUBJECT_KIND: {"type": "string", "description": "Het soort kenmerk van de betrokkene", "example": "pseudoniem"},
            standard::FOREIGN_PROCESSOR: {"type": "string", "description": "Wie om de dataverwerking vroeg, als dat in de header traceparent stond", "example": "urn:nld:oin:00000099000000001000"},
            standard::FOREIGN_TRACE: {"type": "string", "pattern": "^[0-9a-f]{32}$", "description": "De trace bij die organisatie", "example": "0af7651916cd43dd8448eb211c80319c"},
        },
    })
}

fn metadata() -> Value {
    json!({
        "type": "object",
        "required": ["logbookId", "organizationName"],
        "properties": {
            "logbookId": {"type": "string", "description": "Welk logboek"},
            "organizationName": {"type": "string", "description": "Van wie het logboek is"},
        },
    })
}

fn trace() -> Value {
    json!({"type": "string", "format": "uuid", "description": "Alles wat bij een verzoek hoort", "example": "0199a0c0-0b6a-7c3e-9f2d-5f6b1c0a7e11"})
}

fn span(description: &str) -> Value {
    json!({"type": "string", "pattern": "^[0-9a-f]{16}$", "description": description, "example": "beb0291b5162d850"})
}

fn activity() -> Value {
    json!({
        "type": "string",
        "format": "uri",
        "maxLength": LONGEST_URI,
        "description": "De verwerkingsactiviteit: haar regel in een versie van de privacyverklaring",
        "example": "https://post.example.nl/privacy/versies/2.2#activiteit-bericht-aanleveren",
    })
}

fn subject() -> Value {
    json!({
        "type": "string",
        "format": "uuid",
        "description": "De betrokkene bij een pseudoniem; een nummer van een persoon staat niet in het logboek",
    })
}

fn moment(description: &str) -> Value {
    json!({"type": "string", "format": "date-time", "description": description, "example": "2026-11-20T13:30:00.000Z"})
}
