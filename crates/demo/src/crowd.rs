//! Large demonstrations: many made-up people and their letters, delivered many at a time.

use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use basics::{Fault, NumberKind, Oin, PersonNumber, SubjectId};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::civil::Date;
use serde_json::json;

use crate::draw::Draw;
use crate::letter::{Addressee, Letter, recipient};
use crate::made_up;
use crate::past::{Deed, Past};
use crate::progress::Progress;
use crate::sample::Sample;

/// How many people and letters there are beside the sample world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    pub people: usize,
    pub letters: usize,
}

/// Requests under way at once, so that they share commits.
const AT_ONCE: usize = 256;
/// One letter in so many has an attachment.
const WITH_ATTACHMENT: usize = 100;
/// Different letters of one kind in one month.
const VARIANTS: usize = 4;

pub struct Crowd {
    size: Size,
    sample: Arc<Sample>,
    people: Vec<(String, SubjectId)>,
    delivered: usize,
    month: Option<Date>,
    stock: Vec<Arc<Stock>>,
}

/// A letter that many get, and its text as JSON, but for the recipient.
struct Stock {
    oin: Oin,
    sender: usize,
    letter: Letter,
    rest: String,
    /// Its PDF as base64, made when first needed.
    file: OnceLock<String>,
}

impl Crowd {
    /// Brings in the people.
    pub async fn begin(past: &Past, sample: &Sample, size: Size) -> Result<Self, Fault> {
        let mut progress = Progress::new("People", size.people);
        let mut people = Vec::with_capacity(size.people);
        let mut coming = stream::iter(made_up::numbers().take(size.people))
            .map(|number| async move {
                let parsed = PersonNumber::parse(NumberKind::Bsn, &number)
                    .map_err(|_| Fault::broken("a made-up number that is none"))?;
                Ok::<_, Fault>((number, past.bring_in(parsed).await?))
            })
            .buffered(AT_ONCE);
        while let Some(person) = coming.try_next().await? {
            people.push(person);
            progress.more(1);
        }
        drop(coming);
        progress.end();
        Ok(Self {
            size,
            sample: Arc::new(sample.clone()),
            people,
            delivered: 0,
            month: None,
            stock: Vec::new(),
        })
    }

    /// The letters of one day, up to this part of all. Answers what their readers will do with them.
    pub async fn day(
        &mut self,
        past: &mut Past,
        day: Date,
        part: (usize, usize),
        progress: &mut Progress,
    ) -> Result<Vec<(SubjectId, Deed, letterbox::MessageId)>, Fault> {
        let until = self.size.letters * part.0 / part.1.max(1);
        if until == self.delivered || self.people.is_empty() {
            return Ok(Vec::new());
        }
        self.restock(day)?;
        let mut deliveries = Vec::with_capacity(until - self.delivered);
        for letter in self.delivered..until {
            let mut draw = Draw::of(&["crowd", &letter.to_string()]);
            // Some get much more post than others.
            let person = draw
                .below(self.people.len())
                .min(draw.below(self.people.len()));
            let stock = Arc::clone(&self.stock[draw.below(self.stock.len())]);
            let (number, subject) = &self.people[person];
            let subject = *subject;
            let body = self.body(&stock, number, letter)?;
            deliveries.push((letter, subject, past.delivery(&stock.oin, body)?));
        }
        self.delivered = until;
        let mut delivered = stream::iter(deliveries)
            .map(|(letter, subject, delivery)| async move {
                let sent = tokio::spawn(delivery.send()).await;
                let sent = sent.map_err(|fault| Fault::broken(format!("delivering: {fault}")))?;
                Ok::<_, Fault>((letter, subject, sent?))
            })
            .buffered(AT_ONCE);
        let mut deeds = Vec::new();
        while let Some((letter, subject, message)) = delivered.try_next().await? {
            progress.more(1);
            let mut draw = Draw::of(&["deeds", &letter.to_string()]);
            if draw.percent(60) {
                deeds.push((subject, Deed::Read, message));
                match draw.below(100) {
                    0..30 => deeds.push((subject, Deed::Archive, message)),
                    30..32 => deeds.push((subject, Deed::Bin, message)),
                    _ => {}
                }
            }
        }
        Ok(deeds)
    }

    #[cfg(test)]
    pub fn delivered(&self) -> usize {
        self.delivered
    }

    /// What readers do with the letters of a day.
    pub async fn act(
        past: &Past,
        deeds: Vec<(SubjectId, Deed, letterbox::MessageId)>,
    ) -> Result<(), Fault> {
        for deeds in deeds.chunks(AT_ONCE) {
            past.act_all(deeds.to_vec()).await?;
        }
        Ok(())
    }

    fn body(&self, stock: &Stock, number: &str, letter: usize) -> Result<Vec<u8>, Fault> {
        let to = recipient(NumberKind::Bsn, number);
        let mut body = format!("{{\"ontvanger\":{to},{}", stock.rest);
        if letter.is_multiple_of(WITH_ATTACHMENT)
            && let Some(name) = &stock.letter.attachment
        {
            let file = match stock.file.get() {
                Some(file) => file,
                None => {
                    let pdf = stock.letter.pdf(&self.sample.organisations[stock.sender])?;
                    stock.file.get_or_init(|| STANDARD.encode(pdf))
                }
            };
            let files = json!([{ "naam": name, "mimeType": "application/pdf", "inhoud": file }]);
            body.insert_str(1, &format!("\"bijlagen\":{files},"));
        }
        Ok(body.into_bytes())
    }

    /// New letters every month, so that their days are near.
    fn restock(&mut self, day: Date) -> Result<(), Fault> {
        if self.month == Some(day.first_of_month()) {
            return Ok(());
        }
        self.month = Some(day.first_of_month());
        self.stock.clear();
        let sample = Arc::clone(&self.sample);
        for (place, sender) in sample.organisations.iter().enumerate() {
            let oin = sender.oin()?;
            for kind in &sender.kinds {
                for variant in 0..VARIANTS {
                    let which = format!("{day} {variant}");
                    let letter = Letter::of(
                        kind,
                        sender,
                        sample.currency,
                        &Addressee::Everyone(&which),
                        day,
                        &which,
                    )?;
                    let rest = letter.delivery(sender).to_string();
                    self.stock.push(Arc::new(Stock {
                        oin: oin.clone(),
                        sender: place,
                        letter,
                        // Without its opening brace, which comes with the recipient.
                        rest: rest[1..].to_owned(),
                        file: OnceLock::new(),
                    }));
                }
            }
        }
        Ok(())
    }
}
