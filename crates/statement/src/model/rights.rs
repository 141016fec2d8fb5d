//! What a person can ask: rights, their clocks and channels, grounds, complaint, addresses.

use super::LegalSource;
use crate::reader::{
    Choice, Filled, Flag, Here, Length, Link, List, Name, Opt, Promise, Ref, Texts, choices, table,
};
use crate::{Place, Term, Text};

table! {
    /// Something a person can ask (AVG art. 15–22; Awb; on the islands Wbp BES).
    pub struct Right = "recht" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// What it is, per language.
        title: Text = "titel" as Texts,
        /// Which right it is.
        kind: RightKind = "soort" as Choice<RightKind>,
        /// What it means and what then happens, per language.
        explanation: Option<Text> = "uitleg" as Opt<Texts>,
        /// Within how long it is decided, from receipt.
        term: Option<Term> = "termijn" as Opt<Length>,
        /// By how much that can be extended, once, with a notice inside the first term.
        extension: Option<Term> = "verlenging" as Opt<Length>,
        /// Along which ways it can be asked.
        channels: Vec<Intake> = "kanalen" as List<Choice<Intake>>,
        /// Where to.
        addresses: Vec<String> = "adressen" as List<Ref<Address>>,
        /// What the request must hold, per language.
        asked: Option<Text> = "vermeld" as Opt<Texts>,
        /// Whether who asks must show who they are before anything is told.
        identification: bool = "identificatie" as Flag,
        /// How the answer is given.
        answer: Option<Answer> = "antwoord" as Opt<Choice<Answer>>,
        /// On which grounds it can be asked; without it, no ground is needed.
        grounds: Vec<String> = "gronden" as List<Ref<Ground>>,
        /// On which grounds it can be refused.
        refusals: Vec<String> = "weigeringsgronden" as List<Ref<Ground>>,
        /// What happens at a refusal, per language. A refusal always has reasons, in writing.
        refusal: Option<Text> = "weigering" as Opt<Texts>,
        /// The activity with which a person can do it themselves.
        themselves: Option<String> = "zelf" as Opt<Name>,
        /// Whether all who got the data hear of the outcome (AVG art. 19).
        passed_on: bool = "doorgeven" as Flag,
        /// The law that gives it.
        source: Option<String> = "rechtsbron" as Opt<Ref<LegalSource>>,
        /// The article, where the published text cites one.
        article: Option<String> = "artikel" as Opt<Filled>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

choices! {
    /// Which right it is.
    pub enum RightKind {
        /// To know whether data is processed at all.
        Know = "weten",
        Access = "inzage",
        Rectify = "rectificatie",
        Complete = "aanvulling",
        Restrict = "beperking",
        Erase = "verwijdering",
        /// To the use of data (AVG art. 21).
        Object = "bezwaar",
        /// To a decision (Awb).
        ObjectToDecision = "bezwaar-besluit",
        Portability = "overdraagbaarheid",
        WithdrawConsent = "intrekken-toestemming",
        /// That a person looks at an automated decision (AVG art. 22).
        HumanReview = "menselijke-tussenkomst",
        /// To hear or read a recorded call.
        HearRecording = "opname-horen",
        /// To know whether a child's data was processed without consent.
        CheckChild = "kind-nagaan",
        /// To stop the processing of a child's data.
        StopChild = "kind-stoppen",
        /// A question or complaint about privacy.
        Question = "vraag",
    }
}

choices! {
    /// Along which way a request comes in.
    pub enum Intake {
        Email = "e-mail",
        Letter = "brief",
        Form = "formulier",
        Phone = "telefoon",
        Desk = "balie",
        /// In the service itself, after login.
        Service = "zelf",
        SocialMedia = "sociale-media",
    }
}

choices! {
    /// How an answer is given.
    pub enum Answer {
        Email = "e-mail",
        Letter = "brief",
        Message = "bericht",
    }
}

table! {
    /// A ground to ask something on, or to refuse it.
    pub struct Ground = "grond" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// The ground in words, per language.
        title: Text = "titel" as Texts,
        /// The law that gives it.
        source: Option<String> = "rechtsbron" as Opt<Ref<LegalSource>>,
        /// The article, where the published text cites one.
        article: Option<String> = "artikel" as Opt<Filled>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// Where a person can complain. It stands in the statement and in every decision.
    pub struct Complaint = "klachtroute" {
        /// How to complain, per language.
        explanation: Text = "uitleg" as Texts,
        /// Whether the supervisor takes complaints.
        supervisor: bool = "toezichthouder" as Flag,
        /// Where the complaint is made.
        link: Option<String> = "link" as Opt<Link>,
        /// Whether the way to a court is open.
        court: bool = "rechter" as Flag,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// Where the service can be reached.
    pub struct Address = "adres" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// Which way it is reached.
        kind: AddressKind = "soort" as Choice<AddressKind>,
        /// The address itself, line by line. Without it the installation's configuration gives it.
        lines: Vec<String> = "regels" as List<Filled>,
        /// What to write on it, per language.
        mention: Option<Text> = "onder-vermelding-van" as Opt<Texts>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

choices! {
    /// Which way an address is reached.
    pub enum AddressKind {
        Post = "post",
        Email = "e-mail",
        Phone = "telefoon",
        Website = "website",
        Desk = "balie",
    }
}
