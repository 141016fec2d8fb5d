//! The person's end: the demonstration provider in this process, and a browser that keeps its cookies by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use demo_provider::{Client, ClientKeys, Level, NumberKind, Person, Provider, ProviderConfig};
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{RequestBuilder, Response, StatusCode};
use tokio::net::TcpListener;

use super::letters::PEOPLE;
use super::server::{CLIENT_ID, client, free_port};

/// Someone who gets no letters.
pub const NEWCOMER: &str = "999995571";

/// The provider's address, taken before anyone must know it.
pub struct LoginProvider {
    pub issuer: String,
    listener: TcpListener,
}

impl LoginProvider {
    /// At a port that nobody takes while the provider is away.
    pub async fn listen() -> Self {
        Self::listen_at(&format!("127.0.0.1:{}", free_port())).await
    }

    pub async fn listen_at(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("its address"));
        Self { issuer, listener }
    }

    /// Serves until the test ends.
    pub fn serve(self, base_url: &str) {
        let person = |number: &str| Person {
            name: format!("Persoon {number}"),
            number: number.to_owned(),
            number_kind: NumberKind::Bsn,
            acr: Level::High,
        };
        let client = Client {
            client_id: CLIENT_ID.to_owned(),
            name: "MijnOverheid".to_owned(),
            redirect_uris: vec![format!("{base_url}/inloggen/terug")],
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            keys: ClientKeys::At(format!("{base_url}/.well-known/jwks.json")),
            number_kind: NumberKind::Bsn,
        };
        let provider = Provider::new(ProviderConfig {
            issuer: self.issuer,
            people: PEOPLE.into_iter().chain([NEWCOMER]).map(person).collect(),
            clients: vec![client],
            signing_key_pem: None,
            clock: demo_provider::system_clock(),
        });
        let router = provider.expect("a provider").router();
        tokio::spawn(async move { axum::serve(self.listener, router).await });
    }
}

/// A letter as the list shows it.
#[derive(Debug)]
pub struct Shown {
    pub id: String,
    pub title: String,
    pub is_unread: bool,
}

/// A letter as it is read, with the links of its attachments.
pub struct Open {
    pub page: String,
    pub files: Vec<String>,
}

/// A person who is logged in.
#[derive(Clone)]
pub struct Reader {
    client: reqwest::Client,
    base_url: String,
    session: String,
}

impl Reader {
    pub async fn log_in(base_url: &str, number: &str) -> Self {
        Login::begin(base_url, base_url, number)
            .await
            .finish()
            .await
    }

    /// Tries to log in; answers what the last step did.
    pub async fn try_to_log_in(base_url: &str, number: &str) -> Response {
        let login = Login::begin(base_url, base_url, number).await;
        login.last.send().await.expect("the last step answers")
    }

    /// The same person on a connection of its own.
    pub fn anew(&self) -> Self {
        self.at(&self.base_url)
    }

    /// The same person with the same session, on a connection of its own with another process.
    pub fn at(&self, base_url: &str) -> Self {
        Self {
            client: client(),
            base_url: base_url.to_owned(),
            session: self.session.clone(),
        }
    }

    /// Every letter on every page, newest first.
    pub async fn all_pages(&self) -> Vec<Shown> {
        let mut shown: Vec<Shown> = Vec::new();
        let mut link = "/berichten".to_owned();
        loop {
            let page = text(self.get(&link).await.expect("the list answers")).await;
            let before = shown.len();
            shown.extend(letters_on(&page));
            // The way to another language leads to a page of the list too.
            let ways = between(&page, "<nav class=\"postbus-pages\"", "</nav>")
                .next()
                .unwrap_or_default();
            let Some(older) = between(ways, "href=\"/berichten?voor=", "\"").next() else {
                return shown;
            };
            assert!(
                shown.len() > before,
                "an empty page leads on to older letters"
            );
            link = format!("/berichten?voor={older}");
            assert!(
                shown.last().is_some_and(|last| last.id == older),
                "{link} leads past letters, or back"
            );
        }
    }

    pub async fn open(&self, id: &str) -> Open {
        let page = text(
            self.get(&format!("/berichten/{id}"))
                .await
                .expect("the letter answers"),
        )
        .await;
        let files = between(&page, "class=\"postbus-file\" href=\"", "\"")
            .map(str::to_owned)
            .collect();
        Open { page, files }
    }

    pub async fn download(&self, link: &str) -> Vec<u8> {
        let answer = self.get(link).await.expect("the attachment answers");
        assert_eq!(answer.status(), StatusCode::OK, "{link}");
        answer
            .bytes()
            .await
            .unwrap_or_else(|fault| panic!("{link} broke off: {fault}"))
            .to_vec()
    }

