//! `postbus statement explain`

use std::path::PathBuf;
use std::process::ExitCode;

use basics::Fault;
use statement::Register;

use super::statement_file;

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
        match explained(&register, &self.activity, &self.category, &self.role) {
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

/// Why it may be done, or why not: the line first, none where the file has no line for it.
fn explained(
    register: &Register,
    activity: &str,
    category: &str,
    role: &str,
) -> Result<String, String> {
    let entry = register
        .activity(activity)
        .ok_or_else(|| format!(" there is no activiteit {activity}"))?;
    let data = register.category(category);
    let data = register.categories().find(|one| Some(one.id) == data);
    let data = data.ok_or_else(|| format!(" there is no gegeven {category}"))?;
    let line = entry.at.line;
    if !entry.allows_role(role) {
        let roles = entry.roles.join(", ");
        return Err(format!(
            "{line}: activiteit {activity} is for {roles}, not for {role}"
        ));
    }
    let touch = match (entry.reads.has(data.id), entry.writes.has(data.id)) {
        (true, true) => "reads and writes",
        (true, false) => "reads",
        (false, true) => "writes",
        (false, false) => {
            return Err(format!(
                "{line}: activiteit {activity} names {category} neither in leest nor in schrijft"
            ));
        }
    };
    let (purpose, basis, kept) = (&entry.purpose, &entry.basis, &data.retention.term);
    Ok(format!(
        "{line}: activiteit {activity} {touch} {category} in the role {role}, for {purpose}, on the ground {basis}; \
         kept {kept} by line {}",
        data.at.line
    ))
}

#[cfg(test)]
mod tests {
    use statement::Register;

    use super::explained;

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
                Err("is for betrokkene"),
            ),
            (
                ("bericht-lezen", "account", "betrokkene"),
                Err("neither in leest nor in schrijft"),
            ),
        ] {
            let (name, category, role) = asked;
            let told = explained(&register, name, category, role);
            let (Ok(words) | Err(words)) = &told;
            let (Ok(expected) | Err(expected)) = answer;
            assert_eq!(told.is_ok(), answer.is_ok(), "{words}");
            assert!(words.starts_with(&format!("{activity}: ")), "{words}");
            assert!(words.contains(expected), "{words}");
        }
        for (name, category) in [("geen", "bericht"), ("bericht-lezen", "geen")] {
            let told = explained(&register, name, category, "betrokkene");
            assert!(told.is_err_and(|words| words.starts_with(" there is no ")));
        }
    }
}
