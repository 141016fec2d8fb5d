//! `/berichten/archief` and `/berichten/prullenbak`: letters put away, thrown away and taken back, one or many at once.

use serde_json::json;
use testkit::{ANNA, Answer, BORIS, Browser, Organisation, Product};

struct House {
    product: Product,
    sender: Organisation,
    browser: Browser,
    /// Newest first, as the list has them.
    letters: Vec<String>,
}

async fn house(letters: usize) -> House {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let mut ids = Vec::new();
    for number in 0..letters {
        product.clock().advance(std::time::Duration::from_secs(1));
        let mut letter = sender.letter_to(&ANNA);
        letter["onderwerp"] = json!(format!("Brief {number}"));
        ids.insert(0, sender.delivered(&letter).await);
    }
    House {
        product,
        sender,
        browser,
        letters: ids,
    }
}

fn shown(page: &Answer) -> Vec<String> {
    let parts = page.text().split("name=\"bericht\" value=\"").skip(1);
    let boxes = parts.filter(|part| part.contains("postbus-letter__text"));
    boxes
        .map(|part| part.split('"').next().unwrap().to_owned())
        .collect()
}

impl House {
    async fn in_folder(&mut self, path: &str) -> Vec<String> {
        let page = self.browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let parts = page.text().split("id=\"kies-").skip(1);
        parts
            .map(|part| part.split('"').next().unwrap().to_owned())
            .collect()
    }

    /// Ticks these letters in the list at `path` and presses the button that leads to `action`.
    async fn tick(&mut self, path: &str, action: &str, letters: &[&String]) -> Answer {
        let page = self.browser.get(path).await;
        assert!(
            page.text().contains(&format!("formaction=\"{action}\"")),
            "{}",
            page.text()
        );
        let token = token(&page);
        let mut fields = vec![("csrf".to_owned(), token)];
        let folder = path.strip_prefix("/berichten/").unwrap_or("postvak");
        fields.push(("van".to_owned(), folder.to_owned()));
        fields.extend(
            letters
                .iter()
                .map(|id| ("bericht".to_owned(), (*id).clone())),
        );
        let answer = self.browser.post(action, &fields).await;
        self.browser.follow(answer).await
    }
}

fn token(page: &Answer) -> String {
    let (_, rest) = page.text().split_once("name=\"csrf\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn mo_6_ticked_letters_go_to_the_archive_and_come_back_with_one_undo() {
    let mut house = house(4).await;
    let letters = house.letters.clone();
    let page = house
        .tick(
            "/berichten",
            "/berichten/archief",
            &[&letters[0], &letters[2]],
        )
        .await;
    assert!(page.text().contains("2 berichten staan nu in uw archief."));
    assert_eq!(
        house.in_folder("/berichten").await,
        [letters[1].clone(), letters[3].clone()]
    );
    assert_eq!(
        house.in_folder("/berichten/archief").await,
        [letters[0].clone(), letters[2].clone()]
    );
    // The confirmation's own form undoes it.
    let undone = house
        .browser
        .submit(&page, "/berichten/archief/ongedaan-maken", &[])
        .await;
    let undone = house.browser.follow(undone).await;
    assert!(
        undone
            .text()
            .contains("2 berichten staan weer in uw postvak.")
    );
    assert_eq!(house.in_folder("/berichten").await, letters);
    assert!(house.in_folder("/berichten/archief").await.is_empty());
}

#[tokio::test]
async fn mo_6_what_is_taken_out_of_the_bin_lies_where_it_lay() {
    let mut house = house(2).await;
    let letters = house.letters.clone();
    house
        .tick("/berichten", "/berichten/archief", &[&letters[0]])
        .await;
    house
        .tick(
            "/berichten/archief",
            "/berichten/prullenbak",
            &[&letters[0]],
        )
        .await;
    house
        .tick("/berichten", "/berichten/prullenbak", &[&letters[1]])
        .await;
    assert!(house.in_folder("/berichten").await.is_empty());
    assert!(house.in_folder("/berichten/archief").await.is_empty());
    assert_eq!(house.in_folder("/berichten/prullenbak").await, letters);
    let page = house
        .tick(
            "/berichten/prullenbak",
            "/berichten/prullenbak/ongedaan-maken",
            &[&letters[0], &letters[1]],
        )
        .await;
    assert!(
        page.text()
            .contains("2 berichten staan weer waar ze stonden.")
    );
    assert_eq!(
        house.in_folder("/berichten/archief").await,
        [letters[0].clone()]
    );
    assert_eq!(house.in_folder("/berichten").await, [letters[1].clone()]);
}

#[tokio::test]
async fn mo_6_a_letter_is_put_away_from_its_own_page() {
    let mut house = house(1).await;
    let itself = format!("/berichten/{}", house.letters[0]);
    for (button, told, folder) in [
        ("/archief", "staat nu in uw archief", "/berichten/archief"),
        (
            "/prullenbak",
            "ligt nu in uw prullenbak",
            "/berichten/prullenbak",
        ),
        (
            "/prullenbak/ongedaan-maken",
            "staat weer waar het stond",
            "/berichten/archief",
        ),
        (
            "/archief/ongedaan-maken",
            "staat weer in uw postvak",
            "/berichten",
        ),
    ] {
        let letter = house.browser.get(&itself).await;
        let answer = house
            .browser
            .submit(&letter, &format!("{itself}{button}"), &[])
            .await;
        assert_eq!(answer.status, 303);
        let page = house.browser.follow(answer).await;
        assert!(page.text().contains(told), "{button}: {}", page.text());
        assert_eq!(
            house.in_folder(folder).await,
            house.letters.clone(),
            "{folder}"
        );
    }
    let letter = house.browser.get(&itself).await;
    house
        .browser
        .submit(&letter, &format!("{itself}/prullenbak"), &[])
        .await;
    let letter = house.browser.get(&itself).await;
    assert!(letter.text().contains("Dit bericht ligt in uw prullenbak."));
}

#[tokio::test]
async fn nothing_ticked_is_said_and_nothing_moves() {
    let mut house = house(1).await;
    let page = house.tick("/berichten", "/berichten/prullenbak", &[]).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("U hebt nog niets gekozen"));
    let letters = house.letters.clone();
    assert_eq!(house.in_folder("/berichten").await, letters);
}

