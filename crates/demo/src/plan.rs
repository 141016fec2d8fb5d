//! What happens in the two years before the demonstration: which letters come when, and what people do with them.

use std::time::Duration;

use basics::{Fault, Moment};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::draw::Draw;
use crate::kind::Kind;
use crate::sample::{Habit, Sample, SamplePerson};

/// How far back the post goes.
pub const DAYS: i32 = 730;
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A letter that is going to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Places in the sample's lists.
    pub person: usize,
    pub organisation: usize,
    pub kind: usize,
    /// The day in the letter, where its reader is.
    pub date: Date,
    pub at: Moment,
    /// When it appears, for one that is planned ahead.
    pub publish_at: Option<Moment>,
    pub fate: Fate,
}

/// What its reader does with a letter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    pub read_at: Option<Moment>,
    pub archived_at: Option<Moment>,
    pub binned_at: Option<Moment>,
}

/// Everything, in order of time. The same sample and moment give the same plan.
pub fn plan(sample: &Sample, now: Moment) -> Result<Vec<Planned>, Fault> {
    let zone = TimeZone::get(sample.time_zone)
        .map_err(|fault| Fault::broken(format!("the time zone of a sample: {fault}")))?;
    let today = now.timestamp().to_zoned(zone.clone()).date();
    let mut all = Vec::new();
    for (person, whom) in sample
        .people
        .iter()
        .enumerate()
        .filter(|(_, whom)| whom.activated)
    {
        for (organisation, sender) in sample.organisations.iter().enumerate() {
            for (kind, what) in sender
                .kinds
                .iter()
                .enumerate()
                .filter(|(_, what)| is_for(what, whom))
            {
                for date in dates(what, whom, today)? {
                    let mut draw = Draw::of(&[&whom.key, &what.key, &date.to_string()]);
                    let at = during_the_day(&sender.key, date, &zone, now, &mut draw)?;
                    let appears = what.ahead.map(|days| at.plus(DAY * days.unsigned_abs()));
                    let fate = match appears {
                        None => fate(what, whom.habit, at, now, &mut draw),
                        Some(_) => Fate::default(),
                    };
                    all.push(Planned {
                        person,
                        organisation,
                        kind,
                        date: at.timestamp().to_zoned(zone.clone()).date(),
                        at,
                        publish_at: appears,
                        fate,
                    });
                }
            }
        }
    }
    all.sort_by_key(|planned| {
        (
            planned.at,
            planned.person,
            planned.organisation,
            planned.kind,
        )
    });
    Ok(all)
}

fn is_for(kind: &Kind, person: &SamplePerson) -> bool {
    kind.to.iter().any(|to| person.life.contains(to))
        && (kind.for_every_language || kind.language == person.language)
        && Draw::of(&[&person.key, &kind.key, "share"]).percent(kind.share)
}

/// The days of a kind of letter for one person, in the two years up to today.
fn dates(kind: &Kind, person: &SamplePerson, today: Date) -> Result<Vec<Date>, Fault> {
    let wrong = |fault: jiff::Error| Fault::broken(format!("the days of {}: {fault}", kind.key));
    let mut draw = Draw::of(&[&person.key, &kind.key, "days"]);
    let ago = |days: i32| today.checked_sub(days.days()).map_err(wrong);
    let first = ago(kind.days.unwrap_or(DAYS))?;
    let mut dates = Vec::new();
    for year in first.year()..=today.year() {
        for day in &kind.on {
            let date: Date = format!("{year:04}-{day}").parse().map_err(wrong)?;
            // What goes to everybody goes in two batches.
            let batch = Draw::of(&[&kind.key, &year.to_string(), day]).between(0, 3);
            let shift = batch + draw.between(0, 1);
            dates.push(date.checked_add(shift.days()).map_err(wrong)?);
        }
    }
    if let Some(day) = kind.monthly {
        let mut month = first.first_of_month();
        while month <= today {
            let last = month.days_in_month();
            dates.push(month.with().day(day.min(last)).build().map_err(wrong)?);
            month = month.checked_add(1.month()).map_err(wrong)?;
        }
    }
    for _ in 0..kind.times {
        let days = 2 + draw.below(usize::try_from(DAYS - 6).unwrap_or(0));
        dates.push(ago(i32::try_from(days).unwrap_or(DAYS))?);
    }
    for days in &kind.ago {
        dates.push(ago(*days)?);
    }
    if kind.ahead.is_some() {
        dates.push(ago(2)?);
    }
    dates.retain(|date| first <= *date && *date <= today);
    dates.sort();
    dates.dedup();
    Ok(dates)
}

