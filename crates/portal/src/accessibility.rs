//! `/toegankelijkheid`: the accessibility statement, as the law asks of each site of a public body (Tijdelijk besluit
//! digitale toegankelijkheid overheid, article 4).

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use web::{PageFault, Shell, page};

use crate::Portal;

pub(crate) const PATH: &str = "/toegankelijkheid";

#[derive(Template)]
#[template(path = "accessibility.html")]
struct Accessibility<'a> {
    shell: &'a Shell,
    helpdesk: Option<Contact<'a>>,
}

struct Contact<'a> {
    url: &'a str,
    /// As a person reads it.
    words: &'a str,
}

pub(crate) async fn accessibility(
    State(portal): State<Portal>,
    shell: Shell,
) -> Result<Response, PageFault> {
    let helpdesk = portal.contacts.helpdesk.as_deref().map(|url| Contact {
        url,
        words: url
            .trim_start_matches("mailto:")
            .trim_start_matches("tel:")
            .trim_start_matches("https://"),
    });
    let main = Accessibility {
        shell: &shell,
        helpdesk,
    };
    Ok(page(
        &shell,
        shell.texts().portal.accessibility_title,
        &main,
    )?)
}