#[tokio::test]
async fn a_letter_that_lies_elsewhere_by_now_is_not_told_as_moved() {
    let mut house = house(2).await;
    let letters = house.letters.clone();
    house
        .tick("/berichten", "/berichten/prullenbak", &[&letters[0]])
        .await;
    // As a tab would send that still shows it in the inbox.
    let told = house
        .tick("/berichten", "/berichten/archief", &[&letters[0]])
        .await;
    assert!(told.text().contains("Het bericht stond al ergens anders."));
    assert!(!told.text().contains("in uw archief"));
    let told = house
        .tick(
            "/berichten",
            "/berichten/archief",
            &[&letters[0], &letters[1]],
        )
        .await;
    assert!(told.text().contains("Het bericht staat nu in uw archief."));
    let undo = told.text().split("id=\"melding\"").nth(1).unwrap();
    let undo = undo.split("</form>").next().unwrap();
    assert!(undo.contains(&letters[1]) && !undo.contains(&letters[0]));
}

#[tokio::test]
async fn cn_44_nobody_moves_the_letters_of_another() {
    let mut house = house(1).await;
    let (id, product) = (house.letters[0].clone(), house.product.clone());
    let mut boris = Browser::new(&product);
    boris.log_in(&BORIS).await;
    house
        .sender
        .delivered(&house.sender.letter_to(&BORIS))
        .await;
    let token = token(&boris.get("/berichten").await);
    for action in [
        "/berichten/archief".to_owned(),
        format!("/berichten/{id}/prullenbak"),
    ] {
        let fields = [("csrf", &token), ("bericht", &id)];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.clone()));
        boris.post(&action, &fields).await;
    }
    assert_eq!(house.in_folder("/berichten").await, [id]);
}

