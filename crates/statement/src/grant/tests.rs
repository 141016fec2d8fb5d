//! The gate beside a plain model of the statement: for any statement and any call both say the same.

mod leaving;

use basics::Channel;
use proptest::prelude::*;

use super::{Access, Verdict};
use crate::{Class, Date, LOGGED, Mask, Place, Register, Statement};

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
[functionaris]
naam = "De oplettende"
rol = "r1"
[kinderen]
jonger-dan = 16
uitleg = { nl = "Van wie jong is" }
[doorgifte]
landen = ["EU"]
uitleg = { nl = "Niet buiten de Europese Unie" }
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
const ROLES: [&str; 4] = ["r0", "r1", "betrokkene", "bezoeker"];
const CATEGORIES: [&str; 4] = ["c0", "c1", "c2", LOGGED];

/// Sets as bits: of the four categories, the four roles, the two purposes, the two classes of people, the five channels.
#[derive(Clone, Debug)]
struct Said {
    guarded: u8,
    excepted: u8,
    only_roles: [u8; 4],
    only_purposes: [u8; 4],
    /// What may also serve the second purpose when it is for the first, and the other way round; nothing is all of it.
    fits: [Option<u8>; 2],
    about: [u8; 4],
    for_purpose: [u8; 2],
    of_class: [u8; 2],
    anonymous: u8,
    young: u8,
    /// Whether a parent must agree, where something is said of children.
    parent: Option<bool>,
    of_processor: u8,
    serves: u8,
    is_abroad: bool,
    /// The first day of its agreement, and the last.
    agreed: Option<(u8, Option<u8>)>,
    masked: [u8; 2],
    has_officer: bool,
    reads: u8,
    writes: u8,
    roles: u8,
    purposes: u8,
    people: u8,
    channels: u8,
    has_exception: bool,
    on_consent: bool,
}

/// Nothing stands in anybody's way.
const FREE: Said = Said {
    guarded: 0,
    excepted: 0,
    only_roles: [0; 4],
    only_purposes: [0; 4],
    fits: [None; 2],
    about: [0; 4],
    for_purpose: [0; 2],
    of_class: [0; 2],
    anonymous: 0,
    young: 0,
    parent: None,
    of_processor: 15,
    serves: 3,
    is_abroad: false,
    agreed: Some((1, None)),
    masked: [0; 2],
    has_officer: false,
    reads: 15,
    writes: 0,
    roles: 15,
    purposes: 1,
    people: 0,
    channels: 1,
    has_exception: false,
    on_consent: false,
};

