//! Made-up people, known in both installations; all their numbers are test numbers.

/// Someone that the demonstration provider knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: &'static str,
    pub bsn: &'static str,
    pub crib: &'static str,
    /// Logs in with a password alone: at level low.
    pub weakly: bool,
}

pub const ANNA: Person = Person {
    name: "Anna de Vries",
    bsn: "999993653",
    crib: "TEST70001",
    weakly: false,
};

pub const BORIS: Person = Person {
    name: "Boris Bakker",
    bsn: "123456782",
    crib: "TEST70002",
    weakly: false,
};

pub const CARLA: Person = Person {
    name: "Carla Croes",
    bsn: "999990019",
    crib: "TEST70003",
    weakly: false,
};

pub const LOUIS: Person = Person {
    name: "Louis Laag",
    bsn: "999990020",
    crib: "TEST70004",
    weakly: true,
};

pub const WILLEMIJN: Person = Person {
    name: "Willemijn van Zuylen-Voorbeeldstra tot Nergenshuizen",
    bsn: "999990007",
    crib: "TEST70005",
    weakly: false,
};

pub const BEATRIJS: Person = Person {
    name: "Beatrijs Blok",
    bsn: "999991073",
    crib: "TEST70006",
    weakly: false,
};

pub const PEOPLE: [Person; 6] = [ANNA, BORIS, CARLA, LOUIS, WILLEMIJN, BEATRIJS];
