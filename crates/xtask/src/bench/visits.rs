//! People who log in, by the whole code flow; their sessions are what the pages are then asked with.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::time::{Duration, Instant};

use reqwest::Response;
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinSet, LocalSet};

use super::cpu::Spent;
use super::house::House;
use super::load::Outcome;

/// So many log in at once.
const AT_ONCE: usize = 8;

type Trouble = Box<dyn Error + Send + Sync>;

/// Someone with a session.
#[derive(Clone)]
pub struct Visit {
    /// `name=value`, as a browser sends it.
    pub cookie: String,
}

/// A letter in the box of someone with a session.
#[derive(Clone)]
pub struct Letter {
    pub cookie: String,
    pub path: String,
}

/// A browser without a window.
struct Browser {
    client: reqwest::Client,
    base_url: String,
    runtime: Runtime,
}

/// Logs everyone in. The outcome counts the product's two requests of each login, not what the provider's own page takes.
pub fn log_in(
    house: &House,
    numbers: &[String],
) -> Result<(Vec<Visit>, Outcome, Spent), Box<dyn Error>> {
    let browser = Browser::new(&house.base_url)?;
    let before = house.spent()?;
    let began = Instant::now();
    let all = async {
        let (mut logins, mut done) = (JoinSet::new(), Vec::new());
        for number in numbers {
            if logins.len() >= AT_ONCE {
                done.extend(logins.join_next().await);
            }
            let (client, base_url) = (browser.client.clone(), browser.base_url.clone());
            logins.spawn_local(login(client, base_url, number.clone()));
        }
        done.extend(logins.join_all().await.into_iter().map(Ok));
        done
    };
    let done = LocalSet::new().block_on(&browser.runtime, all);
    let mut outcome = Outcome {
        count: numbers.len() as u64,
        duration: began.elapsed(),
        statuses: BTreeMap::from([(303, numbers.len() as u64)]),
        latencies: Vec::new(),
    };
    let mut visits = Vec::new();
    for login in done {
        let (visit, took) = login?.map_err(|fault| fault.to_string())?;
        visits.push(visit);
        outcome.latencies.push(took);
    }
    outcome.latencies.sort_unstable();
    Ok((visits, outcome, house.spent()?.since(&before)))
}

async fn login(
    client: reqwest::Client,
    base_url: String,
    number: String,
) -> Result<(Visit, Duration), Trouble> {
    let form = "application/x-www-form-urlencoded";
    let began = Instant::now();
    let start = client
        .post(format!("{base_url}/inloggen"))
        .header(ORIGIN, &base_url)
        .header("content-type", form);
    let started = start.send().await?;
    let (attempt, provider) = (cookie(&started)?, location(&started)?);
    let to_provider = began.elapsed();
    let chosen = client
        .post(provider)
        .header("content-type", form)
        .body(format!("persoon={number}"));
    let back = location(&chosen.send().await?)?;
    let began = Instant::now();
    let returned = client.get(back).header(COOKIE, attempt).send().await?;
    let visit = Visit {
        cookie: cookie(&returned)?,
    };
    Ok((visit, to_provider + began.elapsed()))
}

/// The first cookie that an answer sets.
fn cookie(answer: &Response) -> Result<String, Trouble> {
    let set = answer.headers().get(SET_COOKIE);
    let set = set
        .ok_or_else(|| format!("no cookie: {}", answer.status()))?
        .to_str()?;
    Ok(set.split(';').next().unwrap_or(set).to_owned())
}

fn location(answer: &Response) -> Result<String, Trouble> {
    let there = answer.headers().get(LOCATION);
    Ok(there
        .ok_or_else(|| format!("no redirect: {}", answer.status()))?
        .to_str()?
        .to_owned())
}

/// The unread letters on the first page of everyone's box, and the fullest of these pages.
pub fn look_around(
    house: &House,
    visits: &[Visit],
) -> Result<(Vec<Letter>, String), Box<dyn Error>> {
    let browser = Browser::new(&house.base_url)?;
    let (mut letters, mut fullest) = (Vec::new(), String::new());
    for visit in visits {
        let page = browser.page("/berichten", &visit.cookie)?;
        letters.extend(letter_paths(&page).into_iter().map(|path| Letter {
            cookie: visit.cookie.clone(),
            path,
        }));
        if page.len() > fullest.len() {
            fullest = page;
        }
    }
    Ok((letters, fullest))
}

/// Bytes of a page with everything that it links to as part of it, and how many scripts are among that.
pub fn weight(house: &House, page: &str) -> Result<(usize, usize), Box<dyn Error>> {
    let browser = Browser::new(&house.base_url)?;
    let assets: BTreeSet<&str> = page
        .split(['"', '\''])
        .filter(|part| part.starts_with("/assets/"))
        .collect();
    let mut bytes = page.len();
    for asset in assets {
        bytes += browser.page(asset, "")?.len();
    }
    Ok((bytes, page.matches("<script").count()))
}

/// `/berichten/{message}`, each once, in the order of the page.
fn letter_paths(page: &str) -> Vec<String> {
    const PATH: &str = "\"/berichten/";
    const ID: usize = 36;
    let mut seen = BTreeSet::new();
    page.match_indices(PATH)
        .filter_map(|(at, _)| {
            let rest = page.get(at + PATH.len()..at + PATH.len() + ID + 1)?;
            let id = rest.strip_suffix('"')?;
            let is_id = id.chars().all(|one| one.is_ascii_hexdigit() || one == '-');
            (is_id && seen.insert(id)).then(|| format!("/berichten/{id}"))
        })
        .collect()
}

impl Browser {
    fn new(base_url: &str) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            client: reqwest::Client::builder()
                .redirect(Policy::none())
                .build()?,
            base_url: base_url.to_owned(),
            runtime: Builder::new_current_thread().enable_all().build()?,
        })
    }

    fn page(&self, path: &str, cookie: &str) -> Result<String, Box<dyn Error>> {
        let request = self.client.get(format!("{}{path}", self.base_url));
        Ok(self.runtime.block_on(async {
            let answer = request.header(COOKIE, cookie).send().await?;
            answer.error_for_status()?.text().await
        })?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_its_letters_once_each() {
        let (a, b) = ("0".repeat(36), "1".repeat(36));
        let page = format!(
            r#"<a href="/berichten/{a}">x</a> <a href="/berichten/{b}">y</a> <a href="/berichten/{a}">z</a>
               <a href="/berichten/{a}/archief"> <a href="/berichten?voor={b}">"#
        );
        assert_eq!(
            letter_paths(&page),
            [format!("/berichten/{a}"), format!("/berichten/{b}")]
        );
        assert!(letter_paths("<a href=\"/berichten/").is_empty());
    }
}
