//! `postbus statement explain`

use std::path::PathBuf;
use std::process::ExitCode;

use basics::{Clock, Fault};
use jiff::tz::TimeZone;
use statement::{Access, Date, Hurdle, Register, Verdict};

use super::statement_file;
use crate::known::is_done;

#[derive(clap::Args)]
pub(super) struct StatementExplain {
    /// The statement file
    file: PathBuf,
    /// The name of an activity, such as bericht-lezen
    activity: String,
    /// The name of a category, such as bericht
    category: String,
    /// The name of a role, such as betrokkene
    role: String,
}

impl StatementExplain {
    /// Exit code 0: allowed; 1: refused.
    pub(super) fn run(self) -> Result<ExitCode, Fault> {
        let register = statement_file(&self.file)?;
        let file = self.file.display();
        let zone = TimeZone::get(register.time_zone()).unwrap_or(TimeZone::UTC);
        let today = vault::day_in(&zone, Clock::system().now());
        match explained(&register, &self.activity, &self.category, &self.role, today) {
            Ok(allowed) => {
                println!("allowed: {file}:{allowed}");
                Ok(ExitCode::SUCCESS)
            }
            Err(refused) => {
                println!("refused: {file}:{refused}");
                Ok(ExitCode::FAILURE)
            }
        }
    }
}

/// Why it may be done on a day, or why not: the line first, none where the file has no line for it.
fn explained(
    register: &Register,
    activity: &str,
    category: &str,
    role: &str,
    today: Date,
) -> Result<String, String> {
    let entry = register
        .activity(activity)
        .ok_or_else(|| format!(" there is no activiteit {activity}"))?;
    let data = register.category(category);
    let data = register.categories().find(|one| Some(one.id) == data);
    let data = data.ok_or_else(|| format!(" there is no gegeven {category}"))?;
    let answer = |access| register.verdict(activity, role, category, access);
    let both = [Access::Reads, Access::Writes].map(answer);
    let allows = |verdict: &Option<Verdict>| matches!(verdict, Some(Verdict::Allowed { .. }));
    let touch = match both.each_ref().map(allows) {
        [true, true] => "reads and writes",
        [true, false] => "reads",
        [false, true] => "writes",
        [false, false] => return Err(refused(&both, activity, category, role)),
    };
    let mut off = register.roles_off(today);
    if let Some((_, processor, ended)) = off.find(|(one, _, _)| one.name == role) {
        let (line, name) = (processor.at.line, &processor.name);
        return Err(match ended {
            Some(until) => format!(
                "{line}: the agreement with verwerker {name} ended on {until}: the rol {role} is off"
            ),
            None => format!(
                "{line}: no agreement with verwerker {name} holds on {today}: the rol {role} is off"
            ),
        });
    }
    let grant = register.grant(entry, role);
    let after_contact = match grant.is_some_and(|grant| grant.only_after_contact) {
        true => ", of people who came to it themselves",
        false => "",
    };
    let over = entry.channels.iter().map(|channel| channel.name());
    let over = over.collect::<Vec<_>>().join(", ");
    let (purpose, basis, kept) = (&entry.purpose, &entry.basis, &data.retention.term);
    let yet = match is_done(activity) {
        true => "",
        false => "; the program does not do it yet",
    };
    Ok(format!(
        "{}: activiteit {activity} {touch} {category} in the role {role}{after_contact}, over {over}, for {purpose}, \
         on the ground {basis}; kept {kept} by line {}{yet}",
        entry.at.line, data.at.line
    ))
}

/// The hurdle that stands nearest: one that only says that nothing is listed gives way to one that says more.
fn refused(both: &[Option<Verdict>; 2], activity: &str, category: &str, role: &str) -> String {
    let hurdles = both.iter().flatten().filter_map(|verdict| match verdict {
        Verdict::Refused { hurdle, at } => Some((*hurdle, at.line)),
        Verdict::Allowed { .. } => None,
    });
    let mut hurdles: Vec<(Hurdle, usize)> = hurdles.collect();
    hurdles.sort_by_key(|(hurdle, _)| *hurdle == Hurdle::NotListed);
    let Some((hurdle, line)) = hurdles.first() else {
        return format!(" {activity} has no line on {category}");
    };
    let why = match hurdle {
        Hurdle::NoRole => format!("activiteit {activity} is not for the role {role}"),
        Hurdle::NotListed => {
            format!("activiteit {activity} names {category} neither in leest nor in schrijft")
        }
        Hurdle::OtherRoles => format!("gegeven {category} is for other roles than {role}"),
        Hurdle::Masked => format!("rol {role} compares {category} and does not see it"),
        Hurdle::Officer => format!("rol {role} is the functionaris's, who sees no content"),
        Hurdle::NotForProcessor => format!("the verwerker of rol {role} does not get {category}"),
        Hurdle::NotItsPurpose => format!("the verwerker of rol {role} works for other purposes"),
        Hurdle::ProcessorAbroad => {
            format!("the verwerker of rol {role} is where data may not go")
        }
        Hurdle::OtherPurposes => format!("gegeven {category} is for other purposes"),
        Hurdle::NotForPurpose => format!("the doel of {activity} is for other data"),
        Hurdle::NobodyNamed => format!("activiteit {activity} does not say whom it is about"),
        Hurdle::Minor => format!("{activity} rests on consent of children, and no parent is asked"),
        Hurdle::NotOfThesePeople => format!("of these people {category} is not processed"),
        Hurdle::OtherPeople => format!("gegeven {category} is about other people than {activity}"),
        Hurdle::NoException => format!("no exception in the law is named for {category}"),
    };
    format!("{line}: {why}")
}

