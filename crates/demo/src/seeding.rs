//! The sample letters, delivered the way every letter is: with a token, through the organisation API.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use basics::{Fault, NumberKind};
use serde_json::{Value, json};

use crate::folder::Folder;
use crate::letter_pdf::letter_pdf;
use crate::sample::{Sample, SampleLetter};
use crate::token;

/// Delivers every sample letter. Run again after a cut-off start, it delivers none twice.
pub async fn deliver(
    base_url: &str,
    kind: NumberKind,
    sample: &Sample,
    folder: &Folder,
) -> Result<(), Fault> {
    for (at, letter) in sample.letters.iter().enumerate() {
        let sender = sample.organisation(&letter.from)?;
        let oin = sender.oin()?;
        let token = token::fetch(base_url, &oin, &folder.private_key(&oin)?).await?;
        for key in &letter.to {
            let number = &sample.person(key)?.number;
            let body = delivery(letter, &sender.oin, &sender.name, kind, number);
            let answer = token::client()?
                .post(format!("{base_url}/api/v1/aanleveringen"))
                .bearer_auth(&token)
                .header("idempotency-key", format!("voorbeeld-{at}-{key}"))
                .json(&body)
                .send()
                .await
                .map_err(|fault| {
                    Fault::broken(format!(
                        "delivering a sample letter: {}",
                        fault.without_url()
                    ))
                })?;
            if answer.status() != 201 {
                let status = answer.status();
                let why = answer.text().await.unwrap_or_default();
                return Err(Fault::broken(format!(
                    "the sample letter {:?} was not taken: {status} {why}",
                    letter.title
                )));
            }
        }
    }
    Ok(())
}

/// The body of `POST /aanleveringen`.
pub fn delivery(
    letter: &SampleLetter,
    oin: &str,
    sender: &str,
    kind: NumberKind,
    number: &str,
) -> Value {
    let mut body = json!({
        "afzender": oin,
        "ontvanger": { "type": kind.name(), "waarde": number },
        "onderwerp": letter.title,
        "inhoud": letter.text.trim(),
    });
    if let Some(date) = &letter.act_before {
        body["actieVoorDatum"] = json!(date);
    }
    if let Some(name) = &letter.attachment {
        let pdf = STANDARD.encode(letter_pdf(&letter.title, sender));
        body["bijlagen"] = json!([{ "naam": name, "mimeType": "application/pdf", "inhoud": pdf }]);
    }
    body
}
