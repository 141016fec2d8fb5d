//! How one gets to a page: steps that a person takes in a browser, from link to link and from form to form.

use crate::{Answer, Browser, Person};

use super::trouble::{self, Trouble};
use super::world::World;

/// One step. Redirects are followed.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// Takes up a phone, for this page.
    Phone,
    /// Goes to an address.
    Open(&'static str),
    /// Follows the first link that begins so.
    Follow(&'static str),
    /// Follows the first link that says this.
    Find(&'static str),
    /// Follows the first link that has this in it.
    Through(&'static str),
    /// Sends the form with this action: what it hides, and these fields.
    Send(&'static str, &'static [(&'static str, &'static str)]),
    /// Ticks this many letters of a list and presses the button that sends them there.
    Tick(&'static str, usize),
    /// Sends the form with this action, every box of this name ticked but the first so many.
    Clear(&'static str, &'static str, usize),
    /// Sends these fields alone, as a form of an older page would.
    Post(&'static str, &'static [(&'static str, &'static str)]),
    /// At the login provider: chooses someone.
    Choose(Person),
    /// At the login provider: chooses someone, and comes back with another code than was given.
    Forge(Person),
    /// At the login provider: turns back.
    Leave,
    /// Something breaks, and stays broken for every page after this one.
    Suffer(Trouble),
}

pub(super) async fn walk(world: &World, browser: &mut Browser, road: &[Step]) -> Answer {
    let mut here = None;
    for step in road {
        here = take(world, browser, here, *step).await;
    }
    here.expect("a road leads to a page")
}

async fn take(
    world: &World,
    browser: &mut Browser,
    here: Option<Answer>,
    step: Step,
) -> Option<Answer> {
    let page = || here.as_ref().expect("a road begins by opening a page");
    let answer = match step {
        Step::Phone => {
            browser.is_phone = true;
            return here;
        }
        Step::Open(path) => browser.get(path).await,
        Step::Follow(beginning) => browser.get(&page().link(beginning)).await,
        Step::Find(words) => browser.get(&page().link_that_says(words)).await,
        Step::Through(part) => {
            let links = page().links();
            let link = links.iter().find(|link| link.contains(part));
            let link =
                link.unwrap_or_else(|| panic!("no link through {part} in {}", page().text()));
            browser.get(link).await
        }
        Step::Send(action, fields) => browser.submit(page(), action, fields).await,
        Step::Clear(action, name, count) => {
            let boxes = page().boxes(action);
            let ticked: Vec<(&str, &str)> = boxes
                .iter()
                .filter(|(each, _)| each == name)
                .skip(count)
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            browser.submit(page(), action, &ticked).await
        }
        Step::Tick(action, count) => browser.tick(page(), action, count).await,
        Step::Post(action, fields) => {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let fields: Vec<_> = fields.iter().map(owned).collect();
            browser.post(action, &fields).await
        }
        Step::Choose(person) => choose(world, browser, page(), &person).await,
        Step::Forge(person) => {
            let back = choose(world, browser, page(), &person).await;
            let forged = back.header("location").replace("code=", "code=x");
            browser.get(&forged).await
        }
        Step::Leave => browser.get(&page().link(world.product.base_url())).await,
        Step::Suffer(trouble) => {
            trouble::cause(&world.product, trouble);
            return here;
        }
    };
    Some(browser.follow(answer).await)
}

async fn choose(world: &World, browser: &mut Browser, page: &Answer, person: &Person) -> Answer {
    let number = world.product.number(person);
    browser.submit(page, "?", &[("persoon", number)]).await
}
