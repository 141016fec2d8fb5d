//! The pages: name, who looks, how they get there, and what the answer's status is. A new page is a new line.
//!
//! The name begins with the page's address, what comes after it is the sample. Whoever leaves, and what breaks things, stands
//! at the end.

use super::Place::{self, Cjib, MijnOverheid};
use super::road::Step::{
    self, Choose, Clear, Find, Follow, Forge, Leave, Open, Phone, Post, Send, Suffer, Through, Tick,
};
use super::trouble::Trouble;
use crate::{ANNA, BEATRIJS, BORIS, CARLA, LOUIS, Person, WILLEMIJN};

pub(super) struct Page {
    pub name: &'static str,
    /// Logged in; none: a stranger in a browser of their own.
    pub person: Option<Person>,
    pub road: &'static [Step],
    pub status: u16,
    /// None: wherever there are letters.
    pub only_at: Option<Place>,
}

const fn page(name: &'static str, person: Person, road: &'static [Step]) -> Page {
    refused(name, Some(person), 200, road)
}

const fn open(name: &'static str, road: &'static [Step]) -> Page {
    refused(name, None, 200, road)
}

const fn refused(
    name: &'static str,
    person: Option<Person>,
    status: u16,
    road: &'static [Step],
) -> Page {
    Page {
        name,
        person,
        road,
        status,
        only_at: None,
    }
}

const fn only_at(place: Place, page: Page) -> Page {
    Page {
        only_at: Some(place),
        ..page
    }
}

/// More than an opinion may be.
const WORDY: &str = match std::str::from_utf8(&[b'x'; 300]) {
    Ok(text) => text,
    Err(_) => "",
};
/// More than any form takes.
const MUCH: &str = match std::str::from_utf8(&[b'x'; 70_000]) {
    Ok(text) => text,
    Err(_) => "",
};
const NO_LETTER: &str = "/berichten/018f0000-0000-7000-8000-000000000000";
const NO_FILE: &str =
    "/berichten/018f0000-0000-7000-8000-000000000000/bijlagen/018f0000-0000-7000-8000-000000000001";

