//! What the published text must say of every entry of the shipped statements.

use language::Language;
use statement::{Agreement, ListKind, Register, Statement, TermSource};

use super::{Document, Line, document};

const FILES: [&str; 4] = [
    include_str!("../../../../statements/mijnoverheid.toml"),
    include_str!("../../../../statements/mijncn.toml"),
    include_str!("../../../../statements/toeslagen.toml"),
    include_str!("../../../../statements/cjib.toml"),
];

fn read(file: &str) -> Register {
    Register::parse(file).expect("a statement")
}

/// What stands at a place: its words with what belongs to them, each on a line.
fn said(document: &Document, place: &str) -> String {
    let mut all = document.lines();
    let (_, line) = all
        .find(|(_, line)| line.key == place)
        .unwrap_or_else(|| panic!("nothing stands at {place}"));
    let details = line.details.iter().map(|detail| format!("\n{detail}"));
    line.text.clone() + &details.collect::<String>()
}

/// What a passage can list in the shipped statements.
fn titles(statement: &Statement, kind: ListKind) -> Vec<&str> {
    match kind {
        ListKind::LegalSources => (statement.legal_sources.iter())
            .map(|one| one.title.as_str())
            .collect(),
        ListKind::Purposes => (statement.purposes.iter())
            .map(|one| one.title.get("nl"))
            .collect(),
        ListKind::Processors => (statement.processors.iter())
            .map(|one| one.title.get("nl"))
            .collect(),
        ListKind::Cookies => (statement.cookies.iter())
            .map(|one| one.title.get("nl"))
            .collect(),
        other => panic!("{other:?} has come into a shipped statement"),
    }
}

