//! What a statement keeps on purpose.

use crate::finding::{Level, Report};
use crate::model::Statement;

/// What does not read or hangs in the air cannot be kept on purpose: only from S-601 on.
const FIRST: u8 = b'6';

/// Marks what is acknowledged; an acknowledgement that meets nothing is itself a finding.
pub(crate) fn acknowledge(statement: &Statement, report: &mut Report<'_>) {
    for entry in &statement.acknowledged {
        let mut met = false;
        for finding in report.findings().iter_mut() {
            let same = entry
                .about
                .as_ref()
                .is_none_or(|about| *about == finding.about);
            if finding.code == entry.code && entry.code.as_bytes().get(2) >= Some(&FIRST) && same {
                finding.acknowledged = Some(entry.reason.clone());
                met = true;
            }
        }
        if !met {
            let about = entry.about.as_deref().unwrap_or("anything");
            report.push_about(
                Level::Warning,
                "S-552",
                Some(entry.at),
                format!("erkend {}", entry.code),
                format!(
                    "{} is acknowledged, and is not found about {about}",
                    entry.code
                ),
                "take the acknowledgement out, or mend what it says".into(),
            );
        }
    }
}
