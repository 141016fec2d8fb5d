//! One installation: its statement, its vault, its rooms joined into one router, its jobs.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use accountability::publication::without_address;
use accountability::{Accountability, Addresses, Export, LogApi};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};
use basics::{Clock, Fault, Ids, Stretch};
use delivery::Delivery;
use jobs::{Job, Runner};
use language::Language;
use letterbox::{Letterbox, Listeners, Preferred};
use organisations::Tokens;
use people::{AccountChange, LoginSettings, People};
use portal::{Contacts, Portal};
use serde::Deserialize;
use statement::{AddressKind, CookieLife, Level, Register};
use vault::{Elsewhere, RoomSchema, Vault, VaultSettings};
use web::{AppFacts, Budget, Cookies, Proxies, Site, SiteFacts};

use crate::known::demanded;
use crate::locations::Locations;
use crate::opening;
use crate::public_keys::public_keys;
use crate::sweeping;

/// Bytes of requests that one installation holds at once.
const BYTES_IN_FLIGHT: usize = 128 << 20;
/// What is not placed yet is read through for each history that somebody asks for.
const PLACING: Duration = Duration::from_secs(15);
const EXPORTING: Duration = Duration::from_secs(5);
const HOUR: Duration = Duration::from_secs(3600);
/// What ends is gone within a day, also when one sweep fails.
const QUARTER: Duration = Duration::from_secs(6 * 3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What an installation is opened with.
pub struct InstallationSettings {
    /// The text of the statement file.
    pub statement: String,
    pub data: PathBuf,
    pub keys: PathBuf,
    pub elsewhere: Elsewhere,
    /// In which country all that lies: the one that the statement declares.
    pub locations: Locations,
    pub base_url: String,
    pub plain_loopback_cookies: bool,
    pub login: LoginSettings,
    pub contacts: Contacts,
    /// What the statement leaves to the installation of its addresses, by their names.
    pub addresses: Addresses,
    /// The app beside the site; told of only where the statement has a cookie for it.
    pub app: Option<App>,
    /// Whose word on a visitor's address is taken.
    pub proxies: Proxies,
    /// Where the processing log goes besides: the address under which a collector has `/v1/traces`.
    pub log_collector: Option<String>,
    pub clock: Clock,
    pub ids: Ids,
}

/// The app beside the site, as the operator configures it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct App {
    pub name: String,
    /// Where it is to be had: https.
    pub link: String,
}

/// An open installation.
pub struct Installation {
    pub vault: Vault,
    pub people: People,
    pub tokens: Tokens,
    site: Site,
    budget: Budget,
    listeners: Listeners,
    portal: Portal,
    addresses: Addresses,
    export: Option<Export>,
}

/// The tables of every room, without the vault's own.
pub fn rooms() -> Vec<RoomSchema> {
    vec![
        organisations::SCHEMA,
        people::SCHEMA,
        letterbox::SCHEMA,
        delivery::SCHEMA,
        jobs::SCHEMA,
        accountability::SCHEMA,
    ]
}

/// The claim in which a login provider gives a number of this kind, when the configuration names none.
pub fn usual_number_claim(register: &Register) -> String {
    register.number().kind.name().to_lowercase()
}

/// Reads a statement file's text. Errors list every finding with its line and a hint.
pub fn read_statement(text: &str) -> Result<Register, Fault> {
    let register = Register::parse(text).map_err(|findings| {
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        Fault::broken(format!(
            "the statement contradicts itself or does not read:\n  {}",
            findings.join("\n  ")
        ))
    })?;
    let beside = register.beside(&demanded());
    let stops = beside.iter().filter(|finding| finding.stops());
    let stops: Vec<String> = stops.map(ToString::to_string).collect();
    if !stops.is_empty() {
        return Err(Fault::broken(format!(
            "the statement and the program contradict each other:\n  {}",
            stops.join("\n  ")
        )));
    }
    for finding in register.findings() {
        if finding.acknowledged.is_some() || finding.level == Level::Note {
            tracing::info!(statement = register.installation(), "{finding}");
        } else {
            tracing::warn!(statement = register.installation(), "{finding}");
        }
    }
    Ok(register)
}