    /// Looks at the list and opens the newest letter, over and over. Answers the letters that were shown to the end.
    pub async fn read_until_cut(self, killed: Arc<AtomicBool>) -> Vec<String> {
        let mut read = Vec::new();
        loop {
            let Ok(page) = self.watch("/berichten").await else {
                break;
            };
            let Some(newest) = letters_on(&page).next() else {
                continue;
            };
            let Ok(_) = self.watch(&format!("/berichten/{}", newest.id)).await else {
                break;
            };
            read.push(newest.id);
        }
        assert!(
            killed.load(Ordering::SeqCst),
            "a page was cut off before the server was killed"
        );
        read
    }

    async fn watch(&self, link: &str) -> Result<String, reqwest::Error> {
        let answer = self.get(link).await?;
        assert_eq!(answer.status(), StatusCode::OK, "{link}");
        answer.text().await
    }

    pub async fn get(&self, link: &str) -> Result<Response, reqwest::Error> {
        self.client
            .get(format!("{}{link}", self.base_url))
            .header(COOKIE, &self.session)
            .send()
            .await
    }
}

/// A login up to the way back from the provider, which is still to go.
pub struct Login {
    client: reqwest::Client,
    base_url: String,
    last: RequestBuilder,
}

impl Login {
    /// At one process of `site`.
    pub async fn begin(site: &str, base_url: &str, number: &str) -> Self {
        let client = client();
        let start =
            form(&client, &format!("{base_url}/inloggen"), String::new()).header(ORIGIN, site);
        let start = redirected(start).await;
        let chosen = redirected(form(&client, &place(&start), format!("persoon={number}"))).await;
        // The provider knows the site; the same process is asked for it.
        let back = place(&chosen).replacen(site, base_url, 1);
        let last = client
            .get(back)
            .header(COOKIE, cookie(&start, "inlogpoging"));
        Self {
            client,
            base_url: base_url.to_owned(),
            last,
        }
    }

    /// Goes the way back.
    pub async fn finish(self) -> Reader {
        let back = redirected(self.last).await;
        Reader {
            client: self.client,
            base_url: self.base_url,
            session: cookie(&back, "sessie"),
        }
    }
}

fn form(client: &reqwest::Client, url: &str, body: String) -> RequestBuilder {
    client
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
}

async fn redirected(request: RequestBuilder) -> Response {
    let answer = request.send().await.expect("a step of the login answers");
    let status = answer.status();
    if status.is_redirection() {
        return answer;
    }
    let path = answer.url().path().to_owned();
    panic!(
        "a step of the login, {path}, answered {status}: {}",
        answer.text().await.unwrap_or_default()
    );
}

fn place(answer: &Response) -> String {
    answer.headers()[LOCATION]
        .to_str()
        .expect("a URL")
        .to_owned()
}

/// The cookie with this last part of its name, as a browser sends it back.
fn cookie(answer: &Response, name: &str) -> String {
    let set = answer
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .filter_map(|cookie| cookie.to_str().ok());
    let pair = set
        .filter_map(|cookie| cookie.split(';').next())
        .find(|pair| {
            pair.split('=')
                .next()
                .is_some_and(|key| key.ends_with(name))
        });
    pair.unwrap_or_else(|| panic!("{} sets no cookie {name}", answer.url().path()))
        .to_owned()
}

async fn text(answer: Response) -> String {
    let (status, path) = (answer.status(), answer.url().path().to_owned());
    let text = answer
        .text()
        .await
        .unwrap_or_else(|fault| panic!("{path} broke off: {fault}"));
    assert_eq!(status, StatusCode::OK, "{path}: {text}");
    text
}

fn letters_on(page: &str) -> impl Iterator<Item = Shown> {
    between(page, "<li class=\"postbus-letter", "</li>").map(|item| {
        let part = |before, after| {
            between(item, before, after)
                .next()
                .unwrap_or_else(|| panic!("no {before} in {item}"))
        };
        let link = part("<a class=\"postbus-letter__link\"", "</a>");
        Shown {
            id: part("href=\"/berichten/", "\"").to_owned(),
            title: link.rsplit('>').next().unwrap_or_default().to_owned(),
            is_unread: item.starts_with(" postbus-letter--unread"),
        }
    })
}

fn between<'t>(text: &'t str, before: &'t str, after: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(before)
        .skip(1)
        .filter_map(move |rest| rest.split_once(after))
        .map(|(found, _)| found)
}
