//! The record of processing activities (AVG art. 30) as JSON: Dutch keys, as in the statement file.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use statement::{
    Category, Condition, Decision, Entry, Mask, Operator, Profiling, Recipient, TermSource,
};

use super::words::Words;

pub(super) fn record(words: &Words<'_>) -> Value {
    let statement = words.statement;
    let header = &statement.header;
    let processors = statement.processors.iter().map(|processor| {
        let agreement = processor.agreement.as_ref();
        filled(json!({
            "naam": words.own(&processor.title),
            "taak": words.own(&processor.task),
            "gegevens": processor.data,
            "land": processor.country,
            "overeenkomst": agreement.map(|agreement| json!({
                "datum": agreement.date.to_string(),
                "kenmerk": agreement.reference,
                "tot": agreement.until.map(|day| day.to_string()),
            })),
        }))
    });
    let measures = statement
        .measures
        .iter()
        .map(|measure| words.own(&measure.title));
    filled(json!({
        "verklaring": {
            "naam": header.name,
            "titel": header.title,
            "versie": header.version,
            "datum": header.date.to_string(),
            "opslaglocatie": header.location,
        },
        "verwerkingsverantwoordelijke": filled(json!({
            "naam": statement.controller.name,
            "onderdeel-van": statement.controller.part_of,
            "contactgegevens": contact(words, &statement.controller.addresses),
        })),
        "beheer": statement.operators.iter().map(operator).collect::<Vec<_>>(),
        "toezichthouder": statement.supervisor.as_ref().map(|supervisor| &supervisor.name),
        "functionaris": statement.officer.as_ref().map(|officer| filled(json!({
            "naam": officer.name,
            "contactgegevens": contact(words, &officer.addresses),
        }))),
        "verwerkers": processors.collect::<Vec<_>>(),
        "doorgifte": statement.transfer.as_ref().map(|transfer| json!({
            "landen": transfer.countries,
            "uitleg": words.own(&transfer.explanation),
        })),
        "automatische-besluiten": statement.decisions.iter().map(|one| decision(words, one)).collect::<Vec<_>>(),
        "profileringen": statement.profilings.iter().map(|one| profiling(words, one)).collect::<Vec<_>>(),
        "maatregelen": measures.collect::<Vec<_>>(),
        "overgenomen": statement.inherited.iter().map(|one| &one.what).collect::<Vec<_>>(),
        "verwerkingsactiviteiten":
            statement.activities.iter().map(|entry| activity(words, entry)).collect::<Vec<_>>(),
    }))
}

/// What is decided without a person (AVG art. 22).
fn decision(words: &Words<'_>, decision: &Decision) -> Value {
    filled(json!({
        "naam": decision.name,
        "titel": words.own(&decision.title),
        "uitleg": words.own(&decision.explanation),
        "gegevens": names(words, decision.data),
        "grondslag": words.bases([decision.basis.as_str()]),
        "wet": words.laws(decision.source.as_deref()),
        "artikel": decision.article,
        "bezwaar": decision.objection,
    }))
}

fn profiling(words: &Words<'_>, profiling: &Profiling) -> Value {
    filled(json!({
        "naam": profiling.name,
        "titel": words.own(&profiling.title),
        "uitleg": words.own(&profiling.explanation),
        "doel": words.purposes([profiling.purpose.as_str()]),
        "gegevens": names(words, profiling.data),
        "mens-beslist": profiling.human_decides,
    }))
}

fn operator(operator: &Operator) -> Value {
    filled(json!({ "naam": operator.name, "onderdeel-van": operator.part_of }))
}

/// Where someone can be reached (AVG art. 30, 1a).
fn contact(words: &Words<'_>, names: &[String]) -> Vec<Value> {
    let addresses = words.statement.addresses.iter();
    let named = addresses.filter(|address| names.contains(&address.name));
    let written = named.map(|address| {
        filled(json!({
            "soort": address.kind.name(),
            "adres": words.address(address),
            "onder-vermelding-van": address.mention.as_ref().map(|text| words.own(text)),
        }))
    });
    written.collect()
}

