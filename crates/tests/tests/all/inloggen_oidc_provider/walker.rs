//! A browser without scripts over real connections: cookies per site, redirects followed, forms sent as they stand.

use std::collections::HashMap;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Url};

const PATIENCE: Duration = Duration::from_secs(20);
const MOST_REDIRECTS: usize = 10;

pub struct Walker {
    client: Client,
    /// By site, then by name.
    cookies: HashMap<String, HashMap<String, String>>,
    /// Every address so far.
    pub went: Vec<String>,
    here: Option<Url>,
    page: String,
    status: u16,
}

impl Walker {
    pub fn new() -> Self {
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(PATIENCE);
        Self {
            client: client.build().unwrap(),
            cookies: HashMap::new(),
            went: Vec::new(),
            here: None,
            page: String::new(),
            status: 0,
        }
    }

    pub fn text(&self) -> &str {
        &self.page
    }

    pub fn status(&self) -> u16 {
        self.status
    }

    pub fn path(&self) -> &str {
        self.here.as_ref().map_or("", Url::path)
    }

    pub async fn open(&mut self, url: &str) {
        self.walk(Method::GET, Url::parse(url).unwrap(), None).await;
    }

    /// Sends the form of this page whose action begins so, with what it hides and these fields.
    pub async fn submit(&mut self, action: &str, fields: &[(&str, &str)]) {
        let page = self.page.clone();
        let begins = |form: &&str| attribute(form, "action").starts_with(action);
        let form = page.split("<form").skip(1).find(begins);
        let form = form.unwrap_or_else(|| panic!("no form for {action} in {page}"));
        let form = form.split("</form>").next().unwrap_or_default();
        let mut sent = Url::parse("http://form").unwrap();
        let inputs = form.split("<input").skip(1);
        for input in inputs.filter(|input| attribute(input, "type") == "hidden") {
            let (name, value) = (attribute(input, "name"), attribute(input, "value"));
            sent.query_pairs_mut().append_pair(&name, &value);
        }
        sent.query_pairs_mut().extend_pairs(fields);
        let here = self.here.clone().expect("a page is open");
        let there = here.join(&attribute(form, "action")).unwrap();
        let body = sent.query().unwrap_or_default().to_owned();
        self.walk(Method::POST, there, Some(body)).await;
    }

    async fn walk(&mut self, mut method: Method, mut url: Url, mut body: Option<String>) {
        for _ in 0..MOST_REDIRECTS {
            self.went.push(url.to_string());
            let site = url.origin().ascii_serialization();
            let mut request = self.client.request(method.clone(), url.clone());
            if let Some(cookies) = self.cookies.get(&site) {
                let pairs: Vec<String> = cookies
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                request = request.header(COOKIE, pairs.join("; "));
            }
            if let Some(body) = body.take() {
                let from = self.here.as_ref().expect("a form stands on a page");
                request = request
                    .header(ORIGIN, from.origin().ascii_serialization())
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .body(body);
            }
            let answer = request.send().await.unwrap();
            for line in answer.headers().get_all(SET_COOKIE) {
                let line = line.to_str().unwrap();
                let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
                let jar = self.cookies.entry(site.clone()).or_default();
                if value.is_empty() {
                    jar.remove(name);
                } else {
                    jar.insert(name.to_owned(), value.to_owned());
                }
            }
            self.here = Some(url.clone());
            if !answer.status().is_redirection() {
                self.status = answer.status().as_u16();
                self.page = answer.text().await.unwrap();
                return;
            }
            let there = answer.headers()[LOCATION].to_str().unwrap();
            url = url.join(there).unwrap();
            method = Method::GET;
        }
        panic!("more than {MOST_REDIRECTS} redirects: {:?}", self.went);
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split_once(&format!("{name}=\"")).map(|(_, rest)| rest);
    let value = value.and_then(|rest| rest.split('"').next());
    value
        .unwrap_or_default()
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}
