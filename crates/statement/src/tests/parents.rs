//! DT-9: a statement that is a special case of a larger organisation's takes over what it leaves to it, and says so.

use super::SMALL;
use crate::{Finding, Register, RightKind, check, with_parent};

/// SMALL as a child that leaves its rights and its security to the parent, and says one right itself.
fn child(version: &str) -> String {
    let rights = SMALL.find("[[recht]]").unwrap();
    let after = SMALL.find("[klachtroute]").unwrap();
    let cookie = SMALL.find("[[cookie]]").unwrap();
    let measure = SMALL.find("[[maatregel]]").unwrap();
    let activity = SMALL.find("[[activiteit]]").unwrap();
    assert!(rights < after && after < cookie && cookie < measure && measure < activity);
    let own = "[[recht]]\nnaam = \"kijken\"\ntitel = { nl = \"Kijken bij ons\" }\nsoort = \"inzage\"\ntermijn = \"P7D\"\n\
               kanalen = [\"formulier\"]\nidentificatie = true\nweigering = { nl = \"Nooit\" }\n";
    let parent = format!(
        "[ouder]\norganisatie = \"Het grote geheel\"\ntitel = \"Grote verklaring\"\nlink = \"https://example.org\"\n\
         onderdelen = [\"rechten\", \"beveiliging\"]\nbestand = \"groot.toml\"\nversie = \"{version}\"\n[verantwoordelijke]"
    );
    let text = format!(
        "{}{own}{}{}",
        &SMALL[..rights],
        &SMALL[cookie..measure],
        &SMALL[activity..]
    );
    text.replace("[verantwoordelijke]", &parent)
}

fn merged(child: &str, parent: Result<&str, &str>) -> Result<String, Vec<Finding>> {
    with_parent(child, &|name| {
        assert_eq!(name, "groot.toml");
        parent.map(str::to_owned).map_err(str::to_owned)
    })
}

fn refused(child: &str, parent: Result<&str, &str>) -> (&'static str, String) {
    let findings = merged(child, parent).expect_err("it does not start");
    assert!(findings.iter().all(|one| one.stops() && one.line.is_some()));
    (findings[0].code, findings[0].text.clone())
}

#[test]
fn dt_9_what_a_statement_leaves_to_its_parent_is_taken_over_with_where_it_comes_from() {
    let child = child("1.0");
    let alone = check(&child, None);
    assert_eq!(alone, [], "what the parent says need not stand here");
    let whole = merged(&child, Ok(SMALL)).unwrap();
    assert!(
        whole.starts_with(child.trim_end()),
        "lines stay where they were"
    );
    let register = Register::parse(&whole).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let names: Vec<&str> = register.rights().iter().map(|right| &*right.name).collect();
    // Its own word on access goes before; the others come from the parent.
    assert_eq!(
        names,
        ["kijken", "verbeteren", "wissen", "beperken", "bezwaar"]
    );
    let it = register.statement();
    assert_eq!(it.rights[0].kind, RightKind::Access);
    assert_eq!(it.measures.len(), 1);
    assert!(it.complaint.is_some());
    let taken: Vec<&str> = it.inherited.iter().map(|one| &*one.what).collect();
    assert_eq!(
        taken,
        [
            "klachtroute",
            "maatregel slot",
            "recht beperken",
            "recht bezwaar",
            "recht verbeteren",
            "recht wissen"
        ]
    );
    let notes: Vec<_> = register.findings().iter().map(|one| one.code).collect();
    assert_eq!(notes, ["S-785"]);
    // What decides what the program may do is nobody's to take over.
    assert_eq!(register.activities().count(), 1);
    assert_eq!(it.categories.len(), 2);
    // Once whole it is whole: nothing is taken over twice.
    let own = child.replace(
        "onderdelen = [\"rechten\", \"beveiliging\"]",
        "onderdelen = []",
    );
    assert_eq!(merged(&own, Ok(SMALL)).unwrap(), own);
}

#[test]
fn addresses_and_laws_come_with_what_refers_to_them() {
    let parent = SMALL
        .replace(
            "regels = [\"Postbus 1\"]\n",
            "regels = [\"Postbus 1\"]\n[[adres]]\nnaam = \"balie\"\nsoort = \"post\"\nregels = [\"Plein 1\"]\n",
        )
        .replace("naam = \"wissen\"\n", "naam = \"wissen\"\nadressen = [\"balie\", \"post\"]\n");
    let whole = merged(&child("1.0"), Ok(&parent)).unwrap();
    let register = Register::parse(&whole).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let addresses = &register.statement().addresses;
    let names: Vec<&str> = addresses.iter().map(|one| &*one.name).collect();
    assert_eq!(names, ["post", "balie"]);
    // The law by that name is its own already.
    assert_eq!(register.legal_sources().len(), 1);
}

#[test]
fn a_parent_that_is_missing_changed_broken_or_its_own_child_is_told() {
    let (code, text) = refused(&child("1.0"), Err("no such file"));
    assert_eq!(code, "S-215");
    assert!(text.contains("no such file"), "{text}");
    let (code, text) = refused(&child("0.9"), Ok(SMALL));
    assert_eq!(code, "S-217");
    assert!(
        text.contains("is of version 1.0, and versie names 0.9"),
        "{text}"
    );
    let unnamed = child("1.0").replace(
        "versie = \"1.0\"\n[verantwoordelijke]",
        "[verantwoordelijke]",
    );
    assert_eq!(refused(&unnamed, Ok(SMALL)).0, "S-217");
    let broken = SMALL.replace("\"laag\"", "\"zwak\"");
    let (code, text) = refused(&child("1.0"), Ok(&broken));
    assert_eq!(code, "S-218");
    assert!(text.contains("S-107"), "{text}");
    assert_eq!(refused(&child("1.0"), Ok("[verklaring")).0, "S-218");
    let itself = child("1.0");
    assert_eq!(refused(&itself, Ok(&itself)).0, "S-216");
}

