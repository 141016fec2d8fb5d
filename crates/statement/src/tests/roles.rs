//! Who may touch what under the shipped statements: the gate's answer for every activity, role and category.

use std::collections::BTreeMap;

use crate::{Access, Hurdle, ROLES, Register, Verdict};

const MIJNCN: &str = include_str!("../../../../statements/mijncn.toml");
const TOESLAGEN: &str = include_str!("../../../../statements/toeslagen.toml");
const CJIB: &str = include_str!("../../../../statements/cjib.toml");

fn register(file: &str) -> Register {
    Register::parse(file).unwrap_or_else(|findings| panic!("{findings:#?}"))
}

/// Every role, whether the code or the statement has it.
fn roles(register: &Register) -> Vec<&str> {
    let own = register
        .statement()
        .roles
        .iter()
        .map(|role| role.name.as_str());
    ROLES.into_iter().chain(own).collect()
}

/// Who may read this category, with the activity by which.
fn readers<'r>(register: &'r Register, category: &str) -> Vec<(&'r str, &'r str)> {
    let mut readers = Vec::new();
    for entry in register.activities() {
        for role in roles(register) {
            let verdict = register.verdict(&entry.name, role, category, Access::Reads);
            if matches!(verdict, Some(Verdict::Allowed { .. })) {
                readers.push((role, entry.name.as_str()));
            }
        }
    }
    readers
}

#[test]
fn dt_12_dt_37_police_data_are_for_investigating_officers_alone() {
    let register = register(TOESLAGEN);
    let officer = [("opsporingsambtenaar", "politiegegevens-gebruiken")];
    assert_eq!(readers(&register, "politiegegevens"), officer);
    assert_eq!(readers(&register, "strafrechtelijke-gegevens"), officer);
}

