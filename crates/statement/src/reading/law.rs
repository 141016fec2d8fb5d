//! Reading the law: legal sources, the bases they give, purposes, the published band of terms.

use super::{Reading, plain};
use crate::{Band, Basis, LegalSource, Purpose, file};

impl Reading<'_, '_> {
    pub(super) fn legal_source(&mut self, table: &file::Rechtsbron) -> Option<LegalSource> {
        let promises = self.words.promises(&table.beloften);
        let name = self.words.name(&table.naam);
        let title = self.words.filled(&table.titel);
        let citation = self.words.filled(&table.vindplaats);
        let secure = table.link.get_ref().starts_with("https://");
        let link = self.words.shaped(
            secure,
            &table.link,
            "is not a link",
            "use an address with https://",
        );
        if let Some(parent) = &table.gebaseerd_op {
            self.words.known("S-207", parent, &self.sources);
        }
        Some(LegalSource {
            name: name?,
            title: title?,
            citation: citation?,
            link: link?,
            rests_on: table
                .gebaseerd_op
                .as_ref()
                .map(|word| word.get_ref().clone()),
            promises,
        })
    }

    pub(super) fn basis(&mut self, table: &file::Grondslag) -> Option<Basis> {
        let name = self.words.name(&table.naam);
        let title = self.words.text(&table.titel);
        for source in &table.rechtsbronnen {
            self.words.known("S-207", source, &self.sources);
        }
        if table.rechtsbronnen.is_empty() {
            let text = format!("basis {} names no legal source", table.naam.get_ref());
            self.words
                .error("S-405", &table.naam, text, "name the law in rechtsbronnen");
        }
        let promises = self.words.promises(&table.beloften);
        Some(Basis {
            name: name?,
            title: title?,
            sources: plain(&table.rechtsbronnen),
            promises,
        })
    }

    pub(super) fn purpose(&mut self, table: &file::Doel) -> Option<Purpose> {
        let promises = self.words.promises(&table.beloften);
        let name = self.words.name(&table.naam);
        let title = self.words.text(&table.titel);
        Some(Purpose {
            name: name?,
            title: title?,
            promises,
        })
    }

    pub(super) fn band(&mut self, table: &file::Bewaarband) -> Option<Band> {
        let promises = self.words.promises(&table.beloften);
        let shortest = self.words.term(&table.kortste);
        let longest = self.words.term(&table.langste);
        if let Some(source) = &table.rechtsbron {
            self.words.known("S-207", source, &self.sources);
        }
        let (shortest, longest) = (shortest?, longest?);
        if !shortest.surely_within(&longest) {
            let text = format!("the band runs from {shortest} to {longest}");
            self.words.error(
                "S-306",
                &table.kortste,
                text,
                "kortste comes first, and is the shorter",
            );
            return None;
        }
        Some(Band {
            shortest,
            longest,
            source: table.rechtsbron.as_ref().map(|word| word.get_ref().clone()),
            article: table.artikel.as_ref().map(|word| word.get_ref().clone()),
            promises,
        })
    }
}