#[tokio::test]
async fn what_is_no_letter_or_no_folder_is_a_bad_request() {
    let mut house = house(1).await;
    let (id, page) = (
        house.letters[0].clone(),
        house.browser.get("/berichten").await,
    );
    let token = token(&page);
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    for wrong in [
        vec![field("bericht", "x")],
        vec![field("bericht", &id), field("van", "elders")],
        vec![field("bericht", &id), field("voor", "gisteren")],
        (0..101).map(|_| field("bericht", &id)).collect(),
    ] {
        let fields = [vec![field("csrf", &token)], wrong].concat();
        let answer = house.browser.post("/berichten/archief", &fields).await;
        assert_eq!(answer.status, 400, "{fields:?}");
    }
    for query in [
        "?gedaan=verbrand&bericht=",
        "?gedaan=gearchiveerd&bericht=x",
    ] {
        let answer = house.browser.get(&format!("/berichten{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
    }
    assert_eq!(house.in_folder("/berichten").await, [id]);
}

#[tokio::test]
async fn every_box_of_a_page_is_ticked_without_script() {
    let mut house = house(3).await;
    let ticked = house.browser.get("/berichten?kies=alles").await;
    assert_eq!(ticked.text().matches(" checked>").count(), 3);
    assert_eq!(shown(&ticked).len(), 3);
    let plain = house.browser.get("/berichten").await;
    assert_eq!(plain.text().matches(" checked>").count(), 0);
}

#[tokio::test]
async fn more_than_99_unread_letters_are_shown_as_99_and_more() {
    let mut house = house(101).await;
    let page = house.browser.get("/berichten").await;
    assert!(page.text().contains(">99+</span>"));
    assert!(
        page.text()
            .contains("U hebt meer dan 99 ongelezen berichten")
    );
    let letters = house.letters.clone();
    house
        .tick(
            "/berichten",
            "/berichten/archief",
            &[&letters[0], &letters[1]],
        )
        .await;
    let page = house.browser.get("/berichten").await;
    assert!(page.text().contains("U hebt 99 ongelezen berichten"));
}

#[tokio::test]
async fn a_letter_on_paper_is_the_letter_and_reads_it() {
    let mut house = house(1).await;
    let page = house
        .browser
        .get(&format!("/berichten/{}/afdruk", house.letters[0]))
        .await;
    assert!(!page.text().contains("/uitloggen"));
    let list = house.browser.get("/berichten").await;
    assert!(list.text().contains("U hebt alle berichten gelezen"));
    assert_eq!(house.browser.get("/berichten/x/afdruk").await.status, 404);
}

#[tokio::test]
async fn a_letter_in_another_language_is_marked_as_such() {
    let product = Product::mijncn().await;
    let sender = Organisation::connect(&product, 1, "Openbaar Lichaam Bonaire").await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    for (title, language) in [
        ("Aviso di impuesto", Some("pap")),
        ("Property tax", Some("en-US")),
        ("Imposto predial", Some("pt-BR")),
        ("Aanslag", None),
    ] {
        product.clock().advance(std::time::Duration::from_secs(1));
        let mut letter = sender.letter_to(&ANNA);
        letter["onderwerp"] = json!(title);
        if let Some(language) = language {
            letter["taal"] = json!(language);
        }
        sender.delivered(&letter).await;
    }
    let marks = |page: &Answer| -> Vec<String> {
        let parts = page.text().split("postbus-letter__link").skip(1);
        let language = |part: &str| {
            let tag = part.split('>').next().unwrap();
            let (_, rest) = tag.split_once("lang=\"").unwrap_or_default();
            rest.split('"').next().unwrap_or_default().to_owned()
        };
        parts.map(language).collect()
    };
    let dutch = browser.get("/berichten").await;
    assert_eq!(marks(&dutch), ["", "pt-BR", "en-US", "pap"]);
    assert!(dutch.text().contains("In het Engels") && dutch.text().contains("In het Papiamentu"));
    let english = browser.get("/berichten?taal=en").await;
    assert_eq!(marks(&english), ["nl", "pt-BR", "", "pap"]);
    let letter = browser.get(&english.link("/berichten/0")).await;
    assert!(
        letter
            .text()
            .contains("<div class=\"postbus-prose\" dir=\"auto\" lang=\"nl\">")
    );
    assert!(letter.text().contains(">In Dutch</dd>"));
}

#[tokio::test]
async fn each_move_leaves_its_row_in_the_log_and_needs_its_activity() {
    let statement = testkit::MIJNOVERHEID.replace(
        "\nnaam = \"bericht-weggooien\"\n",
        "\nnaam = \"iets-anders\"\n",
    );
    let product = Product::start(&statement).await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    let mut browser = Browser::new(&product);
    browser.log_in(&ANNA).await;
    let id = sender.delivered(&sender.letter_to(&ANNA)).await;
    let page = browser.get("/berichten").await;
    assert!(!page.text().contains("Prullenbak") && !page.text().contains("Weggooien"));
    assert_eq!(browser.get("/berichten/prullenbak").await.status, 404);
    let fields = [("csrf", token(&page)), ("bericht", id)];
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    let refused = browser.post("/berichten/prullenbak", &fields).await;
    assert_eq!(refused.status, 405);
    let moved = browser.post("/berichten/archief", &fields).await;
    assert_eq!(moved.status, 303);
    let logged = "SELECT COUNT(*) FROM log WHERE activity = 'bericht-archiveren'";
    assert_eq!(crate::database::number(&product, logged), 1);
}
