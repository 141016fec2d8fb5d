//! A letter's Markdown as HTML, in a safe subset: every tag below is a literal of ours, all else is escaped.
//!
//! Raw HTML shows as the text it is, a picture as its description; nothing is fetched from elsewhere. A link goes to https
//! or mailto only (`link.rs`) and shows where it goes.

use language::Texts;
use pulldown_cmark::{Alignment, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::link::Target;

/// The HTML of a letter. Its headings begin at level 2, below the page's own, and skip none.
pub(crate) fn html(markdown: &str, texts: &Texts) -> String {
    let mut writer = Writer::new(texts);
    Parser::new_ext(markdown, Options::ENABLE_TABLES).for_each(|event| writer.write(event));
    writer.out
}

struct Writer<'t> {
    texts: &'t Texts,
    out: String,
    /// Level of the heading before; the page's own is 1.
    heading: u8,
    /// Where the element began that is left out when it says nothing.
    begun: usize,
    /// Whether anything has been said since.
    said: bool,
    link: Option<Link>,
    /// How many pictures' descriptions this is inside of; only their text is kept.
    pictures: usize,
    tables: usize,
    columns: Vec<Alignment>,
    column: usize,
    in_head: bool,
}

struct Link {
    target: Target,
    /// The text that stands for it, without tags.
    text: String,
}

impl<'t> Writer<'t> {
    fn new(texts: &'t Texts) -> Self {
        Self {
            texts,
            out: String::new(),
            heading: 1,
            begun: 0,
            said: false,
            link: None,
            pictures: 0,
            tables: 0,
            columns: Vec::new(),
            column: 0,
            in_head: false,
        }
    }

    fn write(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(text) => {
                self.tag("<code>");
                self.text(&text);
                self.tag("</code>");
            }
            Event::SoftBreak => self.text("\n"),
            Event::HardBreak if self.pictures > 0 => self.text("\n"),
            Event::HardBreak => self.tag("<br>\n"),
            Event::Rule => self.tag("<hr>\n"),
            Event::Start(Tag::Image { .. }) => self.pictures += 1,
            Event::End(TagEnd::Image) => self.pictures -= 1,
            Event::Start(tag) if self.pictures == 0 => self.start(tag),
            Event::End(tag) if self.pictures == 0 => self.end(tag),
            // Inside a picture's description, or an extension that is not switched on.
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.tag("<p>"),
            Tag::Heading { level, .. } => self.begin(&format!("<h{}>", self.level(level))),
            Tag::BlockQuote(_) => self.tag("<blockquote>\n"),
            Tag::CodeBlock(_) => self.tag("<pre><code>"),
            Tag::List(None) => self.tag("<ul>\n"),
            Tag::List(Some(1)) => self.tag("<ol>\n"),
            Tag::List(Some(first)) => self.tag(&format!("<ol start=\"{first}\">\n")),
            Tag::Item => self.tag("<li>"),
            Tag::Table(columns) => self.start_table(columns),
            Tag::TableHead => {
                self.in_head = true;
                self.column = 0;
                self.tag("<thead><tr>");
            }
            Tag::TableRow => {
                self.column = 0;
                self.tag("<tr>");
            }
            Tag::TableCell => self.start_cell(),
            Tag::Emphasis => self.tag("<em>"),
            Tag::Strong => self.tag("<strong>"),
            Tag::Link {
                link_type,
                dest_url,
                ..
            } if self.link.is_none() => {
                self.link = Target::of(link_type, &dest_url).map(|target| Link {
                    target,
                    text: String::new(),
                });
                if let Some(link) = &self.link {
                    let opening = format!(
                        "<a href=\"{}\" rel=\"noopener noreferrer\">",
                        escaped(&link.target.href)
                    );
                    self.tag(&opening);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.tag("</p>\n"),
            TagEnd::Heading(level) => {
                let level = self.level(level);
                if self.said {
                    self.tag(&format!("</h{level}>\n"));
                    self.heading = level;
                } else {
                    self.out.truncate(self.begun);
                }
            }
            TagEnd::BlockQuote(_) => self.tag("</blockquote>\n"),
            TagEnd::CodeBlock => self.tag("</code></pre>\n"),
            TagEnd::List(true) => self.tag("</ol>\n"),
            TagEnd::List(false) => self.tag("</ul>\n"),
            TagEnd::Item => self.tag("</li>\n"),
            TagEnd::Table => self.tag("</tbody></table></div>\n"),
            TagEnd::TableHead => {
                self.in_head = false;
                self.tag("</tr></thead><tbody>\n");
            }
            TagEnd::TableRow => self.tag("</tr>\n"),
            TagEnd::TableCell => self.end_cell(),
            TagEnd::Emphasis => self.tag("</em>"),
            TagEnd::Strong => self.tag("</strong>"),
            TagEnd::Link => self.end_link(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(link) = &mut self.link {
            link.text.push_str(text);
        }
        self.said |= !text.trim().is_empty();
        escape(text, &mut self.out);
    }

    fn tag(&mut self, tag: &str) {
        self.out.push_str(tag);
    }

    /// Opens an element that is left out at its end when it says nothing.
    fn begin(&mut self, tag: &str) {
        self.begun = self.out.len();
        self.said = false;
        self.tag(tag);
    }

    /// One below the letter's own level, and at most one below the heading before.
    fn level(&self, level: HeadingLevel) -> u8 {
        (level as u8 + 1).min(self.heading + 1).min(6)
    }

    /// A wide table scrolls in a frame of its own, which the keyboard reaches.
    fn start_table(&mut self, columns: Vec<Alignment>) {
        self.tables += 1;
        let name = escaped(&self.texts.letterbox.table(self.tables));
        self.tag(&format!("<div class=\"postbus-scroll\" role=\"group\" tabindex=\"0\" aria-label=\"{name}\"><table>"));
        self.columns = columns;
    }

    fn start_cell(&mut self) {
        let at_end = self.columns.get(self.column) == Some(&Alignment::Right);
        self.column += 1;
        self.begin(match (self.in_head, at_end) {
            (true, false) => "<th scope=\"col\">",
            (true, true) => "<th scope=\"col\" class=\"postbus-figures\">",
            (false, false) => "<td>",
            (false, true) => "<td class=\"postbus-figures\">",
        });
    }

    /// A head that says nothing is no head.
    fn end_cell(&mut self) {
        if !self.in_head {
            self.tag("</td>");
        } else if self.said {
            self.tag("</th>");
        } else {
            self.out.truncate(self.begun);
            self.tag("<td></td>");
        }
    }

    fn end_link(&mut self) {
        let Some(Link { target, text }) = self.link.take() else {
            return;
        };
        let shown = escaped(&target.shown);
        if text.trim().is_empty() {
            self.said = true;
            self.tag(&format!("{shown}</a>"));
        } else if target.is_said_by(&text) {
            self.tag("</a>");
        } else {
            self.tag(&format!("</a> ({shown})"));
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    escape(text, &mut out);
    out
}

fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(letter),
            _ if letter.is_control() || turns_text(letter) => {}
            _ => out.push(letter),
        }
    }
}

/// Marks that turn the direction of what follows, and with it the address that a link shows.
fn turns_text(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests;
