//! The sample world of an installation: its people and organisations, read from `samples/`.

use basics::{Fault, NumberKind, PersonNumber};
use language::{Currency, Language};
use serde::Deserialize;

use crate::kind::SampleOrganisation;

/// What one installation starts with.
#[derive(Clone)]
pub struct Sample {
    pub number_kind: NumberKind,
    pub currency: Currency,
    pub time_zone: &'static str,
    pub people: Vec<SamplePerson>,
    pub organisations: Vec<SampleOrganisation>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplePerson {
    pub key: String,
    pub name: String,
    pub form: Form,
    pub number: String,
    pub street: String,
    #[serde(default = "place")]
    pub place: String,
    /// Of the letters that come in several.
    #[serde(default = "dutch")]
    pub language: String,
    /// Which letters come: the `to` of a kind.
    pub life: Vec<String>,
    pub habit: Habit,
    /// Why they are worth looking at; shown at the start.
    #[serde(default)]
    pub story: Option<String>,
    #[serde(default)]
    pub facts: Vec<String>,
    /// Whether they have logged in before the demonstration starts.
    #[serde(default = "yes")]
    pub activated: bool,
}

/// How someone is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    Mevrouw,
    Meneer,
}

/// How someone treats post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Habit {
    /// Reads soon and archives.
    Keurig,
    Gewoon,
    /// Leaves much unread.
    Slordig,
    /// Opens nothing.
    Nooit,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct People {
    #[serde(rename = "person")]
    people: Vec<SamplePerson>,
}

fn place() -> String {
    "0000 AB Voorbeeldstad".to_owned()
}

fn dutch() -> String {
    Language::Nl.tag().to_owned()
}

const fn yes() -> bool {
    true
}

macro_rules! letters {
    ($folder:literal: $($organisation:literal)*) => {
        [$(include_str!(concat!("../samples/", $folder, "/", $organisation, ".toml"))),*]
    };
}

impl Sample {
    pub fn mijnoverheid() -> Result<Self, Fault> {
        let letters = letters!("mijnoverheid": "belastingdienst" "toeslagen" "gemeente" "rdw" "cjib" "svb" "uwv" "duo" "waterschap" "ciz");
        let people = include_str!("../samples/mijnoverheid.toml");
        Self::parse(
            people,
            &letters,
            NumberKind::Bsn,
            Currency::Euro,
            "Europe/Amsterdam",
        )
    }

    pub fn mijncn() -> Result<Self, Fault> {
        let letters = letters!("mijncn": "belastingdienst-cn" "bonaire" "saba" "sint-eustatius" "szw" "zvk" "immigratie");
        let people = include_str!("../samples/mijncn.toml");
        Self::parse(
            people,
            &letters,
            NumberKind::Crib,
            Currency::UsDollar,
            "America/Kralendijk",
        )
    }

    fn parse(
        people: &str,
        letters: &[&str],
        number_kind: NumberKind,
        currency: Currency,
        time_zone: &'static str,
    ) -> Result<Self, Fault> {
        let People { people } = toml::from_str(people)
            .map_err(|fault| Fault::broken(format!("the sample people do not read: {fault}")))?;
        let organisations = letters.iter().map(|text| SampleOrganisation::parse(text));
        Ok(Self {
            number_kind,
            currency,
            time_zone,
            people,
            organisations: organisations.collect::<Result<_, _>>()?,
        })
    }

    pub fn number(&self, person: &SamplePerson) -> Result<PersonNumber, Fault> {
        PersonNumber::parse(self.number_kind, &person.number)
            .map_err(|_| Fault::broken(format!("{} has no number of its kind", person.key)))
    }
}

impl SamplePerson {
    /// What follows the first name: `de Groot`, `El Amrani`.
    pub fn surname(&self) -> &str {
        self.name
            .split_once(' ')
            .map_or(&self.name, |(_, rest)| rest)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_samples_are_whole_and_use_test_numbers() {
        for sample in [Sample::mijnoverheid().unwrap(), Sample::mijncn().unwrap()] {
            let begins = match sample.number_kind {
                NumberKind::Bsn => "99999",
                NumberKind::Crib => "DEMO",
            };
            for person in &sample.people {
                assert!(sample.number(person).is_ok(), "{}", person.key);
                assert!(person.number.starts_with(begins), "{}", person.key);
                assert!(
                    Language::from_tag(&person.language).is_some(),
                    "{}",
                    person.key
                );
            }
            for organisation in &sample.organisations {
                assert!(organisation.oin().unwrap().as_str().starts_with("00000099"));
            }
            let numbers: BTreeSet<&str> = sample
                .people
                .iter()
                .map(|person| person.number.as_str())
                .collect();
            assert_eq!(numbers.len(), sample.people.len());
            let lives: BTreeSet<&str> = sample
                .people
                .iter()
                .flat_map(|person| &person.life)
                .map(String::as_str)
                .collect();
            let kinds = sample
                .organisations
                .iter()
                .flat_map(|organisation| &organisation.kinds);
            for kind in kinds {
                kind.language().unwrap();
                assert!(
                    kind.to.iter().any(|to| lives.contains(to.as_str())),
                    "{} is for nobody",
                    kind.key
                );
            }
        }
    }
}
