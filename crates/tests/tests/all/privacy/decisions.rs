//! What a computer decides or picks out by the published statements, and what a conversation leaves.

use testkit::{CJIB, TOESLAGEN};

use super::told::{CONTROLLER, DATA, PURPOSES, Row, SECURITY, tells};

/// DT-52, DT-53, DT-58 and DT-59; CJ-21, CJ-22, CJ-23, CJ-24 and CJ-25.
#[tokio::test]
async fn what_a_computer_decides_is_told_and_what_it_only_picks_out() {
    let rows: [Row; 6] = [
        (
            "DT-53",
            PURPOSES,
            "besluit-toekenning",
            &["U krijgt een toeslag of niet"],
        ),
        (
            "DT-53",
            PURPOSES,
            "besluit-voortzetting",
            &["Uw toeslag loopt elk jaar door"],
        ),
        (
            "DT-53",
            PURPOSES,
            "besluit-te-laat-terugbetaald",
            &["dat u te laat terugbetaalt"],
        ),
        (
            "DT-53",
            PURPOSES,
            "besluit-wijziging-toekenning",
            &["Uw toeslag verandert"],
        ),
        (
            "DT-52, DT-58",
            PURPOSES,
            "profilering-dossiers-kiezen",
            &["persoonlijke kenmerken om te kiezen welke dossiers wij controleren"],
        ),
        (
            "DT-59",
            PURPOSES,
            "profilering-dossiers-kiezen",
            &[
                "Een mens bekijkt elk gekozen dossier en neemt het besluit.",
                "Een mens bekijkt elke keuze en besluit.",
            ],
        ),
    ];
    let (_product, published) = tells(TOESLAGEN, &rows).await;
    assert_eq!(published.page().matches(" id=\"besluit-").count(), 4);
    // What judges people by their traits stands under a heading of its own, and no decision does.
    let (before, picked) = published
        .page()
        .split_once("<h3>Kiezen op persoonlijke kenmerken</h3>")
        .unwrap();
    assert!(before.contains("<h3>Besluiten door een computer</h3>"));
    let (picked, _) = picked.split_once("</ul>").unwrap();
    assert_eq!(picked.matches("<li id=\"").count(), 1);
    assert!(picked.contains("<li id=\"profilering-dossiers-kiezen\">"));

    let rows: [Row; 5] = [
        (
            "CJ-21",
            PURPOSES,
            "besluit-verkeersboete",
            &["Een boete voor een verkeersovertreding"],
        ),
        (
            "CJ-22",
            PURPOSES,
            "besluit-verkeersboete",
            &[
                "regels van de wet. Daar kan bijna niet van worden afgeweken.",
                "Wet: Wet administratiefrechtelijke handhaving verkeersvoorschriften",
            ],
        ),
        (
            "CJ-23",
            PURPOSES,
            "besluit-verkeersboete",
            &["De gevolgen zijn dezelfde als wanneer een medewerker besluit."],
        ),
        (
            "CJ-24",
            PURPOSES,
            "besluit-verkeersboete",
            &["Het gaat om miljoenen boetes per jaar."],
        ),
        (
            "CJ-25",
            PURPOSES,
            "besluit-verkeersboete",
            &["Een medewerker hoeft uw gegevens niet te zien."],
        ),
    ];
    let (_product, published) = tells(CJIB, &rows).await;
    assert_eq!(published.page().matches(" id=\"besluit-").count(), 1);
    assert!(
        published
            .line("activiteit-boete-opleggen")
            .contains("Dit doet de computer.")
    );
}

/// DT-110, DT-115, DT-120, DT-130, DT-132 and DT-78: what a conversation leaves, and what it is kept out of.
#[tokio::test]
async fn what_a_conversation_leaves_is_told() {
    let rows: [Row; 6] = [
        (
            "DT-110",
            DATA,
            "gegeven-gespreksopname",
            &[
                "Een opgenomen telefoongesprek: wat er is gezegd, uw telefoonnummer en wat de medewerker opzocht",
            ],
        ),
        (
            "DT-115",
            PURPOSES,
            "doel-veiligheid",
            &[
                "agressie en bedreiging",
                "Alleen een speciale functionaris beoordeelt een opname hiervoor.",
            ],
        ),
        (
            "DT-120",
            DATA,
            "gegeven-videoafspraak",
            &[
                "Naam, e-mailadres en telefoonnummer voor een videogesprek",
                "Alleen voor: Een videogesprek plannen, mogelijk maken en verbeteren",
            ],
        ),
        (
            "DT-130",
            CONTROLLER,
            "grens-scherm-delen",
            &["Wij nemen niets op."],
        ),
        (
            "DT-132",
            CONTROLLER,
            "grens-video-niet-bewaard",
            &["Wij nemen een videogesprek niet op en bewaren het niet."],
        ),
        (
            "DT-78",
            SECURITY,
            "maatregel-afgesloten-systemen",
            &["Wie het niet mag, kan gegevens niet zien, delen of veranderen."],
        ),
    ];
    tells(TOESLAGEN, &rows).await;
}
