//! One letter: a kind of letter with everything filled in, for one person on one day.

use basics::{Fault, NumberKind};
use jiff::ToSpan;
use jiff::civil::Date;
use language::{Currency, Language};
use serde_json::{Value, json};

use crate::draw::Draw;
use crate::kind::{Kind, SampleOrganisation};
use crate::letter_pdf::LetterPdf;
use crate::sample::{Form, SamplePerson};
use crate::values::{Drawn, Values};
use crate::wording::Wording;
use crate::words::words;

pub struct Letter {
    pub title: String,
    /// Markdown.
    pub text: String,
    pub reference: Option<String>,
    pub act_before: Option<Date>,
    /// The file name of the PDF.
    pub attachment: Option<String>,
    language: Language,
    kind: String,
    date: Date,
    /// The text of the PDF, which says more.
    whole_text: String,
    addressee: Vec<String>,
}

/// Whom a letter is for, as far as the letter says.
pub enum Addressee<'a> {
    Person(&'a SamplePerson),
    /// Nobody in particular: a letter that many get. The text tells one such letter from the next.
    Everyone(&'a str),
}

impl Letter {
    /// `which` tells this letter from others of its kind to the same person; the same asked twice gives the same letter.
    pub fn of(
        kind: &Kind,
        sender: &SampleOrganisation,
        currency: Currency,
        addressee: &Addressee<'_>,
        date: Date,
        which: &str,
    ) -> Result<Self, Fault> {
        let filling = || format!("filling in the sample letter {}", kind.key);
        let language = kind.language()?;
        let mark = format!("{} {which}", kind.key);
        let drawn = Drawn {
            person: addressee.key(),
            letter: &mark,
            year: date.year(),
        };
        let mut values = Values::default();
        let words = words(language);
        match addressee {
            Addressee::Person(person) => {
                values.add(&person.facts, &drawn)?;
                values.put("naam", person.name.clone());
                values.put("adres", format!("{}, {}", person.street, person.place));
            }
            Addressee::Everyone(_) => {
                let nobody = words.nobody.iter();
                nobody.for_each(|(name, words)| values.put(name, words.clone()));
            }
        }
        values.add(&kind.values, &drawn)?;
        let mut wording = Wording {
            language,
            currency,
            date,
            values: &values,
            draw: Draw::of(&[drawn.person, &mark, "digits"]),
        };
        let mut fill = |text: &str| {
            wording
                .fill(text.trim())
                .map_err(|fault| fault.while_doing(filling()))
        };

        let (salutation, text, detail) = (
            words.salutation(addressee.whom()),
            fill(&kind.text)?,
            fill(&kind.detail)?,
        );
        let closing = format!("{}\n\n{}", words.closing, sender.signed);
        Ok(Self {
            title: fill(&kind.title)?,
            text: format!("{salutation}\n\n{text}\n\n{closing}\n"),
            reference: kind.reference.as_deref().map(&mut fill).transpose()?,
            act_before: act_before(kind, date)?,
            attachment: kind.attachment.as_deref().map(&mut fill).transpose()?,
            language,
            kind: kind.r#type.clone(),
            date,
            whole_text: format!("{salutation}\n\n{text}\n\n{detail}\n\n{closing}\n"),
            addressee: addressee.lines(),
        })
    }

    /// The file of its attachment.
    pub fn pdf(&self, sender: &SampleOrganisation) -> Result<Vec<u8>, Fault> {
        let pdf = LetterPdf {
            language: self.language,
            sender: &sender.name,
            sender_address: &sender.address,
            addressee: &self.addressee,
            date: self.date,
            reference: self.reference.as_deref(),
            subject: &self.title,
            text: &self.whole_text,
        };
        pdf.made()
    }

    /// The body of `POST /aanleveringen`, but for attachments and recipient.
    pub fn delivery(&self, sender: &SampleOrganisation) -> Value {
        let mut body = json!({
            "afzender": sender.oin,
            "onderwerp": self.title,
            "inhoud": self.text,
            "taal": self.language.tag(),
            "berichttype": self.kind,
        });
        if let Some(reference) = &self.reference {
            body["referentie"] = json!(reference);
        }
        if let Some(date) = self.act_before {
            body["actieVoorDatum"] = json!(date.to_string());
        }
        body
    }
}

/// As a delivery names a recipient.
pub fn recipient(kind: NumberKind, number: &str) -> Value {
    json!({ "type": kind.name(), "waarde": number })
}

impl Addressee<'_> {
    fn key(&self) -> &str {
        match self {
            Self::Person(person) => &person.key,
            Self::Everyone(which) => which,
        }
    }

    fn whom(&self) -> Option<(Form, &str)> {
        match self {
            Self::Person(person) => Some((person.form, person.surname())),
            Self::Everyone(_) => None,
        }
    }

    fn lines(&self) -> Vec<String> {
        match self {
            Self::Person(person) => vec![
                person.name.clone(),
                person.street.clone(),
                person.place.clone(),
            ],
            Self::Everyone(_) => Vec::new(),
        }
    }
}

fn act_before(kind: &Kind, date: Date) -> Result<Option<Date>, Fault> {
    if let Some(days) = kind.act_days {
        return Ok(date.checked_add(days.days()).ok());
    }
    let Some(day) = &kind.act_before else {
        return Ok(None);
    };
    let in_year = |year: i16| {
        format!("{year:04}-{day}")
            .parse::<Date>()
            .map_err(|fault| Fault::broken(format!("{}: {fault}", kind.key)))
    };
    let day = in_year(date.year())?;
    if day > date {
        Ok(Some(day))
    } else {
        in_year(date.year() + 1).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::letter_pdf::can_set;
    use crate::sample::Sample;

    #[test]
    fn every_kind_of_letter_fills_in_for_everybody_it_may_go_to() {
        for sample in [Sample::mijnoverheid().unwrap(), Sample::mijncn().unwrap()] {
            for sender in &sample.organisations {
                for kind in &sender.kinds {
                    let people = sample.people.iter().map(Addressee::Person);
                    for addressee in people.chain([Addressee::Everyone("1")]) {
                        let letter = Letter::of(
                            kind,
                            sender,
                            sample.currency,
                            &addressee,
                            date(2026, 2, 27),
                            "1",
                        );
                        let letter = letter.unwrap_or_else(|fault| panic!("{fault}"));
                        assert!(!letter.text.contains(['{', '}']), "{}", kind.key);
                        let all = [&letter.title, &letter.whole_text, &sender.name]
                            .into_iter()
                            .chain(&letter.addressee);
                        let strange = all
                            .flat_map(|text| text.chars())
                            .find(|one| !one.is_whitespace() && !can_set(*one));
                        assert_eq!(strange, None, "{}", kind.key);
                        assert!(letter.title.chars().count() <= 120, "{}", letter.title);
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_letter_is_the_same() {
        let sample = Sample::mijnoverheid().unwrap();
        let (sender, person) = (&sample.organisations[0], &sample.people[0]);
        let of = |which| {
            let letter = Letter::of(
                &sender.kinds[0],
                sender,
                sample.currency,
                &Addressee::Person(person),
                date(2026, 11, 19),
                which,
            );
            letter.unwrap().delivery(sender).to_string()
        };
        assert_eq!(of("1"), of("1"));
        assert_ne!(of("1"), of("2"));
    }
}
