//! The register: one statement in force. Immutable, to be shared in an `Arc`.

use std::collections::HashMap;

use crate::{
    Band, Basis, Category, CategoryId, Cookie, Entry, Finding, LegalSource, LoginLevel, Mask,
    NumberRule, Operator, Purpose, Recipient, SessionRule, Version,
};

/// One statement in force. Names of categories and activities are found by hash: they are asked on each request.
#[derive(Clone, Debug)]
pub struct Register {
    pub(crate) installation: String,
    pub(crate) title: String,
    pub(crate) version: Version,
    pub(crate) languages: Vec<String>,
    pub(crate) time_zone: String,
    pub(crate) location: String,
    pub(crate) controller: String,
    pub(crate) operators: Vec<Operator>,
    pub(crate) login_level: LoginLevel,
    pub(crate) session: SessionRule,
    pub(crate) number: NumberRule,
    pub(crate) band: Option<Band>,
    pub(crate) legal_sources: Vec<LegalSource>,
    pub(crate) bases: Vec<Basis>,
    pub(crate) purposes: Vec<Purpose>,
    pub(crate) categories: Vec<Category>,
    pub(crate) recipients: Vec<Recipient>,
    pub(crate) cookies: Vec<Cookie>,
    pub(crate) activities: HashMap<String, Entry>,
    /// Names of the activities in the order of the file.
    pub(crate) order: Vec<String>,
    pub(crate) findings: Vec<Finding>,
}

impl Register {
    /// Reads and checks a statement file. With a finding of level error there is no register: the answer holds
    /// every finding, warnings too, in the order of the file.
    pub fn parse(toml: &str) -> Result<Register, Vec<Finding>> {
        crate::reading::read(toml)
    }

    /// The warnings; a register has no errors.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
    /// The short name, kebab-case, such as `mijnoverheid`.
    pub fn installation(&self) -> &str {
        &self.installation
    }
    /// The name people know, such as `MijnOverheid`.
    pub fn title(&self) -> &str {
        &self.title
    }
    pub fn version(&self) -> &Version {
        &self.version
    }
    /// Language codes; the first is the default.
    pub fn languages(&self) -> &[String] {
        &self.languages
    }
    /// An IANA name, such as `Europe/Amsterdam`.
    pub fn time_zone(&self) -> &str {
        &self.time_zone
    }
    /// The country data is stored in (ISO 3166, two letters).
    pub fn location(&self) -> &str {
        &self.location
    }
    /// Who answers for the processing.
    pub fn controller(&self) -> &str {
        &self.controller
    }
    pub fn operators(&self) -> &[Operator] {
        &self.operators
    }
    /// The least level a login must have.
    pub fn login_level(&self) -> LoginLevel {
        self.login_level
    }
    pub fn session(&self) -> &SessionRule {
        &self.session
    }
    pub fn number(&self) -> &NumberRule {
        &self.number
    }
    pub fn band(&self) -> Option<&Band> {
        self.band.as_ref()
    }
    pub fn legal_sources(&self) -> &[LegalSource] {
        &self.legal_sources
    }
    pub fn bases(&self) -> &[Basis] {
        &self.bases
    }
    pub fn purposes(&self) -> &[Purpose] {
        &self.purposes
    }
    pub fn recipients(&self) -> &[Recipient] {
        &self.recipients
    }
    pub fn cookies(&self) -> impl Iterator<Item = &Cookie> {
        self.cookies.iter()
    }

    pub fn category(&self, name: &str) -> Option<CategoryId> {
        self.categories
            .iter()
            .find(|category| category.name == name)
            .map(|category| category.id)
    }
    /// In the order of their ids.
    pub fn categories(&self) -> impl Iterator<Item = &Category> {
        self.categories.iter()
    }
    /// The names of a mask's categories, for texts: `bericht, bijlage`.
    pub fn names(&self, mask: Mask) -> String {
        let names: Vec<&str> = self
            .categories
            .iter()
            .filter(|category| mask.has(category.id))
            .map(|category| &*category.name)
            .collect();
        names.join(", ")
    }

    pub fn activity(&self, name: &str) -> Option<&Entry> {
        self.activities.get(name)
    }
    /// In the order of the file.
    pub fn activities(&self) -> impl Iterator<Item = &Entry> {
        self.order
            .iter()
            .filter_map(|name| self.activities.get(name))
    }
}
