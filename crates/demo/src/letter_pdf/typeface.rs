//! The typeface of the letters, Libertinus Serif (SIL Open Font License), and how wide its characters are.

use std::sync::LazyLock;

use krilla::text::Font;
use ttf_parser::Face;

/// How a piece of text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Regular,
    Bold,
    Italic,
}

struct Cut {
    font: Font,
    face: Face<'static>,
}

/// Regular, semibold, italic: where they stand in the list of the crate.
static CUTS: LazyLock<[Cut; 3]> = LazyLock::new(|| [0, 4, 2].map(cut));

fn cut(place: usize) -> Cut {
    let bytes = typst_assets::fonts()
        .nth(place)
        .expect("the crate carries the typeface");
    Cut {
        font: Font::new(bytes.into(), 0).expect("the typeface reads"),
        face: Face::parse(bytes, 0).expect("the typeface reads"),
    }
}

impl Style {
    fn cut(self) -> &'static Cut {
        &CUTS[self as usize]
    }

    pub fn font(self) -> Font {
        self.cut().font.clone()
    }

    /// In points.
    pub fn width(self, text: &str, size: f32) -> f32 {
        let face = &self.cut().face;
        let units: u32 = text
            .chars()
            .filter_map(|letter| face.glyph_hor_advance(face.glyph_index(letter)?))
            .map(u32::from)
            .sum();
        units as f32 * size / f32::from(face.units_per_em())
    }

    #[cfg(test)]
    pub fn has(self, letter: char) -> bool {
        self.cut().face.glyph_index(letter).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cuts_are_the_ones_meant() {
        let name = |style: Style| {
            let names = style.cut().face.names();
            names
                .into_iter()
                .find(|name| name.name_id == ttf_parser::name_id::POST_SCRIPT_NAME)
                .and_then(|name| name.to_string())
        };
        assert_eq!(
            [Style::Regular, Style::Bold, Style::Italic].map(name),
            ["Regular", "Semibold", "Italic"].map(|cut| Some(format!("LibertinusSerif-{cut}")))
        );
    }
}