#[rustfmt::skip]
pub(super) const PAGES: &[Page] = &[
    open("begin_vreemde", &[Open("/")]),
    open("begin_telefoon", &[Phone, Open("/")]),
    open("toegankelijkheid", &[Open("/toegankelijkheid")]),
    open("contact", &[Open("/contact")]),
    open("privacy", &[Open("/privacy")]),
    open("privacy_versies", &[Open("/privacy/versies")]),
    open("privacy_versie", &[Open("/privacy/versies"), Follow("/privacy/versies/")]),
    only_at(Cjib, open("privacy_vraag", &[Open("/privacy")])),
    only_at(Cjib, refused("privacy_reactie_geen", None, 400, &[Open("/privacy"), Send("/privacy/reactie", &[("reactie", " ")])])),
    only_at(Cjib, refused("privacy_reactie_lang", None, 400, &[Open("/privacy"), Send("/privacy/reactie", &[("reactie", WORDY)])])),
    only_at(Cjib, open("privacy_reactie", &[Open("/privacy"), Send("/privacy/reactie", &[("reactie", "Dit is duidelijk.")])])),
    open("inloggen", &[Open("/inloggen")]),
    open("inloggen_nodig", &[Open("/berichten")]),
    open("inloggen_gestopt", &[Open("/inloggen"), Send("/inloggen", &[]), Leave]),
    only_at(MijnOverheid, refused("inloggen_te_laag", None, 403, &[Open("/inloggen"), Send("/inloggen", &[]), Choose(LOUIS)])),
    refused("inloggen_geblokkeerd", None, 403, &[Open("/inloggen"), Send("/inloggen", &[]), Choose(BEATRIJS)]),
    refused("inloggen_verlopen", None, 400, &[Open("/inloggen/terug?code=a&state=b")]),
    refused("inloggen_mislukt", None, 403, &[Open("/inloggen"), Send("/inloggen", &[]), Forge(ANNA)]),
    page("begin_geen", CARLA, &[Open("/")]),
    page("begin_een", BORIS, &[Open("/")]),
    page("begin_veel", ANNA, &[Open("/")]),
    page("begin_lang", WILLEMIJN, &[Open("/")]),
    page("berichten_geen", CARLA, &[Open("/berichten")]),
    page("berichten_een", BORIS, &[Open("/berichten")]),
    page("berichten_veel", ANNA, &[Open("/berichten")]),
    page("berichten_ouder", ANNA, &[Open("/berichten"), Follow("/berichten?voor=")]),
    page("berichten_voorbij", ANNA, &[Open("/berichten?voor=018f0000-0000-7000-8000-000000000000")]),
    page("binnenkort_weg_geen", CARLA, &[Open("/berichten/binnenkort-weg")]),
    page("berichten_lang", WILLEMIJN, &[Open("/berichten")]),
    page("berichten_alle_gekozen", ANNA, &[Open("/berichten"), Through("kies=alles")]),
    page("berichten_niets_gekozen", ANNA, &[Open("/berichten"), Tick("/berichten/archief", 0)]),
    page("berichten_gearchiveerd", ANNA, &[Open("/berichten"), Tick("/berichten/archief", 3)]),
    page("berichten_ongedaan", ANNA, &[Open("/berichten"), Tick("/berichten/prullenbak", 1), Send("/berichten/prullenbak/ongedaan-maken", &[])]),
    page("gegevens", ANNA, &[Open("/gegevens")]),
    page("geschiedenis_geen", CARLA, &[Open("/geschiedenis?van=2030-01-01")]),
    page("geschiedenis_een", BORIS, &[Open("/geschiedenis?wat=bericht-aanleveren")]),
    page("geschiedenis_veel", ANNA, &[Open("/geschiedenis")]),
    page("geschiedenis_ouder", ANNA, &[Open("/geschiedenis"), Follow("/geschiedenis?voor=")]),
    page("geschiedenis_voorbij", ANNA, &[Open("/geschiedenis?voor=1")]),
    page("geschiedenis_lang", WILLEMIJN, &[Open("/geschiedenis?wie=organisaties")]),
    refused("geschiedenis_onjuist", Some(ANNA), 400, &[Open("/geschiedenis?van=gisteren&tot=2026-02-30")]),
    page("sessie", ANNA, &[Open("/sessie")]),
    page("voorkeuren", ANNA, &[Open("/voorkeuren")]),
    page("voorkeuren_niets", ANNA, &[Open("/voorkeuren?kies=niets")]),
    page("voorkeuren_een_uit", ANNA, &[Open("/voorkeuren"), Clear("/voorkeuren", "van", 1)]),
    page("voorkeuren_alles_uit", BORIS, &[Open("/voorkeuren"), Send("/voorkeuren", &[])]),
    page("voorkeuren_ongewijzigd", BORIS, &[Open("/voorkeuren"), Send("/voorkeuren", &[])]),
    page("voorkeuren_weer_aan", BORIS, &[Open("/voorkeuren"), Clear("/voorkeuren", "van", 0)]),
    page("gegevens_gewijzigd", BORIS, &[Open("/gegevens")]),
    page("gegevens_geen", CARLA, &[Open("/gegevens")]),
    page("gegevens_lang", WILLEMIJN, &[Open("/gegevens")]),
    page("account_beeindigen", ANNA, &[Open("/gegevens"), Follow("/gegevens/account-beeindigen")]),
    open("account_beeindigd", &[Open("/account-beeindigd")]),
    page("voorkeuren_lang", WILLEMIJN, &[Open("/voorkeuren")]),
    page("archief_geen", CARLA, &[Open("/berichten/archief")]),
    page("archief_veel", ANNA, &[Open("/berichten/archief")]),
    page("prullenbak_geen", CARLA, &[Open("/berichten/prullenbak")]),
    page("prullenbak_veel", ANNA, &[Open("/berichten/prullenbak")]),
    page("archief_een", BORIS, &[Open("/berichten"), Tick("/berichten/archief", 1), Open("/berichten/archief")]),
    page("archief_terug", BORIS, &[Open("/berichten/archief"), Tick("/berichten/archief/ongedaan-maken", 1)]),
    page("archief_lang", WILLEMIJN, &[Open("/berichten"), Tick("/berichten/archief", 4), Open("/berichten/archief")]),
    page("archief_lang_terug", WILLEMIJN, &[Open("/berichten/archief"), Tick("/berichten/archief/ongedaan-maken", 4)]),
    page("prullenbak_een", BORIS, &[Open("/berichten"), Tick("/berichten/prullenbak", 1), Open("/berichten/prullenbak")]),
    page("prullenbak_terug", BORIS, &[Open("/berichten/prullenbak"), Tick("/berichten/prullenbak/ongedaan-maken", 1)]),
    page("prullenbak_lang", WILLEMIJN, &[Open("/berichten"), Tick("/berichten/prullenbak", 4), Open("/berichten/prullenbak")]),
    page("prullenbak_lang_terug", WILLEMIJN, &[Open("/berichten/prullenbak"), Tick("/berichten/prullenbak/ongedaan-maken", 4)]),
    page("bericht_gearchiveerd", ANNA, &[Open("/berichten/archief"), Find("Voorlopige aanslag")]),
    page("bericht_weggegooid", ANNA, &[Open("/berichten/prullenbak"), Find("nummer")]),
    page("bericht_afdruk", BORIS, &[Open("/berichten"), Find("Voorlopige aanslag"), Through("/afdruk")]),
    page("bericht_afdruk_alles", WILLEMIJN, &[Open("/berichten"), Find("Alles wat in een brief"), Through("/afdruk")]),
    page("bericht", BORIS, &[Open("/berichten"), Find("Voorlopige aanslag")]),
    page("bericht_alles", WILLEMIJN, &[Open("/berichten"), Find("Alles wat in een brief")]),
    page("bericht_tekens", WILLEMIJN, &[Open("/berichten"), Find("Ünïcödé")]),
    page("bericht_lang", WILLEMIJN, &[Open("/berichten"), Find("Arbeidsongeschiktheids")]),
    only_at(MijnOverheid, page("bericht_groot", WILLEMIJN, &[Open("/berichten"), Find("Een heel grote brief")])),
    refused("bericht_weg", Some(ANNA), 404, &[Open(NO_LETTER)]),
    refused("bijlage_weg", Some(ANNA), 404, &[Open(NO_FILE)]),
    refused("fout_400", Some(ANNA), 400, &[Open("/berichten?voor=x")]),
    refused("fout_403", Some(CARLA), 403, &[Open(NO_LETTER)]),
    refused("fout_403_formulier", Some(ANNA), 403, &[Open("/berichten"), Post("/uitloggen", &[("csrf", "verlopen")])]),
    refused("fout_404", Some(ANNA), 404, &[Open("/nergens")]),
    refused("fout_404_vreemde", None, 404, &[Open("/nergens")]),
    refused("fout_413", Some(ANNA), 413, &[Open("/berichten"), Send("/uitloggen", &[("veel", MUCH)])]),
    page("uitgelogd", CARLA, &[Open("/berichten"), Send("/uitloggen", &[])]),
    refused("fout_500", Some(BORIS), 500, &[Suffer(Trouble::FilesGone), Open("/berichten"), Find("Voorlopige aanslag"), Through("/bijlagen/")]),
    refused("fout_503", Some(BORIS), 503, &[Suffer(Trouble::FilesUnreadable), Open("/berichten"), Find("Voorlopige aanslag"), Through("/bijlagen/")]),
    refused("inloggen_storing", None, 503, &[Suffer(Trouble::ProviderDown), Open("/inloggen"), Send("/inloggen", &[])]),
];
