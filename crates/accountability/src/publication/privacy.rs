//! `/privacy` and `/privacy/versies`: the statement in force and those before it, and a place to say whether it is clear.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use language::Language;
use serde::Deserialize;
use statement::Register;
use vault::{ReadTx, Vault};
use web::{PageFault, Shell, page, page_with_status};

use super::contact::{Addresses, PATH as CONTACT_PATH};
use super::opinions::{self, Unclear};
use super::versions;
use super::{Document, document};

pub(crate) const PATH: &str = "/privacy";
pub(crate) const VERSIONS_PATH: &str = "/privacy/versies";
pub(crate) const VERSION_PATH: &str = "/privacy/versies/{versie}";
pub(crate) const OPINION_PATH: &str = "/privacy/reactie";

/// The page of a version.
pub(crate) fn version_path(version: &str) -> String {
    format!("{VERSIONS_PATH}/{version}")
}

/// The statement in force, put in words once; cheap to clone.
#[derive(Clone)]
pub(crate) struct Publication {
    vault: Vault,
    /// In every language that it offers.
    written: Arc<[Written]>,
    addresses: Arc<Addresses>,
}

struct Written {
    language: Language,
    title: String,
    html: String,
}

impl Publication {
    pub(crate) fn new(vault: Vault, addresses: Arc<Addresses>) -> Self {
        let register = vault.register();
        let offered = register.languages().iter();
        let languages = offered.filter_map(|tag| Language::from_tag(tag));
        let written = languages.map(|language| {
            let written: Document = document(register.statement(), language);
            Written {
                language,
                html: written.html(),
                title: written.title,
            }
        });
        let written = written.collect();
        Self {
            vault,
            written,
            addresses,
        }
    }

    fn in_language(&self, language: Language) -> Result<&Written, PageFault> {
        let found = self.written.iter().find(|one| one.language == language);
        found.or(self.written.first()).ok_or(PageFault::NotFound)
    }

    pub(super) fn register(&self) -> &Register {
        self.vault.register()
    }

    /// What the installation gives of the addresses that the statement leaves to it.
    pub(super) fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Whether the statement asks what people think of it.
    pub(crate) fn asks(&self) -> bool {
        self.vault.register().statement().feedback.is_some()
    }
}

#[derive(Template)]
#[template(path = "publication/privacy.html")]
struct Shown<'a> {
    shell: &'a Shell,
    title: &'a str,
    html: &'a str,
    /// Set in a version that is no longer in force.
    newest: Option<String>,
    versions: String,
    contact: String,
    opinion: Option<Opinion>,
}

/// The form below the statement.
struct Opinion {
    question: String,
    most: u32,
    action: String,
    words: String,
    fault: Option<Fault>,
}

/// What is wrong with what was filled in where.
struct Fault {
    field: &'static str,
    words: String,
}

impl Opinion {
    fn of(
        publication: &Publication,
        shell: &Shell,
        given: &str,
        why: Option<Unclear>,
    ) -> Option<Self> {
        let feedback = publication.vault.register().statement().feedback.as_ref()?;
        let texts = &shell.texts().statement;
        let words = |why| match why {
            Unclear::Empty => texts.opinion_empty.to_owned(),
            Unclear::Long => texts.opinion_long(feedback.most),
        };
        let fault = why.map(|why| Fault {
            field: "reactie",
            words: words(why),
        });
        Some(Self {
            question: feedback.question.get(shell.language.tag()).to_owned(),
            most: feedback.most,
            action: shell.link(OPINION_PATH),
            words: given.to_owned(),
            fault,
        })
    }
}

/// `GET /privacy`
pub(crate) async fn in_force(
    State(publication): State<Publication>,
    shell: Shell,
) -> Result<Response, PageFault> {
    let opinion = Opinion::of(&publication, &shell, "", None);
    show(&publication, &shell, opinion, StatusCode::OK)
}

