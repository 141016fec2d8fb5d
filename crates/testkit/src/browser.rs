//! A person's browser without scripts: keeps cookies as it is told, follows redirects when asked, sends forms.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use basics::Moment;
use tower::ServiceExt;
use web::Peer;

use crate::forms::{self, Form};
use crate::{Answer, Person, Product};

const MOST_REDIRECTS: usize = 10;

/// Knows two sites: the product and the provider where people log in.
pub struct Browser {
    product: Product,
    cookies: BTreeMap<String, Cookie>,
    /// Of the provider's.
    there: BTreeMap<String, String>,
    here: Address,
    /// `Accept-Language`.
    pub language: &'static str,
    /// Whether it says that it is a phone's.
    pub is_phone: bool,
    /// `User-Agent`.
    pub agent: &'static str,
    /// Where its connections come from.
    pub address: IpAddr,
    /// `X-Forwarded-For`: what whoever stands in between says, or it itself.
    pub forwarded_for: Option<&'static str>,
}

struct Cookie {
    value: String,
    /// None: until the browser is closed.
    until: Option<Moment>,
}

/// Where a browser is: `https://postbus.example` and `/berichten?voor=…`.
#[derive(Clone)]
struct Address {
    origin: String,
    path: String,
}

impl Browser {
    pub fn new(product: &Product) -> Self {
        Self {
            product: product.clone(),
            cookies: BTreeMap::new(),
            there: BTreeMap::new(),
            here: Address {
                origin: product.base_url().to_owned(),
                path: "/".to_owned(),
            },
            language: "nl",
            is_phone: false,
            agent: "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
            address: [192, 0, 2, 17].into(),
            forwarded_for: None,
        }
    }

    /// Logs in at the provider as someone; answers the page at which that ends.
    pub async fn log_in(&mut self, person: &Person) -> Answer {
        self.log_in_from("/inloggen", person).await
    }

    /// As [`log_in`](Self::log_in), from the page that asked for it.
    pub async fn log_in_from(&mut self, path: &str, person: &Person) -> Answer {
        let returned = self.choose(path, person).await;
        self.follow(returned).await
    }

    /// Goes up to the provider's answer, which sends the browser back to the product.
    pub async fn choose(&mut self, path: &str, person: &Person) -> Answer {
        let page = self.open(path).await;
        let sent = self.submit(&page, "/inloggen", &[]).await;
        let choices = self.follow(sent).await;
        let number = self.product.number(person);
        assert!(
            choices.text().contains(&format!("value=\"{number}\"")),
            "{}",
            choices.text()
        );
        self.submit(&choices, "?", &[("persoon", number)]).await
    }

    /// Sends the logout form of the page at `/berichten`; answers the page at which that ends.
    pub async fn log_out(&mut self) -> Answer {
        let page = self.get("/berichten").await;
        let sent = self.submit(&page, "/uitloggen", &[]).await;
        self.follow(sent).await
    }

    /// One request; a redirect is answered, not followed.
    pub async fn get(&mut self, link: &str) -> Answer {
        let address = self.here.resolve(link);
        self.send(Method::GET, address, None).await
    }

    /// A page, wherever redirects lead.
    pub async fn open(&mut self, link: &str) -> Answer {
        let answer = self.get(link).await;
        self.follow(answer).await
    }

    /// Sends the page's form of which the action begins so, with what it hides and with these fields.
    pub async fn submit(&mut self, page: &Answer, action: &str, fields: &[(&str, &str)]) -> Answer {
        let forms = forms::forms(page.text());
        let form = forms
            .into_iter()
            .find(|form| form.action.starts_with(action) && form.is_post);
        let Form { action, hidden, .. } =
            form.unwrap_or_else(|| panic!("no form for {action} in {}", page.text()));
        let given = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let fields: Vec<_> = hidden.into_iter().chain(given).collect();
        self.post(&action, &fields).await
    }

    /// Ticks the first boxes of a list and presses the button that sends it there.
    pub async fn tick(&mut self, page: &Answer, action: &str, count: usize) -> Answer {
        let forms = forms::forms(page.text());
        let sends = |form: &Form| {
            form.other_actions
                .iter()
                .any(|other| other.starts_with(action))
        };
        let form = forms.into_iter().find(sends);
        let form = form.unwrap_or_else(|| panic!("no list for {action} in {}", page.text()));
        let ticked = form.boxes.into_iter().take(count);
        let fields: Vec<_> = form.hidden.into_iter().chain(ticked).collect();
        self.post(action, &fields).await
    }

    /// Sends a form of the page where the browser is.
    pub async fn post(&mut self, action: &str, fields: &[(String, String)]) -> Answer {
        let address = self.here.resolve(action);
        let form = forms::encoded(fields);
        self.send(Method::POST, address, Some(form)).await
    }

