//! The sheet that goes with data given to somebody outside: to whom, on what ground, when, and what.

use std::fmt::Write;

use basics::Moment;
use language::Language;
use statement::{Occasion, Register};
use vault::Giving;
use web::texts;

/// As Markdown. `rows` is how much goes with it.
pub fn cover_sheet(
    register: &Register,
    language: Language,
    giving: &Giving,
    rows: usize,
    at: Moment,
) -> String {
    let words = &texts(language).accountability;
    let tag = language.tag();
    let mut recipients = register.recipients().iter();
    let recipient = recipients.find(|one| one.name == giving.recipient);
    let to = recipient.map_or(giving.recipient.as_str(), |one| one.title.get(tag));
    let occasion = match giving.occasion {
        Occasion::Always | Occasion::OnDemand => words.cover_demand,
        Occasion::OnIncident => words.cover_incident,
        Occasion::WithConsent => words.cover_consent,
    };
    let mut lines = vec![
        (words.cover_to, to.to_owned()),
        (words.cover_from, register.controller().to_owned()),
        (words.cover_at, language.date_time(at, register.time_zone())),
        (occasion, giving.reference.clone()),
    ];
    let ground = recipient.and_then(|one| register.statement().ground_of(one));
    if let Some(ground) = ground {
        lines.push((words.cover_ground, ground.title.get(tag).to_owned()));
    }
    let mut laws = register.legal_sources().iter();
    if let Some(law) = laws.find(|law| Some(&law.name) == giving.law.as_ref()) {
        let article = giving.article.as_ref();
        let article = article.map_or(String::new(), |article| format!(", {article}"));
        let said = format!("{}{article} ({}, {})", law.title, law.citation, law.link);
        lines.push((words.cover_law, said));
    }
    lines.push((words.cover_reason, giving.reason.clone()));
    let version = register.version();
    let statement = format!("{} {} ({})", register.title(), version.number, version.date);
    lines.push((words.cover_statement, statement));
    let mut sheet = format!("# {}\n\n", words.cover_title);
    for (label, said) in lines {
        // A line of it stays one line.
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(sheet, "- {label} {said}");
    }
    let _ = writeln!(sheet, "\n## {}\n", words.cover_data);
    for category in register.categories() {
        if giving.data.contains(&category.name) {
            let _ = writeln!(sheet, "- {} (`{}`)", category.title.get(tag), category.name);
        }
    }
    let _ = writeln!(sheet, "\n{}", words.cover_rows(rows));
    let _ = writeln!(sheet, "{}", words.cover_moments);
    let _ = writeln!(sheet, "\n{}", words.cover_only);
    sheet
}
