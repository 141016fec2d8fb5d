//! The stage: all pages as they were answered, served again on a loopback port and written to the folder, and a living
//! product of each place for the journeys.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use testkit::gallery::{Captured, Place, Shown, World, capture};
use testkit::{Answer, Product};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Headers that belong to the connection and the site of before.
const NOT_SHOWN_AGAIN: [&str; 4] = [
    "content-length",
    "set-cookie",
    "clear-site-data",
    "strict-transport-security",
];

/// The folder of what the pages load.
pub const ASSETS: &str = "assets";
/// What a filter calls the journeys.
const JOURNEYS: &str = "journeys";

pub struct Stage {
    pub pages: Vec<Page>,
    /// Where the pages are served: `http://127.0.0.1:40000`.
    pub base: String,
    /// For the journeys; none when those are not taken.
    pub living: Vec<(Place, World)>,
}

/// A page that is shown.
pub struct Page {
    /// `mijncn/pap/berichten_veel`: its address on the stage and its file in the folder, without the ending.
    pub name: String,
    pub shown: Shown,
}

impl Stage {
    /// Builds every place in each of its languages, at once.
    pub async fn set(folder: &Path, filter: Option<&str>) -> Result<Self, String> {
        let mut captures = JoinSet::new();
        for place in Place::ALL {
            for language in place.languages() {
                let is_wanted = |page| is_wanted(&name(place, language, page), filter);
                if place.pages().any(is_wanted) {
                    captures.spawn(capture(place, language));
                }
            }
        }
        let travels = is_wanted(JOURNEYS, filter);
        if captures.is_empty() && !travels {
            return Err("no page has that in its name".to_owned());
        }
        let mut living = Vec::new();
        if travels {
            for place in Place::ALL {
                living.push((place, World::serve(place).await));
            }
        }
        let captures = captures.join_all().await;
        let of_journeys = living.iter().map(|(_, world)| &world.product);
        let mut products = captures
            .iter()
            .map(|captured| &captured.product)
            .chain(of_journeys);
        let product = products.next().expect("a page or the journeys").clone();
        let pages = named(captures, filter);
        write(folder, &pages, &product).await?;
        let base = serve(&pages, product)
            .await
            .map_err(|fault| fault.to_string())?;
        Ok(Self {
            pages,
            base,
            living,
        })
    }
}

impl Page {
    pub fn file(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.html", self.name))
    }
}

fn name(place: Place, language: &str, page: &str) -> String {
    format!("{}/{language}/{page}", place.name())
}

fn is_wanted(name: &str, filter: Option<&str>) -> bool {
    filter.is_none_or(|part| name.contains(part))
}

fn named(captures: Vec<Captured>, filter: Option<&str>) -> Vec<Page> {
    let all = captures.into_iter().flat_map(|captured| captured.shown);
    let page = |shown: Shown| Page {
        name: name(shown.place, shown.language, shown.page),
        shown,
    };
    let mut pages: Vec<Page> = all
        .map(page)
        .filter(|page| is_wanted(&page.name, filter))
        .collect();
    pages.sort_by(|one, other| one.name.cmp(&other.name));
    pages
}

/// Writes the pages, and beside them what they load, so that they can be opened from there.
async fn write(folder: &Path, pages: &[Page], product: &Product) -> Result<(), String> {
    let told = |fault: std::io::Error| format!("{}: {fault}", folder.display());
    match fs::remove_dir_all(folder) {
        Err(fault) if fault.kind() != std::io::ErrorKind::NotFound => return Err(told(fault)),
        _ => {}
    }
    let mut assets = BTreeSet::new();
    for page in pages {
        let html = page.shown.answer.text();
        for asset in html.split("=\"/assets/").skip(1) {
            let name = asset.split('"').next().unwrap_or_default();
            assets.insert(name.to_owned());
        }
        let file = page.file(folder);
        let place = file.parent().expect("it was joined just now");
        fs::create_dir_all(place).map_err(told)?;
        fs::write(&file, html.replace("=\"/assets/", "=\"../../assets/")).map_err(told)?;
    }
    fs::create_dir_all(folder.join(ASSETS)).map_err(told)?;
    for name in assets {
        let request = Request::get(format!("/assets/{name}"));
        let request = request
            .body(Body::empty())
            .map_err(|fault| fault.to_string())?;
        let answer = product.call(request).await;
        fs::write(folder.join(ASSETS).join(&name), &answer.body).map_err(told)?;
    }
    Ok(())
}

/// Answers each page's name with the page, and all else as the product does.
async fn serve(pages: &[Page], product: Product) -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let of_page = |page: &Page| (format!("/{}", page.name), page.shown.answer.clone());
    let pages: Arc<BTreeMap<String, Answer>> = Arc::new(pages.iter().map(of_page).collect());
    let router = Router::new().fallback(move |request: Request<Body>| {
        let (pages, product) = (Arc::clone(&pages), product.clone());
        async move {
            match pages.get(request.uri().path()) {
                Some(answer) => again(answer),
                None => again(&product.call(request).await),
            }
        }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(base)
}

fn again(answer: &Answer) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.body.clone()));
    *response.status_mut() = answer.status.try_into().expect("it was a status before");
    let headers = answer.headers.iter();
    for (name, value) in headers.filter(|(name, _)| !NOT_SHOWN_AGAIN.contains(&name.as_str())) {
        response.headers_mut().append(name, value.clone());
    }
    response
}