    pub async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..MOST_REDIRECTS {
            if !(300..400).contains(&answer.status) {
                return answer;
            }
            let there = answer.header("location").to_owned();
            answer = self.get(&there).await;
        }
        panic!("more than {MOST_REDIRECTS} redirects");
    }

    /// The path and query of the page where the browser is.
    pub fn here(&self) -> &str {
        &self.here.path
    }

    /// The value of a cookie that the browser would send.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let now = self.product.clock().now();
        let cookie = self.cookies.get(name);
        cookie
            .filter(|cookie| cookie.until.is_none_or(|until| now < until))
            .map(|cookie| cookie.value.as_str())
    }

    /// The cookies that the browser would send, by name.
    pub fn cookies(&self) -> Vec<&str> {
        let names = self.cookies.keys().map(String::as_str);
        names.filter(|name| self.cookie(name).is_some()).collect()
    }

    /// Puts a cookie there that no page gave, as a thief would.
    pub fn plant(&mut self, name: &str, value: &str) {
        let cookie = Cookie {
            value: value.to_owned(),
            until: None,
        };
        self.cookies.insert(name.to_owned(), cookie);
    }

    /// Closes the browser: cookies without a lifetime go.
    pub fn close(&mut self) {
        self.cookies.retain(|_, cookie| cookie.until.is_some());
    }

    async fn send(&mut self, method: Method, address: Address, form: Option<String>) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(&address.path)
            .header("accept-language", self.language)
            .header("user-agent", self.agent)
            .extension(Peer(self.address));
        if let Some(hops) = self.forwarded_for {
            request = request.header("x-forwarded-for", hops);
        }
        if self.is_phone {
            request = request.header("sec-ch-ua-mobile", "?1");
        }
        let at_product = address.origin == self.product.base_url();
        if at_product && !self.cookies().is_empty() {
            let pair = |name| format!("{name}={}", self.cookie(name).unwrap_or_default());
            let pairs: Vec<String> = self.cookies().into_iter().map(pair).collect();
            request = request.header("cookie", pairs.join("; "));
        } else if !at_product {
            let pairs = self
                .there
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            request = request.header("cookie", pairs.collect::<Vec<_>>().join("; "));
        }
        let body = match form {
            None => Body::empty(),
            Some(form) => {
                request = request
                    .header("origin", &self.here.origin)
                    .header("content-type", "application/x-www-form-urlencoded");
                Body::from(form)
            }
        };
        let request = request.body(body).expect("a sound request");
        let answer = if at_product {
            let answer = self.product.call(request).await;
            self.keep_cookies(&answer);
            answer
        } else {
            assert_eq!(address.origin, self.product.issuer(), "a site of the test");
            let Ok(response) = self.product.provider_router().oneshot(request).await;
            let answer = Answer::of(response).await;
            for line in answer.cookies() {
                let pair = line.split(';').next().and_then(|pair| pair.split_once('='));
                let (name, value) = pair.expect("a cookie has a name and a value");
                self.there.insert(name.to_owned(), value.to_owned());
            }
            answer
        };
        self.here = address;
        answer
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        let now = self.product.clock().now();
        for line in answer.cookies() {
            let mut parts = line.split(';').map(str::trim);
            let pair = parts.next().and_then(|pair| pair.split_once('='));
            let (name, value) = pair.expect("a cookie has a name and a value");
            let attributes: Vec<&str> = parts.collect();
            if name.starts_with("__Host-") {
                let is_host_only = attributes.contains(&"Secure")
                    && attributes.contains(&"Path=/")
                    && !attributes.iter().any(|part| part.starts_with("Domain"));
                assert!(is_host_only, "a browser refuses {line}");
            }
            let lifetime = attributes
                .iter()
                .find_map(|part| part.strip_prefix("Max-Age="))
                .map(|seconds| seconds.parse().expect("a number of seconds"));
            let until = lifetime.map(|seconds| now.plus(Duration::from_secs(seconds)));
            if lifetime == Some(0) {
                self.cookies.remove(name);
            } else {
                let value = value.to_owned();
                self.cookies
                    .insert(name.to_owned(), Cookie { value, until });
            }
        }
    }
}

impl Address {
    /// Where a link on this page goes.
    fn resolve(&self, link: &str) -> Self {
        let link = link.split('#').next().unwrap_or_default();
        let whole = link.split_once("://").filter(|_| link.starts_with("http"));
        let (origin, path) = if let Some((scheme, rest)) = whole {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let path = if path.is_empty() { "/" } else { path };
            (format!("{scheme}://{host}"), path.to_owned())
        } else if link.starts_with('?') {
            let page = self.path.split('?').next().unwrap_or_default();
            (self.origin.clone(), format!("{page}{link}"))
        } else {
            assert!(link.starts_with('/'), "a link of ours: {link}");
            (self.origin.clone(), link.to_owned())
        };
        Self { origin, path }
    }
}
