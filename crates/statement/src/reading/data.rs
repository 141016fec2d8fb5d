//! Reading the data: categories with their terms, recipients with their fields, cookies.

use super::Reading;
use crate::category::{Category, Class, Retention, StartEvent, TermSource};
use crate::file::{self, Word};
use crate::{CategoryId, Cookie, CookieLife, Mask, Recipient};

/// What `bron` says of a term chosen by us inside the published band.
const BAND: &str = "bandbreedte";

impl Reading<'_, '_> {
    pub(super) fn category(
        &mut self,
        table: &file::Gegeven,
        band_declared: bool,
    ) -> Option<Category> {
        let name = self.words.name(&table.naam);
        let title = self.words.text(&table.titel);
        let class = self
            .words
            .choice("klasse", &table.klasse, &Class::ALL, Class::name);
        let promises = self.words.promises(&table.beloften);
        let retention = match &table.bewaartermijn {
            Some(rule) => self.retention(rule, band_declared),
            None => {
                let text = format!("category {} has no retention term", table.naam.get_ref());
                self.words.error(
                    "S-301",
                    &table.naam,
                    text,
                    "add bewaartermijn: without a rule nothing may be written",
                );
                None
            }
        };
        let id = CategoryId::new(self.categories.index(table.naam.get_ref())?)?;
        Some(Category {
            id,
            name: name?,
            title: title?,
            class: class?,
            retention: retention?,
            promises,
        })
    }

    fn retention(&mut self, table: &file::Bewaartermijn, band_declared: bool) -> Option<Retention> {
        let term = self.words.term(&table.termijn);
        let from = self
            .words
            .choice("vanaf", &table.vanaf, &StartEvent::ALL, StartEvent::name);
        let rationale = self.words.text(&table.reden);
        if let (Some(term), Some(band)) = (&term, &self.band)
            && !(band.shortest.surely_within(term) && term.surely_within(&band.longest))
        {
            let (shortest, longest) = (&band.shortest, &band.longest);
            let text = format!("{term} lies outside the published band of {shortest} to {longest}");
            self.words.error(
                "S-303",
                &table.termijn,
                text,
                "choose a term inside the band",
            );
        }
        let source = if table.bron.get_ref() == BAND {
            if !band_declared {
                let text =
                    "the term is chosen inside a band, but the statement declares none".into();
                self.words.error(
                    "S-304",
                    &table.bron,
                    text,
                    "add [bewaarband], or name a legal source",
                );
            }
            TermSource::Band
        } else {
            self.words.known("S-207", &table.bron, &self.sources);
            TermSource::Law(table.bron.get_ref().clone())
        };
        Some(Retention {
            term: term?,
            from: from?,
            source,
            rationale: rationale?,
        })
    }

    pub(super) fn recipient(&mut self, table: &file::Ontvanger) -> Option<Recipient> {
        let promises = self.words.promises(&table.beloften);
        let name = self.words.name(&table.naam);
        let title = self.words.text(&table.titel);
        if table.gegevens.is_empty() {
            let text = format!("recipient {} gets no data", table.naam.get_ref());
            self.words.error(
                "S-406",
                &table.naam,
                text,
                "list exactly what it gets in gegevens",
            );
        }
        let fields = self.mask(&table.gegevens);
        Some(Recipient {
            name: name?,
            title: title?,
            fields,
            promises,
        })
    }

    pub(super) fn cookie(&mut self, table: &file::Koekje) -> Option<Cookie> {
        let promises = self.words.promises(&table.beloften);
        let name = self.words.name(&table.naam);
        let title = self.words.text(&table.titel);
        let explanation = self.words.text(&table.uitleg);
        self.words.known("S-202", &table.doel, &self.purposes);
        let life = match table.bewaartijd.get_ref().as_str() {
            "sessie" => Some(CookieLife::Session),
            _ => self
                .words
                .fixed_term(&table.bewaartijd)
                .map(CookieLife::For),
        };
        Some(Cookie {
            name: name?,
            title: title?,
            explanation: explanation?,
            purpose: table.doel.get_ref().clone(),
            life: life?,
            personal: table.persoonsgegevens,
            promises,
        })
    }

    pub(super) fn mask(&mut self, words: &[Word]) -> Mask {
        words
            .iter()
            .filter_map(|word| self.words.known("S-201", word, &self.categories))
            .filter_map(CategoryId::new)
            .collect()
    }
}
