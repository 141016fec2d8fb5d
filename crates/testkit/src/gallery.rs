//! Every page of the product with sample people and post, as it is checked in a browser and kept as a snapshot.
//!
//! `pages` is the list, a line for each page; `road` how one gets there, `world` who lives there and what they were sent,
//! `letters` those letters, `trouble` what is broken behind the door's back. A page that needs another situation gets a
//! person in `world`, or a trouble.

mod letters;
mod pages;
mod road;
mod trouble;
mod world;

use std::collections::BTreeMap;

use crate::{Answer, Browser, CJIB, MIJNCN, MIJNOVERHEID, Product};
use pages::{PAGES, Page};

pub use world::World;

/// An installation of which every page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    MijnOverheid,
    MijnCn,
    /// Has no letterbox: pages that its statement alone asks for.
    Cjib,
}

impl Place {
    pub const ALL: [Self; 3] = [Self::MijnOverheid, Self::MijnCn, Self::Cjib];

    pub const fn name(self) -> &'static str {
        match self {
            Self::MijnOverheid => "mijnoverheid",
            Self::MijnCn => "mijncn",
            Self::Cjib => "cjib",
        }
    }

    /// The languages of its pages, the usual one first.
    pub const fn languages(self) -> &'static [&'static str] {
        match self {
            Self::MijnOverheid => &["nl", "en"],
            Self::MijnCn => &["nl", "en", "pap"],
            Self::Cjib => &["nl"],
        }
    }

    /// The names of its pages, in the order in which they are gone to.
    pub fn pages(self) -> impl Iterator<Item = &'static str> {
        self.own_pages().map(|page| page.name)
    }

    fn own_pages(self) -> impl Iterator<Item = &'static Page> {
        let is_here = move |page: &&Page| match page.only_at {
            Some(only) => only == self,
            None => self.has_letters(),
        };
        PAGES.iter().filter(is_here)
    }

    /// Whether people have a letterbox here.
    pub const fn has_letters(self) -> bool {
        !matches!(self, Self::Cjib)
    }

    const fn statement(self) -> &'static str {
        match self {
            Self::MijnOverheid => MIJNOVERHEID,
            Self::MijnCn => MIJNCN,
            Self::Cjib => CJIB,
        }
    }
}

/// A page as the product answered it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub place: Place,
    pub language: &'static str,
    /// Tells it from the other pages of this place.
    pub page: &'static str,
    /// Where the browser was, with what tells one letter from another.
    pub path: String,
    pub answer: Answer,
}

/// A place with every page of it in one language.
pub struct Captured {
    pub shown: Vec<Shown>,
    /// Answers what the pages load besides.
    pub product: Product,
}

/// Builds a place and walks to each of its pages, in the order of the list: a page sees what earlier ones did.
pub async fn capture(place: Place, language: &'static str) -> Captured {
    let world = World::build(place).await;
    let mut browsers = BTreeMap::new();
    let mut shown = Vec::new();
    for page in place.own_pages() {
        let mut stranger = Browser::new(&world.product);
        let browser = match page.person {
            None => &mut stranger,
            Some(person) => {
                if !browsers.contains_key(person.bsn) {
                    let mut browser = Browser::new(&world.product);
                    browser.log_in(&person).await;
                    browsers.insert(person.bsn, browser);
                }
                browsers.get_mut(person.bsn).expect("it was put there")
            }
        };
        browser.language = language;
        browser.is_phone = false;
        let answer = road::walk(&world, browser, page.road).await;
        let (name, status) = (page.name, answer.status);
        assert_eq!(status, page.status, "{name}: {}", answer.text());
        shown.push(Shown {
            place,
            language,
            page: name,
            path: browser.here().to_owned(),
            answer,
        });
    }
    Captured {
        shown,
        product: world.product,
    }
}
