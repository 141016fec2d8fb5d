//! What the demonstration prints when it is up: where to look, who to be, and one line to paste.

use crate::Options;
use crate::shown::Shown;

pub fn print(shown: &[Shown], options: &Options) {
    println!("Postbus is running. Ctrl-C ends it; a second start finds everything again.\n");
    for one in shown {
        let known = one
            .sample
            .people
            .iter()
            .filter_map(|person| Some((person, person.story.as_ref()?)));
        println!("{} at {}, where you can be", one.title, one.base_url);
        for (person, story) in known {
            println!("    {:<20} {:<10} {story}", person.name, person.number);
        }
        let others = one
            .sample
            .people
            .iter()
            .filter(|person| person.story.is_none())
            .count();
        println!("    and {} others\n", others + one.size.people);
    }
    println!(
        "No password is asked: the login provider of the demonstration, at http://localhost:{}, believes everyone.\n",
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
        "ontvanger": { "type": one.sample.number_kind.name(), "waarde": person.number },
        "onderwerp": "Een proefbericht",
        "inhoud": "Dit bericht is zojuist afgeleverd.",
    });
    Some(format!(
        "curl -sS {}/api/v1/aanleveringen -H \"Authorization: Bearer $(cargo demo token {}{same})\" \
         -H 'Content-Type: application/json' -d '{body}'",
        one.base_url, organisation.oin
    ))
}
