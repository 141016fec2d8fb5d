//! A published statement as a reader finds it: each line by the place that links lead to.

use testkit::{Browser, Product};

pub struct Published {
    page: String,
}

impl Published {
    /// What stands at `/privacy` in Dutch.
    pub async fn of(product: &Product) -> Self {
        Self::at(product, "/privacy?taal=nl").await
    }

    /// What stands on another page that is written like it.
    pub async fn at(product: &Product, path: &str) -> Self {
        let page = Browser::new(product).get(path).await;
        assert_eq!(page.status, 200);
        Self {
            page: page.text().to_owned(),
        }
    }

    /// The words of the line at this place, its details on lines of their own.
    #[track_caller]
    pub fn line(&self, place: &str) -> String {
        let mark = format!(" id=\"{place}\">");
        let found = self.page.split_once(&mark);
        let (_, rest) = found.unwrap_or_else(|| panic!("nothing stands at {place}"));
        let end = ["</li>", "</p>"]
            .iter()
            .filter_map(|tag| rest.find(tag))
            .min();
        words(&rest[..end.expect("an element ends")])
    }

    /// The head of the part that this place stands in.
    #[track_caller]
    pub fn part_of(&self, place: &str) -> String {
        let found = self.page.split_once(&format!(" id=\"{place}\">"));
        let (before, _) = found.unwrap_or_else(|| panic!("nothing stands at {place}"));
        let (_, head) = before.rsplit_once("<h2 id=\"").expect("a part has a head");
        let (_, head) = head.split_once('>').expect("a tag ends");
        let (head, _) = head.split_once("</h2>").expect("a head ends");
        head.to_owned()
    }

    /// Each place says each of these words.
    #[track_caller]
    pub fn says(&self, expected: &[(&str, &[&str])]) {
        for (place, words) in expected {
            let line = self.line(place);
            for word in *words {
                assert!(line.contains(word), "{place} does not say {word}: {line}");
            }
        }
    }

    /// The numbered heads of its parts.
    pub fn parts(&self) -> Vec<String> {
        let heads = self.page.split("<h2 id=\"").skip(1);
        let heads = heads.map(|head| {
            let (_, rest) = head.split_once('>').expect("a tag ends");
            let (words, _) = rest.split_once("</h2>").expect("a head ends");
            words.to_owned()
        });
        heads
            .filter(|head| head.starts_with(|c: char| c.is_ascii_digit()))
            .collect()
    }

    pub fn page(&self) -> &str {
        &self.page
    }
}

/// Without tags; a break is a new line.
fn words(html: &str) -> String {
    let html = html.replace("<br>", "\n");
    let mut pieces = html.split('<');
    let mut words = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        words.push_str(piece.split_once('>').map_or("", |(_, text)| text));
    }
    words
        .replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&#38;", "&")
}
