//! Decisions without a person: never by profiling, and always open to objection.

use super::Under;
use crate::Manner;

pub(super) fn by_profiling(under: &mut Under<'_, '_, '_>) {
    let it = under.statement;
    for decision in &it.decisions {
        let about = format!("automatisch-besluit {}", decision.name);
        if !decision.profilings.is_empty() {
            under.error(
                "S-750",
                Some(decision.at),
                &about,
                format!("{about} is fed by profiling (AVG art. 22; UAVG art. 40)"),
                "let a person decide",
            );
        }
        if !decision.objection {
            under.error(
                "S-753",
                Some(decision.at),
                &about,
                format!("{about} does not say that objection is open"),
                "add bezwaar = true",
            );
        }
    }
    for one in it.profilings.iter().filter(|one| !one.human_decides) {
        let about = format!("profilering {}", one.name);
        under.error(
            "S-751",
            Some(one.at),
            &about,
            format!("{about} selects cases that no person looks at"),
            "add mens-beslist = true",
        );
    }
    for entry in &it.activities {
        if entry.profiling && entry.manner == Some(Manner::Automated) {
            let about = format!("activiteit {}", entry.name);
            under.error(
                "S-752",
                Some(entry.at),
                &about,
                format!("{about} judges personal aspects, and no person decides"),
                "let a person decide: wijze = \"mens\" or \"voorbereid\"",
            );
        }
    }
}
