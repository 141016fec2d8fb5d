//! Fills an installation with the sample world: letters come, people read, archive and throw away, in order of time.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use basics::{Fault, Moment, SubjectId};
use futures_util::{StreamExt, stream};
use letterbox::MessageId;
use serde_json::json;

use crate::letter::{Addressee, Letter, recipient};
use crate::past::{Deed, Past};
use crate::plan::Planned;
use crate::progress::Progress;
use crate::sample::Sample;

/// Letters made ahead of their delivery, on other threads.
const AHEAD: usize = 16;

/// What happens next in the sample world.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Happening {
    at: Moment,
    what: What,
    /// Its place in the plan.
    letter: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Delivered,
    Read,
    Archived,
    Binned,
}

/// The sample world on its way from the first day to the last.
pub struct Filling {
    sample: Arc<Sample>,
    plan: Arc<Vec<Planned>>,
    happenings: std::iter::Peekable<std::vec::IntoIter<Happening>>,
    bodies: stream::BoxStream<'static, Result<Vec<u8>, Fault>>,
    subjects: Vec<Option<SubjectId>>,
    messages: Vec<Option<MessageId>>,
}

impl Filling {
    /// Brings in the people.
    pub async fn begin(past: &Past, sample: Sample, plan: Vec<Planned>) -> Result<Self, Fault> {
        let mut subjects = Vec::with_capacity(sample.people.len());
        for person in &sample.people {
            subjects.push(match person.activated {
                true => Some(past.bring_in(sample.number(person)?).await?),
                false => None,
            });
        }
        let (sample, plan) = (Arc::new(sample), Arc::new(plan));
        let (sample_of, plan_of) = (Arc::clone(&sample), Arc::clone(&plan));
        let bodies = stream::iter(0..plan.len())
            .map(move |letter| {
                let (sample, plan) = (Arc::clone(&sample_of), Arc::clone(&plan_of));
                tokio::task::spawn_blocking(move || body(&sample, &plan[letter], letter))
            })
            .buffered(AHEAD)
            .map(|made| {
                made.map_err(|fault| Fault::broken(format!("making a sample letter: {fault}")))?
            })
            .boxed();
        Ok(Self {
            happenings: happenings(&plan).into_iter().peekable(),
            bodies,
            subjects,
            messages: vec![None; plan.len()],
            sample,
            plan,
        })
    }

    /// Everything that happens before this moment.
    pub async fn up_to(
        &mut self,
        past: &mut Past,
        moment: Moment,
        progress: &mut Progress,
    ) -> Result<(), Fault> {
        while let Some(next) = self.happenings.next_if(|next| next.at < moment) {
            past.advance_to(next.at);
            let planned = &self.plan[next.letter];
            if next.what == What::Delivered {
                let body = self.bodies.next().await;
                let body = body.ok_or_else(|| Fault::broken("a sample letter was not made"))??;
                let oin = self.sample.organisations[planned.organisation].oin()?;
                self.messages[next.letter] = Some(past.delivery(&oin, body)?.send().await?);
                progress.more(1);
                continue;
            }
            let deed = match next.what {
                What::Archived => Deed::Archive,
                What::Binned => Deed::Bin,
                What::Read | What::Delivered => Deed::Read,
            };
            if let (Some(subject), Some(message)) =
                (self.subjects[planned.person], self.messages[next.letter])
            {
                past.act(subject, deed, vec![message]).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
impl Filling {
    pub fn subject(&self, person: usize) -> Option<SubjectId> {
        self.subjects[person]
    }

    pub fn messages_of(&self, person: usize) -> Vec<MessageId> {
        let all = self.plan.iter().zip(&self.messages);
        all.filter(|(planned, _)| planned.person == person)
            .filter_map(|(_, message)| *message)
            .collect()
    }
}

fn happenings(plan: &[Planned]) -> Vec<Happening> {
    let mut all = Vec::with_capacity(plan.len() * 3);
    for (letter, planned) in plan.iter().enumerate() {
        let fate = planned.fate;
        let happens = [
            (What::Delivered, Some(planned.at)),
            (What::Read, fate.read_at),
            (What::Archived, fate.archived_at),
            (What::Binned, fate.binned_at),
        ];
        all.extend(
            happens
                .into_iter()
                .filter_map(|(what, at)| at.map(|at| Happening { at, what, letter })),
        );
    }
    // Deliveries keep the order of the plan, in which their bodies are made.
    all.sort_by_key(|happening| (happening.at, happening.what, happening.letter));
    all
}

fn body(sample: &Sample, planned: &Planned, place: usize) -> Result<Vec<u8>, Fault> {
    let (sender, person) = (
        &sample.organisations[planned.organisation],
        &sample.people[planned.person],
    );
    let addressee = Addressee::Person(person);
    let kind = &sender.kinds[planned.kind];
    let letter = Letter::of(
        kind,
        sender,
        sample.currency,
        &addressee,
        planned.date,
        &place.to_string(),
    )?;
    let mut body = letter.delivery(sender);
    body["ontvanger"] = recipient(sample.number_kind, &person.number);
    if let Some(name) = &letter.attachment {
        let pdf = STANDARD.encode(letter.pdf(sender)?);
        body["bijlagen"] = json!([{ "naam": name, "mimeType": "application/pdf", "inhoud": pdf }]);
    }
    if let Some(at) = planned.publish_at {
        body["publicatietijdstip"] = json!(at.to_string());
    }
    Ok(body.to_string().into_bytes())
}