/// What the file itself says of each activity: who does it, for which purpose, and what it reads.
fn written(file: &str) -> BTreeMap<String, (Vec<String>, String, Vec<String>)> {
    let file: toml::Table = file.parse().expect("TOML");
    let words = |list: Option<&toml::Value>| {
        let list = list.and_then(toml::Value::as_array);
        let words = list.into_iter().flatten().filter_map(toml::Value::as_str);
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    let text = |entry: &toml::Value, key| entry[key].as_str().expect("a text").to_owned();
    let activities = file["activiteit"].as_array().expect("activities");
    let said = activities.iter().map(|entry| {
        let (roles, reads) = (words(entry.get("rollen")), words(entry.get("leest")));
        (text(entry, "naam"), (roles, text(entry, "doel"), reads))
    });
    said.collect()
}

/// DT-80 and DT-81: an employee in a role reads what an activity of that role lists, for its purpose, and nothing besides.
#[test]
fn which_employee_reads_which_data_for_which_purpose_is_settled() {
    for file in [TOESLAGEN, CJIB] {
        let (register, written) = (register(file), written(file));
        let (mut read, mut refused) = (0, 0);
        assert_eq!(register.activities().count(), written.len());
        for entry in register.activities() {
            let (doers, purpose, reads) = &written[&entry.name];
            assert!(entry.purposes().any(|one| one == purpose), "{}", entry.name);
            for role in roles(&register) {
                for category in register.categories() {
                    let verdict =
                        register.verdict(&entry.name, role, &category.name, Access::Reads);
                    let is_named = doers.iter().any(|doer| doer == role);
                    let is_listed = reads.contains(&category.name);
                    match verdict {
                        Some(Verdict::Allowed { .. }) => {
                            let what = format!("{} {role} {}", entry.name, category.name);
                            assert!(is_named && is_listed, "{what}");
                            read += 1;
                        }
                        _ => refused += 1,
                    }
                }
            }
        }
        assert!(read > 30 && refused > 1000, "{read} {refused}");
    }
    let toeslagen = register(TOESLAGEN);
    let recordings: Vec<&str> = readers(&toeslagen, "gespreksopname")
        .into_iter()
        .map(|(role, _)| role)
        .collect();
    assert_eq!(
        recordings,
        ["medewerker", "beoordelaar", "veiligheidsfunctionaris"]
    );
}

#[test]
fn dt_106_who_answers_the_telephone_does_not_see_what_must_not_be_told() {
    let register = register(TOESLAGEN);
    let look = |category| {
        register.verdict(
            "beller-helpen",
            "telefoonmedewerker",
            category,
            Access::Reads,
        )
    };
    for category in ["naam-en-adres", "burgerservicenummer"] {
        let Some(Verdict::Refused { hurdle, .. }) = look(category) else {
            panic!("{category} is shown")
        };
        assert_eq!(hurdle, Hurdle::Masked);
    }
    assert!(matches!(
        look("toekenningsgegevens"),
        Some(Verdict::Allowed { .. })
    ));
}

#[test]
fn dt_17_data_about_crime_need_the_condition_in_the_law() {
    let condition = "voorwaarden = [{ rechtsbron = \"uavg\", artikel = \"32\"";
    assert_eq!(TOESLAGEN.matches(condition).count(), 1);
    let line = TOESLAGEN
        .lines()
        .find(|line| line.starts_with(condition))
        .expect("it is there");
    let without = TOESLAGEN.replace(line, "");
    let findings = Register::parse(&without).expect_err("no condition is named");
    assert!(
        findings
            .iter()
            .any(|one| one.stops() && one.about == "gegeven strafrechtelijke-gegevens")
    );
}

/// DT-131: what makes a video call work serves that alone.
#[test]
fn some_data_serve_only_what_they_were_given_for() {
    let register = register(TOESLAGEN);
    for category in ["browserinformatie", "videoafspraak"] {
        let id = register.category(category).expect("declared");
        let mut all = register.categories();
        let only = &all
            .find(|one| one.id == id)
            .expect("declared")
            .only_purposes;
        assert!(!only.is_empty());
        for entry in register
            .activities()
            .filter(|entry| entry.touches().has(id))
        {
            assert!(
                entry
                    .purposes()
                    .all(|purpose| only.iter().any(|one| one == purpose))
            );
        }
        // An activity for something else does not get it, however it is listed.
        let other = "naam = \"sociale-media-beantwoorden\"";
        let (before, rest) = TOESLAGEN.split_once(other).expect("it is there");
        let listed = rest.replacen("leest = [", &format!("leest = [\"{category}\", "), 1);
        let findings = Register::parse(&format!("{before}{other}{listed}"));
        let findings = findings.expect_err("it is for another purpose");
        assert!(
            findings
                .iter()
                .any(|one| one.code == "S-773" && one.stops()),
            "{findings:?}"
        );
    }
}

#[test]
fn cj_7_a_task_does_not_reach_the_data_of_another() {
    let (before, rest) = CJIB
        .split_once("naam = \"straf-laten-uitvoeren\"")
        .expect("it is there");
    let listed = rest.replacen("leest = [", "leest = [\"kenteken\", ", 1);
    let changed = format!("{before}naam = \"straf-laten-uitvoeren\"{listed}");
    let findings = Register::parse(&changed).expect_err("a number plate is of another task");
    assert!(
        findings
            .iter()
            .any(|one| one.stops() && one.about.contains("straf-laten-uitvoeren"))
    );
    let register = register(CJIB);
    for (_, activity) in readers(&register, "kenteken") {
        assert!(!["andere-boete-innen", "straf-laten-uitvoeren"].contains(&activity));
    }
}

#[test]
fn cn_13_the_app_reaches_nothing_that_the_website_does_not() {
    use basics::Channel::{App, Web};

    let register = register(MIJNCN);
    let own = ["bezoeker", "betrokkene"];
    let of = |channel| {
        register.activities().filter(move |entry| {
            entry.allows_channel(channel) && own.iter().any(|role| entry.allows_role(role))
        })
    };
    assert!(of(App).count() > 0);
    for entry in of(App) {
        for purpose in entry.purposes() {
            assert!(
                of(Web).any(|other| other.purposes().any(|one| one == purpose)),
                "{purpose}"
            );
        }
        for id in entry.touches().iter() {
            assert!(
                of(Web).any(|other| other.touches().has(id)),
                "{}",
                entry.name
            );
        }
    }
}

/// Not only so in the shipped file: one in which the app reaches further does not start.
#[test]
fn cn_13_a_statement_whose_app_reaches_further_than_the_website_does_not_start() {
    let both = "kanalen = [\"website\", \"app\"]";
    let refused = |activity: &str, change: &dyn Fn(&str) -> String| {
        let start = MIJNCN
            .find(&format!("[[activiteit]]\nnaam = \"{activity}\""))
            .expect("it is declared");
        let (before, rest) = MIJNCN.split_at(start);
        let end = rest[1..].find("\n[[").map_or(rest.len(), |at| at + 1);
        let (entry, after) = rest.split_at(end);
        let changed = change(entry);
        assert_ne!(changed, entry, "{activity}");
        let findings = match Register::parse(&format!("{before}{changed}{after}")) {
            Ok(_) => return None,
            Err(findings) => findings,
        };
        let mut found = findings.into_iter().filter(|one| one.code == "S-794");
        let found = found.next().expect("the app is what stops it");
        assert!(found.stops() && found.line.is_some());
        assert_eq!(found.about, format!("activiteit {activity}"));
        Some(found.text)
    };
    // What nothing on the website reads is read by the app.
    let by_app = |entry: &str| {
        let entry = entry.replace("kanalen = [\"website\"]", "kanalen = [\"app\"]");
        entry.replace("leest = [", "leest = [\"accountstatus\", ")
    };
    let said = refused("bijlage-openen", &by_app).expect("it does not start");
    assert!(said.contains("uses accountstatus for betrokkene"), "{said}");
    // A purpose that only the app serves.
    let own_purpose = "[[doel]]\nnaam = \"app-alleen\"\ntitel = { nl = \"App\", en = \"App\", pap = \"App\" }\nsoort = \"primair\"\n\n";
    let for_the_app = |entry: &str| {
        let entry = entry.replace(both, "kanalen = [\"app\"]");
        let start = entry.find("doel = \"").expect("a purpose") + "doel = \"".len();
        let end = start + entry[start..].find('"').expect("it ends");
        format!(
            "{own_purpose}{}app-alleen{}",
            &entry[..start],
            &entry[end..]
        )
    };
    let said = refused("e-mailadres-wijzigen", &for_the_app).expect("it does not start");
    assert!(said.contains("serves app-alleen"), "{said}");
    // Less is let be: what is not in the app stays on the website.
    let on_website = |entry: &str| entry.replace(both, "kanalen = [\"website\"]");
    assert_eq!(refused("e-mailadres-wijzigen", &on_website), None);
}
