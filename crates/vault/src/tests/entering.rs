//! Who comes in at the gate, beside a plain model of the statement: for any roles, channels and agreement that it can name, and any
//! call.

use basics::{Activity, Actor, Channel, Ids, Oin, Refusal, Role, SubjectId, Trace};
use proptest::prelude::*;
use statement::{Date, Register};

use super::house::{STATEMENT, refusal};
use crate::{Processing, Subjects, gate};

const DO: Activity = Activity("proef-doen");
const OF_PROCESSOR: usize = 5;
const ROLES: [&str; 7] = [
    "bezoeker",
    "betrokkene",
    "aangesloten-organisatie",
    "systeem",
    "beheerder",
    "proef-helpdesk",
    "proef-medewerker",
];

/// Roles and channels as bits; the agreement by its first and last day.
#[derive(Clone, Debug)]
struct Said {
    roles: u8,
    channels: u8,
    agreed: Option<(u8, Option<u8>)>,
}

const fn has(bits: u8, at: usize) -> bool {
    bits >> at & 1 == 1
}

const fn date(day: u8) -> Date {
    Date {
        year: 2026,
        month: 1,
        day,
    }
}

impl Said {
    fn answer(&self, role: Option<usize>, channel: usize, today: u8) -> Option<Refusal> {
        let Some(role) = role.filter(|role| has(self.roles, *role)) else {
            return Some(Refusal::Role);
        };
        if !has(self.channels, channel) {
            return Some(Refusal::Channel);
        }
        let holds = |(from, until): (u8, Option<u8>)| from <= today && today <= until.unwrap_or(31);
        let refused = role == OF_PROCESSOR && !self.agreed.is_some_and(holds);
        refused.then_some(Refusal::Agreement)
    }

    fn statement(&self) -> Register {
        let of = |bits: u8, names: &[&str]| {
            let names = names.iter().enumerate();
            let names = names.filter(|(at, _)| has(bits, *at));
            let names: Vec<String> = names.map(|(_, name)| format!("\"{name}\"")).collect();
            names.join(", ")
        };
        let agreement = self.agreed.map_or(String::new(), |(from, until)| {
            let until = until.map_or(String::new(), |day| format!(", tot = {}", date(day)));
            format!(
                "overeenkomst = {{ datum = {}, kenmerk = \"V-1\"{until} }}",
                date(from)
            )
        });
        let text = format!(
            "{STATEMENT}
[[verwerker]]
naam = \"proef-steun\"
titel = {{ nl = \"Steun\", en = \"Support\" }}
taak = {{ nl = \"Helpt u.\", en = \"Helps you.\" }}
doelen = [\"dienst-laten-werken\"]
land = \"NL\"
gegevens = [\"bericht\"]
{agreement}
[[rol]]
naam = \"{}\"
titel = {{ nl = \"Helpdesk\", en = \"Helpdesk\" }}
verwerker = \"proef-steun\"
[[rol]]
naam = \"{}\"
titel = {{ nl = \"Van ons\", en = \"Of ours\" }}
[[activiteit]]
naam = \"{DO}\"
titel = {{ nl = \"Wij doen iets\", en = \"We do something\" }}
doel = \"dienst-laten-werken\"
grondslag = \"gdi\"
rollen = [{}]
kanalen = [{}]
leest = [\"bericht\"]
betrokkenen = [\"gebruiker\"]
[[activiteit]]
naam = \"proef-website\"
titel = {{ nl = \"Op de website kan alles\", en = \"The website has it all\" }}
doel = \"dienst-laten-werken\"
grondslag = \"gdi\"
rollen = [{}]
kanalen = [\"website\"]
leest = [\"bericht\"]
betrokkenen = [\"gebruiker\"]
",
            ROLES[OF_PROCESSOR],
            ROLES[OF_PROCESSOR + 1],
            of(self.roles, &ROLES),
            of(self.channels, &Channel::ALL.map(Channel::name)),
            of(u8::MAX, &ROLES),
        );
        Register::parse(&text).unwrap_or_else(|findings| panic!("{findings:#?}"))
    }
}

prop_compose! {
    fn said()(
        roles in 1..128_u8,
        channels in 1..32_u8,
        agreed in prop::option::of((1..5_u8, prop::option::of(0..4_u8))),
    ) -> Said {
        let agreed = agreed.map(|(from, days)| (from, days.map(|days| from + days)));
        Said { roles, channels, agreed }
    }
}

/// Each actor with its role; the last is nobody's.
fn actors() -> Vec<(Actor, Option<usize>)> {
    let staff = |name| Actor::Staff {
        role: Role::named(name),
        id: "medewerker 7".to_owned(),
    };
    let oin = Oin::parse("00000099000000001000").expect("a test number");
    let actors = [
        Actor::Visitor,
        Actor::Person(SubjectId::random(&Ids::seeded(1))),
        Actor::Organisation(oin),
        Actor::System,
        Actor::Operator,
        staff(ROLES[OF_PROCESSOR]),
        staff(ROLES[OF_PROCESSOR + 1]),
    ];
    let named = actors.into_iter().enumerate();
    named
        .map(|(at, actor)| (actor, Some(at)))
        .chain([(staff("proef-niemand"), None)])
        .collect()
}

proptest! {
    // Each case reads a whole statement and asks for every actor, channel and day.
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_gate_lets_in_whom_a_plain_model_of_the_statement_does(said in said()) {
        let register = said.statement();
        let trace = Trace::new(&Ids::seeded(2));
        for (actor, role) in actors() {
            for (at, channel) in Channel::ALL.into_iter().enumerate() {
                for today in 1..10 {
                    let asks = |activity| {
                        Processing::of(activity, actor.clone(), Subjects::None, channel, trace)
                    };
                    let enter = |activity| {
                        gate::enter(&register, &asks(activity), || date(today)).map(drop)
                    };
                    let entered = enter(DO);
                    let refused = entered.is_err().then(|| refusal(entered));
                    prop_assert_eq!(refused, said.answer(role, at, today), "{:?} {:?}", actor, channel);
                    prop_assert_eq!(refusal(enter(Activity("proef-anders"))), Refusal::NotInStatement);
                }
            }
        }
    }
}
