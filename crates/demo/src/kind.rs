//! A kind of letter that an organisation sends: whom it is for, when it comes, what it says. Read from `samples/*/*.toml`.

use basics::{Fault, Oin};
use language::Language;
use serde::Deserialize;

/// An organisation of the demonstration with what it sends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleOrganisation {
    pub key: String,
    pub oin: String,
    pub name: String,
    /// Its channel is mandatory by law: preferences do not stop its post.
    #[serde(default)]
    pub mandatory: bool,
    pub address: Vec<String>,
    /// Who signs its letters.
    pub signed: String,
    #[serde(rename = "kind")]
    pub kinds: Vec<Kind>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    pub key: String,
    /// `berichttype` of the organisation API.
    pub r#type: String,
    #[serde(default = "dutch")]
    pub language: String,
    /// Goes to people who read another language as well.
    #[serde(default)]
    pub for_every_language: bool,
    /// For whom any of these is part of their life.
    pub to: Vec<String>,
    /// How many out of a hundred of them get it.
    #[serde(default = "all")]
    pub share: u8,

    /// Each year about these days, `MM-DD`.
    #[serde(default)]
    pub on: Vec<String>,
    /// Each month about this day.
    #[serde(default)]
    pub monthly: Option<i8>,
    /// Nothing of longer than this many days ago.
    #[serde(default)]
    pub days: Option<i32>,
    /// So many times in two years, on days drawn.
    #[serde(default)]
    pub times: usize,
    /// So many days before the demonstration was made.
    #[serde(default)]
    pub ago: Vec<i32>,
    /// Planned: appears so many days after.
    #[serde(default)]
    pub ahead: Option<i32>,

    /// The last day to act, so many days after the letter.
    #[serde(default)]
    pub act_days: Option<i32>,
    /// The last day to act, `MM-DD` of the letter's year.
    #[serde(default)]
    pub act_before: Option<String>,
    pub title: String,
    #[serde(default)]
    pub reference: Option<String>,
    /// The file name of the same letter as a PDF, with `detail` in it.
    #[serde(default)]
    pub attachment: Option<String>,
    /// People throw it away once read.
    #[serde(default)]
    pub may_be_binned: bool,
    #[serde(default)]
    pub values: Vec<String>,
    /// Markdown, without salutation and closing.
    pub text: String,
    /// What only the PDF says.
    #[serde(default)]
    pub detail: String,
}

fn dutch() -> String {
    Language::Nl.tag().to_owned()
}

const fn all() -> u8 {
    100
}

impl SampleOrganisation {
    pub fn parse(text: &str) -> Result<Self, Fault> {
        toml::from_str(text)
            .map_err(|fault| Fault::broken(format!("the sample letters do not read: {fault}")))
    }

    pub fn oin(&self) -> Result<Oin, Fault> {
        Oin::parse(&self.oin).map_err(|_| Fault::broken(format!("{} has no OIN", self.key)))
    }
}

impl Kind {
    pub fn language(&self) -> Result<Language, Fault> {
        let language = Language::from_tag(&self.language);
        language.ok_or_else(|| Fault::broken(format!("{} is in no language of ours", self.key)))
    }
}
