//! Logout tokens that are wrong in one thing each (Back-Channel Logout 1.0 §2.6), and the few that are right.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;

use super::super::tests::tokens::{ISSUER, KEY, NOW, OTHER_KEY, changed, keys, settings};
use super::*;

fn claims(changes: &Value) -> Value {
    let claims = json!({
        "iss": ISSUER, "aud": "mijnoverheid", "sub": "k7", "sid": "s", "jti": "eenmalig",
        "iat": NOW.seconds(), "exp": NOW.seconds() + 120, "events": { EVENT: {} },
    });
    changed(claims, changes)
}

fn signed(header: &Header, key: &EncodingKey, changes: &Value) -> String {
    jsonwebtoken::encode(header, &claims(changes), key).unwrap()
}

fn header(algorithm: Algorithm) -> Header {
    let mut header = Header::new(algorithm);
    header.kid = Some("sleutel".to_owned());
    header.typ = Some("logout+jwt".to_owned());
    header
}

fn read_text(token: &str) -> Result<LogoutNotice, TokenFault> {
    read(token, &keys(), &settings(), NOW)
}

fn read_claims(changes: &Value) -> Result<LogoutNotice, TokenFault> {
    read_text(&signed(&header(Algorithm::RS256), &KEY, changes))
}

fn fault_of(answer: Result<LogoutNotice, TokenFault>) -> Option<TokenFault> {
    answer.err()
}

#[test]
fn a_right_token_names_a_session_a_person_or_both() {
    for algorithm in ALGORITHMS {
        let token = signed(&header(algorithm), &KEY, &json!({}));
        let notice = read_text(&token).unwrap();
        assert_eq!(notice.session.as_deref(), Some("s"));
        assert_eq!(notice.subject.as_deref(), Some("k7"));
        assert_eq!(notice.token_id, "eenmalig");
        // Remembered until its age alone refuses it.
        assert_eq!(
            fault_of(read(&token, &keys(), &settings(), notice.until)),
            Some(TokenFault::Expired)
        );
        let endless = signed(&header(algorithm), &KEY, &json!({ "exp": null }));
        assert_eq!(
            fault_of(read(&endless, &keys(), &settings(), notice.until)),
            Some(TokenFault::IssuedAt)
        );
    }
    let fine = [
        json!({ "sid": null }),
        json!({ "sub": null }),
        json!({ "exp": null }),
        json!({ "aud": ["mijnoverheid"] }),
        json!({ "iat": NOW.seconds() + 30, "andere": [1] }),
        json!({ "events": { EVENT: {}, "urn:anders": 1 } }),
    ];
    for changes in fine {
        assert!(read_claims(&changes).is_ok(), "{changes}");
    }
}

#[test]
fn a_token_with_a_wrong_claim_ends_nothing() {
    let long = "x".repeat(LONGEST_NAME + 1);
    let table = [
        (
            json!({ "iss": "https://elders.example" }),
            TokenFault::Issuer,
        ),
        (json!({ "iss": null }), TokenFault::Unreadable),
        (json!({ "aud": "anderen" }), TokenFault::Audience),
        (
            json!({ "aud": ["mijnoverheid", "anderen"] }),
            TokenFault::Audience,
        ),
        (json!({ "aud": [] }), TokenFault::Audience),
        (json!({ "iat": NOW.seconds() - 301 }), TokenFault::IssuedAt),
        (json!({ "iat": NOW.seconds() + 61 }), TokenFault::IssuedAt),
        (json!({ "iat": null }), TokenFault::Unreadable),
        (json!({ "exp": NOW.seconds() }), TokenFault::Expired),
        (json!({ "events": null }), TokenFault::Unreadable),
        (json!({ "events": {} }), TokenFault::NoLogout),
        (json!({ "events": { EVENT: true } }), TokenFault::NoLogout),
        (json!({ "nonce": "n" }), TokenFault::Nonce),
        (json!({ "sub": null, "sid": null }), TokenFault::NamesNobody),
        (json!({ "sid": "" }), TokenFault::NamesNobody),
        (json!({ "sid": long }), TokenFault::NamesNobody),
        (json!({ "jti": null }), TokenFault::Unreadable),
        (json!({ "jti": "" }), TokenFault::NamesNobody),
    ];
    for (changes, fault) in table {
        assert_eq!(fault_of(read_claims(&changes)), Some(fault), "{changes}");
    }
}

#[test]
fn a_weak_or_foreign_signature_ends_nothing() {
    let shared = EncodingKey::from_secret(&serde_json::to_vec(&keys()).unwrap());
    let unknown = Header {
        kid: Some("ander".to_owned()),
        ..header(Algorithm::RS256)
    };
    let critical = Header {
        crit: Some(vec!["exp".to_owned()]),
        ..header(Algorithm::RS256)
    };
    let id_token = Header {
        typ: Some("at+jwt".to_owned()),
        ..header(Algorithm::RS256)
    };
    let table = [
        (header(Algorithm::HS256), &shared, TokenFault::Algorithm),
        (header(Algorithm::RS384), &*KEY, TokenFault::Algorithm),
        (header(Algorithm::RS256), &*OTHER_KEY, TokenFault::Signature),
        (unknown, &*OTHER_KEY, TokenFault::UnknownKey),
        (critical, &*KEY, TokenFault::NoLogout),
        (id_token, &*KEY, TokenFault::NoLogout),
    ];
    for (header, key, fault) in table {
        let token = signed(&header, key, &json!({}));
        assert_eq!(fault_of(read_text(&token)), Some(fault), "{header:?}");
    }
    let none = [json!({ "alg": "none" }), claims(&json!({}))]
        .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    for token in [
        format!("{}.{}.", none[0], none[1]),
        String::new(),
        "a.b.c".to_owned(),
    ] {
        assert_eq!(
            fault_of(read_text(&token)),
            Some(TokenFault::Unreadable),
            "{token}"
        );
    }
}

#[test]
fn a_token_without_a_key_name_is_read_with_the_only_key() {
    let nameless = Header {
        kid: None,
        typ: None,
        ..header(Algorithm::RS256)
    };
    assert!(read_text(&signed(&nameless, &KEY, &json!({}))).is_ok());
}
