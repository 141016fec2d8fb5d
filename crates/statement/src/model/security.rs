//! Security: measures with their norm, and what happens at a breach.

use std::time::Duration;

use super::LegalSource;
use crate::reader::{
    Choice, Fixed, Flag, Here, List, Name, Opt, Promise, Ref, Texts, choices, table,
};
use crate::{Place, Text};

table! {
    /// Something that is done for security.
    pub struct Measure = "maatregel" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// What is done, per language.
        title: Text = "titel" as Texts,
        /// Which kind of measure it is.
        kind: MeasureKind = "soort" as Choice<MeasureKind>,
        /// The norms it follows.
        norms: Vec<String> = "normen" as List<Ref<LegalSource>>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

choices! {
    /// Which kind of measure it is.
    pub enum MeasureKind {
        Technical = "technisch",
        Organisational = "organisatorisch",
        Physical = "fysiek",
    }
}

table! {
    /// What happens at a breach (AVG art. 33 and 34).
    pub struct Breach = "datalek" {
        /// What a breach is and what we do, per language.
        explanation: Text = "uitleg" as Texts,
        /// Within how long the supervisor hears.
        report_within: Option<Duration> = "melden-binnen" as Opt<Fixed>,
        /// When the people concerned hear.
        notice: BreachNotice = "betrokkenen-horen" as Choice<BreachNotice>,
        /// Kinds of breach that readers are told of, per language.
        examples: Vec<Text> = "voorbeelden" as List<Texts>,
        /// Whether anyone can report a weakness.
        open_to_reports: bool = "meldpunt" as Flag,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

choices! {
    /// When the people concerned hear of a breach.
    pub enum BreachNotice {
        /// When the risk to them is high, as the law asks.
        HighRisk = "hoog-risico",
        /// Whenever sensitive data leaked: more than the law asks.
        SensitiveData = "gevoelige-gegevens",
        Always = "altijd",
    }
}
