//! The gate beside a plain model of the statement: for any statement and any call both say the same.

use proptest::prelude::*;

use super::{Access, Verdict};
use crate::{Class, Condition, Mask, Obstacle, Occasion, Place, Register, Statement};

/// Everything that can stand in somebody's way, and nothing that does yet.
const OPEN: &str = r#"
[verklaring]
naam = "proef"
titel = "Proef"
versie = "1.0"
datum = 2026-01-31
talen = ["nl"]
tijdzone = "Europe/Amsterdam"
opslaglocatie = "NL"
identificatie = { soort = "BSN", gegeven = "c0" }
[verantwoordelijke]
naam = "De proefnemer"
[[verwerker]]
naam = "verwerker"
titel = { nl = "Verwerker" }
taak = { nl = "Helpt" }
overeenkomst = { datum = 2026-01-01, kenmerk = "V-1" }
[[rol]]
naam = "r0"
titel = { nl = "Van de verwerker" }
verwerker = "verwerker"
[[rol]]
naam = "r1"
titel = { nl = "Van ons" }
[inloggen]
betrouwbaarheidsniveau = "laag"
[sessie]
inactief = "PT15M"
hoogstens = "PT8H"
[[rechtsbron]]
naam = "wet"
titel = "Proefwet"
vindplaats = "Stb. 2026, 1"
link = "https://example.org/wet"
[[grondslag]]
naam = "taak"
titel = { nl = "Taak" }
soort = "taak"
rechtsbronnen = ["wet"]
[[grondslag]]
naam = "plicht"
titel = { nl = "Plicht" }
soort = "wettelijke-plicht"
rechtsbronnen = ["wet"]
[[grondslag]]
naam = "toestemming"
titel = { nl = "Toestemming" }
soort = "toestemming"
rechtsbronnen = ["andere-wet"]
[[rechtsbron]]
naam = "andere-wet"
titel = "Andere wet"
vindplaats = "Stb. 2026, 2"
link = "https://example.org/andere-wet"
"#;
const ROLES: [&str; 3] = ["r0", "r1", "betrokkene"];

/// Sets as bits: of the four categories, the three roles, the two purposes, the two classes of people.
#[derive(Clone, Debug)]
struct Said {
    guarded: u8,
    excepted: u8,
    only_roles: [u8; 4],
    only_purposes: [u8; 4],
    about: [u8; 4],
    for_purpose: [u8; 2],
    of_class: [u8; 2],
    of_processor: u8,
    masked: [u8; 2],
    reads: u8,
    writes: u8,
    roles: u8,
    purposes: u8,
    people: u8,
    has_exception: bool,
}

const fn has(bits: u8, at: usize) -> bool {
    bits >> at & 1 == 1
}

/// An empty list of the only ones leaves out nobody.
const fn admits(only: u8, at: usize) -> bool {
    only == 0 || has(only, at)
}

impl Said {
    fn allows(&self, role: usize, category: usize, access: Access) -> bool {
        let reads = access == Access::Reads;
        let listed = if reads { self.reads } else { self.writes };
        let purposes: Vec<usize> = (0..2).filter(|at| has(self.purposes, *at)).collect();
        let people: Vec<usize> = (0..2).filter(|at| has(self.people, *at)).collect();
        has(self.roles, role)
            && has(listed, category)
            && (!reads || admits(self.only_roles[category], role))
            && (!reads || role == 2 || !has(self.masked[role], category))
            && (role != 0 || has(self.of_processor, category))
            && purposes
                .iter()
                .all(|at| admits(self.only_purposes[category], *at))
            && purposes
                .iter()
                .all(|at| admits(self.for_purpose[*at], category))
            && people.iter().all(|at| admits(self.of_class[*at], category))
            && (self.people == 0
                || self.about[category] == 0
                || self.people & self.about[category] != 0)
            && (!has(self.guarded, category) || has(self.excepted, category) && self.has_exception)
    }

    fn statement(&self) -> Register {
        let mut text = text_with("");
        for at in 0..2 {
            text += &format!(
                "[[doel]]\nnaam = \"p{at}\"\ntitel = {{ nl = \"Doel\" }}\nsoort = \"primair\"\n"
            );
            text += &format!("[[betrokkene]]\nnaam = \"s{at}\"\ntitel = {{ nl = \"Mensen\" }}\n");
        }
        text += "[[activiteit]]\nnaam = \"doen\"\ntitel = { nl = \"Doen\" }\ndoel = \"p0\"\ngrondslag = \"taak\"\n\
                 rollen = [\"betrokkene\"]\nkanalen = [\"website\"]\nleest = [\"c0\"]\nvoorwaarde = { rechtsbron = \"wet\" }\n";
        let (read, findings) = crate::reader::read(&text);
        let mut it = read.unwrap_or_else(|| panic!("{:?}", findings.finish()));
        self.say(&mut it);
        Register::of(it, Vec::new())
    }

