//! What the demonstration prints when it is up: where to look, who to be, and one line to paste.

use crate::Options;
use crate::start::Shown;

pub fn print(shown: &[Shown], options: &Options) {
    println!("Postbus is running. Ctrl-C ends it; a second start finds everything again.\n");
    for one in shown {
        println!("{} at {}", one.title, one.base_url);
        let people = one
            .sample
            .people
            .iter()
            .map(|person| format!("    {:<22} {}", person.name, person.number));
        println!("  people to log in as ({}):", one.kind.name());
        people.for_each(|line| println!("{line}"));
        println!("  organisations that deliver (OIN):");
        let organisations = &one.sample.organisations;
        organisations
            .iter()
            .for_each(|organisation| println!("    {}   {}", organisation.oin, organisation.name));
        println!();
    }
    println!(
        "Login provider of the demonstration at http://localhost:{}\n",
        options.port + 9
    );
    if let Some(line) = shown.first().and_then(|one| delivery_line(one, options)) {
        println!("Deliver a letter: paste this in another terminal.\n\n{line}\n");
    }
}

/// One `curl` that delivers a message.
fn delivery_line(one: &Shown, options: &Options) -> Option<String> {
    let (person, organisation) = (
        one.sample.people.first()?,
        one.sample.organisations.first()?,
    );
    let usual = options.port == 8080 && options.data.as_os_str() == "./demo-data";
    let folder = std::path::absolute(&options.data).unwrap_or_else(|_| options.data.clone());
    let same = if usual {
        String::new()
    } else {
        format!(" --data '{}' --port {}", folder.display(), options.port)
    };
    let body = serde_json::json!({
        "afzender": organisation.oin,
        "ontvanger": { "type": one.kind.name(), "waarde": person.number },
        "onderwerp": "Een proefbericht",
        "inhoud": "Dit bericht is zojuist afgeleverd.",
    });
    Some(format!(
        "curl -sS {}/api/v1/aanleveringen -H \"Authorization: Bearer $(cargo demo token {}{same})\" \
         -H 'Content-Type: application/json' -d '{body}'",
        one.base_url, organisation.oin
    ))
}
