//! `GET /openapi.json`: the contract, written from the same bounds that the code applies. Shapes lie in `schemas.rs`.

mod schemas;

use axum::extract::State;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CONTENT_TYPE,
};
use axum::response::IntoResponse;
use organisations::Scope;
use serde_json::{Value, json};
use vault::Vault;

use crate::idempotency;
use crate::{API_VERSION, BASE_PATH, CONFIRM, DELIVER, Delivery};

const DELIVERIES: &str = "/aanleveringen";
const ONE_DELIVERY: &str = "/aanleveringen/{berichtId}";

/// Public, for pages of any origin.
pub(crate) async fn contract(State(delivery): State<Delivery>) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (ACCESS_CONTROL_EXPOSE_HEADERS, "API-Version"),
    ];
    (headers, delivery.0.contract.clone())
}

/// The whole contract of this version (OpenAPI 3.0). `base_url` is where an installation is reached.
pub fn openapi(base_url: &str) -> Value {
    let base_url = base_url.trim_end_matches('/');
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Postbus: berichten aanleveren",
            "version": API_VERSION,
            "description": "Lever digitale post af in de berichtenbox van een persoon, en vraag op wat ervan geworden is. \
                Het aanleveren volgt de vorm van het Federatief Berichtenstelsel en breidt die uit: met aanmelding door \
                OAuth 2.0, met `Idempotency-Key` en met alle fouten van een verzoek ineens. Een nummer van een persoon \
                staat nooit in een URL, header of foutmelding.",
            "contact": contact(base_url),
            "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/nl/"},
        },
        "servers": [{"url": format!("{base_url}{BASE_PATH}"), "description": "Deze installatie"}],
        "tags": [{"name": "Aanleveringen", "description": "Berichten aanleveren en volgen"}],
        "paths": {
            DELIVERIES: {"post": deliver()},
            ONE_DELIVERY: {"get": confirm()},
        },
        "components": {
            "schemas": schemas::all(),
            "headers": headers(),
            "responses": refusals(),
            "securitySchemes": {
                "oauth": {
                    "type": "oauth2",
                    "description": "NL GOV OAuth-profiel: client credentials met `private_key_jwt` (PS256 of ES256). De \
                        assertion is ten hoogste vijf minuten geldig en eenmaal te gebruiken; `iss` en `sub` zijn het OIN, \
                        `aud` is het adres van het tokenpunt. Het token is ten hoogste een uur geldig.",
                    "flows": {"clientCredentials": {
                        "tokenUrl": format!("{base_url}/oauth/token"),
                        "scopes": {
                            Scope::Deliver.name(): "Berichten aanleveren",
                            Scope::Status.name(): "De status van eigen aanleveringen opvragen",
                        },
                    }},
                },
            },
        },
    })
}

/// A contract with what another room adds to it: objects grow together, lists go on.
pub fn joined(contract: Value, more: Value) -> Value {
    match (contract, more) {
        (Value::Object(mut contract), Value::Object(more)) => {
            for (name, value) in more {
                let value = match contract.remove(&name) {
                    Some(there) => joined(there, value),
                    None => value,
                };
                contract.insert(name, value);
            }
            Value::Object(contract)
        }
        (Value::Array(contract), Value::Array(more)) => [contract, more].concat().into(),
        (_, more) => more,
    }
}

/// The contract as far as the statement of an installation goes.
pub(crate) fn of_installation(vault: &Vault, base_url: &str) -> Value {
    let mut contract = openapi(base_url);
    contract["info"]["title"] =
        format!("{}: berichten aanleveren", vault.register().title()).into();
    contract["components"]["schemas"]["Identificatienummer"] =
        schemas::number(&[vault.register().number().kind]);
    for (path, activity) in [(DELIVERIES, DELIVER), (ONE_DELIVERY, CONFIRM)] {
        if !vault.offers(activity)
            && let Some(paths) = contract["paths"].as_object_mut()
        {
            paths.remove(path);
        }
    }
    contract
}

/// Theirs to send, ours to keep beside our own.
fn traceparent() -> Value {
    json!({
        "name": "traceparent",
        "in": "header",
        "required": false,
        "description": "De dataverwerking bij u die hierom vraagt (W3C Trace Context). Komt in ons verwerkingenlogboek naast onze eigen \
            trace; een waarde in een andere vorm telt niet.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"},
    })
}

