//! What a machine decides and whom it only picks out, and what a conversation leaves behind: the gate's answer for every role.

use crate::{Access, Hurdle, ROLES, Register, Verdict};

const TOESLAGEN: &str = include_str!("../../../../statements/toeslagen.toml");
const CJIB: &str = include_str!("../../../../statements/cjib.toml");

fn register(file: &str) -> Register {
    Register::parse(file).unwrap_or_else(|findings| panic!("{findings:#?}"))
}

/// Who may do this to this category, with the activity by which.
fn those_who<'r>(
    register: &'r Register,
    category: &str,
    access: Access,
) -> Vec<(&'r str, &'r str)> {
    let own = register.statement().roles.iter();
    let roles: Vec<&str> = ROLES
        .into_iter()
        .chain(own.map(|role| role.name.as_str()))
        .collect();
    let mut found = Vec::new();
    for entry in register.activities() {
        for role in &roles {
            let verdict = register.verdict(&entry.name, role, category, access);
            if matches!(verdict, Some(Verdict::Allowed { .. })) {
                found.push((*role, entry.name.as_str()));
            }
        }
    }
    found
}

/// Whether the gate refuses this for this reason.
#[track_caller]
fn refuses(register: &Register, activity: &str, role: &str, category: &str, why: Hurdle) {
    for access in [Access::Reads, Access::Writes] {
        match register.verdict(activity, role, category, access) {
            Some(Verdict::Refused { hurdle, .. }) => assert_eq!(hurdle, why, "{activity} {role}"),
            other => panic!("{activity} {role} {category}: {other:?}"),
        }
    }
}

/// Which rules keep a file with this passage in place of another from starting.
fn stopped_by(file: &str, passage: &str, instead: &str) -> Vec<(&'static str, String)> {
    assert_eq!(file.matches(passage).count(), 1, "{passage}");
    let findings = Register::parse(&file.replace(passage, instead)).expect_err("it is refused");
    let stops = findings.into_iter().filter(|finding| finding.stops());
    stops.map(|one| (one.code, one.about)).collect()
}

/// DT-53: the computer settles what somebody gets in four kinds of decision. Each other time a member of staff does, and there the
/// gate refuses the computer.
#[test]
fn dt_53_a_machine_decides_four_kinds_and_no_other() {
    let register = register(TOESLAGEN);
    let settled = those_who(&register, "toekenningsgegevens", Access::Writes);
    let (machine, staff): (Vec<_>, Vec<_>) = settled
        .into_iter()
        .partition(|(role, _)| *role == "systeem");
    let by = |found: &[(&str, &str)]| {
        let mut names: Vec<String> = found.iter().map(|(_, by)| (*by).to_owned()).collect();
        names.sort();
        names
    };
    let four = [
        "te-laat-vaststellen",
        "toeslag-toekennen",
        "toeslag-voortzetten",
        "toeslag-wijzigen",
    ];
    assert_eq!(by(&machine), four);
    assert_eq!(by(&staff), ["dossier-beoordelen", "herstel-beoordelen"]);
    for (role, activity) in staff {
        assert_eq!(role, "beoordelaar");
        let given = "toekenningsgegevens";
        refuses(&register, activity, "systeem", given, Hurdle::NoRole);
    }
}

/// DT-58 and DT-59: by personal aspects files are picked, and nothing else is done: the computer changes nothing then, it is refused
/// where the file is judged, and a statement in which no person decides does not start.
#[test]
fn dt_58_dt_59_personal_aspects_pick_a_file_and_a_person_decides() {
    let register = register(TOESLAGEN);
    let of = |name| register.category(name).expect("declared");
    let reads = |category: &str| {
        let verdict = register.verdict("dossiers-kiezen", "systeem", category, Access::Reads);
        matches!(verdict, Some(Verdict::Allowed { .. }))
    };
    for category in register.categories() {
        let picked_by = [of("aanvraaggegevens"), of("inkomen")].contains(&category.id);
        assert_eq!(reads(&category.name), picked_by, "{}", category.name);
        let changed =
            register.verdict("dossiers-kiezen", "systeem", &category.name, Access::Writes);
        assert!(
            matches!(changed, Some(Verdict::Refused { .. })),
            "{}",
            category.name
        );
    }
    let supervision = register.activity("dossiers-kiezen").expect("declared");
    assert_eq!(supervision.purposes().collect::<Vec<_>>(), ["toezicht"]);
    let (judging, given) = ("dossier-beoordelen", "toekenningsgegevens");
    refuses(&register, judging, "systeem", given, Hurdle::NoRole);

    let no_person = stopped_by(TOESLAGEN, "mens-beslist = true\n", "");
    let about = "profilering dossiers-kiezen".to_owned();
    assert_eq!(no_person, [("S-751", about)]);
    let by_machine = stopped_by(
        TOESLAGEN,
        "wijze = \"voorbereid\"",
        "wijze = \"automatisch\"",
    );
    let about = "activiteit dossiers-kiezen".to_owned();
    assert_eq!(by_machine, [("S-752", about)]);
}

