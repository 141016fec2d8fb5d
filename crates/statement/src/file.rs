//! The statement file as it is written: TOML with Dutch keys. Only shape is known here; `reading` finds the sense.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

/// A text with its place in the file.
pub(crate) type Word = Spanned<String>;
/// A text per language.
pub(crate) type Texts = Spanned<BTreeMap<String, Word>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct File {
    pub(crate) verklaring: Verklaring,
    pub(crate) verantwoordelijke: Option<Verantwoordelijke>,
    #[serde(default)]
    pub(crate) beheer: Vec<Beheer>,
    pub(crate) inloggen: Inloggen,
    pub(crate) sessie: Sessie,
    pub(crate) bewaarband: Option<Bewaarband>,
    #[serde(default)]
    pub(crate) rechtsbron: Vec<Rechtsbron>,
    #[serde(default)]
    pub(crate) grondslag: Vec<Grondslag>,
    #[serde(default)]
    pub(crate) doel: Vec<Doel>,
    #[serde(default)]
    pub(crate) gegeven: Vec<Gegeven>,
    #[serde(default)]
    pub(crate) ontvanger: Vec<Ontvanger>,
    #[serde(default)]
    pub(crate) cookie: Vec<Koekje>,
    #[serde(default)]
    pub(crate) activiteit: Vec<Activiteit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Verklaring {
    pub(crate) naam: Word,
    pub(crate) titel: Word,
    pub(crate) versie: Word,
    pub(crate) datum: Spanned<Datetime>,
    pub(crate) talen: Spanned<Vec<Word>>,
    pub(crate) tijdzone: Word,
    pub(crate) opslaglocatie: Word,
    pub(crate) identificatie: Identificatie,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Identificatie {
    pub(crate) soort: Word,
    pub(crate) gegeven: Word,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Verantwoordelijke {
    pub(crate) naam: Word,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Beheer {
    pub(crate) naam: Word,
    pub(crate) onderdeel_van: Option<Word>,
    #[serde(default)]
    pub(crate) beloften: Vec<Word>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Inloggen {
    pub(crate) betrouwbaarheidsniveau: Word,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Sessie {
    pub(crate) inactief: Word,
    pub(crate) hoogstens: Word,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Bewaarband {
    pub(crate) kortste: Word,
    pub(crate) langste: Word,
    pub(crate) rechtsbron: Option<Word>,
    pub(crate) artikel: Option<Word>,
    #[serde(default)]
    pub(crate) beloften: Vec<Word>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Rechtsbron {
    pub(crate) naam: Word,
    pub(crate) titel: Word,
    pub(crate) vindplaats: Word,
    pub(crate) link: Word,
    pub(crate) gebaseerd_op: Option<Word>,
    #[serde(default)]
    pub(crate) beloften: Vec<Word>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Grondslag {
    pub(crate) naam: Word,
    pub(crate) titel: Texts,
    #[serde(default)]
    pub(crate) rechtsbronnen: Vec<Word>,
    #[serde(default)]
    pub(crate) beloften: Vec<Word>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Doel {
    pub(crate) naam: Word,
    pub(crate) titel: Texts,
    #[serde(default)]
    pub(crate) beloften: Vec<Word>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Gegeven {
    pub(crate) naam: Word,
    pub(crate) titel: Texts,
    pub(crate) klasse: Word,
    pub(crate) bewaartermijn: Option<Bewaartermijn>,
    #[serde(default)]
    pub(crate) beloften: Vec<Word>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Bewaartermijn {
    pub(crate) termijn: Word,
    pub(crate) vanaf: Word,
    pub(crate) bron: Word,
    pub(crate) reden: Texts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Ontvanger {
    pub(crate) naam: Word,
    pub(crate) titel: Texts,
    #[serde(default)]
    pub(crate) gegevens: Vec<Word>,
    #[serde(default)]
    pub(crate) beloften: Vec<Word>,
}

/// A `[[cookie]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Koekje {
    pub(crate) naam: Word,
    pub(crate) titel: Texts,
    pub(crate) uitleg: Texts,
    pub(crate) doel: Word,
    pub(crate) bewaartijd: Word,
    pub(crate) persoonsgegevens: bool,
    #[serde(default)]
    pub(crate) beloften: Vec<Word>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Activiteit {
    pub(crate) naam: Word,
    pub(crate) titel: Texts,
    pub(crate) doel: Option<Word>,
    #[serde(default)]
    pub(crate) ook_voor: Vec<Word>,
    pub(crate) grondslag: Option<Word>,
    #[serde(default)]
    pub(crate) rollen: Vec<Word>,
    #[serde(default)]
    pub(crate) kanalen: Vec<Word>,
    #[serde(default)]
    pub(crate) leest: Vec<Word>,
    #[serde(default)]
    pub(crate) schrijft: Vec<Word>,
    #[serde(default)]
    pub(crate) ontvangers: Vec<Word>,
    #[serde(default)]
    pub(crate) beloften: Vec<Word>,
}
