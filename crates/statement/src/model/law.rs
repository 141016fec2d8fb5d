//! The law: legal sources and norms, and the bases they give.

use crate::reader::{
    Choice, Filled, Filled1, Here, Length, Link, List, Name, Opt, Promise, Ref, Texts, choices,
    table,
};
use crate::{Place, Term, Text};

table! {
    /// A law, decree, regulation, selection list or norm.
    pub struct LegalSource = "rechtsbron" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// The official name: one text, in the language of the law.
        title: String = "titel" as Filled,
        /// Where it was published: `"Stb. 2016, 195"`.
        citation: String = "vindplaats" as Filled,
        /// Its address.
        link: String = "link" as Link,
        /// The legal source it rests on.
        rests_on: Option<String> = "gebaseerd-op" as Opt<Ref<LegalSource>>,
        /// The longest it lets data be kept, where a published statement says so.
        longest: Option<Term> = "langste-termijn" as Opt<Length>,
        /// What has taken its place: then it is superseded.
        superseded_by: Option<String> = "vervangen-door" as Opt<Filled>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// A legal basis: why the law allows an activity.
    pub struct Basis = "grondslag" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// The basis in words, per language.
        title: Text = "titel" as Texts,
        /// Which kind of basis it is.
        kind: BasisKind = "soort" as Choice<BasisKind>,
        /// The legal sources that give it.
        sources: Vec<String> = "rechtsbronnen" as Filled1<405, Ref<LegalSource>>,
        /// The articles, where the published text cites them: `"art. 10 en 11"`.
        article: Option<String> = "artikel" as Opt<Filled>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

choices! {
    /// The kinds of legal basis (AVG art. 6), and the law of the police beside them.
    pub enum BasisKind {
        Consent = "toestemming",
        Contract = "overeenkomst",
        LegalDuty = "wettelijke-plicht",
        VitalInterest = "vitaal-belang",
        PublicTask = "taak",
        LegitimateInterest = "gerechtvaardigd-belang",
        Police = "politietaak",
    }
}
