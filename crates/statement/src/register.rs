//! The register: one statement in force. Immutable, to be shared in an `Arc`.

use std::collections::HashMap;

use crate::finding::Report;
use crate::rules;
use crate::{
    Band, Basis, Category, CategoryId, Cookie, Date, Entry, Finding, Grant, Known, LegalSource,
    LoginLevel, Mask, NumberRule, Operator, Processor, Purpose, Recipient, Right, Role,
    SessionRule, Source, Statement, SubjectClass,
};

/// Which version of a statement this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Such as `2.2`.
    pub number: String,
    pub date: Date,
}

/// One statement in force. Names of categories and activities are found by hash: they are asked on each request.
#[derive(Clone, Debug)]
pub struct Register {
    statement: Statement,
    version: Version,
    session: SessionRule,
    /// By name, the place of an activity in the file.
    activities: HashMap<String, usize>,
    /// By that place, for each of its roles.
    grants: Vec<Vec<Grant>>,
    categories: HashMap<String, CategoryId>,
    findings: Vec<Finding>,
}

impl Register {
    /// Reads and checks a statement file. With a finding that stops it there is no register: the answer holds
    /// every finding, warnings too, in the order of the file.
    pub fn parse(toml: &str) -> Result<Register, Vec<Finding>> {
        let (statement, findings) = crate::check::read(toml);
        match statement {
            Some(statement) if !findings.iter().any(Finding::stops) => {
                Ok(Self::of(statement, findings))
            }
            _ => Err(findings),
        }
    }

    pub(crate) fn of(statement: Statement, findings: Vec<Finding>) -> Self {
        let activities = statement.activities.iter().enumerate();
        let categories = statement.categories.iter();
        Self {
            version: Version {
                number: statement.header.version.clone(),
                date: statement.header.date,
            },
            session: SessionRule {
                idle: statement.session.idle,
                absolute: statement.session.absolute,
            },
            grants: statement
                .activities
                .iter()
                .map(|entry| Grant::of_all(&statement, entry))
                .collect(),
            activities: activities
                .map(|(place, entry)| (entry.name.clone(), place))
                .collect(),
            categories: categories
                .map(|category| (category.name.clone(), category.id))
                .collect(),
            statement,
            findings,
        }
    }

    /// What stands between it and the program, besides what was found in the file itself.
    pub fn beside(&self, known: &Known) -> Vec<Finding> {
        let mut report = Report::of("");
        rules::against(&self.statement, known, &mut report);
        rules::acknowledge(&self.statement, &mut report);
        report.finish()
    }

    /// All that the statement says.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }
    /// What was found and does not stop it: warnings, notes, and what it keeps on purpose.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
    /// The short name, kebab-case, such as `mijnoverheid`.
    pub fn installation(&self) -> &str {
        &self.statement.header.name
    }
    /// The name people know, such as `MijnOverheid`.
    pub fn title(&self) -> &str {
        &self.statement.header.title
    }
    pub fn version(&self) -> &Version {
        &self.version
    }
    /// Language codes; the first is the default.
    pub fn languages(&self) -> &[String] {
        &self.statement.header.languages
    }
    /// An IANA name, such as `Europe/Amsterdam`.
    pub fn time_zone(&self) -> &str {
        &self.statement.header.time_zone
    }
    /// The country data is stored in (ISO 3166, two letters).
    pub fn location(&self) -> &str {
        &self.statement.header.location
    }
    /// Who answers for the processing.
    pub fn controller(&self) -> &str {
        &self.statement.controller.name
    }
    pub fn operators(&self) -> &[Operator] {
        &self.statement.operators
    }
    pub fn processors(&self) -> &[Processor] {
        &self.statement.processors
    }
    /// The roles in which nobody may act on this day, each with its processor and the last day that an agreement held, if one did.
    pub fn roles_off(&self, day: Date) -> impl Iterator<Item = (&Role, &Processor, Option<Date>)> {
        let roles = self.statement.roles.iter();
        roles.filter_map(move |role| {
            let processor = self.statement.processor_of(role)?;
            let agreement = processor.agreement.as_ref();
            let ended = agreement.and_then(|agreement| agreement.until);
            let ended = ended.filter(|until| *until < day);
            (!processor.is_agreed_on(day)).then_some((role, processor, ended))
        })
    }
    /// Whether nobody may act in this role on this day: its processor has no agreement that holds (MO-57).
    pub fn role_is_off(&self, role: &str, day: Date) -> bool {
        self.roles_off(day).any(|(off, _, _)| off.name == role)
    }
    /// The least level a login must have.
    pub fn login_level(&self) -> LoginLevel {
        self.statement.login.level
    }
    pub fn session(&self) -> &SessionRule {
        &self.session
    }
    pub fn number(&self) -> &NumberRule {
        &self.statement.header.number
    }
    pub fn band(&self) -> Option<&Band> {
        self.statement.band.as_ref()
    }
    pub fn legal_sources(&self) -> &[LegalSource] {
        &self.statement.legal_sources
    }
    pub fn bases(&self) -> &[Basis] {
        &self.statement.bases
    }
    pub fn purposes(&self) -> &[Purpose] {
        &self.statement.purposes
    }
    pub fn subject_classes(&self) -> &[SubjectClass] {
        &self.statement.subject_classes
    }
    pub fn recipients(&self) -> &[Recipient] {
        &self.statement.recipients
    }
    pub fn sources(&self) -> &[Source] {
        &self.statement.sources
    }
    pub fn rights(&self) -> &[Right] {
        &self.statement.rights
    }
    pub fn cookies(&self) -> impl Iterator<Item = &Cookie> {
        self.statement.cookies.iter()
    }

    pub fn category(&self, name: &str) -> Option<CategoryId> {
        self.categories.get(name).copied()
    }
    /// In the order of their ids.
    pub fn categories(&self) -> impl Iterator<Item = &Category> {
        self.statement.categories.iter()
    }
    /// The names of a mask's categories, for texts: `bericht, bijlage`.
    pub fn names(&self, mask: Mask) -> String {
        self.statement.names(mask)
    }

    pub fn activity(&self, name: &str) -> Option<&Entry> {
        let place = self.activities.get(name)?;
        self.statement.activities.get(*place)
    }
    /// What a role may do in an activity; none when the activity does not name the role.
    pub fn grant(&self, entry: &Entry, role: &str) -> Option<&Grant> {
        let role = entry.roles.iter().position(|allowed| allowed == role)?;
        self.grants(entry).get(role)
    }
    /// What each role of an activity may do in it, in the order of its roles.
    pub fn grants(&self, entry: &Entry) -> &[Grant] {
        let place = self.activities.get(&entry.name);
        place
            .and_then(|place| self.grants.get(*place))
            .map_or(&[], Vec::as_slice)
    }
    /// In the order of the file.
    pub fn activities(&self) -> impl Iterator<Item = &Entry> {
        self.statement.activities.iter()
    }
}

impl Statement {
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

    /// Whether a category may be used for a purpose: it is not kept to other purposes, or a compatible use is declared
    /// from one of those to this (DT-95, DT-96).
    pub fn may_serve(&self, category: &Category, purpose: &str) -> bool {
        let only = &category.only_purposes;
        let compatible = |from: &str| {
            let mut uses = self.compatible_uses.iter();
            uses.any(|one| {
                let all = one.data.is_empty();
                one.from == from && one.to == purpose && (all || one.data.has(category.id))
            })
        };
        only.is_empty()
            || only
                .iter()
                .any(|one| one == purpose || compatible(one.as_str()))
    }
}
