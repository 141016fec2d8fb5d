//! Statistics of visits, and notifications to a device.

use super::{Cookie, Purpose};
use crate::reader::{Categories, Flag, Here, List, Name, Opt, OutOf, Promise, Ref, Texts, table};
use crate::{Mask, Place, Text};

table! {
    /// Statistics of visits: what enters them, and what is taken off first.
    pub struct Statistics = "statistiek" {
        /// What they are for.
        purpose: String = "doel" as Ref<Purpose>,
        /// What they are made from.
        data: Mask = "gegevens" as Categories,
        /// The cookie that recognises a browser.
        cookie: Option<String> = "cookie" as Opt<Ref<Cookie>>,
        /// What is taken off an IP address before anything is written.
        cut: AddressCut = "ip-afkappen" as AddressCut,
        /// Whether visits are counted by country.
        countries: bool = "landen" as Flag,
        /// Whether what is kept is personal data.
        personal: bool = "persoonsgegevens" as Flag,
        /// What is done, per language.
        explanation: Text = "uitleg" as Texts,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// What is taken off an IP address.
    pub struct AddressCut = "ip-afkappen" {
        /// The last octets of an IPv4 address, of four.
        ipv4_octets: u32 = "ipv4-octetten" as OutOf<4>,
        /// The last bits of an IPv6 address, of 128.
        ipv6_bits: Option<u32> = "ipv6-bits" as Opt<OutOf<128>>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

table! {
    /// Notifications to a device: that there is post, and nothing else.
    pub struct Notification = "notificatie" {
        /// The category of the token that names a device. One that no `[[gegeven]]` declares is a finding.
        token: String = "token" as Name,
        /// Whether they tell what the post says.
        content: bool = "inhoud" as Flag,
        /// What is done, per language.
        explanation: Text = "uitleg" as Texts,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}
