//! What a statement says: one type for each kind of table, in the order of the published text.

mod acknowledged;
mod activities;
mod categories;
mod children;
mod cookies;
mod decisions;
mod header;
mod keeping;
mod law;
mod login;
mod notices;
mod parties;
mod purposes;
mod recipients;
mod rights;
mod security;
mod sources;
mod statistics;
mod subjects;

use crate::reader::{List, Needed, Opt, table};

pub use acknowledged::Acknowledged;
pub use activities::{Entry, Manner, ROLES};
pub use categories::{Category, Class, Condition, LOGGED, Provision};
pub use children::Children;
pub use cookies::{Cookie, CookieKind, CookieLife, CookieValue};
pub use decisions::{Decision, Profiling};
pub use header::{Header, Inherited, Parent, Part};
pub use keeping::{Afterwards, Band, Hold, Hotspot, LocalCopy, Retention, StartEvent, TermSource};
pub use law::{Basis, BasisKind, LegalSource};
pub use login::{LoginLevel, LoginRule, NumberRule, SessionRule, SessionTable};
pub use notices::{Change, Effect, Feedback, Limit, ListKind, Notice};
pub use parties::{
    Agreement, Controller, Officer, Operator, Processor, Role, Supervisor, ThirdKind, ThirdParty,
};
pub use purposes::{CompatibleUse, Purpose, PurposeKind};
pub use recipients::{Direction, Occasion, Recipient, Sake, Transfer};
pub use rights::{Address, AddressKind, Answer, Complaint, Ground, Intake, Right, RightKind};
pub use security::{Breach, BreachNotice, Measure, MeasureKind};
pub use sources::{Source, SourceKind};
pub use statistics::{AddressCut, Notification, Statistics};
pub use subjects::SubjectClass;

table! {
    /// A whole statement.
    pub struct Statement = "" {
        /// Which statement this is.
        header: Header = "verklaring" as Header,
        /// The statement of a larger organisation, of which this is a specialisation.
        parent: Option<Parent> = "ouder" as Opt<Parent>,
        /// Who answers for the processing.
        controller: Controller = "verantwoordelijke" as Needed<110, Controller>,
        /// Who runs the service for the controller.
        operators: Vec<Operator> = "beheer" as List<Operator>,
        /// Who supervises from outside.
        supervisor: Option<Supervisor> = "toezichthouder" as Opt<Supervisor>,
        /// The data protection officer.
        officer: Option<Officer> = "functionaris" as Opt<Officer>,
        /// Processors: others who process for the controller.
        processors: Vec<Processor> = "verwerker" as List<Processor>,
        /// Parties that take part without being a processor.
        third_parties: Vec<ThirdParty> = "derde" as List<ThirdParty>,
        /// Roles besides those that the code acts in.
        roles: Vec<Role> = "rol" as List<Role>,
        /// Who may come in.
        login: LoginRule = "inloggen" as LoginRule,
        /// How long a session lasts.
        session: SessionTable = "sessie" as SessionTable,
        /// Between which terms data is kept.
        band: Option<Band> = "bewaarband" as Opt<Band>,
        /// Laws, decrees, norms.
        legal_sources: Vec<LegalSource> = "rechtsbron" as List<LegalSource>,
        /// Why the law allows it.
        bases: Vec<Basis> = "grondslag" as List<Basis>,
        /// What data is used for.
        purposes: Vec<Purpose> = "doel" as List<Purpose>,
        /// Which further use fits the first.
        compatible_uses: Vec<CompatibleUse> = "verenigbaar-gebruik" as List<CompatibleUse>,
        /// The people whom the data is about.
        subject_classes: Vec<SubjectClass> = "betrokkene" as List<SubjectClass>,
        /// Categories of personal data.
        categories: Vec<Category> = "gegeven" as List<Category>,
        /// What keeps data beyond its term.
        holds: Vec<Hold> = "opschorting" as List<Hold>,
        /// What is kept for history.
        hotspots: Vec<Hotspot> = "hotspot" as List<Hotspot>,
        /// What lies on the person's own device.
        local_copies: Vec<LocalCopy> = "lokale-opslag" as List<LocalCopy>,
        /// Who outside gets data.
        recipients: Vec<Recipient> = "ontvanger" as List<Recipient>,
        /// Where data may go.
        transfer: Option<Transfer> = "doorgifte" as Opt<Transfer>,
        /// Where data comes from.
        sources: Vec<Source> = "bron" as List<Source>,
        /// What a person can ask.
        rights: Vec<Right> = "recht" as List<Right>,
        /// Grounds to ask something on, or to refuse it.
        grounds: Vec<Ground> = "grond" as List<Ground>,
        /// Where a person can complain.
        complaint: Option<Complaint> = "klachtroute" as Opt<Complaint>,
        /// Where the service can be reached.
        addresses: Vec<Address> = "adres" as List<Address>,
        /// Cookies of the web pages.
        cookies: Vec<Cookie> = "cookie" as List<Cookie>,
        /// Statistics of visits.
        statistics: Option<Statistics> = "statistiek" as Opt<Statistics>,
        /// Notifications to a device.
        notification: Option<Notification> = "notificatie" as Opt<Notification>,
        /// What is done for security.
        measures: Vec<Measure> = "maatregel" as List<Measure>,
        /// What happens at a breach.
        breach: Option<Breach> = "datalek" as Opt<Breach>,
        /// Decisions that are made without a person.
        decisions: Vec<Decision> = "automatisch-besluit" as List<Decision>,
        /// Selections by personal aspects.
        profilings: Vec<Profiling> = "profilering" as List<Profiling>,
        /// What holds for children.
        children: Option<Children> = "kinderen" as Opt<Children>,
        /// The question whether the statement is clear.
        feedback: Option<Feedback> = "terugkoppeling" as Opt<Feedback>,
        /// How the statement changes.
        change: Option<Change> = "wijziging" as Opt<Change>,
        /// What must not happen.
        limits: Vec<Limit> = "grens" as List<Limit>,
        /// What the reader is told besides.
        notices: Vec<Notice> = "mededeling" as List<Notice>,
        /// Findings that are kept on purpose.
        acknowledged: Vec<Acknowledged> = "erkend" as List<Acknowledged>,
        /// What was taken over from the parent's statement.
        inherited: Vec<Inherited> = "overgenomen" as List<Inherited>,
        /// What the program may do.
        activities: Vec<Entry> = "activiteit" as List<Entry>,
    }
}