#[test]
fn a_parent_has_a_parent_of_its_own() {
    let middle = child("1.0");
    let lowest = child("1.0").replace("groot.toml", "midden.toml");
    let find = |name: &str| match name {
        "midden.toml" => Ok(middle.clone()),
        "groot.toml" => Ok(SMALL.to_owned()),
        other => Err(other.to_owned()),
    };
    let whole = with_parent(&lowest, &find).unwrap();
    let register = Register::parse(&whole).unwrap_or_else(|findings| panic!("{findings:#?}"));
    assert_eq!(register.rights().len(), 5);
    assert_eq!(register.statement().measures.len(), 1);
}

/// A whole statement of an authority as the parent: what is taken over refers to nothing that stays behind.
#[test]
fn laws_rest_on_laws_and_children_have_rights_and_these_come_too() {
    let parent = SMALL.replace(
        "[[grondslag]]",
        "[[rechtsbron]]\nnaam = \"besluit\"\ntitel = \"Besluit\"\nvindplaats = \"Stb. 2026, 2\"\n\
         link = \"https://example.org/besluit\"\ngebaseerd-op = \"kaderwet\"\n\
         [[rechtsbron]]\nnaam = \"kaderwet\"\ntitel = \"Kaderwet\"\nvindplaats = \"Stb. 2026, 3\"\n\
         link = \"https://example.org/kaderwet\"\n[[grondslag]]",
    );
    let parent = parent.replace(
        "naam = \"wissen\"\n",
        "naam = \"wissen\"\nrechtsbron = \"besluit\"\n",
    );
    let whole = merged(&child("1.0"), Ok(&parent)).unwrap();
    let register = Register::parse(&whole).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let laws: Vec<&str> = register
        .legal_sources()
        .iter()
        .map(|law| &*law.name)
        .collect();
    assert_eq!(laws, ["wet", "besluit", "kaderwet"]);

    let children = "[kinderen]\njonger-dan = 16\nuitleg = { nl = \"Uw kind\" }\nrechten = [\"zien\", \"wissen\"]\n[[maatregel]]";
    let parent = SMALL.replace("[[maatregel]]", children);
    let only = "onderdelen = [\"kinderen\"]";
    let leaves = child("1.0").replace("onderdelen = [\"rechten\", \"beveiliging\"]", only);
    let whole = merged(&leaves, Ok(&parent)).unwrap();
    let findings = check(&whole, None);
    let unfound: Vec<_> = findings.iter().filter(|one| one.code == "S-213").collect();
    assert!(unfound.is_empty(), "{unfound:?}");
    let rights = |whole: &str| {
        let whole: toml::Table = whole.parse().unwrap();
        let named = |value: &toml::Value| value.as_str().unwrap().to_owned();
        let named: Vec<String> = whole["kinderen"]["rechten"]
            .as_array()
            .unwrap()
            .iter()
            .map(named)
            .collect();
        named
    };
    // The right to see is told here under another name.
    assert_eq!(rights(&whole), ["kijken", "wissen"]);
}

#[test]
fn a_text_is_taken_over_in_the_languages_that_the_statement_offers() {
    let both = SMALL
        .replace("talen = [\"nl\"]", "talen = [\"nl\", \"en\"]")
        .replace("\" }", "\", en = \"In English\" }")
        .replace(
            "gegeven = \"nummer\", en = \"In English\" }",
            "gegeven = \"nummer\" }",
        )
        .replace(
            "rechtsbron = \"wet\", en = \"In English\" }",
            "rechtsbron = \"wet\" }",
        );
    let parent = Register::parse(&both).unwrap_or_else(|findings| panic!("{findings:#?}"));
    assert_eq!(parent.languages(), ["nl", "en"]);
    let whole = merged(&child("1.0"), Ok(&both)).unwrap();
    assert!(!whole.contains("In English"), "{whole}");
    let codes: Vec<_> = check(&whole, None).iter().map(|one| one.code).collect();
    assert_eq!(codes, ["S-785"]);
}

/// A line past the end of the file helps nobody.
#[test]
fn a_finding_in_what_was_taken_over_names_the_file_it_comes_from() {
    let more = child("1.0").replace("talen = [\"nl\"]", "talen = [\"nl\", \"en\"]");
    let whole = merged(&more, Ok(SMALL)).unwrap();
    let findings = check(&whole, None);
    let lines = more.lines().count();
    let here = more.find("[ouder]").unwrap();
    let here = more[..here].matches('\n').count() + 1;
    let mut far = 0;
    for finding in &findings {
        assert!(finding.line.is_some_and(|line| line <= lines), "{finding}");
        if finding.text.contains("taken over from groot.toml") {
            assert_eq!((finding.line, finding.code), (Some(here), "S-501"));
            far += 1;
        }
    }
    assert!(far > 0, "{findings:?}");
}