/// Every mail domain has a postmaster (RFC 5321 §4.5.1).
fn contact(base_url: &str) -> Value {
    let host = base_url
        .split_once("://")
        .map_or(base_url, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    let is_name = host.contains('.') && host.bytes().any(|byte| byte.is_ascii_alphabetic());
    let domain = if is_name { host } else { "localhost" };
    json!({"name": "Beheer van de koppelvlakken", "email": format!("postmaster@{domain}"), "url": base_url})
}

fn deliver() -> Value {
    json!({
        "tags": ["Aanleveringen"],
        "operationId": "leverBerichtAan",
        "summary": "Lever een bericht aan",
        "description": "Het bericht is bezorgd en duurzaam vastgelegd zodra het antwoord 201 is. Wie niet zeker weet of een \
            verzoek is aangekomen, herhaalt het met dezelfde `Idempotency-Key`: het antwoord is dan hetzelfde en er is een \
            bericht. Bij een antwoord 503 mag het verzoek worden herhaald na de tijd in `Retry-After`. Dat is alleen veilig met een \
            `Idempotency-Key`: het bericht kan al bezorgd zijn, en een herhaling zonder sleutel bezorgt het dan nog eens.",
        "security": [{"oauth": [Scope::Deliver.name()]}],
        "parameters": [traceparent(), {
            "name": idempotency::HEADER,
            "in": "header",
            "required": false,
            "description": "Een zelfgekozen sleutel, uniek binnen uw organisatie. Wordt zeven dagen bewaard, en alleen na een 201.",
            "schema": {"type": "string", "minLength": 1, "maxLength": idempotency::LONGEST, "pattern": "^[\\x21-\\x7e]+$"},
        }],
        "requestBody": {
            "required": true,
            "description": "Ten hoogste 40 MiB.",
            "content": {"application/json": {"schema": schema("BerichtAanleverenRequest")}},
        },
        "responses": {
            "201": {
                "description": "Het bericht is bezorgd, of is gepland.",
                "headers": {
                    "API-Version": header("API-Version"),
                    "Location": header("Location"),
                },
                "content": {"application/json": {"schema": schema("BerichtResponse")}},
            },
            "400": refusal("OngeldigeInvoer"),
            "401": refusal("NietAangemeld"),
            "403": refusal("GeenToegang"),
            "406": refusal("NietAanvaardbaar"),
            "408": refusal("TeLangzaam"),
            "409": refusal("Conflict"),
            "413": refusal("TeGroot"),
            "415": refusal("TypeNietOndersteund"),
            "500": refusal("InterneFout"),
            "503": refusal("TijdelijkNietBeschikbaar"),
        },
    })
}

fn confirm() -> Value {
    json!({
        "tags": ["Aanleveringen"],
        "operationId": "vraagAfleverstatusOp",
        "summary": "Vraag op wat van een aanlevering geworden is",
        "description": "Alleen voor de organisatie die het bericht aanleverde. Het bewijs van aflevering blijft bestaan als \
            de gegevens van de persoon zijn gewist.",
        "security": [{"oauth": [Scope::Status.name()]}],
        "parameters": [{
            "name": "berichtId",
            "in": "path",
            "required": true,
            "description": "Het kenmerk uit het antwoord op de aanlevering.",
            "schema": {"type": "string", "format": "uuid"},
        }],
        "responses": {
            "200": {
                "description": "De status met alles wat daaraan voorafging.",
                "headers": {"API-Version": header("API-Version")},
                "content": {"application/json": {"schema": schema("Afleverstatus")}},
            },
            "400": refusal("OngeldigeInvoer"),
            "401": refusal("NietAangemeld"),
            "403": refusal("GeenToegang"),
            "404": refusal("NietGevonden"),
            "406": refusal("NietAanvaardbaar"),
            "500": refusal("InterneFout"),
            "503": refusal("TijdelijkNietBeschikbaar"),
        },
    })
}

fn headers() -> Value {
    json!({
        "API-Version": {
            "description": "De volledige versie van deze API.",
            "schema": {"type": "string", "example": API_VERSION},
        },
        "Location": {
            "description": "Waar de status van de aanlevering staat.",
            "schema": {"type": "string", "format": "uri-reference"},
        },
        "Retry-After": {
            "description": "Na zoveel seconden mag het verzoek worden herhaald.",
            "schema": {"type": "integer", "minimum": 1},
        },
        "WWW-Authenticate": {
            "description": "Hoe u zich aanmeldt, en wat er aan het token schort (RFC 6750).",
            "schema": {"type": "string"},
        },
    })
}

fn refusals() -> Value {
    let plain = |description: &str| refused(description, &[]);
    json!({
        "OngeldigeInvoer": plain("De invoer klopt niet; `errors` noemt alle fouten."),
        "NietAangemeld": refused("Er is geen token meegestuurd, of het geldt niet meer.", &["WWW-Authenticate"]),
        "GeenToegang": plain("Het token is voor een ander deel van de API, de afzender is een andere organisatie, de \
            aansluiting is geblokkeerd, of aan deze ontvanger kan niet worden afgeleverd. In dat laatste geval is niet te \
            zien waarom."),
        "NietGevonden": plain("Uw organisatie heeft geen aanlevering met dit kenmerk."),
        "NietAanvaardbaar": plain("De header Accept laat application/json niet toe."),
        "TeLangzaam": plain("De inhoud van het verzoek kwam te langzaam binnen."),
        "Conflict": plain("De Idempotency-Key is al gebruikt voor een ander verzoek."),
        "TeGroot": plain("De inhoud van het verzoek is te groot."),
        "TypeNietOndersteund": plain("De inhoud van het verzoek is geen application/json."),
        "InterneFout": plain("Er ging bij ons iets mis."),
        "TijdelijkNietBeschikbaar": refused("Het verzoek kan nu niet worden verwerkt. Of een aangeleverd bericht is \
            bezorgd, is dan niet altijd bekend: een aanlevering herhalen is alleen veilig met dezelfde Idempotency-Key.", &["Retry-After"]),
    })
}

fn refused(description: &str, more: &[&str]) -> Value {
    let names = ["API-Version"].iter().chain(more);
    let headers: serde_json::Map<String, Value> = names
        .map(|name| ((*name).to_owned(), header(name)))
        .collect();
    json!({
        "description": description,
        "headers": headers,
        "content": {"application/problem+json": {"schema": schema("Problem")}},
    })
}

fn schema(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}
fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}
fn refusal(name: &str) -> Value {
    json!({ "$ref": format!("#/components/responses/{name}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A 503 may come after the commit: whoever repeats without a key may deliver twice.
    #[test]
    fn whoever_is_told_to_repeat_is_told_to_do_so_with_a_key() {
        let contract = openapi("https://post.example");
        let deliver = &contract["paths"][DELIVERIES]["post"]["description"];
        let unavailable = &contract["components"]["responses"]["TijdelijkNietBeschikbaar"];
        for text in [deliver, &unavailable["description"]] {
            let text = text.as_str().unwrap();
            assert!(text.contains("alleen veilig met"), "{text}");
            assert!(text.contains(idempotency::HEADER), "{text}");
        }
    }

    #[test]
    fn the_day_before_which_to_act_is_itself_too_late() {
        let schema = &openapi("https://post.example")["components"]["schemas"];
        let day = &schema["BerichtAanleverenRequest"]["properties"]["actieVoorDatum"];
        let meaning = day["description"].as_str().unwrap();
        assert!(
            meaning.contains("op de dag zelf kan het niet meer"),
            "{meaning}"
        );
    }

    /// Every reference leads somewhere, and every part is led to.
    #[test]
    fn the_contract_holds_together() {
        let contract = openapi("https://post.example/");
        assert_eq!(contract["servers"][0]["url"], "https://post.example/api/v1");
        assert_eq!(
            contract["info"]["contact"]["email"],
            "postmaster@post.example"
        );
        assert_eq!(
            contact("http://127.0.0.1:8080")["email"],
            "postmaster@localhost"
        );
        let text = contract.to_string();
        let mut referred = std::collections::BTreeSet::new();
        for part in text.split("\"$ref\":\"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(contract.pointer(pointer).is_some(), "{pointer}");
            referred.insert(pointer.to_owned());
        }
        for kind in ["schemas", "headers", "responses"] {
            for name in contract["components"][kind].as_object().unwrap().keys() {
                assert!(
                    referred.contains(&format!("/components/{kind}/{name}")),
                    "{kind}/{name}"
                );
            }
        }
    }
}