/// L-13: a passage that announces a list has it.
#[test]
fn every_passage_that_announces_a_list_has_it() {
    let mut seen = 0;
    for file in FILES {
        let register = read(file);
        let document = document(register.statement(), Language::Nl);
        for notice in &register.statement().notices {
            let Some(kind) = notice.list else { continue };
            let said = said(&document, &format!("mededeling-{}", notice.name));
            for title in titles(register.statement(), kind) {
                assert!(said.contains(title), "{title} is not in {said}");
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 5);
}

/// DT-139: the laws by which a request is judged, and no others.
#[test]
fn dt_139_a_passage_lists_the_laws_that_it_names() {
    let register = read(include_str!("../../../../statements/toeslagen.toml"));
    let statement = register.statement();
    let said = said(&document(statement, Language::Nl), "mededeling-wetten");
    let judged_by = ["avg", "uavg", "archiefwet"];
    for law in &statement.legal_sources {
        let is_listed = judged_by.contains(&law.name.as_str());
        let list = said.replace(
            "Uitvoeringswet Algemene verordening gegevensbescherming",
            "uavg",
        );
        let title = match law.name.as_str() {
            "uavg" => "uavg",
            _ => law.title.as_str(),
        };
        assert_eq!(list.contains(title), is_listed, "{}: {said}", law.name);
    }
}

/// What is used for a purpose is told with it: what the statement allows it alone, or else what all that is done for it touches.
#[test]
fn cj_8_every_purpose_tells_which_data_it_uses() {
    for file in FILES {
        let register = read(file);
        let statement = register.statement();
        let document = document(statement, Language::Nl);
        for purpose in &statement.purposes {
            let said = said(&document, &format!("doel-{}", purpose.name));
            let mut all = statement.activities.iter();
            let is_used = all.any(|entry| {
                entry.purposes().any(|name| name == purpose.name) && !entry.touches().is_empty()
            });
            let lines = ["\nAlleen deze gegevens: ", "\nGebruikt: "];
            let told = lines.iter().filter(|line| said.contains(**line)).count();
            assert_eq!(
                told,
                usize::from(is_used || !purpose.only_data.is_empty()),
                "{said}"
            );
        }
    }
}

/// No passage says of a decision what the statement does not: who sees the data stands where it is declared.
#[test]
fn cj_25_that_staff_need_not_look_is_said_where_it_is_declared() {
    let mut told = Vec::new();
    for file in FILES {
        let register = read(file);
        let document = document(register.statement(), Language::Nl);
        for decision in &register.statement().decisions {
            let said = said(&document, &format!("besluit-{}", decision.name));
            let is_told = said.contains("Een medewerker hoeft uw gegevens niet te zien.");
            assert_eq!(is_told, decision.seen_by_staff == Some(false), "{said}");
            told.push(is_told);
        }
    }
    told.sort_unstable();
    assert_eq!(told, [false, false, false, false, true]);
}

/// An address that the installation gives is told with what kind it is, since a statement may have several.
#[test]
fn an_address_without_lines_says_of_which_kind_it_is() {
    for (file, name, kind) in [
        (FILES[0], "helpdesk", "E-mail: "),
        (FILES[0], "post", "Post: "),
        (FILES[2], "e-mail-privacy", "E-mail: "),
    ] {
        let register = read(file);
        let document = document(register.statement(), Language::Nl);
        let said = said(&document, &format!("adres-{name}"));
        let expected = format!("{kind}Het adres staat op onze contactpagina.");
        assert!(said.starts_with(&expected), "{said}");
    }
}

#[test]
fn every_term_tells_where_it_comes_from() {
    for file in FILES {
        let register = read(file);
        let statement = register.statement();
        let document = document(statement, Language::Nl);
        for category in register.categories() {
            let said = said(&document, &format!("bewaartermijn-{}", category.name));
            let source = match &category.retention.source {
                TermSource::Band => "binnen de kortste en de langste termijn",
                TermSource::Published => "staat in de verklaring zelf",
                TermSource::Own => "\nDeze termijn kozen wij zelf.\n",
                TermSource::Law(name) => {
                    let mut laws = statement.legal_sources.iter();
                    &laws.find(|law| law.name == *name).expect("declared").title
                }
            };
            assert!(said.contains(source), "{source} is not in {said}");
        }
    }
    // An article is told with the law it stands in.
    let cited = FILES[2].replace("\nbron = \"wpg\"", "\nbron = \"wpg\"\nartikel = \"8\"");
    let register = read(&cited);
    let document = document(register.statement(), Language::Nl);
    let said = said(&document, "bewaartermijn-politiegegevens");
    assert!(
        said.contains("\nWet: Wet politiegegevens\nArtikel: 8\n"),
        "{said}"
    );
}

/// What a statement says of others: where they are, for whose task, which way, until when.
#[test]
fn what_is_said_of_others_is_told_to_readers() {
    let file = FILES[0].replace(
        "[verklaring]\n",
        "[[derde]]\nnaam = \"maker\"\ntitel = { nl = \"Een maker\", en = \"A maker\" }\nsoort = \"onderdeel\"\nland = \"NL\"\n\
         uitleg = { nl = \"Maakt iets.\", en = \"Makes something.\" }\n\n[verklaring]\n",
    );
    let register = read(&file);
    let mut statement = register.statement().clone();
    let (recipient, processor) = (&mut statement.recipients[0], &mut statement.processors[0]);
    recipient.country = Some("NL".into());
    recipient.sake = Some(statement::Sake::Theirs);
    recipient.direction = Some(statement::Direction::Both);
    processor.country = Some("BQ".into());
    processor.agreement = Some(Agreement {
        date: statement.header.date,
        reference: "A 1".into(),
        until: Some(statement.header.date),
        at: processor.at,
    });
    statement.sources[0].country = Some("DE".into());
    let (recipient, processor) = (&recipient.name, &processor.name);
    let (recipient, processor) = (
        format!("ontvanger-{recipient}"),
        format!("verwerker-{processor}"),
    );
    let source = format!("bron-{}", statement.sources[0].name);
    let document = document(&statement, Language::Nl);
    for (place, words) in [
        (&*recipient, "Land: Nederland"),
        (&recipient, "voor de taak van de organisatie zelf"),
        (&recipient, "Wij krijgen van deze organisatie ook gegevens."),
        (&processor, "Land: Caribisch Nederland"),
        (&processor, "De afspraken gelden tot en met "),
        (&source, "Land: DE"),
        ("derde-maker", "Land: Nederland"),
    ] {
        let said = said(&document, place);
        assert!(said.contains(words), "{words} is not in {said}");
    }
}

/// The exception for an activity, and what a parent of a child may do.
#[test]
fn exceptions_and_what_parents_may_are_told_to_readers() {
    let register = read(FILES[2]);
    let statement = register.statement();
    let document = document(statement, Language::Nl);
    let mut excepted = 0;
    for entry in register.activities() {
        let said = said(&document, &format!("activiteit-{}", entry.name));
        for condition in &entry.conditions {
            let mut laws = statement.legal_sources.iter();
            let law = laws
                .find(|law| law.name == condition.source)
                .expect("declared");
            let words = format!("Dat mag volgens: {}", law.title);
            assert!(said.contains(&words), "{words} is not in {said}");
            excepted += 1;
        }
    }
    assert!(excepted > 0);
    let children = said(&document, "kinderen-uitleg");
    assert!(
        children.contains("een ouder of voogd die geven"),
        "{children}"
    );
    for name in ["kind-nagaan", "kind-stoppen"] {
        let mut rights = statement.rights.iter();
        let right = rights.find(|right| right.name == name).expect("declared");
        assert!(children.contains(right.title.get("nl")), "{children}");
    }
}

/// AVG art. 4, 9: whoever gets data is counted, also who processes for us.
#[test]
fn the_summary_counts_everybody_who_gets_data() {
    for file in FILES {
        let register = read(file);
        let it = register.statement();
        let document = document(it, Language::Nl);
        let parts = document.parts.iter();
        let part = parts.clone().find(|part| part.key == "ontvangers");
        let part = part.expect("each has recipients");
        let of_kind = |line: &&Line| {
            ["ontvanger-", "verwerker-", "derde-"]
                .iter()
                .any(|kind| line.key.starts_with(kind))
        };
        let listed = part.lines().filter(of_kind).count();
        let count = it.recipients.len() + it.processors.len() + it.third_parties.len();
        assert_eq!(listed, count, "{}", it.header.title);
        assert!(part.in_short.starts_with(&format!("{count} ontvanger")));
    }
}
