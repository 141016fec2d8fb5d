//! How a statement begins: read and checked, then published; and what a decision by each takes.

use std::error::Error;
use std::time::{Duration, Instant};

use super::figures::{Figures, millis};
use super::site::Site;
use super::{neighbours, progress};

/// Each is published so often, every time where nothing is yet.
const TIMES: usize = 3;
const SLOWEST: Duration = Duration::from_millis(50);

/// Measures where nothing is yet, on the engine of this site.
pub fn beginnings(kept: &Site, figures: &mut Figures) -> Result<(), Box<dyn Error>> {
    for name in neighbours::names() {
        progress(&format!("the beginning of {name}"));
        let times = (0..TIMES).map(|_| beginning(name, &kept.empty()?));
        let mut times = times.collect::<Result<Vec<_>, Box<dyn Error>>>()?;
        times.sort_unstable_by_key(|(read, published)| *read + *published);
        let (read, published) = times[TIMES / 2];
        let whole = read + published;
        figures.bar(
            format!("statement of {name}: read, checked and published (median)"),
            format!(
                "{}: {} and {}",
                millis(whole),
                millis(read),
                millis(published)
            ),
            "< 50 ms",
            whole < SLOWEST,
        );
    }
    Ok(())
}

fn beginning(name: &str, site: &Site) -> Result<(Duration, Duration), Box<dyn Error>> {
    let began = Instant::now();
    let text = neighbours::text(name)?;
    let register = neighbours::register(&text)?;
    let read = began.elapsed();
    let vault = neighbours::open(site.folder(), site.elsewhere()?, register)?;
    let began = Instant::now();
    accountability::publication::publish(&vault, &text)?;
    Ok((read, began.elapsed()))
}

/// Of the gate by itself, with every shipped statement open in this process.
pub fn decisions(figures: &mut Figures) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let all = neighbours::names().map(|name| {
        let register = neighbours::register(&neighbours::text(name)?)?;
        let here = folder.path().join(name);
        let vault = neighbours::open(&here, vault::Elsewhere::default(), register)?;
        Ok((name, vault))
    });
    let all = all.collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    for (name, vault) in &all {
        let decided = vault.decided();
        let nanos = |time: Duration| time.as_nanos();
        figures.value(
            format!("decision by the statement of {name}"),
            format!(
                "gate {} ns, each text {} ns",
                nanos(decided.gate),
                nanos(decided.text)
            ),
        );
    }
    Ok(())
}
