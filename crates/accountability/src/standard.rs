//! What the standard Logboek Dataverwerkingen asks of a row besides its times and ids: the attributes `dpl.core.*`.

use vault::Processed;

pub(crate) const ACTIVITY: &str = "dpl.core.processing_activity_id";
pub(crate) const SUBJECT: &str = "dpl.core.data_subject_id";
pub(crate) const SUBJECT_KIND: &str = "dpl.core.data_subject_id_type";

/// A person's name in the log is random and says nothing outside this installation.
const PSEUDONYM: &str = "pseudoniem";

/// Each with its value. `base_url` is where the installation is reached, without a slash behind it.
pub(crate) fn attributes(base_url: &str, row: &Processed) -> [(&'static str, String); 3] {
    let line = activity_uri(base_url, &row.statement_version, &row.activity);
    [
        (ACTIVITY, line),
        (SUBJECT, row.subject.to_string()),
        (SUBJECT_KIND, PSEUDONYM.to_owned()),
    ]
}

/// The line of an activity in one version of the published statement.
fn activity_uri(base_url: &str, version: &str, activity: &str) -> String {
    format!("{base_url}/privacy/versies/{version}#activiteit-{activity}")
}
