//! Whether a text asks its reader for a script in the browser: one that says that none is needed does not.

/// Words that ask, by how they begin.
const ASKS: [&str; 20] = [
    "moet",
    "dient",
    "nodig",
    "vereis",
    "activ",
    "schakel",
    "inschakel",
    "aanzet",
    "zet",
    "gebruik",
    "must",
    "need",
    "requir",
    "enabl",
    "turn",
    "switch",
    "mester",
    "nesesario",
    "aktiv",
    "obligatorio",
];
const DENIES: [&str; 10] = [
    "niet", "geen", "nooit", "zonder", "not", "cannot", "never", "without", "no", "sin",
];
const WITHOUT: [&str; 3] = ["zonder", "without", "sin"];

/// In one of its sentences: each speaks for itself.
pub(super) fn demands_script(text: &str) -> bool {
    text.to_lowercase()
        .split(['.', '!', '?', ';', '\n'])
        .any(sentence_demands)
}

fn sentence_demands(sentence: &str) -> bool {
    let words: Vec<&str> = sentence
        .split(|letter: char| !letter.is_alphanumeric())
        .collect();
    let is_of_scripts = |word: &&str| word.starts_with("javascript") || *word == "script";
    if !words.iter().any(is_of_scripts) {
        return false;
    }
    let denied = words.iter().filter(|word| DENIES.contains(word)).count();
    let asks = |word: &str| ASKS.iter().any(|asking| word.starts_with(asking));
    if words.iter().any(|word| asks(word)) {
        // No need is none; not without is with.
        return denied.is_multiple_of(2);
    }
    // What does not go without.
    denied > 1 && words.iter().any(|word| WITHOUT.contains(word))
}