/// A day of the month in which all happens.
const fn day(day: u8) -> Date {
    Date {
        year: 2026,
        month: 1,
        day,
    }
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
            && (!reads || role > 1 || !has(self.masked[role], category))
            && (role != 1 || !self.has_officer || reads && CATEGORIES[category] == LOGGED)
            && (role != 0 || has(self.of_processor, category))
            && (role != 0 || purposes.iter().all(|at| has(self.serves, *at)))
            && (role != 0 || !self.is_abroad)
            && purposes.iter().all(|at| self.may_serve(category, *at))
            && purposes
                .iter()
                .all(|at| admits(self.for_purpose[*at], category))
            && !self.leaves_people_open()
            && !self.lacks_a_parent()
            && people.iter().all(|at| admits(self.of_class[*at], category))
            && (self.people == 0
                || self.about[category] == 0
                || self.people & self.about[category] != 0)
            && (!has(self.guarded, category) || has(self.excepted, category) && self.has_exception)
    }

    fn may_serve(&self, category: usize, purpose: usize) -> bool {
        let other = 1 - purpose;
        let only = self.only_purposes[category];
        let fits = self.fits[other].is_some_and(|data| admits(data, category));
        admits(only, purpose) || has(only, other) && fits
    }

    /// Whether people of this class can be meant: they are named, or nobody is and data may be theirs.
    fn may_be_about(&self, class: usize) -> bool {
        let touched = self.reads | self.writes;
        let theirs = |category| has(touched, category) && admits(self.about[category], class);
        has(self.people, class) || self.people == 0 && (0..4).any(theirs)
    }

    fn leaves_people_open(&self) -> bool {
        let by_visitors = has(self.roles, 3);
        let limited = |class: &usize| has(self.anonymous, *class) || self.of_class[*class] != 0;
        let mut limited = (0..2).filter(limited);
        self.people == 0 && limited.any(|class| by_visitors || self.may_be_about(class))
    }

    fn lacks_a_parent(&self) -> bool {
        let children = (0..2).any(|class| has(self.young, class) && self.may_be_about(class));
        self.on_consent && self.parent != Some(true) && children
    }

    fn is_agreed_on(&self, role: usize, day: u8) -> bool {
        let holds = |(from, until): (u8, Option<u8>)| from <= day && day <= until.unwrap_or(31);
        role != 0 || self.agreed.is_some_and(holds)
    }

    fn statement(&self) -> Register {
        let mut text = text_with("");
        for at in 0..2 {
            text += &format!(
                "[[doel]]\nnaam = \"p{at}\"\ntitel = {{ nl = \"Doel\" }}\nsoort = \"primair\"\n"
            );
            text += &format!(
                "[[verenigbaar-gebruik]]\nvan = \"p{at}\"\nnaar = \"p{}\"\nreden = {{ nl = \"Past\" }}\n",
                1 - at
            );
            text += &format!("[[betrokkene]]\nnaam = \"s{at}\"\ntitel = {{ nl = \"Mensen\" }}\n");
        }
        text += "[[activiteit]]\nnaam = \"doen\"\ntitel = { nl = \"Doen\" }\ndoel = \"p0\"\ngrondslag = \"taak\"\n\
                 rollen = [\"betrokkene\"]\nkanalen = [\"website\"]\nleest = [\"c0\"]\nvoorwaarden = [{ rechtsbron = \"wet\" }]\n";
        let (read, findings) = crate::reader::read(&text);
        let mut it = read.unwrap_or_else(|| panic!("{:?}", findings.finish()));
        self.say(&mut it);
        Register::of(it, Vec::new())
    }

    /// What a file that the check lets pass could never all say at once.
    fn say(&self, it: &mut Statement) {
        let of = |bits: u8, names: &[&str]| -> Vec<String> {
            let names = names.iter().enumerate();
            names
                .filter(|(at, _)| has(bits, *at))
                .map(|(_, name)| (*name).to_owned())
                .collect()
        };
        let roles = |bits| of(bits, &ROLES);
        let purposes = |bits| of(bits, &["p0", "p1"]);
        let classes = |bits| of(bits, &["s0", "s1"]);
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
            if !has(self.excepted, at) {
                category.conditions.clear();
            }
            category.only_roles = roles(self.only_roles[at]);
            category.only_purposes = purposes(self.only_purposes[at]);
            category.subjects = classes(self.about[at]);
        }
        for at in 0..2 {
            it.purposes[at].only_data = mask(self.for_purpose[at]);
            let class = &mut it.subject_classes[at];
            class.only_data = mask(self.of_class[at]);
            class.anonymous = has(self.anonymous, at);
            class.under_age = has(self.young, at).then_some(18);
            it.roles[at].masked = mask(self.masked[at]);
        }
        let uses = std::mem::take(&mut it.compatible_uses).into_iter();
        for (mut one, fits) in uses.zip(self.fits) {
            if let Some(data) = fits {
                one.data = mask(data);
                it.compatible_uses.push(one);
            }
        }
        it.officer = it.officer.take().filter(|_| self.has_officer);
        it.children = it.children.take().filter(|_| self.parent.is_some());
        if let Some(children) = &mut it.children {
            children.consent = self.parent == Some(true);
        }
        let processor = &mut it.processors[0];
        processor.data = of(self.of_processor, &CATEGORIES);
        processor.purposes = purposes(self.serves);
        let country = if self.is_abroad { "US" } else { "NL" };
        processor.country = Some(country.to_owned());
        let agreement = processor.agreement.take();
        processor.agreement = self.agreed.and_then(|(from, until)| {
            let mut agreement = agreement?;
            (agreement.date, agreement.until) = (day(from), until.map(day));
            Some(agreement)
        });
        let entry = &mut it.activities[0];
        entry.reads = mask(self.reads);
        entry.writes = mask(self.writes);
        entry.roles = roles(self.roles);
        entry.channels = Channel::ALL
            .into_iter()
            .enumerate()
            .filter(|(at, _)| has(self.channels, *at))
            .map(|(_, channel)| channel)
            .collect();
        if self.on_consent {
            "toestemming".clone_into(&mut entry.basis);
        }
        let mut purposes = purposes(self.purposes);
        entry.purpose = purposes.remove(0);
        entry.also_for = purposes;
        entry.subjects = classes(self.people);
        if !self.has_exception {
            entry.conditions.clear();
        }
    }
}

/// Four times in five nothing at all, or hardly anything would be allowed.
fn seldom(most: u8) -> impl Strategy<Value = u8> {
    prop_oneof![4 => Just(0), 1 => 0..most]
}

/// Mostly all of it.
fn mostly(most: u8) -> impl Strategy<Value = u8> {
    prop_oneof![3 => Just(most - 1), 1 => 0..most]
}

