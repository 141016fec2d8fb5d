//! What of their history somebody asks for: a period in days, who acted, what was done.

use std::time::Duration;

use basics::Moment;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use vault::Processed;

use crate::deeds::Who;
use crate::registers::Registers;

/// What was begun in a period is committed no longer after it, also by a clock that was set back.
const COMMITTED_WITHIN: Duration = Duration::from_secs(24 * 3600);

/// The query of the page and of what is taken along.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Query {
    #[serde(default)]
    van: String,
    #[serde(default)]
    tot: String,
    #[serde(default)]
    wie: String,
    #[serde(default)]
    wat: String,
    /// The row after which an older page begins.
    pub(crate) voor: Option<i64>,
}

/// Who acted, as far as one can ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Yourself,
    Organisations,
    Us,
    Others,
}

impl By {
    pub(crate) const ALL: [By; 4] = [By::Yourself, By::Organisations, By::Us, By::Others];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            By::Yourself => "uzelf",
            By::Organisations => "organisaties",
            By::Us => "wij",
            By::Others => "anderen",
        }
    }

    const fn is(self, who: &Who) -> bool {
        matches!(
            (self, who),
            (By::Yourself, Who::Yourself)
                | (By::Organisations, Who::Organisation(_))
                | (By::Us, Who::System | Who::Operator | Who::Staff)
                | (By::Others, Who::SomebodyElse | Who::Unknown)
        )
    }
}

/// What is asked for; what is left out takes everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) from: Option<Date>,
    /// The day itself included.
    pub(crate) until: Option<Date>,
    pub(crate) by: Option<By>,
    pub(crate) activity: Option<String>,
    /// The same days where the installation is.
    since: Option<Moment>,
    before: Option<Moment>,
}

/// A field that cannot be taken as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unclear {
    From,
    Until,
    /// It ends before it begins.
    Period,
}

impl Wanted {
    /// With every field that is not clear, taken as empty. What no form of ours sends is passed over.
    pub(crate) fn of(query: &Query, registers: &Registers) -> (Self, Vec<Unclear>) {
        let mut unclear = Vec::new();
        let mut day = |text: &str, field| match text.trim() {
            "" => None,
            text => text.parse::<Date>().map_err(|_| unclear.push(field)).ok(),
        };
        let from = day(&query.van, Unclear::From);
        let mut until = day(&query.tot, Unclear::Until);
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            unclear.push(Unclear::Period);
            until = None;
        }
        let zone = TimeZone::get(registers.in_force().time_zone()).unwrap_or(TimeZone::UTC);
        let begin = |day: Date| {
            let begins = day.to_zoned(zone.clone()).ok()?;
            Some(Moment::from_timestamp(begins.timestamp()))
        };
        let wanted = Self {
            from,
            until,
            by: By::ALL.into_iter().find(|by| by.name() == query.wie),
            activity: registers
                .activities()
                .into_iter()
                .find(|entry| entry.name == query.wat)
                .map(|entry| entry.name.clone()),
            since: from.and_then(begin),
            before: until.and_then(|day| begin(day.tomorrow().ok()?)),
        };
        (wanted, unclear)
    }

    /// As far as the row tells by itself.
    pub(crate) fn takes_row(&self, row: &Processed) -> bool {
        self.since.is_none_or(|since| row.start >= since)
            && self.before.is_none_or(|before| row.start < before)
            && self.takes_activity(&row.activity)
    }

    pub(crate) fn takes_who(&self, who: &Who) -> bool {
        self.by.is_none_or(|by| by.is(who))
    }

    /// Before which row to look: not through all that was done since the period.
    pub(crate) fn begins_before(&self, before: Option<i64>) -> Option<i64> {
        let ended = self
            .before
            .map(|ends| vault::number_at(ends.plus(COMMITTED_WITHIN)));
        before.into_iter().chain(ended).min()
    }

    fn takes_activity(&self, activity: &str) -> bool {
        self.activity
            .as_deref()
            .is_none_or(|wanted| wanted == activity)
    }

    /// Whether this row and all before it lie before the period.
    pub(crate) fn is_over_at(&self, row: &Processed) -> bool {
        self.since.is_some_and(|since| row.committed_before(since))
    }

    pub(crate) fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// As an address has it, in one spelling.
    pub(crate) fn query(&self) -> Vec<String> {
        let day = |name: &str, day: Option<Date>| day.map(|day| format!("{name}={day}"));
        let fields = [
            day("van", self.from),
            day("tot", self.until),
            self.by.map(|by| format!("wie={}", by.name())),
            self.activity.as_ref().map(|name| format!("wat={name}")),
        ];
        fields.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use statement::Register;

    use super::*;

    fn asked(van: &str, tot: &str) -> (Wanted, Vec<Unclear>) {
        let statement = include_str!("../../../statements/mijncn.toml");
        let registers = Register::parse(statement).unwrap().into();
        let query = Query {
            van: van.to_owned(),
            tot: tot.to_owned(),
            wat: "bericht-lezen".to_owned(),
            ..Query::default()
        };
        Wanted::of(&query, &registers)
    }

    #[test]
    fn days_are_those_of_the_place() {
        let (wanted, unclear) = asked("2026-11-20", "2026-11-20");
        assert_eq!(unclear, []);
        let moment = |text: &str| Some(Moment::from_timestamp(text.parse().unwrap()));
        assert_eq!(wanted.since, moment("2026-11-20T04:00:00Z"));
        assert_eq!(wanted.before, moment("2026-11-21T04:00:00Z"));
        let query = "van=2026-11-20&tot=2026-11-20&wat=bericht-lezen";
        assert_eq!(wanted.query().join("&"), query);
    }

    #[test]
    fn every_field_that_is_not_clear_is_told() {
        let (wanted, unclear) = asked("gisteren", "2026-02-30");
        assert_eq!(unclear, [Unclear::From, Unclear::Until]);
        assert_eq!((wanted.from, wanted.until), (None, None));
        let (wanted, unclear) = asked("2026-11-21", "2026-11-20");
        assert_eq!(unclear, [Unclear::Period]);
        assert_eq!(wanted.query(), ["van=2026-11-21", "wat=bericht-lezen"]);
    }
}
