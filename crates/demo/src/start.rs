//! Bringing everything up: two installations in one process, and the login provider beside them.

use std::fs;

use basics::{Clock, Fault, Ids, NumberKind, Trace};
use demo_provider::{Client, ClientKeys, Level, Person, Provider, ProviderConfig};
use organisations::NewOrganisation;
use postbus::{Contacts, Installation, InstallationSettings, Listening};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::folder::Folder;
use crate::sample::Sample;
use crate::{Options, seeding, welcome};

const CLIENT_ID: &str = "postbus-demonstratie";

/// One installation of the demonstration.
pub struct Shown {
    pub name: &'static str,
    pub title: &'static str,
    pub kind: NumberKind,
    pub base_url: String,
    pub sample: Sample,
    statement: &'static str,
    port: u16,
}

/// Runs until Ctrl-C.
pub async fn run(options: &Options) -> Result<(), Fault> {
    postbus::log_to_standard_error("warn,postbus=error,web=error");
    let folder = options.folder();
    folder.prepare(options.fresh)?;
    let shown = installations(options.port)?;
    let (tell, stop) = watch::channel(false);
    let mut all = Vec::new();
    let mut open = Vec::new();
    for one in &shown {
        let installation = bring_up(one, &folder, options.port + 9).await?;
        all.push(Listening {
            listener: listen(one.port).await?,
            router: installation.router(),
        });
        open.push(installation);
    }
    all.push(Listening {
        listener: listen(options.port + 9).await?,
        router: provider(options.port + 9, &shown, &folder)?.router(),
    });
    let serving = tokio::spawn(postbus::serve(all, stop.clone()));
    let runners: Vec<_> = open
        .iter()
        .map(|installation| tokio::spawn(installation.jobs().run(stop.clone())))
        .collect();
    for one in &shown {
        seed(one, &folder).await?;
    }
    welcome::print(&shown, options);
    postbus::told_to_stop().await;
    println!("\nEnding…");
    let _ = tell.send(true);
    let served = serving
        .await
        .map_err(|fault| Fault::broken(fault.to_string()))?;
    for runner in runners {
        let _ = runner.await;
    }
    served
}

fn installations(port: u16) -> Result<Vec<Shown>, Fault> {
    let shown = |name, title, kind, port: u16, statement, sample| {
        Ok(Shown {
            name,
            title,
            kind,
            base_url: format!("http://localhost:{port}"),
            sample: Sample::parse(sample)?,
            statement,
            port,
        })
    };
    Ok(vec![
        shown(
            "mijnoverheid",
            "MijnOverheid",
            NumberKind::Bsn,
            port,
            include_str!("../../../statements/mijnoverheid.toml"),
            include_str!("../samples/mijnoverheid.toml"),
        )?,
        shown(
            "mijncn",
            "MijnCN",
            NumberKind::Crib,
            port + 1,
            include_str!("../../../statements/mijncn.toml"),
            include_str!("../samples/mijncn.toml"),
        )?,
    ])
}

async fn listen(port: u16) -> Result<TcpListener, Fault> {
    TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|fault| {
            Fault::broken(format!(
                "cannot listen on port {port} ({fault}); choose others with --port"
            ))
        })
}

/// Opens an installation, connects its organisations and brings in its people.
async fn bring_up(one: &Shown, folder: &Folder, provider_port: u16) -> Result<Installation, Fault> {
    let installation = Installation::open(InstallationSettings {
        statement: one.statement.to_owned(),
        data: folder.data(one.name),
        keys: folder.keys(one.name),
        base_url: one.base_url.clone(),
        plain_loopback_cookies: true,
        login: people::LoginSettings {
            issuer: issuer(provider_port),
            client_id: client_id(one),
            number_claim: provider_kind(one.kind).claim().to_owned(),
        },
        contacts: Contacts::default(),
        app: None,
        clock: Clock::system(),
        ids: Ids::system(),
    })?;
    let vault = &installation.vault;
    for organisation in &one.sample.organisations {
        let oin = organisation.oin()?;
        let new = NewOrganisation {
            jwks: serde_json::json!({ "keys": [public_part(&folder.private_key(&oin)?)] }),
            oin,
            name: organisation.name.clone(),
            mandatory: organisation.mandatory,
        };
        organisations::connect_on_order(vault, new).await?;
    }
    if !folder.seeded(one.name).exists() {
        for person in one.sample.people.iter().filter(|person| person.activated) {
            installation
                .people
                .bring_in(person.number(one.kind)?, Trace::new(vault.ids()))
                .await?;
        }
    }
    Ok(installation)
}

/// Delivers the sample letters once.
async fn seed(one: &Shown, folder: &Folder) -> Result<(), Fault> {
    let done = folder.seeded(one.name);
    if done.exists() {
        return Ok(());
    }
    seeding::deliver(&one.base_url, one.kind, &one.sample, folder).await?;
    fs::write(&done, "")
        .map_err(|fault| Fault::broken(format!("cannot write {}: {fault}", done.display())))
}

fn provider(port: u16, shown: &[Shown], folder: &Folder) -> Result<Provider, Fault> {
    let people = shown
        .iter()
        .flat_map(|one| {
            one.sample
                .people
                .iter()
                .map(move |person| (one.kind, person))
        })
        .map(|(kind, person)| Person {
            name: person.name.clone(),
            number: person.number.clone(),
            number_kind: provider_kind(kind),
            acr: Level::High,
        })
        .collect::<Vec<_>>();
    let listed: Vec<_> = people
        .iter()
        .map(|person| serde_json::json!({ "naam": person.name, "nummer": person.number }))
        .collect();
    fs::write(
        folder.people(),
        format!("{:#}\n", serde_json::Value::Array(listed)),
    )
    .map_err(|fault| Fault::broken(format!("cannot write the list of sample people: {fault}")))?;
    let clients = shown
        .iter()
        .map(|one| Client {
            client_id: client_id(one),
            name: one.title.to_owned(),
            redirect_uris: vec![format!("{}/inloggen/terug", one.base_url)],
            post_logout_redirect_uris: vec![format!("{}/uitgelogd", one.base_url)],
            backchannel_logout_uri: Some(format!("{}/uitloggen/door-provider", one.base_url)),
            keys: ClientKeys::At(format!("{}/.well-known/jwks.json", one.base_url)),
            number_kind: provider_kind(one.kind),
        })
        .collect();
    Provider::new(ProviderConfig {
        issuer: issuer(port),
        people,
        clients,
        signing_key_pem: Some(folder.provider_key()?),
        clock: demo_provider::system_clock(),
    })
    .map_err(|fault| Fault::broken(format!("the demonstration login provider: {fault:?}")))
}

fn issuer(port: u16) -> String {
    format!("http://localhost:{port}")
}

fn client_id(one: &Shown) -> String {
    format!("{CLIENT_ID}-{}", one.name)
}

const fn provider_kind(kind: NumberKind) -> demo_provider::NumberKind {
    match kind {
        NumberKind::Bsn => demo_provider::NumberKind::Bsn,
        NumberKind::Crib => demo_provider::NumberKind::Crib,
    }
}

/// A JWK without its private member.
fn public_part(private: &serde_json::Value) -> serde_json::Value {
    let mut public = private.clone();
    if let Some(members) = public.as_object_mut() {
        members.remove("d");
    }
    public
}