#[cfg(test)]
mod tests {
    use statement::{Date, Register};

    use super::explained;

    const TODAY: Date = Date {
        year: 2026,
        month: 11,
        day: 23,
    };
    const FILE: &str = include_str!("../../../../statements/mijnoverheid.toml");

    #[test]
    fn the_answer_names_the_line_that_decides() {
        let register = Register::parse(FILE).expect("a statement");
        let line_of = |text: &str| {
            let at = FILE.find(text).expect("it is there");
            FILE[..at].lines().count() + 1
        };
        let activity = line_of("naam = \"bericht-lezen\"");
        for (asked, answer) in [
            (
                ("bericht-lezen", "berichtstatus", "betrokkene"),
                Ok("reads and writes berichtstatus"),
            ),
            (
                ("bericht-lezen", "bericht", "betrokkene"),
                Ok("reads bericht"),
            ),
            (
                ("bericht-lezen", "bericht", "systeem"),
                Err("is not for the role systeem"),
            ),
            (
                ("bericht-lezen", "account", "betrokkene"),
                Err("neither in leest nor in schrijft"),
            ),
        ] {
            let (name, category, role) = asked;
            let told = explained(&register, name, category, role, TODAY);
            let (Ok(words) | Err(words)) = &told;
            let (Ok(expected) | Err(expected)) = answer;
            assert_eq!(told.is_ok(), answer.is_ok(), "{words}");
            assert!(words.starts_with(&format!("{activity}: ")), "{words}");
            assert!(words.contains(expected), "{words}");
        }
        for (name, category) in [("geen", "bericht"), ("bericht-lezen", "geen")] {
            let told = explained(&register, name, category, "betrokkene", TODAY);
            assert!(told.is_err_and(|words| words.starts_with(" there is no ")));
        }
    }

    #[test]
    fn what_may_be_done_and_is_not_done_yet_says_so() {
        let register = Register::parse(FILE).expect("a statement");
        let told = |activity: &str| {
            let entry = register.activity(activity).expect("declared");
            let read = entry.reads.iter().next().expect("it reads");
            let mut all = register.categories();
            let read = all.find(|one| one.id == read).expect("declared");
            let told = explained(&register, activity, &read.name, &entry.roles[0], TODAY);
            told.expect("it is allowed")
        };
        let unfinished = told("incident-onderzoeken");
        assert!(
            unfinished.ends_with("; the program does not do it yet"),
            "{unfinished}"
        );
        assert!(!told("bericht-lezen").contains("yet"));
    }

    /// MO-57: as at the gate, the role of a processor is off without an agreement that holds on the day.
    #[test]
    fn a_role_is_off_as_long_as_no_agreement_holds() {
        let parsed = |file: &str| Register::parse(file).expect("a statement");
        let told = |file: &str, today| {
            let (activity, data) = ("helpdeskvraag-behandelen", "helpdeskcontact");
            explained(&parsed(file), activity, data, "eerstelijns", today)
        };
        let processor = FILE
            .find("naam = \"eerstelijnsondersteuning\"")
            .expect("there is one");
        let line = FILE[..processor].lines().count() + 1;
        let none = told(FILE, TODAY).expect_err("no agreement is named");
        assert!(none.starts_with(&format!("{line}: no agreement")), "{none}");
        let until = "overeenkomst = { datum = 2021-01-01, kenmerk = \"V-1\", tot = 2026-11-23 }";
        let agreed = FILE.replacen("[[verwerker]]", &format!("[[verwerker]]\n{until}"), 1);
        let allowed = told(&agreed, TODAY).expect("it holds today");
        assert!(
            allowed.contains("of people who came to it themselves, over website"),
            "{allowed}"
        );
        let tomorrow = Date { day: 24, ..TODAY };
        let ended = told(&agreed, tomorrow).expect_err("it has ended");
        assert!(ended.contains("ended on 2026-11-23"), "{ended}");
    }
}