/// CJ-25: the computer imposes a traffic fine, and the gate refuses each role of staff what that fine is based on.
#[test]
fn cj_25_no_employee_looks_at_the_data_of_a_decision_by_a_machine() {
    let register = register(CJIB);
    let imposed = those_who(&register, "besluit", Access::Writes);
    assert_eq!(imposed, [("systeem", "boete-opleggen")]);
    for category in ["verkeersovertreding", "kenteken"] {
        for role in ["medewerker", "webcareteam", "beheerder"] {
            let imposing = "boete-opleggen";
            refuses(&register, imposing, role, category, Hurdle::NoRole);
        }
        let readers = those_who(&register, category, Access::Reads);
        assert!(
            readers.iter().all(|(role, _)| *role == "systeem"),
            "{readers:?}"
        );
    }
}

/// DT-115: for aggression and threats a recording is heard by the officer for it, who alone settles what follows.
#[test]
fn dt_115_a_special_officer_judges_aggression_by_a_recording() {
    let register = register(TOESLAGEN);
    let for_safety = |(_, name): &(&str, &str)| {
        let entry = register.activity(name).expect("declared");
        entry.purposes().any(|purpose| purpose == "veiligheid")
    };
    let officer = [("veiligheidsfunctionaris", "agressie-beoordelen")];
    let mut readers = those_who(&register, "gespreksopname", Access::Reads);
    readers.retain(for_safety);
    assert_eq!(readers, officer);
    let settled = those_who(&register, "veiligheidsmaatregel", Access::Writes);
    assert_eq!(settled, officer);
    let officers_alone = "rollen = [\"veiligheidsfunctionaris\"]";
    let reads_it =
        format!("{officers_alone}\nkanalen = [\"intern\"]\nleest = [\"gespreksopname\"]");
    let others = "rollen = [\"medewerker\"]\nkanalen = [\"intern\"]\n\
                  leest = [\"gespreksopname\", \"veiligheidsmaatregel\"]";
    let stopped = stopped_by(TOESLAGEN, &reads_it, others);
    assert!(
        stopped.contains(&("S-772", "activiteit agressie-beoordelen".to_owned())),
        "{stopped:?}"
    );
}

/// DT-130 and DT-132: a video call leaves that it was there, and nothing that was said or shown: the gate refuses all else.
#[test]
fn dt_130_dt_132_a_video_call_is_not_recorded() {
    let register = register(TOESLAGEN);
    let by = "videogesprek-voeren";
    let left = |category: &str| {
        let verdict = register.verdict(by, "medewerker", category, Access::Writes);
        matches!(verdict, Some(Verdict::Allowed { .. }))
    };
    let kept = register.categories().map(|one| one.name.as_str());
    let kept: Vec<&str> = kept.filter(|name| left(name)).collect();
    assert_eq!(kept, ["gespreksregistratie", "browserinformatie"]);
    let recording = "gespreksopname";
    refuses(&register, by, "medewerker", recording, Hurdle::NotListed);
    let recorded = those_who(&register, recording, Access::Writes);
    assert_eq!(recorded, [("telefoonmedewerker", "beller-helpen")]);
}

/// DT-78: who has no part in the work neither sees nor changes what somebody is given, nor passes it on.
#[test]
fn dt_78_who_has_no_part_in_it_neither_sees_nor_changes_what_is_given() {
    let register = register(TOESLAGEN);
    let mut outward = register
        .activities()
        .filter(|entry| !entry.recipients.is_empty());
    assert!(outward.all(|entry| entry.name == "gegevens-delen"));
    let sharing = "gegevens-delen";
    for role in ["bezoeker", "betrokkene", "beoordelaar", "systeem"] {
        let given = "toekenningsgegevens";
        refuses(&register, sharing, role, given, Hurdle::NoRole);
    }
    for category in ["toekenningsgegevens", "betaalgegevens", "vermogen"] {
        for access in [Access::Reads, Access::Writes] {
            for (role, activity) in those_who(&register, category, access) {
                let outside = ["bezoeker", "beheerder", "aangesloten-organisatie"];
                let apart = [
                    "opsporingsambtenaar",
                    "veiligheidsfunctionaris",
                    "functionaris-gegevensbescherming",
                ];
                let none = !outside.contains(&role) && !apart.contains(&role);
                assert!(none, "{activity} lets {role} at {category}");
            }
        }
        let by_themselves = those_who(&register, category, Access::Writes);
        let mut own = by_themselves
            .iter()
            .filter(|(role, _)| *role == "betrokkene");
        assert!(own.all(|(_, activity)| *activity == "betaling-afspreken"));
    }
}
