//! Who stands between a browser and us, and whose word on the browser's address is taken: those that the operator names.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::header::FORWARDED;
use axum::http::{HeaderMap, HeaderName};
use basics::Fault;
use ipnet::IpNet;

/// Where a proxy writes for whom it asks. One of the two: what the proxy does not write, a browser can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For: client, proxy`
    #[default]
    XForwardedFor,
    /// `Forwarded: for=client, for=proxy` (RFC 7239)
    Forwarded,
}

impl FromStr for ForwardedHeader {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        match text.to_ascii_lowercase().as_str() {
            "x-forwarded-for" => Ok(Self::XForwardedFor),
            "forwarded" => Ok(Self::Forwarded),
            _ => Err(Fault::broken(format!(
                "`{text}` is no header of a proxy: x-forwarded-for or forwarded"
            ))),
        }
    }
}

/// The proxies that are trusted; none, unless the operator names them.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    trusted: Vec<IpNet>,
    header: ForwardedHeader,
}

impl Proxies {
    /// Errors: what is neither an address nor a network such as `10.0.0.0/8`.
    pub fn trusted(networks: &[String], header: ForwardedHeader) -> Result<Self, Fault> {
        let network = |text: &String| {
            let one = || text.parse::<IpAddr>().ok().map(IpNet::from);
            text.parse::<IpNet>().ok().or_else(one).ok_or_else(|| {
                Fault::broken(format!(
                    "`{text}` is no address of a proxy, nor a network such as 10.0.0.0/8"
                ))
            })
        };
        Ok(Self {
            trusted: networks.iter().map(network).collect::<Result<_, _>>()?,
            header,
        })
    }

    /// From where a request came: the nearest address that no trusted proxy has. None where a trusted one says that it does
    /// not know, or says nothing that is an address.
    pub(crate) fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let mut hops = self.hops(headers);
        let mut address = peer.to_canonical();
        while self.trusts(address) {
            match hops.pop() {
                Some(hop) => address = hop?,
                // It asks for itself.
                None => break,
            }
        }
        Some(address)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted
            .iter()
            .any(|network| network.contains(&address))
    }

    /// The nearest last.
    fn hops(&self, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
        let name = match self.header {
            ForwardedHeader::XForwardedFor => HeaderName::from_static("x-forwarded-for"),
            ForwardedHeader::Forwarded => FORWARDED,
        };
        let lines = headers.get_all(name);
        let lines = lines.iter().map(|line| line.to_str().unwrap_or_default());
        // No address has a comma in it, quoted or not.
        let each = lines.flat_map(|line| line.split(','));
        each.map(|hop| match self.header {
            ForwardedHeader::XForwardedFor => address(hop),
            ForwardedHeader::Forwarded => forwarded_for(hop),
        })
        .collect()
    }
}

fn forwarded_for(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut named = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    address(named.next()?.1.trim().trim_matches('"'))
}

/// Bare, or with a port, or in the brackets of IPv6.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse::<IpAddr>().ok();
    address
        .or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(trusted: &[&str], header: &str, peer: &str, said: &[(&str, &str)]) -> String {
        let trusted: Vec<String> = trusted.iter().map(ToString::to_string).collect();
        let proxies = Proxies::trusted(&trusted, header.parse().unwrap()).unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in said {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, value.parse().unwrap());
        }
        let found = proxies.origin(peer.parse().unwrap(), &headers);
        found.map_or_else(|| "unknown".to_owned(), |address| address.to_string())
    }

    #[test]
    fn mo_31_nobody_but_a_trusted_proxy_says_where_a_request_comes_from() {
        let said = &[("x-forwarded-for", "198.51.100.7, 203.0.113.9")][..];
        let via = |trusted: &[&str], peer| origin(trusted, "x-forwarded-for", peer, said);
        assert_eq!(via(&[], "192.0.2.1"), "192.0.2.1");
        assert_eq!(via(&["10.0.0.0/8"], "192.0.2.1"), "192.0.2.1");
        // What stands before the nearest stranger is that stranger's own word.
        assert_eq!(via(&["10.0.0.0/8"], "10.1.2.3"), "203.0.113.9");
        assert_eq!(via(&["10.0.0.0/8"], "::ffff:10.1.2.3"), "203.0.113.9");
        assert_eq!(
            via(&["10.0.0.0/8", "203.0.113.9"], "10.1.2.3"),
            "198.51.100.7"
        );
        // The other header may be the browser's.
        assert_eq!(
            origin(&["10.0.0.0/8"], "forwarded", "10.1.2.3", said),
            "10.1.2.3"
        );
    }

    #[test]
    fn mo_31_each_form_of_an_address_is_read_and_nothing_else() {
        for (header, said, found) in [
            ("x-forwarded-for", "203.0.113.9:4711", "203.0.113.9"),
            ("x-forwarded-for", "2001:db8::7", "2001:db8::7"),
            ("x-forwarded-for", "[2001:db8::7]:4711", "2001:db8::7"),
            ("x-forwarded-for", "::ffff:203.0.113.9", "203.0.113.9"),
            ("x-forwarded-for", "203.0.113.9, unknown", "unknown"),
            ("x-forwarded-for", "", "unknown"),
            ("forwarded", "for=203.0.113.9;proto=https", "203.0.113.9"),
            (
                "forwarded",
                "proto=https; For=\"[2001:db8::7]:4711\"",
                "2001:db8::7",
            ),
            (
                "forwarded",
                "for=198.51.100.7, for=\"[2001:db8::7]\"",
                "2001:db8::7",
            ),
            ("forwarded", "for=_hidden", "unknown"),
            ("forwarded", "by=203.0.113.9", "unknown"),
        ] {
            let name = if header == "forwarded" {
                "Forwarded"
            } else {
                "X-Forwarded-For"
            };
            let name = name.to_ascii_lowercase();
            let origin = origin(&["10.1.2.3"], header, "10.1.2.3", &[(&name, said)]);
            assert_eq!(origin, found, "{header}: {said}");
        }
        let two = [
            ("x-forwarded-for", "198.51.100.7"),
            ("x-forwarded-for", "203.0.113.9"),
        ];
        assert_eq!(
            origin(&["10.1.2.3"], "x-forwarded-for", "10.1.2.3", &two),
            "203.0.113.9"
        );
        let none = Proxies::trusted(&["proxy.example".to_owned()], ForwardedHeader::default());
        assert!(none.unwrap_err().to_string().contains("proxy.example"));
        assert!("via".parse::<ForwardedHeader>().is_err());
    }
}