    /// What a file that the check lets pass could never all say at once.
    fn say(&self, it: &mut Statement) {
        let named = |bits: u8, letter: char, count: usize| -> Vec<String> {
            (0..count)
                .filter(|at| has(bits, *at))
                .map(|at| format!("{letter}{at}"))
                .collect()
        };
        let roles = |bits: u8| -> Vec<String> {
            (0..3)
                .filter(|at| has(bits, *at))
                .map(|at| ROLES[at].to_owned())
                .collect()
        };
        let ids: Vec<_> = it.categories.iter().map(|category| category.id).collect();
        let mask = |bits: u8| -> Mask {
            (0..4)
                .filter(|at| has(bits, *at))
                .map(|at| ids[at])
                .collect()
        };
        for (at, category) in it.categories.iter_mut().enumerate() {
            category.class = if has(self.guarded, at) {
                Class::Special
            } else {
                Class::Ordinary
            };
            category.condition = category.condition.take().filter(|_| has(self.excepted, at));
            category.only_roles = roles(self.only_roles[at]);
            category.only_purposes = named(self.only_purposes[at], 'p', 2);
            category.subjects = named(self.about[at], 's', 2);
        }
        for at in 0..2 {
            it.purposes[at].only_data = mask(self.for_purpose[at]);
            it.subject_classes[at].only_data = mask(self.of_class[at]);
            it.roles[at].masked = mask(self.masked[at]);
        }
        it.processors[0].data = named(self.of_processor, 'c', 4);
        let entry = &mut it.activities[0];
        entry.reads = mask(self.reads);
        entry.writes = mask(self.writes);
        entry.roles = roles(self.roles);
        let mut purposes = named(self.purposes, 'p', 2);
        entry.purpose = purposes.remove(0);
        entry.also_for = purposes;
        entry.subjects = named(self.people, 's', 2);
        let exception: Option<Condition> = entry.condition.take();
        entry.condition = exception.filter(|_| self.has_exception);
    }
}