/// On a working day, in office hours, and before now. What a sender sends in a day goes within the same hour.
fn during_the_day(
    sender: &str,
    date: Date,
    zone: &TimeZone,
    now: Moment,
    draw: &mut Draw,
) -> Result<Moment, Fault> {
    let back = match date.weekday() {
        Weekday::Saturday => 1,
        Weekday::Sunday => 2,
        _ => 0,
    };
    let hour = Draw::of(&[sender, &date.to_string()]).between(8, 16);
    let minutes = hour * 60 + draw.between(5, 50);
    let at = date
        .checked_sub(back.days())
        .and_then(|date| date.to_zoned(zone.clone()))
        .and_then(|midnight| midnight.checked_add(minutes.minutes()))
        .map_err(|fault| Fault::broken(format!("the hour of a sample letter: {fault}")))?;
    let mut at = Moment::from_timestamp(at.timestamp());
    while at.plus(HOUR) > now {
        at = at.minus(DAY);
    }
    Ok(at)
}

fn fate(kind: &Kind, habit: Habit, at: Moment, now: Moment, draw: &mut Draw) -> Fate {
    let (reads, days, archives) = match habit {
        Habit::Keurig => (98, 2, 85),
        Habit::Gewoon => (88, 9, 40),
        Habit::Slordig => (45, 25, 5),
        Habit::Nooit => (0, 1, 0),
    };
    let mut fate = Fate::default();
    let wait = DAY * u32::try_from(draw.below(days)).unwrap_or(0)
        + HOUR * u32::try_from(1 + draw.below(9)).unwrap_or(1);
    let read_at = at.plus(wait);
    if !draw.percent(reads) || read_at >= now {
        return fate;
    }
    fate.read_at = Some(read_at);
    let lately = now.minus(DAY * u32::try_from(1 + draw.below(20)).unwrap_or(1));
    let later = read_at.plus(DAY * u32::try_from(1 + draw.below(20)).unwrap_or(1));
    let bins = draw.percent(if kind.may_be_binned { 60 } else { 3 });
    let archives = draw.percent(archives);
    if bins && lately > read_at {
        fate.binned_at = Some(lately);
    } else if archives && later < now {
        fate.archived_at = Some(later);
    }
    fate
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn now() -> Moment {
        Moment::from_timestamp("2026-11-22T15:30:00Z".parse().unwrap())
    }

    fn count(plan: &[Planned], has: impl Fn(&Planned) -> bool) -> usize {
        plan.iter().filter(|planned| has(planned)).count()
    }

    #[test]
    fn the_plan_is_the_same_every_time_and_lies_in_order_before_now() {
        for sample in [Sample::mijnoverheid().unwrap(), Sample::mijncn().unwrap()] {
            let plan = plan(&sample, now()).unwrap();
            assert_eq!(plan, super::plan(&sample, now()).unwrap());
            assert!(plan.is_sorted_by_key(|planned| planned.at));
            let first = now().minus(DAY * (DAYS.unsigned_abs() + 4));
            for planned in &plan {
                let Fate {
                    read_at,
                    archived_at,
                    binned_at,
                } = planned.fate;
                assert!(first < planned.at && planned.at < now());
                let done = [read_at, archived_at, binned_at];
                assert!(
                    done.into_iter()
                        .flatten()
                        .all(|at| planned.at < at && at < now())
                );
                assert!(archived_at.is_none() || binned_at.is_none());
            }
        }
    }

    #[test]
    fn the_plan_has_people_of_every_kind() {
        let sample = Sample::mijnoverheid().unwrap();
        let plan = plan(&sample, now()).unwrap();
        let of = |key: &str| {
            let letters = count(&plan, |planned| sample.people[planned.person].key == key);
            let unread = |planned: &Planned| {
                sample.people[planned.person].key == key && planned.fate.read_at.is_none()
            };
            (letters, count(&plan, unread))
        };
        assert_eq!(of("fleur"), (0, 0));
        assert_eq!(of("olga"), (0, 0));
        assert_eq!(of("jan"), (1, 1));
        assert!(of("rajesh").0 >= 200, "{:?}", of("rajesh"));
        assert!(
            of("willem").0 >= 15 && of("willem").1 <= 5,
            "{:?}",
            of("willem")
        );
        let (letters, unread) = of("sanne");
        assert!(letters >= 8 && unread * 4 >= letters, "{:?}", of("sanne"));
        assert!(count(&plan, |planned| planned.publish_at.is_some()) >= 2);
        assert!(count(&plan, |planned| planned.fate.archived_at.is_some()) >= 80);
        assert!(count(&plan, |planned| planned.fate.binned_at.is_some()) >= 5);
        let kinds: std::collections::BTreeSet<_> = plan
            .iter()
            .map(|planned| (planned.organisation, planned.kind))
            .collect();
        assert!(kinds.len() >= 25, "{} kinds", kinds.len());
        assert!(
            (400..=1_000).contains(&plan.len()),
            "{} letters",
            plan.len()
        );
    }
}
