//! The authorization endpoint: checks what a client asks, shows who one can be, hands out a code.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};

use crate::codes::Grant;
use crate::query::{Parameters, with_query};
use crate::{Client, Level, Person, Provider, pages, sessions};

/// The form field that says who one is: the person's number.
const PERSON: &str = "persoon";
/// The form field with a part of a name or a number. It is sent in a form, so that no number stands in a URL.
const SEARCH: &str = "zoek";
/// How many people the page shows at once.
const SHOWN: usize = 48;

/// What a client asks for, once everything about it is right.
struct Request<'a> {
    client: &'a Client,
    redirect_uri: &'a str,
    state: Option<&'a str>,
    nonce: Option<&'a str>,
    code_challenge: &'a str,
    /// In the client's order of preference.
    levels: Vec<Level>,
}

/// Why no one is asked who they are.
enum Refusal<'a> {
    /// Not to be sent back: nobody knows where that leads.
    Here(&'static str),
    /// An error for the client, RFC 6749 §4.1.2.1.
    Back {
        redirect_uri: &'a str,
        state: Option<&'a str>,
        error: &'static str,
        description: &'static str,
    },
}

#[derive(Template)]
#[template(path = "authorization.html")]
struct LoginPage<'a> {
    client: &'a str,
    action: String,
    cancel: String,
    /// What was searched for; empty when nothing was.
    search: &'a str,
    choices: Vec<Choice<'a>>,
    /// How many are not shown.
    more: usize,
}

struct Choice<'a> {
    name: &'a str,
    number: &'a str,
    number_kind: &'static str,
    level: &'static str,
    too_low: bool,
}

impl<'a> Choice<'a> {
    fn of(person: &'a Person, wanted: &[Level]) -> Self {
        Self {
            name: &person.name,
            number: &person.number,
            number_kind: person.number_kind.name(),
            level: level_for(person, wanted).dutch(),
            too_low: !wanted.is_empty() && wanted.iter().all(|level| person.acr < *level),
        }
    }
}

pub async fn from_query(
    State(provider): State<Provider>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    answer(&provider, &Parameters::new(query), Sent::Nothing)
}

/// Both the choice made on the login page and a request that comes as a form (OpenID Connect Core §3.1.2.1).
pub async fn from_form(
    State(provider): State<Provider>,
    Query(mut query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let (own, asked): (Vec<_>, Vec<_>) = form
        .into_iter()
        .partition(|(name, _)| [PERSON, SEARCH].contains(&name.as_str()));
    let field = |wanted| own.iter().find(|(name, _)| name == wanted);
    query.extend(asked);
    let sent = match (field(PERSON), field(SEARCH)) {
        (Some((_, number)), _) => Sent::Chosen(number, &headers),
        (None, Some((_, search))) => Sent::Search(search),
        (None, None) => Sent::Nothing,
    };
    answer(&provider, &Parameters::new(query), sent)
}

/// What came from the login page.
#[derive(Clone, Copy)]
enum Sent<'a> {
    Nothing,
    /// Whom to look for.
    Search(&'a str),
    /// The number of whoever was chosen, in the browser that sent these headers.
    Chosen(&'a str, &'a HeaderMap),
}

fn answer(provider: &Provider, parameters: &Parameters, sent: Sent<'_>) -> Response {
    let request = match check(provider, parameters) {
        Ok(request) => request,
        Err(Refusal::Here(why)) => return pages::error(why),
        Err(Refusal::Back {
            redirect_uri,
            state,
            error,
            description,
        }) => {
            let back = [("error", error), ("error_description", description)];
            return Redirect::to(&returning(provider, redirect_uri, state, &back)).into_response();
        }
    };
    let (number, browser) = match sent {
        Sent::Nothing => return ask(provider, parameters, &request, ""),
        Sent::Search(search) => return ask(provider, parameters, &request, search.trim()),
        Sent::Chosen(number, browser) => (number, browser),
    };
    match people_for(provider, request.client).find(|person| person.number == number) {
        Some(person) => grant(provider, &request, person, browser),
        None => pages::error("Deze persoon staat niet op de lijst."),
    }
}

fn check<'a>(
    provider: &'a Provider,
    parameters: &'a Parameters,
) -> Result<Request<'a>, Refusal<'a>> {
    let client = parameters
        .one("client_id")
        .and_then(|id| provider.client(id));
    let client = client.ok_or(Refusal::Here("Deze website is hier niet bekend."))?;
    let redirect_uri = parameters
        .one("redirect_uri")
        .filter(|uri| client.redirect_uris.iter().any(|known| known == uri));
    let redirect_uri = redirect_uri.ok_or(Refusal::Here(
        "Het adres om naar terug te gaan is hier niet bekend.",
    ))?;
    let state = parameters.one("state");
    let back = |error, description| Refusal::Back {
        redirect_uri,
        state,
        error,
        description,
    };

    if parameters.repeats() {
        return Err(back("invalid_request", "a parameter comes twice"));
    }
    if parameters.one("request").is_some() {
        return Err(back(
            "request_not_supported",
            "request objects are not read",
        ));
    }
    if parameters.one("request_uri").is_some() {
        return Err(back(
            "request_uri_not_supported",
            "request objects are not read",
        ));
    }
    if parameters.one("response_type") != Some("code") {
        return Err(back("unsupported_response_type", "only response_type=code"));
    }
    if parameters
        .one("response_mode")
        .is_some_and(|mode| mode != "query")
    {
        return Err(back("invalid_request", "only response_mode=query"));
    }
    if !words(parameters, "scope").any(|scope| scope == "openid") {
        return Err(back("invalid_scope", "scope has no openid"));
    }
    if parameters.one("code_challenge_method") != Some("S256") {
        return Err(back(
            "invalid_request",
            "PKCE with code_challenge_method=S256 is required",
        ));
    }
    let code_challenge = parameters
        .one("code_challenge")
        .filter(|challenge| is_s256(challenge));
    let code_challenge = code_challenge
        .ok_or_else(|| back("invalid_request", "code_challenge is no S256 challenge"))?;
    if words(parameters, "prompt").any(|prompt| prompt == "none") {
        return Err(back(
            "login_required",
            "there are no sessions here, so someone must be asked",
        ));
    }
    let levels = words(parameters, "acr_values")
        .filter_map(Level::from_uri)
        .collect();
    Ok(Request {
        client,
        redirect_uri,
        state,
        nonce: parameters.one("nonce"),
        code_challenge,
        levels,
    })
}

