//! In which country the data of an installation lie, by the word of whoever runs it, held against what its statement declares.

use basics::Fault;
use statement::Register;
use vault::Elsewhere;

/// The country of each store (ISO 3166). No program sees where a machine stands: somebody answers for it by saying so.
#[derive(Clone, Debug, Default)]
pub struct Locations {
    /// Of the folders: attachments, master key, and whatever no server holds.
    pub folders: Option<String>,
    /// Of the server with the rows.
    pub rows: Option<String>,
    /// Of the server with the keyring.
    pub keyring: Option<String>,
}

impl Locations {
    /// Everything in one country.
    pub fn all_in(country: &str) -> Self {
        let country = Some(country.to_owned());
        Self {
            folders: country.clone(),
            rows: country.clone(),
            keyring: country,
        }
    }

    /// Errors: each store of which nobody says where it lies, or that lies elsewhere than the statement declares (MO-62).
    pub fn are_declared(&self, elsewhere: &Elsewhere, register: &Register) -> Result<(), Fault> {
        let declared = register.location();
        let stores = [
            (true, "`data` and `keys`", "location", &self.folders),
            (
                elsewhere.rows.is_some(),
                "the server of `store`",
                "store-location",
                &self.rows,
            ),
            (
                elsewhere.keyring.is_some(),
                "the server of `keys-store`",
                "keys-store-location",
                &self.keyring,
            ),
        ];
        let wrong = stores.into_iter().filter_map(|(used, what, key, said)| {
            let wrong = match said {
                _ if !used => return None,
                Some(country) if country == declared => return None,
                Some(country) => format!("`{key}` says {country} of {what}"),
                None => format!(
                    "nobody says where {what} lie: if it is there, configure `{key} = \"{declared}\"`"
                ),
            };
            Some(format!("\n  {wrong}"))
        });
        let wrong: String = wrong.collect();
        if wrong.is_empty() {
            return Ok(());
        }
        let title = register.title();
        Err(Fault::broken(format!(
            "the statement of {title} declares that its data lie in {declared}, so it does not start:{wrong}"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register(statement: &str) -> Register {
        Register::parse(statement).expect("a statement")
    }

    fn servers() -> Elsewhere {
        let place = |name: &str| vault::Place::server(&format!("postgres://p@db.example/{name}"));
        Elsewhere {
            rows: Some(place("brieven").expect("an address")),
            keyring: Some(place("sleutels").expect("an address")),
            writers: None,
        }
    }

    #[test]
    fn mo_62_cn_72_nothing_starts_where_the_statement_does_not_say_the_data_lie() {
        for statement in [
            include_str!("../../../statements/mijnoverheid.toml"),
            include_str!("../../../statements/mijncn.toml"),
        ] {
            let register = register(statement);
            let refused = |locations: &Locations, elsewhere: &Elsewhere| {
                let answer = locations.are_declared(elsewhere, &register);
                answer.err().map(|fault| fault.to_string())
            };
            let here = Locations::all_in("NL");
            assert_eq!(refused(&here, &Elsewhere::default()), None);
            assert_eq!(refused(&here, &servers()), None);
            let abroad = Locations::all_in("US");
            let said = refused(&abroad, &Elsewhere::default()).expect("it is elsewhere");
            assert!(said.contains("`location` says US"), "{said}");
            assert!(said.contains("lie in NL"), "{said}");
        }
    }

    #[test]
    fn mo_62_cn_72_where_nobody_says_the_data_lie_nothing_starts_and_what_to_write_is_told() {
        let register = register(include_str!("../../../statements/mijnoverheid.toml"));
        let silent = Locations::default().are_declared(&servers(), &register);
        let said = silent.expect_err("nobody said it").to_string();
        for key in ["location", "store-location", "keys-store-location"] {
            assert!(said.contains(&format!("`{key} = \"NL\"`")), "{said}");
        }
        // What is said of the folders says nothing of a server.
        let folders = Locations {
            folders: Some("NL".to_owned()),
            ..Locations::default()
        };
        assert!(
            folders
                .are_declared(&Elsewhere::default(), &register)
                .is_ok()
        );
        let said = folders.are_declared(&servers(), &register);
        let said = said.expect_err("nobody said it of the servers").to_string();
        assert!(!said.contains("`data`"), "{said}");
        assert!(said.contains("`store-location") && said.contains("`keys-store-location"));
        let abroad = Locations {
            keyring: Some("US".to_owned()),
            ..Locations::all_in("NL")
        };
        let said = abroad.are_declared(&servers(), &register);
        let said = said.expect_err("the keyring is elsewhere").to_string();
        assert!(said.ends_with("`keys-store-location` says US of the server of `keys-store`"));
    }
}
