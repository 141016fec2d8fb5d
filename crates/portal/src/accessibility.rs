//! `/toegankelijkheid`: the accessibility statement, as the law asks of each site of a public body (Tijdelijk besluit
//! digitale toegankelijkheid overheid, article 4).

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use statement::ListKind;
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
    /// Who else sees what is told there, in the words of the statement: who turns to the helpdesk hears it beforehand.
    told: Vec<&'a str>,
}

pub(crate) async fn accessibility(
    State(portal): State<Portal>,
    shell: Shell,
) -> Result<Response, PageFault> {
    let notices = portal.vault.register().statement().notices.iter();
    let of_processors = notices.filter(|notice| notice.list == Some(ListKind::Processors));
    let told = of_processors.map(|notice| notice.text.get(shell.language.tag()));
    let helpdesk = portal.contacts.helpdesk.as_deref().map(|url| Contact {
        url,
        words: url
            .trim_start_matches("mailto:")
            .trim_start_matches("tel:")
            .trim_start_matches("https://"),
        told: told.collect(),
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