/// The exceptions under which the law allows what it else forbids (AVG art. 9 and 10).
fn exceptions(words: &Words<'_>, conditions: &[Condition]) -> Vec<Value> {
    let exception = |condition: &Condition| {
        filled(json!({
            "wet": words.laws([condition.source.as_str()]),
            "artikel": condition.article,
            "uitleg": condition.explanation.as_ref().map(|text| words.own(text)),
        }))
    };
    conditions.iter().map(exception).collect()
}

fn activity(words: &Words<'_>, entry: &Entry) -> Value {
    let statement = words.statement;
    let basis = statement
        .bases
        .iter()
        .find(|basis| basis.name == entry.basis);
    let touched = entry.touches();
    let categories = statement
        .categories
        .iter()
        .filter(|one| touched.has(one.id));
    let categories: Vec<&Category> = categories.collect();
    let subjects = subjects_of(words, entry);
    let recipients = statement.recipients.iter();
    let recipients = recipients.filter(|one| entry.recipients.contains(&one.name));
    let titled = |names: &[String], title: &dyn Fn(&str) -> Option<String>| -> Vec<String> {
        names.iter().filter_map(|name| title(name)).collect()
    };
    let purpose = |name: &str| {
        let found = statement.purposes.iter().find(|one| one.name == name);
        found.map(|one| words.own(&one.title).to_owned())
    };
    let subject = |name: &str| {
        let found = statement
            .subject_classes
            .iter()
            .find(|one| one.name == name);
        found.map(|one| words.own(&one.title).to_owned())
    };
    let source = |name: &str| {
        let found = statement.sources.iter().find(|one| one.name == name);
        found.map(|one| words.own(&one.title).to_owned())
    };
    filled(json!({
        "naam": entry.name,
        "titel": words.own(&entry.title),
        "doelen": entry.purposes().filter_map(purpose).collect::<Vec<_>>(),
        "grondslag": basis.map(|basis| json!({
            "titel": words.own(&basis.title),
            "soort": basis.kind.name(),
            "wetten": words.law_titles(&basis.sources),
        })),
        "uitzonderingen": exceptions(words, &entry.conditions),
        "rollen": entry.roles,
        "betrokkenen": titled(&subjects, &subject),
        "gegevens": categories.iter().map(|category| datum(words, category)).collect::<Vec<_>>(),
        "ontvangers": recipients.map(|one| recipient(words, one)).collect::<Vec<_>>(),
        "bronnen": titled(&entry.sources, &source),
    }))
}

/// Whom an activity is about; without classes of its own, whoever its categories are about.
pub(super) fn subjects_of(words: &Words<'_>, entry: &Entry) -> Vec<String> {
    if !entry.subjects.is_empty() {
        return entry.subjects.clone();
    }
    let all = words.statement.categories.iter();
    let touched = all.filter(|category| entry.touches().has(category.id));
    let about: BTreeSet<&String> = touched.flat_map(|category| &category.subjects).collect();
    about.into_iter().cloned().collect()
}

fn datum(words: &Words<'_>, category: &Category) -> Value {
    let retention = &category.retention;
    filled(json!({
        "naam": category.name,
        "titel": words.own(&category.title),
        "klasse": category.class.name(),
        "uitzonderingen": exceptions(words, &category.conditions),
        "bewaartermijn": retention.term.to_string(),
        "vanaf": retention.from.name(),
        "bron": match &retention.source {
            TermSource::Band => Some("bandbreedte".to_owned()),
            TermSource::Published => Some("verklaring".to_owned()),
            TermSource::Own => Some("eigen-keuze".to_owned()),
            TermSource::Law(name) => words.laws([name.as_str()]),
        },
        "selectielijst": words.laws(retention.selection_list.as_deref()),
        "artikel": retention.article,
    }))
}

fn recipient(words: &Words<'_>, recipient: &Recipient) -> Value {
    filled(json!({
        "titel": words.own(&recipient.title),
        "gegevens": names(words, recipient.fields),
        "land": recipient.country,
    }))
}

fn names<'s>(words: &Words<'s>, mask: Mask) -> Vec<&'s str> {
    let held = words
        .statement
        .categories
        .iter()
        .filter(|one| mask.has(one.id));
    held.map(|category| category.name.as_str()).collect()
}