prop_compose! {
    fn of_data()(
        guarded in seldom(16),
        excepted in 0..16_u8,
        only_roles in prop::array::uniform4(seldom(16)),
        only_purposes in prop::array::uniform4(seldom(4)),
        fits in prop::array::uniform2(prop::option::of(seldom(16))),
        for_purpose in prop::array::uniform2(seldom(16)),
    ) -> Said {
        Said { guarded, excepted, only_roles, only_purposes, fits, for_purpose, ..FREE }
    }
}

prop_compose! {
    fn of_people()(
        said in of_data(),
        about in prop::array::uniform4(0..4_u8),
        of_class in prop::array::uniform2(seldom(16)),
        anonymous in seldom(4),
        young in 0..4_u8,
        parent in prop::option::of(any::<bool>()),
        people in 0..4_u8,
    ) -> Said {
        Said { about, of_class, anonymous, young, parent, people, ..said }
    }
}

prop_compose! {
    fn of_roles()(
        said in of_people(),
        of_processor in mostly(16),
        serves in mostly(4),
        is_abroad in prop::bool::weighted(0.2),
        agreed in prop::option::of((1..9_u8, prop::option::of(1..9_u8))),
        masked in prop::array::uniform2(seldom(16)),
        has_officer in prop::bool::weighted(0.3),
    ) -> Said {
        Said { of_processor, serves, is_abroad, agreed, masked, has_officer, ..said }
    }
}

prop_compose! {
    fn said()(
        said in of_roles(),
        reads in 0..16_u8,
        writes in 0..16_u8,
        roles in 0..16_u8,
        purposes in 1..4_u8,
        channels in 0..32_u8,
        has_exception in any::<bool>(),
        on_consent in prop::bool::weighted(0.3),
    ) -> Said {
        Said { reads, writes, roles, purposes, channels, has_exception, on_consent, ..said }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn the_gate_answers_as_a_plain_model_of_the_statement_does(said in said()) {
        let register = said.statement();
        let entry = register.activity("doen").unwrap();
        for (at, channel) in Channel::ALL.into_iter().enumerate() {
            prop_assert_eq!(entry.allows_channel(channel), has(said.channels, at));
        }
        for (at, role) in ROLES.into_iter().enumerate() {
            let grant = register.grant(entry, role);
            prop_assert_eq!(grant.is_some(), has(said.roles, at));
            for today in 1..10 {
                let agreed = said.is_agreed_on(at, today);
                prop_assert_eq!(register.role_is_off(role, day(today)), !agreed);
                if let Some(grant) = grant {
                    prop_assert_eq!(grant.is_agreed_on(day(today)), agreed);
                    prop_assert_eq!(grant.needs_agreement(), at == 0);
                }
            }
            for (category, name) in CATEGORIES.into_iter().enumerate() {
                let id = register.category(name).unwrap();
                for access in [Access::Reads, Access::Writes] {
                    let allowed = said.allows(at, category, access);
                    let granted = grant.is_some_and(|grant| match access {
                        Access::Reads => grant.reads.has(id),
                        Access::Writes => grant.writes.has(id),
                    });
                    prop_assert_eq!(granted, allowed, "{} {} {:?}", role, name, access);
                    let verdict = register.verdict("doen", role, name, access).unwrap();
                    prop_assert_eq!(matches!(verdict, Verdict::Allowed { .. }), allowed);
                }
            }
        }
        // Who the statement does not name does nothing.
        prop_assert!(register.grant(entry, "medewerker").is_none());
        prop_assert_eq!(register.verdict("iets", "r0", "c0", Access::Reads), None);
    }
}

fn text_with(more: &str) -> String {
    let categories: String = CATEGORIES
        .into_iter()
        .map(|name| {
            format!(
                "[[gegeven]]\nnaam = \"{name}\"\ntitel = {{ nl = \"Gegeven\" }}\nklasse = \"{}\"\nvoorwaarden = [{{ rechtsbron = \"wet\" }}]\n\
                 bewaartermijn = {{ termijn = \"P1Y\", vanaf = \"vastlegging\", bron = \"wet\", reden = {{ nl = \"Daarom\" }} }}\n",
                if name == "c0" { "identificatie" } else { "gewoon" }
            )
        })
        .collect();
    format!("{OPEN}{categories}{more}")
}

/// The line that says so is the line of what stands in the way.
#[test]
fn a_verdict_names_the_line_that_says_so() {
    let said = Said {
        only_roles: [0, 2, 0, 0],
        masked: [4, 0],
        roles: 3,
        ..FREE
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