fn show(
    publication: &Publication,
    shell: &Shell,
    opinion: Option<Opinion>,
    status: StatusCode,
) -> Result<Response, PageFault> {
    let written = publication.in_language(shell.language)?;
    // Whoever hears the page's title first hears what is the matter.
    let fault = opinion.as_ref().and_then(|opinion| opinion.fault.as_ref());
    let title = match fault {
        Some(fault) => format!("{} - {}", fault.words, written.title),
        None => written.title.clone(),
    };
    let shown = Shown {
        shell,
        title: &written.title,
        html: &written.html,
        newest: None,
        versions: shell.link(VERSIONS_PATH),
        contact: shell.link(CONTACT_PATH),
        opinion,
    };
    Ok(page_with_status(status, shell, &title, &shown)?)
}

#[derive(Deserialize)]
pub(crate) struct Given {
    #[serde(default)]
    reactie: String,
}

/// `POST /privacy/reactie`: asks for no session and keeps nothing of who sends it.
pub(crate) async fn give_opinion(
    State(publication): State<Publication>,
    shell: Shell,
    axum::Form(given): axum::Form<Given>,
) -> Result<Response, PageFault> {
    let register = publication.vault.register();
    let feedback = register.statement().feedback.as_ref();
    let feedback = feedback.ok_or(PageFault::NotFound)?;
    match opinions::taken(&given.reactie, feedback) {
        Ok(words) => {
            opinions::keep(&publication.vault, words).await?;
            Ok(Redirect::to(&shell.link(OPINION_PATH)).into_response())
        }
        Err(why) => {
            let shell = shell.standing_at(PATH);
            let opinion = Opinion::of(&publication, &shell, &given.reactie, Some(why));
            show(&publication, &shell, opinion, StatusCode::BAD_REQUEST)
        }
    }
}

#[derive(Template)]
#[template(path = "publication/thanks.html")]
struct Thanks<'a> {
    shell: &'a Shell,
    back: String,
}

/// `GET /privacy/reactie`
pub(crate) async fn thanks(shell: Shell) -> Result<Response, PageFault> {
    let title = shell.texts().statement.opinion_thanks;
    let back = shell.link(PATH);
    Ok(page(
        &shell,
        title,
        &Thanks {
            shell: &shell,
            back,
        },
    )?)
}

#[derive(Template)]
#[template(path = "publication/versions.html")]
struct Versions<'a> {
    shell: &'a Shell,
    versions: Vec<(String, String)>,
}

/// `GET /privacy/versies`
pub(crate) async fn all_versions(
    State(publication): State<Publication>,
    shell: Shell,
) -> Result<Response, PageFault> {
    let vault = &publication.vault;
    let reading = versions::reading(vault);
    let published = vault.read(reading, |tx: &mut ReadTx<'_>| versions::all(tx));
    let texts = &shell.texts().statement;
    let moment = |moment| shell.language.date_time(moment, shell.site.time_zone());
    let line = |one: versions::Published| {
        let link = shell.link(&version_path(&one.version));
        let words = match one.until {
            None => texts.version_since(moment(one.from), &one.version),
            Some(until) => texts.version_until(moment(one.from), &one.version, moment(until)),
        };
        (link, words)
    };
    let versions = published.await?.into_iter().map(line).collect();
    let shown = Versions {
        shell: &shell,
        versions,
    };
    Ok(page(&shell, texts.versions_title, &shown)?)
}

/// `GET /privacy/versies/{versie}`
pub(crate) async fn one_version(
    State(publication): State<Publication>,
    Path(version): Path<String>,
    shell: Shell,
) -> Result<Response, PageFault> {
    let languages = [shell.language.tag()].into_iter();
    let languages: Vec<&'static str> = languages.chain(Language::ALL.map(Language::tag)).collect();
    let vault = &publication.vault;
    let is_newest = version == vault.register().version().number;
    let number = version.clone();
    let find = move |tx: &mut ReadTx<'_>| versions::text(tx, &version, &languages);
    let found: Result<_, basics::Fault> = vault.read(versions::reading(vault), find).await;
    let found = found?.ok_or(PageFault::NotFound)?;
    let shown = Shown {
        shell: &shell,
        title: &found.title,
        html: &found.html,
        newest: (!is_newest).then(|| shell.link(PATH)),
        versions: shell.link(VERSIONS_PATH),
        contact: shell.link(CONTACT_PATH),
        opinion: None,
    };
    let texts = &shell.texts().statement;
    Ok(page(
        &shell,
        &texts.version_title(&found.title, &number),
        &shown,
    )?)
}
