//! The provider over HTTP, as a client that makes mistakes sees it.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::Value;
use tower::ServiceExt;

use super::*;

const ISSUER: &str = "http://127.0.0.1:8089";
const BACK: &str = "http://127.0.0.1:8080/inloggen/terug";
const NOW: i64 = 1_795_181_400;
// Verifier and challenge of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

struct World {
    provider: Provider,
    client_key: EncodingKey,
}

impl World {
    fn new() -> Self {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &ring::rand::SystemRandom::new(),
        );
        let client_key = EncodingKey::from_ec_der(pkcs8.unwrap().as_ref());
        let public =
            jsonwebtoken::jwk::Jwk::from_encoding_key(&client_key, Algorithm::ES256).unwrap();
        let client = |id: &str, number_kind| Client {
            client_id: id.to_owned(),
            name: id.to_owned(),
            redirect_uris: vec![BACK.to_owned()],
            post_logout_redirect_uris: vec!["http://127.0.0.1:8080/uitgelogd".to_owned()],
            backchannel_logout_uri: None,
            keys: ClientKeys::Given(json!({ "keys": [public] })),
            number_kind,
        };
        let person = |name: &str, number: &str, number_kind| Person {
            name: name.to_owned(),
            number: number.to_owned(),
            number_kind,
            acr: Level::Substantial,
        };
        let provider = Provider::new(ProviderConfig {
            issuer: ISSUER.to_owned(),
            people: vec![
                person("Anna de Vries", "999993653", NumberKind::Bsn),
                person("Cara \"<Croes>\"", "CR123", NumberKind::Crib),
            ],
            clients: vec![
                client("mijnoverheid", NumberKind::Bsn),
                client("mijncn", NumberKind::Crib),
            ],
            signing_key_pem: None,
            clock: Arc::new(|| NOW),
        });
        Self {
            provider: provider.unwrap(),
            client_key,
        }
    }

    async fn send(&self, method: Method, path: &str, form: &str) -> Response {
        self.send_with("", method, path, form).await
    }

    async fn send_with(&self, cookie: &str, method: Method, path: &str, form: &str) -> Response {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        self.provider
            .router()
            .oneshot(request.unwrap())
            .await
            .unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, "").await
    }

    async fn code(&self) -> String {
        let answer = self
            .send(Method::POST, &asking(&[]), "persoon=999993653")
            .await;
        let location = location(&answer);
        location
            .split("code=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap()
            .to_owned()
    }

    fn assertion(&self, changes: Value) -> String {
        let mut claims = json!({
            "iss": "mijnoverheid", "sub": "mijnoverheid", "aud": format!("{ISSUER}/token"),
            "jti": random::secret(), "exp": NOW + 60,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &self.client_key).unwrap()
    }

    async fn exchange(&self, code: &str, verifier: &str, assertion: &str) -> (StatusCode, Value) {
        let form = query::with_query(
            "",
            [
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", BACK),
                ("code_verifier", verifier),
                (
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ),
                ("client_assertion", assertion),
            ],
        );
        let answer = self.send(Method::POST, "/token", &form[1..]).await;
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
        (
            answer.status(),
            serde_json::from_str(&text(answer).await).unwrap(),
        )
    }
}

/// An authorization request, changed: an empty value takes a parameter out.
fn asking(changes: &[(&str, &str)]) -> String {
    let usual = [
        ("client_id", "mijnoverheid"),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "s&s"),
        ("nonce", "n"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let kept = usual
        .iter()
        .filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    query::with_query(
        "/inloggen",
        kept.chain(changes)
            .copied()
            .filter(|(_, value)| !value.is_empty()),
    )
}

fn location(answer: &Response) -> String {
    answer.headers()[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned()
}

async fn text(answer: Response) -> String {
    String::from_utf8(
        answer
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .to_vec(),
    )
    .unwrap()
}

#[tokio::test]
async fn the_page_lists_the_people_with_the_clients_kind_of_number() {
    let world = World::new();
    let answer = world.get(&asking(&[])).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let policy = answer.headers()[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert!(
        policy.contains("form-action 'self' http://127.0.0.1:8080") && !policy.contains("script"),
        "{policy}"
    );
    let page = text(answer).await;
    assert!(
        page.contains("Anna de Vries") && !page.contains("Croes") && !page.contains("<script"),
        "{page}"
    );
    assert!(page.contains("Dit is een demonstratie"), "{page}");

    let page = text(world.get(&asking(&[("client_id", "mijncn")])).await).await;
    assert!(
        page.contains("CR123") && !page.contains("Anna") && !page.contains("<Croes>"),
        "{page}"
    );
}

#[tokio::test]
async fn an_unknown_client_or_address_is_not_sent_back() {
    let world = World::new();
    for wrong in [
        ("client_id", "anderen"),
        ("client_id", ""),
        ("redirect_uri", "http://127.0.0.1:8080/inloggen/terug/"),
        ("redirect_uri", ""),
    ] {
        let answer = world.get(&asking(&[wrong])).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong:?}");
        assert!(
            !answer.headers().contains_key(header::LOCATION),
            "{wrong:?}"
        );
    }
}

#[tokio::test]
async fn other_mistakes_are_told_to_the_client_with_its_state() {
    let world = World::new();
    for (wrong, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", "profile"), "invalid_scope"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("prompt", "none"), "login_required"),
        (("request", "e30"), "request_not_supported"),
    ] {
        let location = location(&world.get(&asking(&[wrong])).await);
        assert!(
            location.starts_with(&format!("{BACK}?error={error}&")),
            "{wrong:?}: {location}"
        );
        assert!(location.contains("&state=s%26s"), "{location}");
    }
}

#[tokio::test]
async fn someone_who_is_not_on_the_list_cannot_be_chosen() {
    let world = World::new();
    let answer = world
        .send(Method::POST, &asking(&[]), "persoon=CR123")
        .await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_code_gives_one_token_and_says_who_this_is() {
    let world = World::new();
    let code = world.code().await;
    let (status, answer) = world
        .exchange(&code, VERIFIER, &world.assertion(json!({})))
        .await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let claims = world
        .provider
        .0
        .signing
        .read(answer["id_token"].as_str().unwrap())
        .unwrap();
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["aud"], "mijnoverheid");
    assert_eq!(claims["nonce"], "n");
    assert_eq!(claims["bsn"], "999993653");
    assert_eq!(claims["sub_id_type"], "urn:nl-eid-gdi:1.0:id:BSN");
    assert_eq!(claims["acr"], "http://eidas.europa.eu/LoA/substantial");
    assert_eq!(
        (claims["iat"].as_i64(), claims["exp"].as_i64()),
        (Some(NOW), Some(NOW + 300))
    );
    assert_ne!(claims["sub"], "999993653");

    let (status, answer) = world
        .exchange(&code, VERIFIER, &world.assertion(json!({})))
        .await;
    assert_eq!(
        (status, &answer["error"]),
        (StatusCode::BAD_REQUEST, &json!("invalid_grant"))
    );
}

#[tokio::test]
async fn a_code_needs_its_verifier() {
    let world = World::new();
    let (_, answer) = world
        .exchange(&world.code().await, CHALLENGE, &world.assertion(json!({})))
        .await;
    assert_eq!(answer["error"], "invalid_grant");
}

#[tokio::test]
async fn a_client_must_prove_itself_anew_each_time() {
    let world = World::new();
    for changes in [
        json!({ "iss": "mijncn" }),
        json!({ "sub": "anderen" }),
        json!({ "aud": "http://elders" }),
        json!({ "exp": NOW }),
        json!({ "exp": NOW + 301 }),
    ] {
        let (status, answer) = world
            .exchange(
                &world.code().await,
                VERIFIER,
                &world.assertion(changes.clone()),
            )
            .await;
        assert_eq!(
            (status, &answer["error"]),
            (StatusCode::UNAUTHORIZED, &json!("invalid_client")),
            "{changes}"
        );
    }
    let stranger = World::new().assertion(json!({}));
    let (_, answer) = world
        .exchange(&world.code().await, VERIFIER, &stranger)
        .await;
    assert_eq!(answer["error"], "invalid_client");

    let once = world.assertion(json!({}));
    assert_eq!(
        world.exchange(&world.code().await, VERIFIER, &once).await.0,
        StatusCode::OK
    );
    assert_eq!(
        world.exchange(&world.code().await, VERIFIER, &once).await.0,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn logout_leads_back_to_known_addresses_only() {
    let world = World::new();
    let (_, answer) = world
        .exchange(&world.code().await, VERIFIER, &world.assertion(json!({})))
        .await;
    let token = answer["id_token"].as_str().unwrap();
    let known = "post_logout_redirect_uri=http://127.0.0.1:8080/uitgelogd";
    for right in [
        format!("id_token_hint={token}"),
        "client_id=mijnoverheid".to_owned(),
    ] {
        let answer = world
            .get(&format!("/uitloggen?{right}&{known}&state=t"))
            .await;
        assert_eq!(location(&answer), "http://127.0.0.1:8080/uitgelogd?state=t");
        let answer = world
            .send(Method::POST, "/uitloggen", &format!("{right}&{known}"))
            .await;
        assert_eq!(location(&answer), "http://127.0.0.1:8080/uitgelogd");
    }
    for wrong in [
        known.to_owned(),
        format!("client_id=mijncn&id_token_hint={token}&{known}"),
        format!("id_token_hint={token}x&{known}"),
        "client_id=mijnoverheid&post_logout_redirect_uri=http://elders".to_owned(),
    ] {
        assert_eq!(
            world.get(&format!("/uitloggen?{wrong}")).await.status(),
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
}

/// Stands where a client hears of logouts; answers what it was sent.
async fn listening_client() -> (String, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let (told, hears) = tokio::sync::mpsc::unbounded_channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/hoor", listener.local_addr().unwrap());
    let hear = post(async move |body: String| told.send(body).unwrap());
    let router = Router::new().route("/hoor", hear);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (uri, hears)
}

#[tokio::test]
async fn a_logout_is_told_to_every_client_of_the_session() {
    let (uri, mut heard) = listening_client().await;
    let mut world = World::new();
    let inner = Arc::get_mut(&mut world.provider.0).unwrap();
    inner.clients[0].backchannel_logout_uri = Some(uri);
    let mut cookie = String::new();
    let mut subjects = Vec::new();
    // Twice in the same browser: one session.
    for _ in 0..2 {
        let chosen = world
            .send_with(&cookie, Method::POST, &asking(&[]), "persoon=999993653")
            .await;
        let set = chosen.headers()[header::SET_COOKIE].to_str().unwrap();
        cookie = set.split(';').next().unwrap().to_owned();
        let code = location(&chosen);
        let code = code.split("code=").nth(1).unwrap();
        let code = code.split('&').next().unwrap();
        let (_, answer) = world
            .exchange(code, VERIFIER, &world.assertion(json!({})))
            .await;
        let token = answer["id_token"].as_str().unwrap();
        let claims = world.provider.0.signing.read(token).unwrap();
        subjects.push((claims["sub"].clone(), claims["sid"].clone()));
    }
    let left = world
        .send_with(&cookie, Method::POST, "/uitloggen", "")
        .await;
    assert_eq!(left.status(), StatusCode::OK);
    assert!(
        left.headers()[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .ends_with("Max-Age=0")
    );
    for (subject, sid) in subjects {
        let form = heard.recv().await.unwrap();
        let token = form.strip_prefix("logout_token=").unwrap();
        let header = jsonwebtoken::decode_header(token).unwrap();
        assert_eq!(header.typ.as_deref(), Some("logout+jwt"));
        let claims = world.provider.0.signing.read(token).unwrap();
        assert_eq!((&claims["sub"], &claims["sid"]), (&subject, &sid));
        assert_eq!(
            (&claims["iss"], &claims["aud"]),
            (&json!(ISSUER), &json!("mijnoverheid"))
        );
        assert!(claims["nonce"].is_null() && claims["jti"].is_string());
        let events = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
        assert_eq!(claims["events"], events);
    }
    // Once: the session is over.
    world
        .send_with(&cookie, Method::POST, "/uitloggen", "")
        .await;
    assert!(heard.try_recv().is_err());
}

#[test]
fn a_kept_key_keeps_the_names_of_people() {
    let world = World::new();
    let pem = new_signing_key();
    let (client, person) = (&world.provider.0.clients[0], &world.provider.0.people[0]);
    let subject = || {
        signing::SigningKey::from_pem(&pem)
            .unwrap()
            .subject(client, person)
    };
    assert_eq!(subject(), subject());
    assert_ne!(subject(), world.provider.0.signing.subject(client, person));
}
