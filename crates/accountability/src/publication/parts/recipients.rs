//! Part 6: who gets data, who processes for us, who takes part, and in which countries.

use statement::{Direction, Occasion, Part as Place, Processor, Recipient, Sake, ThirdParty};

use super::{Line, Part, Words, besides};

pub(super) fn recipients(words: &Words<'_>) -> Part {
    let (statement, texts) = (words.statement, words.texts);
    // Who processes for us, or takes part, receives as well (AVG art. 4, 9).
    let besides_us = statement.processors.len() + statement.third_parties.len();
    let in_short = match statement.recipients.len() + besides_us {
        0 => texts.in_short_recipients_none.to_owned(),
        count => texts.in_short_recipients(count),
    };
    let mut part = Part::new("ontvangers", texts.part_recipients, in_short);
    part.list(
        texts.recipients_title,
        statement
            .recipients
            .iter()
            .map(|recipient| shown(words, recipient)),
    );
    part.list(
        texts.processors_title,
        statement.processors.iter().map(|one| processor(words, one)),
    );
    part.list(
        texts.others_title,
        statement
            .third_parties
            .iter()
            .map(|one| third_party(words, one)),
    );
    let transfer = statement.transfer.iter();
    part.section(
        texts.transfer_title,
        transfer.map(|transfer| Line::of("doorgifte", "uitleg", words.own(&transfer.explanation))),
    );
    besides(words, &[Place::Recipients], &mut part);
    part
}

fn shown(words: &Words<'_>, recipient: &Recipient) -> Line {
    let texts = words.texts;
    let occasion = recipient.occasion.and_then(|occasion| match occasion {
        Occasion::Always => None,
        Occasion::OnDemand => Some(texts.gets_on_demand),
        Occasion::OnIncident => Some(texts.gets_on_incident),
        Occasion::WithConsent => Some(texts.gets_with_consent),
    });
    let sake = recipient.sake.map(|sake| match sake {
        Sake::Ours => texts.for_our_task,
        Sake::Theirs => texts.for_their_task,
        Sake::Both => texts.for_both_tasks,
    });
    Line::of("ontvanger", &recipient.name, words.own(&recipient.title))
        .with_some(words.data(recipient.fields).map(|data| texts.gets(data)))
        .with_some(
            words
                .purposes(recipient.purpose.as_deref())
                .map(|names| texts.gets_for(names)),
        )
        .with_some(
            words
                .bases(recipient.ground.as_deref())
                .map(|name| texts.why(name)),
        )
        .with_some(sake)
        .with_if(
            recipient.direction == Some(Direction::Both),
            texts.gives_us_too,
        )
        .with_if(recipient.mandatory_channel, texts.gets_mandatory)
        .with_some(occasion)
        .with_some(recipient.condition.as_ref().map(|text| words.own(text)))
        .with_some(words.in_country(recipient.country.as_ref()))
}

fn processor(words: &Words<'_>, processor: &Processor) -> Line {
    let texts = words.texts;
    let agreed = match &processor.agreement {
        Some(agreement) => texts.processor_agreed(words.day(agreement.date), &agreement.reference),
        None => texts.processor_not_agreed.to_owned(),
    };
    let agreement = processor.agreement.as_ref();
    let until = agreement.and_then(|agreement| agreement.until);
    let purposes = words.purposes(processor.purposes.iter().map(String::as_str));
    Line::of("verwerker", &processor.name, words.own(&processor.title))
        .with(words.own(&processor.task))
        .with_some(purposes.map(|names| texts.gets_for(names)))
        .with_some(
            words
                .data_named(&processor.data)
                .map(|data| texts.gets(data)),
        )
        .with_if(processor.only_after_contact, texts.processor_after_contact)
        .with(agreed)
        .with_some(until.map(|day| texts.processor_until(words.day(day))))
        .with_some(words.in_country(processor.country.as_ref()))
}

fn third_party(words: &Words<'_>, party: &ThirdParty) -> Line {
    let purposes = words.purposes(party.purposes.iter().map(String::as_str));
    Line::of("derde", &party.name, words.own(&party.title))
        .with(words.own(&party.explanation))
        .with_some(purposes.map(|names| words.texts.gets_for(names)))
        .with_some(words.in_country(party.country.as_ref()))
}
