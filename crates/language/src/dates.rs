//! Days and times as people read them, and as `<time datetime>` wants them. Own tables: Papiamentu is not in CLDR.

use basics::Moment;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::Language;

/// All take the IANA name of the installation's time zone, such as `America/Kralendijk`. A statement is checked with
/// [`is_time_zone`] before it is in force; here an unknown zone is UTC.
impl Language {
    /// `20 november 2026`, `20 November 2026`, `20 di novèmber 2026`.
    pub fn date(self, moment: Moment, time_zone: &str) -> String {
        self.day(zoned(moment, time_zone).date())
    }

    /// `20 nov 2026`, for lists.
    pub fn short_date(self, moment: Moment, time_zone: &str) -> String {
        let date = zoned(moment, time_zone).date();
        format!(
            "{} {} {}",
            date.day(),
            in_year(self.short_months(), date),
            date.year()
        )
    }

    /// `14.30 uur`, `14:30`, `14.30 or`.
    pub fn time(self, moment: Moment, time_zone: &str) -> String {
        let time = zoned(moment, time_zone).time();
        let (hour, minute) = (time.hour(), time.minute());
        match self {
            Language::Nl => format!("{hour}.{minute:02} uur"),
            Language::En => format!("{hour:02}:{minute:02}"),
            Language::Pap => format!("{hour}.{minute:02} or"),
        }
    }

    /// `20 november 2026 om 14.30 uur`.
    pub fn date_time(self, moment: Moment, time_zone: &str) -> String {
        format!(
            "{}{}",
            self.date(moment, time_zone),
            self.at(moment, time_zone)
        )
    }

    /// `20 nov 2026 om 14.30 uur`.
    pub fn short_date_time(self, moment: Moment, time_zone: &str) -> String {
        format!(
            "{}{}",
            self.short_date(moment, time_zone),
            self.at(moment, time_zone)
        )
    }

    /// For `<time datetime>`: `2026-11-20T14:30:00+01:00`, the same in every language.
    pub fn iso(self, moment: Moment, time_zone: &str) -> String {
        zoned(moment, time_zone)
            .strftime("%Y-%m-%dT%H:%M:%S%:z")
            .to_string()
    }

    /// A day that is no moment, such as a last day to act. `<time datetime>` takes the date's own `to_string`.
    pub fn day(self, date: Date) -> String {
        let of = if self == Language::Pap { "di " } else { "" };
        format!(
            "{} {of}{} {}",
            date.day(),
            in_year(self.months(), date),
            date.year()
        )
    }

    fn at(self, moment: Moment, time_zone: &str) -> String {
        let at = match self {
            Language::Nl => "om",
            Language::En => "at",
            Language::Pap => "pa",
        };
        format!(" {at} {}", self.time(moment, time_zone))
    }

    #[rustfmt::skip]
    const fn months(self) -> [&'static str; 12] {
        match self {
            Language::Nl => ["januari", "februari", "maart", "april", "mei", "juni",
                "juli", "augustus", "september", "oktober", "november", "december"],
            Language::En => ["January", "February", "March", "April", "May", "June",
                "July", "August", "September", "October", "November", "December"],
            Language::Pap => ["yanüari", "febrüari", "mart", "aprel", "mei", "yüni",
                "yüli", "ougùstùs", "sèptèmber", "òktober", "novèmber", "desèmber"],
        }
    }

    #[rustfmt::skip]
    const fn short_months(self) -> [&'static str; 12] {
        match self {
            Language::Nl => ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
            Language::En => ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
            Language::Pap => ["yan", "feb", "mar", "apr", "mei", "yün", "yül", "oug", "sèp", "òkt", "nov", "des"],
        }
    }
}

/// Whether this is the IANA name of a time zone.
pub fn is_time_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}

fn zoned(moment: Moment, time_zone: &str) -> jiff::Zoned {
    moment
        .timestamp()
        .to_zoned(TimeZone::get(time_zone).unwrap_or(TimeZone::UTC))
}

fn in_year(months: [&'static str; 12], date: Date) -> &'static str {
    months[usize::from(date.month().unsigned_abs()) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Nl, Pap};

    const AMSTERDAM: &str = "Europe/Amsterdam";
    const KRALENDIJK: &str = "America/Kralendijk";

    fn at(utc: &str) -> Moment {
        Moment::from_timestamp(utc.parse().unwrap())
    }

    #[test]
    fn a_moment_reads_as_its_language_writes_it() {
        let moment = at("2026-11-20T13:30:59Z");
        assert_eq!(
            Nl.date_time(moment, AMSTERDAM),
            "20 november 2026 om 14.30 uur"
        );
        assert_eq!(En.date_time(moment, AMSTERDAM), "20 November 2026 at 14:30");
        assert_eq!(
            Pap.date_time(moment, KRALENDIJK),
            "20 di novèmber 2026 pa 9.30 or"
        );
        assert_eq!(
            Nl.short_date_time(moment, AMSTERDAM),
            "20 nov 2026 om 14.30 uur"
        );
        assert_eq!(En.short_date(moment, AMSTERDAM), "20 Nov 2026");
    }

    #[test]
    fn summer_time_begins_and_ends_on_the_second() {
        let spring = ["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"].map(at);
        assert_eq!(
            spring.map(|moment| Nl.time(moment, AMSTERDAM)),
            ["1.59 uur", "3.00 uur"]
        );
        // The same time of day twice; only the offset tells them apart.
        let autumn = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"].map(at);
        assert_eq!(
            autumn.map(|moment| Nl.time(moment, AMSTERDAM)),
            ["2.30 uur", "2.30 uur"]
        );
        assert_eq!(
            autumn.map(|moment| Nl.iso(moment, AMSTERDAM)),
            ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]
        );
    }

    #[test]
    fn bonaire_has_no_summer_time_and_another_day_at_night() {
        let moment = at("2026-07-01T03:05:00Z");
        assert_eq!(Pap.date(moment, KRALENDIJK), "30 di yüni 2026");
        assert_eq!(Nl.date(moment, AMSTERDAM), "1 juli 2026");
        assert_eq!(Pap.iso(moment, KRALENDIJK), "2026-06-30T23:05:00-04:00");
        assert_eq!(En.time(moment, AMSTERDAM), "05:05");
    }

    #[test]
    fn every_month_has_its_papiamentu_name() {
        let names = [
            "yanüari",
            "febrüari",
            "mart",
            "aprel",
            "mei",
            "yüni",
            "yüli",
            "ougùstùs",
            "sèptèmber",
            "òktober",
            "novèmber",
            "desèmber",
        ];
        for (month, name) in (1..).zip(names) {
            assert_eq!(
                Pap.day(jiff::civil::date(2027, month, 1)),
                format!("1 di {name} 2027")
            );
        }
    }

    #[test]
    fn zones_come_with_the_program() {
        let bundled = jiff::tz::TimeZoneDatabase::bundled();
        assert!(
            [AMSTERDAM, KRALENDIJK]
                .iter()
                .all(|zone| bundled.get(zone).is_ok())
        );
        assert!(is_time_zone(KRALENDIJK) && !is_time_zone("Europe/Kralendijk"));
    }
}
