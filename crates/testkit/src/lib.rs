//! The whole product in memory, for tests: `product` an installation on a folder of its own, `provider` where its people
//! log in, `hearing` how that reaches it, `organisation` a sender, `browser` a person's browser, `forms` what that finds on
//! a page, `answer` what comes back, `gallery` every page with sample people and post.

mod answer;
mod browser;
mod forms;
pub mod gallery;
mod hearing;
mod organisation;
mod person;
mod product;
mod provider;

pub use answer::Answer;
pub use browser::Browser;
pub use organisation::{Organisation, attachment, pdf};
pub use person::{ANNA, BEATRIJS, BORIS, CARLA, LOUIS, PEOPLE, Person, WILLEMIJN};
pub use product::{CJIB, MIJNCN, MIJNOVERHEID, NOW, Product, Start, TOESLAGEN};
pub use provider::{CLIENT_ID, provider_key};
