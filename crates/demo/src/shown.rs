//! The two installations of the demonstration, and how each is opened: now, or in the past while it is filled.

use std::time::Duration;

use basics::{Clock, Fault, Ids, Moment};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use organisations::NewOrganisation;
use postbus::{Addresses, Contacts, Installation, InstallationSettings, Locations};

use crate::crowd::{Crowd, Size};
use crate::filling::Filling;
use crate::folder::{Folder, Place};
use crate::past::Past;
use crate::plan::{DAYS, plan};
use crate::progress::Progress;
use crate::sample::Sample;

const CLIENT_ID: &str = "postbus-demonstratie";
/// The post of a crowd comes in rounds, each large enough to share commits and tokens, and at least so many.
const A_ROUND: usize = 500;
const ROUNDS: usize = 52;
/// When people open the post that came in the morning.
const UNTIL_EVENING: Duration = Duration::from_secs(10 * 3600);

/// One installation of the demonstration.
pub struct Shown {
    pub name: &'static str,
    pub title: &'static str,
    pub base_url: String,
    pub port: u16,
    pub sample: Sample,
    /// Of the people and letters beside the sample world.
    pub size: Size,
    statement: &'static str,
    issuer: String,
}

/// MijnOverheid and MijnCN; `size` is of MijnOverheid alone.
pub fn installations(port: u16, size: Size) -> Result<[Shown; 2], Fault> {
    let shown = |name, title, port: u16, statement, sample, size, issuer: u16| Shown {
        name,
        title,
        base_url: format!("http://localhost:{port}"),
        port,
        sample,
        size,
        statement,
        issuer: format!("http://localhost:{issuer}"),
    };
    Ok([
        shown(
            "mijnoverheid",
            "MijnOverheid",
            port,
            include_str!("../../../statements/mijnoverheid.toml"),
            Sample::mijnoverheid()?,
            size,
            port + 9,
        ),
        shown(
            "mijncn",
            "MijnCN",
            port + 1,
            include_str!("../../../statements/mijncn.toml"),
            Sample::mijncn()?,
            Size::default(),
            port + 9,
        ),
    ])
}

impl Shown {
    pub fn client_id(&self) -> String {
        format!("{CLIENT_ID}-{}", self.name)
    }

    /// Opens the installation with its organisations connected.
    pub async fn open(
        &self,
        folder: &Folder,
        place: &Place,
        clock: Clock,
    ) -> Result<Installation, Fault> {
        let installation = Installation::open(InstallationSettings {
            statement: self.statement.to_owned(),
            data: place.data(),
            keys: place.keys(),
            elsewhere: place.elsewhere()?,
            locations: Locations::all_in("NL"),
            base_url: self.base_url.clone(),
            plain_loopback_cookies: true,
            login: people::LoginSettings {
                issuer: self.issuer.clone(),
                client_id: self.client_id(),
                number_claim: self.sample.number_kind.name().to_lowercase(),
            },
            contacts: Contacts::default(),
            addresses: addresses(),
            app: None,
            proxies: postbus::Proxies::default(),
            log_collector: None,
            clock,
            ids: Ids::system(),
        })?;
        for organisation in &self.sample.organisations {
            let oin = organisation.oin()?;
            let new = NewOrganisation {
                jwks: serde_json::json!({ "keys": [public_part(&folder.private_key(&oin)?)] }),
                oin,
                name: organisation.name.clone(),
                mandatory: organisation.mandatory,
            };
            organisations::connect_on_order(&installation.vault, new).await?;
        }
        Ok(installation)
    }

    /// Makes the installation with two years of post behind it, unless it is there. What an earlier start left
    /// unfinished is thrown away: an installation is whole or it is not there.
    pub async fn fill(&self, folder: &Folder, now: Moment) -> Result<(), Fault> {
        if folder.place(self.name).is_there() {
            return Ok(());
        }
        let place = folder.filling(self.name)?;
        let begin = now.minus(Duration::from_secs(24 * 3600) * (DAYS.unsigned_abs() + 7));
        let clock = Clock::fixed(begin);
        let installation = self.open(folder, &place, clock.clone()).await?;
        let mut past = Past::new(installation, clock);
        self.live_through(&mut past, now).await?;
        drop(past);
        folder.filled(self.name, &place)
    }

    async fn live_through(&self, past: &mut Past, now: Moment) -> Result<(), Fault> {
        let plan = plan(&self.sample, now)?;
        let letters = plan.len() + self.size.letters;
        let mut filling = Filling::begin(past, self.sample.clone(), plan).await?;
        let mut crowd = Crowd::begin(past, &self.sample, self.size).await?;
        let mut progress = Progress::new(&format!("Letters of {}", self.title), letters);
        let days = mornings(self.sample.time_zone, now)?;
        let every = days
            .len()
            .div_ceil(self.size.letters.div_ceil(A_ROUND).max(ROUNDS));
        for (at, (day, morning)) in days.iter().enumerate() {
            let part = (at + 1, days.len());
            if !part.0.is_multiple_of(every) && part.0 != part.1 {
                continue;
            }
            filling.up_to(past, *morning, &mut progress).await?;
            past.advance_to(*morning);
            let deeds = crowd.day(past, *day, part, &mut progress).await?;
            let evening = morning.plus(UNTIL_EVENING);
            if evening < now {
                filling.up_to(past, evening, &mut progress).await?;
                past.advance_to(evening);
                Crowd::act(past, deeds).await?;
            }
        }
        filling.up_to(past, now, &mut progress).await?;
        progress.end();
        Ok(())
    }
}

/// Nine o'clock on every working day of two years.
fn mornings(time_zone: &str, now: Moment) -> Result<Vec<(Date, Moment)>, Fault> {
    let wrong =
        |fault: jiff::Error| Fault::broken(format!("the days of the demonstration: {fault}"));
    let zone = TimeZone::get(time_zone).map_err(wrong)?;
    let today = now.timestamp().to_zoned(zone.clone()).date();
    let mut days = Vec::new();
    for ago in (0..DAYS).rev() {
        let day = today.checked_sub(ago.days()).map_err(wrong)?;
        let morning = day.at(9, 0, 0, 0).to_zoned(zone.clone()).map_err(wrong)?;
        let morning = Moment::from_timestamp(morning.timestamp());
        let is_free = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        if !is_free && morning < now {
            days.push((day, morning));
        }
    }
    Ok(days)
}

/// A JWK without its private member.
fn public_part(private: &serde_json::Value) -> serde_json::Value {
    let mut public = private.clone();
    if let Some(members) = public.as_object_mut() {
        members.remove("d");
    }
    public
}

/// What the statements leave open of their addresses.
fn addresses() -> Addresses {
    let given: [(&str, &[&str]); 2] = [
        ("helpdesk", &["helpdesk@voorbeeld.example"]),
        ("post", &["Postbus 999", "0000 AB Voorbeeldstad"]),
    ];
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    let given = given.into_iter();
    given
        .map(|(name, one)| (name.to_owned(), lines(one)))
        .collect()
}