fn said() -> impl Strategy<Value = Said> {
    let categories = || 0..16_u8;
    // Half of what limits is not said at all, or hardly anything would be allowed.
    let seldom = |most: u8| prop_oneof![Just(0), 0..most];
    (
        (
            seldom(16),
            categories(),
            prop::array::uniform4(seldom(8)),
            prop::array::uniform4(seldom(4)),
        ),
        (
            prop::array::uniform4(seldom(4)),
            prop::array::uniform2(seldom(16)),
            prop::array::uniform2(seldom(16)),
        ),
        (
            prop_oneof![Just(15), categories()],
            prop::array::uniform2(seldom(16)),
        ),
        (
            categories(),
            categories(),
            0..8_u8,
            1..4_u8,
            seldom(4),
            any::<bool>(),
        ),
    )
        .prop_map(|(of_categories, of_others, of_roles, of_activity)| {
            let (guarded, excepted, only_roles, only_purposes) = of_categories;
            let (about, for_purpose, of_class) = of_others;
            let (of_processor, masked) = of_roles;
            let (reads, writes, roles, purposes, people, has_exception) = of_activity;
            Said {
                guarded,
                excepted,
                only_roles,
                only_purposes,
                about,
                for_purpose,
                of_class,
                of_processor,
                masked,
                reads,
                writes,
                roles,
                purposes,
                people,
                has_exception,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn the_gate_answers_as_a_plain_model_of_the_statement_does(said in said()) {
        let register = said.statement();
        let entry = register.activity("doen").unwrap();
        for (at, role) in ROLES.into_iter().enumerate() {
            let grant = register.grant(entry, role);
            prop_assert_eq!(grant.is_some(), has(said.roles, at));
            for category in 0..4 {
                let name = format!("c{category}");
                let id = register.category(&name).unwrap();
                for access in [Access::Reads, Access::Writes] {
                    let allowed = said.allows(at, category, access);
                    let granted = grant.is_some_and(|grant| match access {
                        Access::Reads => grant.reads.has(id),
                        Access::Writes => grant.writes.has(id),
                    });
                    prop_assert_eq!(granted, allowed, "{} {} {:?}", role, name, access);
                    let verdict = register.verdict("doen", role, &name, access).unwrap();
                    prop_assert_eq!(matches!(verdict, Verdict::Allowed { .. }), allowed);
                }
            }
        }
        // Who the statement does not name does nothing.
        prop_assert!(register.grant(entry, "medewerker").is_none());
        prop_assert_eq!(register.verdict("iets", "r0", "c0", Access::Reads), None);
    }
}

const OUT: &str = r#"
[doorgifte]
landen = ["EU"]
uitleg = { nl = "Niet buiten de Europese Unie" }
[[ontvanger]]
naam = "buur"
titel = { nl = "Buur" }
gegevens = ["c1", "c2"]
land = "BE"
grondslag = "taak"
[[ontvanger]]
naam = "op-verzoek"
titel = { nl = "Wie erom vraagt" }
gegevens = ["c1"]
grondslag = "plicht"
wanneer = "op-verzoek"
[[ontvanger]]
naam = "verplicht"
titel = { nl = "Wie niet geweigerd kan worden" }
gegevens = ["c1"]
grondslag = "taak"
alleen-verplicht-kanaal = true
[[bron]]
naam = "alleen-bron"
titel = { nl = "Van wie wij gegevens krijgen" }
soort = "organisatie"
gegevens = ["c1"]
"#;

/// MO-63 at the gate: whatever a file says, data does not go to a country outside those that it names. DT-76: an organisation
/// that data only comes from is no recipient.
#[test]
fn mo_63_dt_76_what_leaves_goes_to_whom_the_statement_names_and_nowhere_else() {
    let open = Said {
        guarded: 0,
        excepted: 0,
        only_roles: [0; 4],
        only_purposes: [0; 4],
        about: [0; 4],
        for_purpose: [0; 2],
        of_class: [0; 2],
        of_processor: 15,
        masked: [0; 2],
        reads: 15,
        writes: 0,
        roles: 7,
        purposes: 1,
        people: 0,
        has_exception: false,
    };
    let mut it = open.statement().statement().clone();
    let text = text_with(OUT);
    let (others, findings) = crate::reader::read(&text);
    let others = others.unwrap_or_else(|| panic!("{:?}", findings.finish()));
    it.transfer = others.transfer;
    it.recipients = others.recipients;
    it.sources = others.sources;
    let all = ["buur", "op-verzoek", "verplicht", "alleen-bron"].map(str::to_owned);
    it.activities[0].recipients = all.to_vec();
    let register = Register::of(it, Vec::new());
    let disclosed = |register: &Register, to: &str, data: &[&str], is_mandatory| {
        let entry = register.activity("doen").unwrap();
        let data = data
            .iter()
            .map(|name| register.category(name).unwrap())
            .collect();
        register
            .may_disclose(entry, to, data, is_mandatory)
            .map(|recipient| recipient.name.clone())
    };
    assert_eq!(
        disclosed(&register, "buur", &["c1"], false).unwrap(),
        "buur"
    );
    let lacking = Mask::EMPTY.with(register.category("c3").unwrap());
    let answer = disclosed(&register, "buur", &["c1", "c3"], false);
    assert_eq!(answer, Err(Obstacle::NotOnItsList(lacking)));
    assert_eq!(
        disclosed(&register, "op-verzoek", &["c1"], true),
        Err(Obstacle::Occasion)
    );
    assert_eq!(
        disclosed(&register, "verplicht", &["c1"], false),
        Err(Obstacle::NotMandatory)
    );
    assert!(disclosed(&register, "verplicht", &["c1"], true).is_ok());
    assert_eq!(
        disclosed(&register, "alleen-bron", &["c1"], true),
        Err(Obstacle::NoRecipient)
    );
    let mut away = register.statement().clone();
    away.recipients[0].country = Some("US".to_owned());
    let away = Register::of(away, Vec::new());
    assert_eq!(
        disclosed(&away, "buur", &["c1"], false),
        Err(Obstacle::Country)
    );
}

/// DT-7 and MO-60 at the gate, beside a table of which ground carries what: whatever a file says, secrecy gives way to a duty or a
/// task alone, to a demand by a duty alone, and the law that is named is one that the ground rests on (MO-19).
#[test]
fn dt_7_mo_60_mo_19_secrecy_gives_way_to_a_duty_or_a_task_and_the_law_is_named() {
    let text = format!(
        "{}[[doel]]\nnaam = \"p0\"\ntitel = {{ nl = \"Doel\" }}\nsoort = \"primair\"\n\
         [[activiteit]]\nnaam = \"doen\"\ntitel = {{ nl = \"Doen\" }}\ndoel = \"p0\"\ngrondslag = \"taak\"\n\
         rollen = [\"betrokkene\"]\nkanalen = [\"website\"]\nleest = [\"c1\"]\nontvangers = [\"buur\"]\n",
        text_with(OUT)
    );
    let (read, findings) = crate::reader::read(&text);
    let it = read.unwrap_or_else(|| panic!("{:?}", findings.finish()));
    let always = Occasion::Always;
    let (demand, incident) = (Occasion::OnDemand, Occasion::OnIncident);
    let consent = Occasion::WithConsent;
    for (ground, carries) in [
        (Some("taak"), [always, incident].as_slice()),
        (Some("plicht"), &[always, incident, demand]),
        (Some("toestemming"), &[consent]),
        (None, &[]),
    ] {
        for said in [always, demand, incident, consent] {
            let mut it = it.clone();
            it.recipients[0].ground = ground.map(str::to_owned);
            it.recipients[0].occasion = Some(said);
            let register = Register::of(it, Vec::new());
            let entry = register.activity("doen").unwrap();
            let data = Mask::EMPTY.with(register.category("c1").unwrap());
            let on = |shown, law| {
                let asked = register.may_disclose_on(entry, "buur", data, shown, law);
                asked.map(drop)
            };
            let law = if said == consent { "andere-wet" } else { "wet" };
            for shown in [always, demand, incident, consent] {
                let expected = match (shown == said, carries.contains(&said)) {
                    (false, _) => Err(Obstacle::Occasion),
                    (true, false) => Err(Obstacle::Ground),
                    (true, true) => Ok(()),
                };
                assert_eq!(
                    on(shown, Some(law)),
                    expected,
                    "{ground:?} {said:?} {shown:?}"
                );
            }
            if carries.contains(&said) {
                let unnamed = if said == consent {
                    Ok(())
                } else {
                    Err(Obstacle::NoLaw)
                };
                assert_eq!(on(said, None), unnamed, "{said:?}");
                let other = if said == consent { "wet" } else { "andere-wet" };
                assert_eq!(on(said, Some(other)), Err(Obstacle::OtherLaw));
            }
            let along = register.may_disclose(entry, "buur", data, true).is_ok();
            assert_eq!(along, said == always && carries.contains(&always));
        }
    }
}

fn text_with(more: &str) -> String {
    let categories: String = (0..4)
        .map(|at| {
            format!(
                "[[gegeven]]\nnaam = \"c{at}\"\ntitel = {{ nl = \"Gegeven\" }}\nklasse = \"{}\"\nvoorwaarde = {{ rechtsbron = \"wet\" }}\n\
                 bewaartermijn = {{ termijn = \"P1Y\", vanaf = \"vastlegging\", bron = \"wet\", reden = {{ nl = \"Daarom\" }} }}\n",
                if at == 0 { "identificatie" } else { "gewoon" }
            )
        })
        .collect();
    format!("{OPEN}{categories}{more}")
}

/// The line that says so is the line of what stands in the way.
#[test]
fn a_verdict_names_the_line_that_says_so() {
    let said = Said {
        guarded: 0,
        excepted: 0,
        only_roles: [0, 2, 0, 0],
        only_purposes: [0; 4],
        about: [0; 4],
        for_purpose: [0; 2],
        of_class: [0; 2],
        of_processor: 15,
        masked: [4, 0],
        reads: 15,
        writes: 0,
        roles: 3,
        purposes: 1,
        people: 0,
        has_exception: false,
    };
    let register = said.statement();
    let it = register.statement();
    let at = |role, category| -> Place {
        match register
            .verdict("doen", role, category, Access::Reads)
            .unwrap()
        {
            Verdict::Allowed { at } | Verdict::Refused { at, .. } => at,
        }
    };
    assert_eq!(at("r0", "c0"), it.activities[0].at);
    assert_eq!(at("r0", "c1"), it.categories[1].at);
    assert_eq!(at("r0", "c2"), it.roles[0].at);
    assert_eq!(at("betrokkene", "c0"), it.activities[0].at);
}
