//! Tokens that are wrong in one thing each, and the few that are right.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;

use super::super::tests::tokens::{ISSUER, KEY, NOW, OTHER_KEY, changed, keys, settings};
use super::*;

const BSN: &str = "999993653";

/// The claims of a right token, changed: null takes a claim out.
fn claims(changes: Value) -> Value {
    let claims = json!({
        "iss": ISSUER, "aud": "mijnoverheid", "sub": "k7", "nonce": "n",
        "iat": NOW.seconds(), "exp": NOW.seconds() + 300,
        "acr": "http://eidas.europa.eu/LoA/substantial",
        "sub_id_type": "urn:nl-eid-gdi:1.0:id:BSN", "bsn": BSN, "sid": "s",
    });
    changed(claims, &changes)
}

fn signed(algorithm: Algorithm, kid: &str, key: &EncodingKey, changes: Value) -> String {
    let mut header = Header::new(algorithm);
    header.kid = Some(kid.to_owned());
    jsonwebtoken::encode(&header, &claims(changes), key).unwrap()
}

fn read_text(token: &str) -> Result<LoggedIn, LoginRefusal> {
    read(&token.parse().unwrap(), &keys(), &settings(), "n", NOW)
}

fn read_claims(changes: Value) -> Result<LoggedIn, LoginRefusal> {
    read_text(&signed(Algorithm::RS256, "sleutel", &KEY, changes))
}

#[track_caller]
fn assert_bad(answer: Result<LoggedIn, LoginRefusal>, expected: TokenFault) {
    assert!(
        matches!(&answer, Err(LoginRefusal::BadToken(fault)) if *fault == expected),
        "{answer:?}, not {expected:?}"
    );
}

#[test]
fn rs256_and_ps256_are_read() {
    for algorithm in [Algorithm::RS256, Algorithm::PS256] {
        let logged_in = read_text(&signed(algorithm, "sleutel", &KEY, json!({}))).unwrap();
        assert_eq!(logged_in.number.reveal(), BSN);
        assert_eq!(logged_in.level, LoginLevel::Substantial);
        assert_eq!(logged_in.subject_at_provider, "k7");
        assert_eq!(logged_in.session_at_provider.as_deref(), Some("s"));
    }
}

#[test]
fn what_a_provider_may_leave_out_or_do_otherwise_is_no_fault() {
    let fine = [
        json!({ "sid": null, "sub_id_type": null }),
        json!({ "acr": "http://eidas.europa.eu/LoA/high" }),
        json!({ "aud": ["mijnoverheid"], "azp": "mijnoverheid" }),
        json!({ "iat": NOW.seconds() + 30 }),
        json!({ "jti": "j", "name": "A. de Vries", "andere": { "a": [1] } }),
    ];
    for changes in fine {
        assert!(read_claims(changes.clone()).is_ok(), "{changes}");
    }
}

#[test]
fn a_token_for_or_of_others_is_refused() {
    assert_bad(
        read_claims(json!({ "iss": "https://elders.example" })),
        TokenFault::Issuer,
    );
    assert_bad(
        read_claims(json!({ "aud": "anderen" })),
        TokenFault::Audience,
    );
    assert_bad(
        read_claims(json!({ "aud": ["mijnoverheid", "anderen"] })),
        TokenFault::Audience,
    );
    assert_bad(
        read_claims(json!({ "azp": "anderen" })),
        TokenFault::Audience,
    );
    assert_bad(read_claims(json!({ "nonce": "m" })), TokenFault::Nonce);
    assert_bad(read_claims(json!({ "nonce": null })), TokenFault::Nonce);
    assert_bad(
        read_claims(json!({ "represents": { "sub": "x" } })),
        TokenFault::Represents,
    );
}

#[test]
fn a_token_outside_its_time_is_refused() {
    assert_bad(
        read_claims(json!({ "exp": NOW.seconds() })),
        TokenFault::Expired,
    );
    assert_bad(
        read_claims(json!({ "iat": NOW.seconds() - 301 })),
        TokenFault::IssuedAt,
    );
    assert_bad(
        read_claims(json!({ "iat": NOW.seconds() + 61, "exp": NOW.seconds() + 361 })),
        TokenFault::IssuedAt,
    );
}

#[test]
fn a_weak_or_foreign_signature_is_refused() {
    let none = [json!({ "alg": "none" }), claims(json!({}))]
        .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    assert_bad(
        read_text(&format!("{}.{}.", none[0], none[1])),
        TokenFault::Algorithm,
    );
    let public = serde_json::to_vec(&keys()).unwrap();
    let shared = EncodingKey::from_secret(&public);
    assert_bad(
        read_text(&signed(Algorithm::HS256, "sleutel", &shared, json!({}))),
        TokenFault::Algorithm,
    );
    assert_bad(
        read_text(&signed(Algorithm::RS384, "sleutel", &KEY, json!({}))),
        TokenFault::Algorithm,
    );
    assert_bad(
        read_text(&signed(Algorithm::RS256, "sleutel", &OTHER_KEY, json!({}))),
        TokenFault::Signature,
    );
    assert_bad(
        read_text(&signed(Algorithm::RS256, "ander", &OTHER_KEY, json!({}))),
        TokenFault::UnknownKey,
    );

    let token = signed(Algorithm::RS256, "sleutel", &KEY, json!({}));
    let parts: Vec<&str> = token.split('.').collect();
    let changed = URL_SAFE_NO_PAD.encode(claims(json!({ "bsn": "123456782" })).to_string());
    assert_bad(
        read_text(&format!("{}.{changed}.{}", parts[0], parts[2])),
        TokenFault::Signature,
    );
}

#[test]
fn a_level_that_is_low_absent_or_unknown_is_too_low() {
    for acr in [
        json!("http://eidas.europa.eu/LoA/low"),
        Value::Null,
        json!("3"),
        json!("hoog"),
    ] {
        let answer = read_claims(json!({ "acr": acr, "amr": ["mfa"] }));
        assert!(
            matches!(answer, Err(LoginRefusal::LevelTooLow)),
            "{acr}: {answer:?}"
        );
    }
}

#[test]
fn mo_22_without_a_right_number_nobody_is_logged_in() {
    let crib = json!({ "sub_id_type": "urn:nl-eid-gdi:1.0:id:CRIB" });
    for changes in [
        json!({ "bsn": null }),
        json!({ "bsn": "999993654" }),
        json!({ "bsn": 999_993_653 }),
        crib,
    ] {
        let answer = read_claims(changes.clone());
        assert!(
            matches!(answer, Err(LoginRefusal::NoNumber)),
            "{changes}: {answer:?}"
        );
    }
}

#[test]
fn mo_22_a_refusal_does_not_repeat_the_token() {
    for changes in [
        json!({ "iss": format!("https://{BSN}.example") }),
        json!({ "aud": BSN }),
        json!({ "acr": BSN }),
        json!({ "bsn": format!("{BSN}0") }),
    ] {
        let refusal = read_claims(changes).unwrap_err();
        assert!(!format!("{refusal} {refusal:?}").contains(BSN), "{refusal}");
    }
    let token: IdToken = signed(Algorithm::RS256, "sleutel", &KEY, json!({}))
        .parse()
        .unwrap();
    let claims = format!(
        "{:?}",
        token.claims(
            &verifier(&keys(), &settings(), NOW).unwrap(),
            &Nonce::new("n".to_owned())
        )
    );
    assert!(!claims.contains(BSN), "{claims}");
}
