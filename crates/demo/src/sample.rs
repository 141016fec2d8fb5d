//! The sample people, organisations and letters, read from `samples/*.toml`.

use basics::{Fault, NumberKind, Oin, PersonNumber};
use serde::Deserialize;

/// What one installation starts with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    #[serde(rename = "person")]
    pub people: Vec<SamplePerson>,
    #[serde(rename = "organisation")]
    pub organisations: Vec<SampleOrganisation>,
    #[serde(rename = "letter")]
    pub letters: Vec<SampleLetter>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplePerson {
    pub key: String,
    pub name: String,
    pub number: String,
    /// Whether they have logged in before the demonstration starts.
    #[serde(default = "yes")]
    pub activated: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleOrganisation {
    pub key: String,
    pub oin: String,
    pub name: String,
    /// Its channel is mandatory by law: preferences do not stop its post.
    #[serde(default)]
    pub mandatory: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleLetter {
    pub from: String,
    pub to: Vec<String>,
    pub title: String,
    pub text: String,
    #[serde(default)]
    pub act_before: Option<String>,
    /// File name of a PDF that is made for it.
    #[serde(default)]
    pub attachment: Option<String>,
}

fn yes() -> bool {
    true
}

impl Sample {
    pub fn parse(text: &str) -> Result<Self, Fault> {
        toml::from_str(text)
            .map_err(|fault| Fault::broken(format!("the samples do not read: {fault}")))
    }

    pub fn person(&self, key: &str) -> Result<&SamplePerson, Fault> {
        self.people
            .iter()
            .find(|person| person.key == key)
            .ok_or_else(|| Fault::broken(format!("no sample person {key}")))
    }

    pub fn organisation(&self, key: &str) -> Result<&SampleOrganisation, Fault> {
        let found = self
            .organisations
            .iter()
            .find(|organisation| organisation.key == key);
        found.ok_or_else(|| Fault::broken(format!("no sample organisation {key}")))
    }
}

impl SamplePerson {
    pub fn number(&self, kind: NumberKind) -> Result<PersonNumber, Fault> {
        PersonNumber::parse(kind, &self.number)
            .map_err(|_| Fault::broken(format!("{} has no number of its kind", self.key)))
    }
}

impl SampleOrganisation {
    pub fn oin(&self) -> Result<Oin, Fault> {
        Oin::parse(&self.oin).map_err(|_| Fault::broken(format!("{} has no OIN", self.key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_are_whole_and_use_test_numbers() {
        for (text, kind) in [
            (
                include_str!("../samples/mijnoverheid.toml"),
                NumberKind::Bsn,
            ),
            (include_str!("../samples/mijncn.toml"), NumberKind::Crib),
        ] {
            let sample = Sample::parse(text).unwrap();
            for person in &sample.people {
                person.number(kind).unwrap();
                assert!(
                    person.number.starts_with("99999") || person.number.starts_with("DEMO"),
                    "{}",
                    person.key
                );
            }
            for organisation in &sample.organisations {
                assert!(organisation.oin().unwrap().as_str().starts_with("00000099"));
            }
            for letter in &sample.letters {
                sample.organisation(&letter.from).unwrap();
                letter
                    .to
                    .iter()
                    .for_each(|key| assert!(sample.person(key).unwrap().activated));
            }
        }
    }
}