impl Installation {
    /// Opens the vault and joins the rooms. The login provider need not be up.
    ///
    /// Errors: a statement with errors, data that lie elsewhere than it declares, an unknown time zone or language, and what the
    /// vault refuses.
    pub fn open(settings: InstallationSettings) -> Result<Self, Fault> {
        let register = Arc::new(read_statement(&settings.statement)?);
        let naming = |fault: Fault| fault.while_doing(format!("opening {}", settings.base_url));
        opening::refuse(&register).map_err(naming)?;
        let locations = &settings.locations;
        locations.are_declared(&settings.elsewhere, &register)?;
        let vault = Vault::open(VaultSettings {
            data: settings.data.clone(),
            keys: settings.keys.clone(),
            elsewhere: settings.elsewhere.clone(),
            register: Arc::clone(&register),
            rooms: rooms(),
            clock: settings.clock.clone(),
            ids: settings.ids.clone(),
        })
        .map_err(naming)?;
        for text in vault.uncovered_texts() {
            tracing::info!(
                statement = register.installation(),
                "nothing may run: {text}"
            );
        }
        for what in vault.kept_without_end() {
            tracing::warn!(
                statement = register.installation(),
                "kept without end: {what}"
            );
        }
        let site = Site::new(site_facts(&register, &vault, &settings)?).map_err(naming)?;
        let people = People::open(vault.clone(), site.clone(), settings.login, Vec::new())?;
        if settings.contacts.helpdesk.is_none() {
            tracing::warn!(
                statement = register.installation(),
                "the accessibility statement names nobody to turn to: configure contact.helpdesk"
            );
        }
        let addresses = addresses(&register, settings.addresses, &settings.contacts);
        for name in without_address(register.statement(), &addresses) {
            tracing::warn!(
                statement = register.installation(),
                "the contact page cannot tell the address `{name}`: configure it in contact.addresses"
            );
        }
        let portal = Portal::new(vault.clone(), site.clone(), settings.contacts)?;
        let tokens = Tokens::open(&vault, &settings.base_url)?;
        let export = settings
            .log_collector
            .map(|collector| Export::to(vault.clone(), &collector, &settings.base_url))
            .transpose()?;
        // Nothing may fail after this: a version that was published cannot be put right under its number.
        accountability::publication::publish(&vault, &settings.statement).map_err(naming)?;
        Ok(Self {
            vault,
            people,
            tokens,
            site,
            budget: Budget::new(BYTES_IN_FLIGHT),
            listeners: listeners(&register),
            portal,
            addresses,
            export,
        })
    }

    /// Everything this installation answers.
    pub fn router(&self) -> Router {
        let portal = self.portal.clone();
        let pages = Router::new()
            .merge(portal::routes(portal.clone()))
            .merge(people::routes(self.people.clone()))
            .merge(letterbox::routes(Letterbox::new(
                self.vault.clone(),
                self.listeners.clone(),
            )))
            .merge(accountability::routes(Accountability::new(
                self.vault.clone(),
                self.addresses.clone(),
            )))
            .fallback(web::not_found)
            .layer(from_fn_with_state(self.people.clone(), people::recognise));
        let delivery = Delivery::new(
            self.vault.clone(),
            self.tokens.clone(),
            self.listeners.clone(),
            self.budget.clone(),
            self.site.origin(),
            self.vault
                .offers(accountability::READ_LOG)
                .then(accountability::openapi),
        );
        let log_api = LogApi::new(
            self.vault.clone(),
            self.tokens.clone(),
            self.budget.clone(),
            self.site.origin(),
        );
        let log_api = web::api(accountability::api_routes(log_api), delivery::API_VERSION);
        let key_sets = [self.people.jwks(), self.tokens.jwks()];
        // Nesting leaves the base path with a slash behind it to the pages; it is the API's to refuse.
        let apart = Router::new()
            .route(
                &format!("{}/", delivery::BASE_PATH),
                any(web::unknown_resource),
            )
            .route(
                "/.well-known/jwks.json",
                get(move || std::future::ready(public_keys(&key_sets))),
            )
            .merge(people::provider_routes(self.people.clone()));
        let tokens = organisations::routes(self.tokens.clone(), self.budget.clone());
        let joined = web::pages(pages, self.site.clone())
            .nest(
                delivery::BASE_PATH,
                delivery::routes(delivery).merge(log_api),
            )
            .merge(web::api(apart, delivery::API_VERSION))
            .merge(tokens)
            .merge(portal::files(portal))
            .merge(web::assets());
        let (ids, clock) = (self.vault.ids().clone(), self.vault.clock().clone());
        web::trace(joined, ids, clock)
    }

