//! Bringing everything up: two installations in one process, and the login provider beside them.

use std::fs;

use basics::{Clock, Fault, NumberKind};
use demo_provider::{Client, ClientKeys, Level, Person, Provider, ProviderConfig};
use postbus::Listening;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::folder::Folder;
use crate::shown::{Shown, installations};
use crate::{Engine, Options, made_up, welcome};

/// Runs until Ctrl-C.
pub async fn run(options: &Options) -> Result<(), Fault> {
    // What an unoptimised build takes long over says nothing about the product.
    postbus::log_to_standard_error("warn,postbus=error,web=error,vault::call=error");
    let mut folder = options.folder();
    let held = folder.prepare(options.fresh, options.asked())?;
    if held.engine == Engine::Server {
        folder = folder.served()?;
    }
    let shown = installations(options.port, held.size)?;
    let mut listeners = Vec::new();
    for port in shown.iter().map(|one| one.port).chain([options.port + 9]) {
        listeners.push(listen(port).await?);
    }
    for one in &shown {
        one.fill(&folder, Clock::system().now()).await?;
    }
    let (tell, stop) = watch::channel(false);
    let mut open = Vec::new();
    let mut routers = Vec::new();
    for one in &shown {
        let installation = one
            .open(&folder, &folder.place(one.name), Clock::system())
            .await?;
        routers.push(installation.router());
        open.push(installation);
    }
    routers.push(provider(options.port + 9, &shown, &folder)?.router());
    let all = listeners
        .into_iter()
        .zip(routers)
        .map(|(listener, router)| Listening { listener, router });
    let serving = tokio::spawn(postbus::serve(all.collect(), stop.clone()));
    let runners: Vec<_> = open
        .iter()
        .map(|installation| tokio::spawn(installation.jobs().run(stop.clone())))
        .collect();
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

async fn listen(port: u16) -> Result<TcpListener, Fault> {
    TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|fault| {
            Fault::broken(format!(
                "cannot listen on port {port} ({fault}); choose others with --port"
            ))
        })
}

fn provider(port: u16, shown: &[Shown], folder: &Folder) -> Result<Provider, Fault> {
    let mut people = Vec::new();
    for one in shown {
        let person = |name: String, number: String| Person {
            name,
            number,
            number_kind: provider_kind(one.sample.number_kind),
            acr: Level::High,
        };
        let sample = one.sample.people.iter();
        people.extend(sample.map(|known| person(known.name.clone(), known.number.clone())));
        let made_up = made_up::numbers().take(one.size.people).enumerate();
        people.extend(made_up.map(|(place, number)| person(made_up::name(place), number)));
    }
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
            client_id: one.client_id(),
            name: one.title.to_owned(),
            redirect_uris: vec![format!("{}/inloggen/terug", one.base_url)],
            post_logout_redirect_uris: vec![format!("{}/uitgelogd", one.base_url)],
            backchannel_logout_uri: Some(format!("{}/uitloggen/door-provider", one.base_url)),
            keys: ClientKeys::At(format!("{}/.well-known/jwks.json", one.base_url)),
            number_kind: provider_kind(one.sample.number_kind),
        })
        .collect();
    Provider::new(ProviderConfig {
        issuer: format!("http://localhost:{port}"),
        people,
        clients,
        signing_key_pem: Some(folder.provider_key()?),
        clock: demo_provider::system_clock(),
    })
    .map_err(|fault| Fault::broken(format!("the demonstration login provider: {fault:?}")))
}

const fn provider_kind(kind: NumberKind) -> demo_provider::NumberKind {
    match kind {
        NumberKind::Bsn => demo_provider::NumberKind::Bsn,
        NumberKind::Crib => demo_provider::NumberKind::Crib,
    }
}
