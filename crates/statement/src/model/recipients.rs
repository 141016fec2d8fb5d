//! Who outside gets data, and where it may go.

use super::{Basis, BasisKind, Purpose};
use crate::reader::{
    Choice, Country, Flag, Here, List, Name, NonEmpty, Opt, Promise, Ref, Region, Texts, choices,
    table,
};
use crate::{Mask, Place, Text};

table! {
    /// Someone outside who gets data: exactly these fields and no other.
    pub struct Recipient = "ontvanger" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// Who it is, per language.
        title: Text = "titel" as Texts,
        /// The categories it gets: exactly these.
        fields: Mask = "gegevens" as NonEmpty,
        /// Which way data goes; without it, out.
        direction: Option<Direction> = "richting" as Opt<Choice<Direction>>,
        /// The country it is in, ISO 3166. Where there is a `[doorgifte]`, it must be said.
        country: Option<String> = "land" as Opt<Country>,
        /// Why it may have them.
        ground: Option<String> = "grondslag" as Opt<Ref<Basis>>,
        /// What it gets them for.
        purpose: Option<String> = "doel" as Opt<Ref<Purpose>>,
        /// Whose task they are for; without it, ours.
        sake: Option<Sake> = "voor-taak" as Opt<Choice<Sake>>,
        /// When it gets them; without it, as the activity goes along.
        occasion: Option<Occasion> = "wanneer" as Opt<Choice<Occasion>>,
        /// Whether only organisations whose post cannot be refused get them.
        mandatory_channel: bool = "alleen-verplicht-kanaal" as Flag,
        /// What must be so first, per language.
        condition: Option<Text> = "voorwaarde" as Opt<Texts>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

choices! {
    /// Which way data goes between us and another.
    pub enum Direction {
        Out = "uit",
        /// It is a source as well.
        Both = "beide",
    }
}

choices! {
    /// Whose task data is given for.
    pub enum Sake {
        Ours = "onze-taak",
        Theirs = "hun-taak",
        Both = "beide",
    }
}

choices! {
    /// When a recipient gets data.
    pub enum Occasion {
        /// As the activity goes along.
        Always = "doorlopend",
        /// At their demand, decided by a person, with its ground.
        OnDemand = "op-verzoek",
        /// When something went wrong.
        OnIncident = "bij-incident",
        /// When the person has agreed beforehand.
        WithConsent = "met-toestemming",
    }
}

impl Recipient {
    /// When it gets data.
    pub fn gets(&self) -> Occasion {
        self.occasion.unwrap_or(Occasion::Always)
    }
}

impl Occasion {
    /// Whether what is kept secret may be told on it by a basis of this kind: secrecy gives way to a duty in law and to what a
    /// task needs, and to nothing else (Awb art. 2:5; DT-7). At a demand it gives way to a duty alone (MO-60), with consent to
    /// that alone.
    pub const fn rests_on(self, kind: BasisKind) -> bool {
        match self {
            Occasion::Always | Occasion::OnIncident => matches!(
                kind,
                BasisKind::PublicTask | BasisKind::LegalDuty | BasisKind::Police
            ),
            Occasion::OnDemand => matches!(kind, BasisKind::LegalDuty),
            Occasion::WithConsent => matches!(kind, BasisKind::Consent),
        }
    }
}

table! {
    /// Where data may go.
    pub struct Transfer = "doorgifte" {
        /// Countries that recipients may be in, ISO 3166; `EU` and `EER` stand for all of theirs.
        countries: Vec<String> = "landen" as List<Region>,
        /// What is promised, per language.
        explanation: Text = "uitleg" as Texts,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

/// The European Union.
const UNION: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];
/// What the European Economic Area has besides.
const AREA: [&str; 3] = ["IS", "LI", "NO"];

impl Transfer {
    /// Whether data may go to this country.
    pub fn allows(&self, country: &str) -> bool {
        self.countries.iter().any(|allowed| match allowed.as_str() {
            "EU" => UNION.contains(&country),
            "EER" => UNION.contains(&country) || AREA.contains(&country),
            one => one == country,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Transfer;
    use crate::{Place, Text};

    #[test]
    fn the_union_and_the_area_stand_for_their_countries() {
        let to = |countries: &[&str]| Transfer {
            countries: countries.iter().map(|code| (*code).into()).collect(),
            explanation: Text::default(),
            promises: Vec::new(),
            at: Place { line: 1, column: 1 },
        };
        assert!(to(&["EU"]).allows("NL") && !to(&["EU"]).allows("NO"));
        assert!(to(&["EER"]).allows("NO") && !to(&["EER"]).allows("US"));
        assert!(to(&["NL", "BQ"]).allows("BQ") && !to(&["NL", "BQ"]).allows("BE"));
        assert!(!to(&[]).allows("NL"));
    }
}