    /// The jobs of every room, not yet running.
    pub fn jobs(&self) -> Runner {
        let vault = &self.vault;
        let expiring = vault.clone();
        let mut runner = Runner::new(vault.clone())
            .on(people::EXPIRE_SESSION, move |job| {
                let vault = expiring.clone();
                async move { people::expire_session(&vault, job).await }
            })
            .every(
                HOUR,
                "sleutels-opruimen",
                each(vault, |vault| async move {
                    delivery::sweep(&vault).await.map(drop)
                }),
            )
            .every(
                PLACING,
                "logplaatsen-noteren",
                each(vault, |vault| async move { vault.place_log_rows().await }),
            )
            .every(
                DAY,
                "logkop-noteren",
                each(vault, |vault| async move { vault.note_log_head().await }),
            );
        if vault.lies_by_month() {
            runner = runner.every(
                DAY,
                "maanden-aanleggen",
                each(vault, |vault| async move { vault.make_months().await }),
            );
        }
        if vault.offers(vault::SWEEP) {
            let trouble = Arc::new(Stretch::default());
            runner = runner.every_apart(
                QUARTER,
                "bewaartermijnen",
                each(vault, move |vault| {
                    let trouble = Arc::clone(&trouble);
                    async move { sweeping::sweep(&vault, &trouble).await }
                }),
            );
        }
        if let Some(export) = self.export.clone() {
            runner = runner.every(EXPORTING, "log-uitvoeren", move |_| {
                let export = export.clone();
                async move { export.hand_over().await }
            });
        }
        if vault.offers(letterbox::SWEEP_ATTACHMENTS) {
            runner = runner.every(
                HOUR,
                "bijlagen-opruimen",
                each(vault, |vault| async move {
                    letterbox::sweep_orphans(&vault).await.map(drop)
                }),
            );
        }
        runner
    }
}

/// A recurring job that needs nothing but the vault.
fn each<F, W: Fn(Vault) -> F>(vault: &Vault, work: W) -> impl Fn(Job) -> F + use<F, W> {
    let vault = vault.clone();
    move |_| work(vault.clone())
}

/// Who hears what another room tells.
fn listeners(register: &Register) -> Listeners {
    let mut listeners = Listeners::default();
    if people::keeps_changes(register, letterbox::CHANGE_PREFERENCE) {
        listeners
            .preferred
            .push(Arc::new(|tx, preferred: &Preferred| {
                let change = match preferred.wanted {
                    true => AccountChange::PostWanted,
                    false => AccountChange::PostRefused,
                };
                people::record_change(tx, change, &preferred.name)
            }));
    }
    listeners
}

fn site_facts(
    register: &Register,
    vault: &Vault,
    settings: &InstallationSettings,
) -> Result<SiteFacts, Fault> {
    let tags = register.languages().iter();
    let languages: Vec<Language> = tags.filter_map(|tag| Language::from_tag(tag)).collect();
    let default_language = *languages
        .first()
        .ok_or_else(|| Fault::broken("the statement names no language"))?;
    let cookies = if settings.plain_loopback_cookies {
        tracing::warn!(
            base_url = settings.base_url,
            "cookies go without __Host- and Secure: for a plain loopback address only"
        );
        Cookies::PlainLoopback
    } else {
        Cookies::Secure
    };
    Ok(SiteFacts {
        name: register.installation().to_owned(),
        title: register.title().to_owned(),
        controller: register.controller().to_owned(),
        default_language,
        languages,
        time_zone: register.time_zone().to_owned(),
        base_url: settings.base_url.clone(),
        cookies,
        login_origin: web::origin_of(&settings.login.issuer),
        can_log_out: vault.offers(people::LOG_OUT),
        navigation: std::iter::once(portal::nav_item())
            .chain(letterbox::nav_item(vault))
            .chain(letterbox::preferences_nav_item(vault))
            .chain(people::nav_item(vault))
            .chain(accountability::nav_item(vault))
            .collect(),
        footer: vec![
            accountability::footer_item(),
            accountability::contact_item(),
            portal::footer_item(),
        ],
        app: app_facts(register, settings.app.as_ref()),
        proxies: settings.proxies.clone(),
    })
}

/// Where nobody gives an e-mail address that the statement leaves open, the helpdesk's serves.
fn addresses(register: &Register, given: Addresses, contacts: &Contacts) -> Addresses {
    let helpdesk = contacts.helpdesk.as_deref();
    let Some(mail) = helpdesk.and_then(|helpdesk| helpdesk.strip_prefix("mailto:")) else {
        return given;
    };
    let all = register.statement().addresses.iter();
    let open = all.filter(|one| one.kind == AddressKind::Email && one.lines.is_empty());
    let by_helpdesk = open.map(|one| (one.name.clone(), vec![mail.to_owned()]));
    by_helpdesk.chain(given).collect()
}

/// The notice about the app remembers by a cookie that it was taken away, and a cookie is the statement's to allow.
fn app_facts(register: &Register, app: Option<&App>) -> Option<AppFacts> {
    let app = app?;
    let cookie = register
        .cookies()
        .find(|cookie| cookie.name == "appmelding");
    let Some(CookieLife::For(silent_for)) = cookie.map(|cookie| cookie.life) else {
        tracing::warn!(
            statement = register.installation(),
            "nothing tells of the app: the statement has no cookie `appmelding` that lasts"
        );
        return None;
    };
    Some(AppFacts {
        name: app.name.clone(),
        link: app.link.clone(),
        silent_for,
    })
}