/// Without what is not there.
fn filled(value: Value) -> Value {
    let Value::Object(entries) = value else {
        return value;
    };
    let there =
        |value: &Value| !(value.is_null() || value.as_array().is_some_and(|list| list.is_empty()));
    let kept: Map<String, Value> = entries
        .into_iter()
        .filter(|(_, value)| there(value))
        .collect();
    Value::Object(kept)
}

#[cfg(test)]
mod tests {
    use language::Language;
    use serde_json::Value;
    use statement::Register;

    /// What AVG art. 30 (1) asks of each activity: a to g, those that do not apply aside.
    #[test]
    fn every_activity_is_recorded_with_what_the_law_asks() {
        for file in [
            include_str!("../../../../statements/mijnoverheid.toml"),
            include_str!("../../../../statements/mijncn.toml"),
            include_str!("../../../../statements/toeslagen.toml"),
            include_str!("../../../../statements/cjib.toml"),
        ] {
            let register = Register::parse(file).expect("a statement");
            let record = crate::publication::record(register.statement(), Language::Nl);
            let statement = register.statement();
            let reached = |who: &Value| {
                let ways = who["contactgegevens"].as_array();
                ways.is_some_and(|ways| {
                    let told = |way: &Value| way["soort"].is_string() && way["adres"].is_string();
                    !ways.is_empty() && ways.iter().all(told)
                })
            };
            let controller = &record["verwerkingsverantwoordelijke"];
            assert_eq!(controller["naam"], *statement.controller.name);
            assert_eq!(
                controller["onderdeel-van"].as_str(),
                statement.controller.part_of.as_deref()
            );
            assert!(reached(controller), "{controller}");
            let told = record["beheer"].as_array().expect("a list");
            assert_eq!(told.len(), statement.operators.len());
            for (told, operator) in told.iter().zip(&statement.operators) {
                let whole = operator.part_of.as_deref();
                assert_eq!(told["onderdeel-van"].as_str(), whole);
            }
            let officer = &record["functionaris"];
            assert_eq!(officer.is_object(), statement.officer.is_some());
            assert!(officer.is_null() || reached(officer), "{officer}");
            assert!(
                record["maatregelen"]
                    .as_array()
                    .is_some_and(|list| !list.is_empty())
            );
            let activities = record["verwerkingsactiviteiten"]
                .as_array()
                .expect("a list");
            assert_eq!(activities.len(), register.activities().count());
            for activity in activities {
                let name = &activity["naam"];
                for key in ["doelen", "betrokkenen", "gegevens"] {
                    let list = activity[key].as_array();
                    assert!(list.is_some_and(|list| !list.is_empty()), "{name} {key}");
                }
                assert!(activity["grondslag"]["wetten"].is_array(), "{name}");
                for datum in activity["gegevens"].as_array().expect("a list") {
                    assert!(datum["bewaartermijn"].is_string(), "{name}");
                    assert!(datum["bron"].is_string(), "{name}");
                    let guarded = ["bijzonder", "strafrechtelijk", "politie"]
                        .contains(&datum["klasse"].as_str().expect("a class"));
                    let excepted = |of: &Value| of["uitzonderingen"][0]["wet"].is_string();
                    assert!(
                        !guarded || excepted(datum) || excepted(activity),
                        "{name} {datum}"
                    );
                }
            }
            let wanted: Vec<usize> = register
                .activities()
                .map(|entry| entry.recipients.len())
                .collect();
            let told = activities
                .iter()
                .map(|one| one["ontvangers"].as_array().map_or(0, Vec::len));
            assert_eq!(told.collect::<Vec<_>>(), wanted);
        }
    }

    #[test]
    fn in_which_country_a_processor_works_is_recorded() {
        let file = include_str!("../../../../statements/mijnoverheid.toml");
        let register = Register::parse(file).expect("a statement");
        let mut statement = register.statement().clone();
        statement.processors[0].country = Some("BQ".into());
        let record = crate::publication::record(&statement, Language::Nl);
        assert_eq!(record["verwerkers"][0]["land"], "BQ");
    }
}
