//! What may leave, beside a plain model: to whom, in which country, on which occasion and ground, under which law.

use proptest::prelude::*;

use super::{CATEGORIES, FREE, has, text_with};
use crate::{LOGGED, Mask, Obstacle, Occasion, Register, Statement};

const OUT: &str = r#"
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
land = "NL"
[[ontvanger]]
naam = "verplicht"
titel = { nl = "Wie niet geweigerd kan worden" }
gegevens = ["c1"]
grondslag = "taak"
alleen-verplicht-kanaal = true
land = "NL"
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
    let mut it = FREE.statement().statement().clone();
    let text = text_with(OUT);
    let (others, findings) = crate::reader::read(&text);
    let others = others.unwrap_or_else(|| panic!("{:?}", findings.finish()));
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
    let lacking = Mask::EMPTY.with(register.category(LOGGED).unwrap());
    let answer = disclosed(&register, "buur", &["c1", LOGGED], false);
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

/// A statement with one activity, through which a neighbour gets data.
fn sending() -> Statement {
    let text = format!(
        "{}[[doel]]\nnaam = \"p0\"\ntitel = {{ nl = \"Doel\" }}\nsoort = \"primair\"\n\
         [[activiteit]]\nnaam = \"doen\"\ntitel = {{ nl = \"Doen\" }}\ndoel = \"p0\"\ngrondslag = \"taak\"\n\
         rollen = [\"betrokkene\"]\nkanalen = [\"website\"]\nleest = [\"c1\"]\nontvangers = [\"buur\"]\n",
        text_with(OUT)
    );
    let (read, findings) = crate::reader::read(&text);
    read.unwrap_or_else(|| panic!("{:?}", findings.finish()))
}

/// DT-7 and MO-60 at the gate, beside a table of which ground carries what: whatever a file says, secrecy gives way to a duty or a
/// task alone, to a demand by a duty alone, and the law that is named is one that the ground rests on (MO-19).
#[test]
fn dt_7_mo_60_mo_19_secrecy_gives_way_to_a_duty_or_a_task_and_the_law_is_named() {
    let it = sending();
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

const OCCASIONS: [Occasion; 4] = [
    Occasion::Always,
    Occasion::OnDemand,
    Occasion::OnIncident,
    Occasion::WithConsent,
];
const COUNTRIES: [Option<&str>; 4] = [None, Some("NL"), Some("BE"), Some("US")];
const GROUNDS: [Option<&str>; 4] = [None, Some("taak"), Some("plicht"), Some("toestemming")];
const LAWS: [Option<&str>; 3] = [None, Some("wet"), Some("andere-wet")];

/// What is said of a recipient, and what somebody would give it. Categories as bits, the rest as places in the lists above.
#[derive(Clone, Debug)]
struct Sent {
    is_named: bool,
    fields: u8,
    country: usize,
    stays_in_union: bool,
    gets: usize,
    ground: usize,
    is_for_mandatory: bool,
    data: u8,
    shown: usize,
    law: usize,
    is_mandatory: bool,
}

impl Sent {
    fn may_go(&self, shown: Occasion) -> bool {
        let carried: &[Occasion] = match GROUNDS[self.ground] {
            Some("taak") => &[Occasion::Always, Occasion::OnIncident],
            Some("plicht") => &[Occasion::Always, Occasion::OnIncident, Occasion::OnDemand],
            Some("toestemming") => &[Occasion::WithConsent],
            _ => &[],
        };
        self.is_named
            && self.data & !self.fields == 0
            && (!self.stays_in_union || matches!(COUNTRIES[self.country], Some("NL" | "BE")))
            && OCCASIONS[self.gets] == shown
            && carried.contains(&shown)
    }

    fn names_its_law(&self) -> bool {
        let of_consent = GROUNDS[self.ground] == Some("toestemming");
        match LAWS[self.law] {
            None => OCCASIONS[self.shown] == Occasion::WithConsent,
            Some(law) => (law == "andere-wet") == of_consent,
        }
    }

    fn statement(&self) -> Register {
        let mut it = sending();
        if !self.is_named {
            it.activities[0].recipients = vec!["verplicht".to_owned()];
        }
        it.transfer = it.transfer.take().filter(|_| self.stays_in_union);
        let ids: Vec<_> = it.categories.iter().map(|category| category.id).collect();
        let fields = (0..4).filter(|at| has(self.fields, *at));
        let recipient = &mut it.recipients[0];
        recipient.fields = fields.map(|at| ids[at]).collect();
        recipient.country = COUNTRIES[self.country].map(str::to_owned);
        recipient.occasion = Some(OCCASIONS[self.gets]);
        recipient.ground = GROUNDS[self.ground].map(str::to_owned);
        recipient.mandatory_channel = self.is_for_mandatory;
        Register::of(it, Vec::new())
    }
}

prop_compose! {
    fn sent()(
        is_named in prop::bool::weighted(0.9),
        fields in 1..16_u8,
        country in 0..4_usize,
        stays_in_union in any::<bool>(),
        gets in 0..4_usize,
        ground in 0..4_usize,
        is_for_mandatory in any::<bool>(),
        data in prop::sample::select(vec![1, 2, 4, 8, 3, 12, 15]),
        shown in 0..4_usize,
        law in 0..3_usize,
        is_mandatory in any::<bool>(),
    ) -> Sent {
        Sent {
            is_named,
            fields,
            country,
            stays_in_union,
            gets,
            ground,
            is_for_mandatory,
            data,
            shown,
            law,
            is_mandatory,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn what_leaves_leaves_as_a_plain_model_of_the_statement_says(sent in sent()) {
        let register = sent.statement();
        let entry = register.activity("doen").unwrap();
        let data = CATEGORIES
            .into_iter()
            .enumerate()
            .filter(|(at, _)| has(sent.data, *at))
            .map(|(_, name)| register.category(name).unwrap())
            .collect();
        let along = register.may_disclose(entry, "buur", data, sent.is_mandatory);
        let expected =
            sent.may_go(Occasion::Always) && (!sent.is_for_mandatory || sent.is_mandatory);
        prop_assert_eq!(along.is_ok(), expected, "{:?}", along.map(drop));
        let shown = OCCASIONS[sent.shown];
        let given = register.may_disclose_on(entry, "buur", data, shown, LAWS[sent.law]);
        let expected = sent.may_go(shown) && sent.names_its_law();
        prop_assert_eq!(given.is_ok(), expected, "{:?}", given.map(drop));
    }
}
