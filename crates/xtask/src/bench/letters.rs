//! Made-up post: who gets how much, and what a letter says.

use basics::Bsn;

/// Of a thousand letters so many go to the hundredth of the people with the fullest boxes, and so many to the next
/// twenty-fifth; the rest goes to everyone. With ten letters each on average: 210 or more, some 50, and 7.
const TO_THE_FULLEST: u64 = 210;
const TO_THE_FULL: u64 = 160;
/// One letter in fifty has an attachment.
const ATTACHED_EVERY: u64 = 50;
/// One in five has a day before which something must be done.
const ACT_BEFORE_EVERY: u64 = 5;
const ATTACHMENT: usize = 40_000;

const SUBJECTS: [&str; 6] = [
    "Voorlopige aanslag inkomstenbelasting",
    "Uw rijbewijs verloopt binnenkort",
    "Besluit op uw aanvraag zorgtoeslag",
    "Herinnering: WOZ-beschikking",
    "Ontvangstbevestiging van uw bezwaarschrift",
    "Wijziging van uw kinderbijslag",
];

/// Numbers that pass the eleven-test, of made-up people.
pub fn numbers(count: usize) -> Vec<String> {
    (990_000_000_u32..)
        .map(|number| number.to_string())
        .filter(|number| Bsn::parse(number).is_ok())
        .take(count)
        .collect()
}

/// Which of so many people the letter with this number is for.
pub fn recipient(letter: u64, people: usize) -> usize {
    let people = people as u64;
    let (kind, which) = (scattered(2 * letter) % 1000, scattered(2 * letter + 1));
    let (fullest, full) = ((people / 100).max(1), (people / 25).max(1));
    let at = if kind < TO_THE_FULLEST {
        which % fullest
    } else if kind < TO_THE_FULLEST + TO_THE_FULL {
        fullest + which % full
    } else {
        which
    };
    pick(at, usize::try_from(people).unwrap_or(1))
}

/// A number that looks like chance and is the same in every run (SplitMix64).
pub fn scattered(number: u64) -> u64 {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// One of so many, by a number.
fn pick(number: u64, of: usize) -> usize {
    usize::try_from(number % of.max(1) as u64).unwrap_or(0)
}

/// The requests by which letters are delivered.
pub struct Letters {
    numbers: Vec<String>,
    /// Who sends, each with its token.
    senders: Vec<(String, String)>,
    /// As JSON strings without their quotes.
    formulas: Vec<String>,
    words: Vec<String>,
    attachment: String,
}

impl Letters {
    pub fn new(numbers: &[String], senders: Vec<(String, String)>) -> Self {
        let known = include_str!("../../../vault/letters.txt");
        let escaped = |text: &str| {
            let quoted = serde_json::Value::from(text).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        };
        Self {
            numbers: numbers.to_vec(),
            senders,
            formulas: known.split("\n%%\n").map(escaped).collect(),
            words: known.split_whitespace().map(escaped).collect(),
            attachment: pdf(),
        }
    }

    /// Some 1.5 kB: half of it the formulas that letters share, half words that are this letter's own.
    fn text(&self, letter: u64, text: &mut String) {
        text.push_str(&self.formulas[pick(scattered(letter), self.formulas.len())]);
        let begin = pick(scattered(letter ^ 0xF00D), self.words.len());
        let stride = 3 + pick(letter, 5);
        for word in 0..100 {
            text.push(' ');
            text.push_str(&self.words[(begin + word * stride) % self.words.len()]);
        }
    }

    /// Writes the whole request that delivers this letter.
    pub fn request(&self, letter: u64, with_attachments: bool, request: &mut Vec<u8>) {
        let recipient = &self.numbers[recipient(letter, self.numbers.len())];
        let subject = SUBJECTS[pick(letter, SUBJECTS.len())];
        let (oin, token) = &self.senders[pick(scattered(!letter), self.senders.len())];
        let mut body = format!(
            r#"{{"afzender":"{oin}","ontvanger":{{"type":"BSN","waarde":"{recipient}"}},"onderwerp":"{subject} {letter}","referentie":"K-{letter}","inhoud":""#
        );
        self.text(letter, &mut body);
        body.push('"');
        if letter.is_multiple_of(ACT_BEFORE_EVERY) {
            body.push_str(r#","actieVoorDatum":"2099-12-31""#);
        }
        if with_attachments && letter.is_multiple_of(ATTACHED_EVERY) {
            body.push_str(
                r#","bijlagen":[{"naam":"besluit.pdf","mimeType":"application/pdf","inhoud":""#,
            );
            body.push_str(&self.attachment);
            body.push_str(r#""}]"#);
        }
        body.push('}');
        let head = format!(
            "POST /api/v1/aanleveringen HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            token,
            body.len()
        );
        request.extend_from_slice(head.as_bytes());
        request.extend_from_slice(body.as_bytes());
    }
}

/// What passes for a PDF, in base64: its first bytes, and then none that compress.
fn pdf() -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    // "%PDF-1.7\n" is nine bytes, so twelve digits.
    let digits =
        (0..(ATTACHMENT as u64 / 3 - 3) * 4).map(|at| char::from(DIGITS[pick(scattered(at), 64)]));
    "JVBERi0xLjcK".chars().chain(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_people_get_a_few_letters_and_some_get_hundreds() {
        let mut boxes = vec![0_u32; 1000];
        for letter in 0..10_000 {
            boxes[recipient(letter, 1000)] += 1;
        }
        boxes.sort_unstable();
        assert!((5..9).contains(&boxes[500]), "{}", boxes[500]);
        assert!(boxes[995] > 180, "{}", boxes[995]);
    }

    #[test]
    fn a_request_is_whole_and_its_body_is_json() {
        let letters = Letters::new(
            &numbers(10),
            vec![("00000099000000001000".into(), "t".into())],
        );
        let mut request = Vec::new();
        letters.request(ATTACHED_EVERY, true, &mut request);
        let text = String::from_utf8(request).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())));
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let length = body["inhoud"].as_str().unwrap().len();
        assert!((1200..2000).contains(&length), "{length}");
        assert_eq!(body["bijlagen"][0]["inhoud"].as_str().unwrap().len() % 4, 0);
        assert!(Bsn::parse(body["ontvanger"]["waarde"].as_str().unwrap()).is_ok());
    }
}
