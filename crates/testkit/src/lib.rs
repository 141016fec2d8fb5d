//! The whole product in memory, for tests: `product` an installation on a folder of its own, `provider` where its people
//! log in, `hearing` how that reaches it, `organisation` a sender, `browser` a person's browser, `forms` what that finds on a page, `answer` what comes back.

mod answer;
mod browser;
mod forms;
mod hearing;
mod organisation;
mod person;
mod product;
mod provider;

pub use answer::Answer;
pub use browser::Browser;
pub use organisation::{Organisation, attachment, pdf};
pub use person::{ANNA, BORIS, CARLA, LOUIS, PEOPLE, Person};
pub use product::{MIJNCN, MIJNOVERHEID, NOW, Product, Start};
pub use provider::{CLIENT_ID, provider_key};