fn words<'a>(parameters: &'a Parameters, name: &str) -> impl Iterator<Item = &'a str> {
    parameters
        .one(name)
        .unwrap_or_default()
        .split_ascii_whitespace()
}

/// A SHA-256 digest in URL-safe base64 (RFC 7636 §4.2).
fn is_s256(challenge: &str) -> bool {
    challenge.len() == 43
        && challenge
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn people_for<'a>(provider: &'a Provider, client: &Client) -> impl Iterator<Item = &'a Person> {
    let kind = client.number_kind;
    provider
        .0
        .people
        .iter()
        .filter(move |person| person.number_kind == kind)
}

fn ask(
    provider: &Provider,
    parameters: &Parameters,
    request: &Request<'_>,
    search: &str,
) -> Response {
    let wanted = search.to_lowercase();
    let mut found = people_for(provider, request.client).filter(|person| is_found(person, &wanted));
    let choices = found
        .by_ref()
        .take(SHOWN)
        .map(|person| Choice::of(person, &request.levels))
        .collect();
    let declined = [
        ("error", "access_denied"),
        ("error_description", "the person cancelled"),
    ];
    let page = LoginPage {
        client: &request.client.name,
        action: format!("?{}", parameters.query_without(PERSON)),
        cancel: returning(provider, request.redirect_uri, request.state, &declined),
        search,
        choices,
        more: found.count(),
    };
    pages::show(page, Some(request.redirect_uri))
}

fn grant(
    provider: &Provider,
    request: &Request<'_>,
    person: &Person,
    browser: &HeaderMap,
) -> Response {
    let session = provider
        .0
        .sessions
        .enter(sessions::of_browser(browser), person, provider.now());
    let cookie = sessions::cookie(&session);
    let code = provider.0.codes.issue(Grant {
        client_id: request.client.client_id.clone(),
        redirect_uri: request.redirect_uri.to_owned(),
        code_challenge: request.code_challenge.to_owned(),
        nonce: request.nonce.map(str::to_owned),
        person: person.clone(),
        level: level_for(person, &request.levels),
        authenticated_at: provider.now(),
        session,
    });
    let back = returning(
        provider,
        request.redirect_uri,
        request.state,
        &[("code", &code)],
    );
    pages::uncached(([(SET_COOKIE, cookie)], Redirect::to(&back)).into_response())
}

/// By a part of the name or the beginning of the number, in small letters.
fn is_found(person: &Person, wanted: &str) -> bool {
    wanted.is_empty()
        || person.number.to_lowercase().starts_with(wanted)
        || person.name.to_lowercase().contains(wanted)
}

/// The level of this login: the first asked for that the person can reach, else the person's own.
/// `acr_values` is a wish (OpenID Connect Core §3.1.2.1), so the client must look at what it got.
fn level_for(person: &Person, wanted: &[Level]) -> Level {
    wanted
        .iter()
        .copied()
        .find(|level| *level <= person.acr)
        .unwrap_or(person.acr)
}

/// Back to the client, with `state` and with `iss` (RFC 9207).
fn returning(
    provider: &Provider,
    redirect_uri: &str,
    state: Option<&str>,
    result: &[(&str, &str)],
) -> String {
    let state = state.map(|state| ("state", state));
    let issuer = ("iss", provider.0.issuer.as_str());
    with_query(
        redirect_uri,
        result.iter().copied().chain(state).chain([issuer]),
    )
}

#[cfg(test)]
mod tests;
