//! The same record as linked data: the Data Privacy Vocabulary of the W3C (DPV 2.1) in JSON-LD.

use serde_json::{Value, json};
use statement::{BasisKind, Class, Entry};

use super::words::Words;

/// The vocabulary's terms with the prefixes they are written with; and what is the statement's own.
fn context(base: &str) -> Value {
    let each = |term: &str| json!({ "@id": term, "@type": "@id" });
    json!({
        "@base": base,
        "dpv": "https://w3id.org/dpv#",
        "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
        "dct": "http://purl.org/dc/terms/",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "title": "dct:title",
        "issued": { "@id": "dct:issued", "@type": "xsd:date" },
        "version": "dct:hasVersion",
        "source": "dct:source",
        "duration": { "@id": "dpv:hasDuration", "@type": "xsd:duration" },
        "process": each("dpv:hasProcess"),
        "purpose": each("dpv:hasPurpose"),
        "basis": each("dpv:hasLegalBasis"),
        "data": each("dpv:hasPersonalData"),
        "subject": each("dpv:hasDataSubject"),
        "recipient": each("dpv:hasRecipient"),
        "controller": each("dpv:hasDataController"),
        "processor": each("dpv:hasDataProcessor"),
        "dataSource": each("dpv:hasDataSource"),
        "storage": each("dpv:hasStorageCondition"),
        "measure": each("dpv:hasTechnicalOrganisationalMeasure"),
    })
}

/// `base` is the address of the published statement: each thing has its place there.
pub(super) fn linked(words: &Words<'_>, base: &str) -> Value {
    let statement = words.statement;
    let header = &statement.header;
    let mut graph = vec![
        json!({
            "@id": "",
            "@type": "dpv:RecordsOfActivities",
            "title": title(words, &header.title),
            "version": header.version,
            "issued": header.date.to_string(),
            "controller": "#verantwoordelijke-naam",
            "process": places("activiteit", statement.activities.iter().map(|one| &one.name)),
            "measure": places("maatregel", statement.measures.iter().map(|one| &one.name)),
            "processor": places("verwerker", statement.processors.iter().map(|one| &one.name)),
        }),
        json!({
            "@id": "#verantwoordelijke-naam",
            "@type": "dpv:DataController",
            "title": title(words, &statement.controller.name),
        }),
    ];
    let mut add = |kind: &str, name: &str, types: Value, words: Value| {
        let id = format!("#{kind}-{name}");
        graph.push(json!({ "@id": id, "@type": types, "title": words }));
    };
    for one in &statement.purposes {
        add(
            "doel",
            &one.name,
            json!("dpv:Purpose"),
            title(words, words.own(&one.title)),
        );
    }
    for one in &statement.subject_classes {
        add(
            "betrokkene",
            &one.name,
            json!("dpv:DataSubject"),
            title(words, words.own(&one.title)),
        );
    }
    for one in &statement.recipients {
        add(
            "ontvanger",
            &one.name,
            json!("dpv:Recipient"),
            title(words, words.own(&one.title)),
        );
    }
    for one in &statement.sources {
        add(
            "bron",
            &one.name,
            json!("dpv:DataSource"),
            title(words, words.own(&one.title)),
        );
    }
    for one in &statement.processors {
        add(
            "verwerker",
            &one.name,
            json!("dpv:DataProcessor"),
            title(words, words.own(&one.title)),
        );
    }
    for one in &statement.measures {
        let kind = json!("dpv:TechnicalOrganisationalMeasure");
        add(
            "maatregel",
            &one.name,
            kind,
            title(words, words.own(&one.title)),
        );
    }
    for one in &statement.bases {
        graph.push(json!({
            "@id": format!("#grondslag-{}", one.name),
            "@type": basis_types(one.kind),
            "title": title(words, words.own(&one.title)),
            "source": words.law_titles(&one.sources),
        }));
    }
    for one in &statement.categories {
        graph.push(json!({
            "@id": format!("#gegeven-{}", one.name),
            "@type": data_types(one.class),
            "title": title(words, words.own(&one.title)),
            "storage": format!("#bewaartermijn-{}", one.name),
            "dataSource": places("bron", &one.sources),
            "subject": places("betrokkene", &one.subjects),
        }));
        graph.push(json!({
            "@id": format!("#bewaartermijn-{}", one.name),
            "@type": "dpv:StorageDuration",
            "title": title(words, words.own(&one.retention.rationale)),
            "duration": one.retention.term.to_string(),
        }));
    }
    graph.extend(
        statement
            .activities
            .iter()
            .map(|entry| process(words, entry)),
    );
    json!({ "@context": context(base), "@graph": graph })
}

fn process(words: &Words<'_>, entry: &Entry) -> Value {
    let touched = entry.touches();
    let categories = words
        .statement
        .categories
        .iter()
        .filter(|one| touched.has(one.id));
    json!({
        "@id": format!("#activiteit-{}", entry.name),
        "@type": "dpv:Process",
        "title": title(words, words.own(&entry.title)),
        "purpose": places("doel", entry.purposes()),
        "basis": format!("#grondslag-{}", entry.basis),
        "data": places("gegeven", categories.map(|one| &one.name)),
        "subject": places("betrokkene", &entry.subjects),
        "recipient": places("ontvanger", &entry.recipients),
        "dataSource": places("bron", &entry.sources),
        "controller": "#verantwoordelijke-naam",
    })
}

fn title(words: &Words<'_>, text: &str) -> Value {
    json!({ "@value": text, "@language": words.language.tag() })
}

fn places<N: AsRef<str>>(kind: &str, names: impl IntoIterator<Item = N>) -> Vec<String> {
    let place = |name: N| format!("#{kind}-{}", name.as_ref());
    names.into_iter().map(place).collect()
}

/// What kind of basis it is, and which point of AVG art. 6 that is.
fn basis_types(kind: BasisKind) -> Value {
    match kind {
        BasisKind::Consent => json!(["dpv:LegalBasis", "eu-gdpr:A6-1-a"]),
        BasisKind::Contract => json!(["dpv:LegalBasis", "eu-gdpr:A6-1-b"]),
        BasisKind::LegalDuty => json!(["dpv:LegalBasis", "eu-gdpr:A6-1-c"]),
        BasisKind::VitalInterest => json!(["dpv:LegalBasis", "eu-gdpr:A6-1-d"]),
        BasisKind::PublicTask => json!(["dpv:LegalBasis", "eu-gdpr:A6-1-e"]),
        BasisKind::LegitimateInterest => json!(["dpv:LegalBasis", "eu-gdpr:A6-1-f"]),
        BasisKind::Police => json!("dpv:LegalBasis"),
    }
}

fn data_types(class: Class) -> Value {
    match class {
        Class::Special => json!(["dpv:PersonalData", "dpv:SpecialCategoryPersonalData"]),
        Class::Criminal | Class::Police => json!(["dpv:PersonalData", "dpv:SensitivePersonalData"]),
        Class::Identification => json!(["dpv:PersonalData", "dpv:IdentifyingPersonalData"]),
        Class::Ordinary => json!("dpv:PersonalData"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use language::Language;
    use serde_json::Value;
    use statement::Register;

    const FILES: [&str; 4] = [
        include_str!("../../../../statements/mijnoverheid.toml"),
        include_str!("../../../../statements/mijncn.toml"),
        include_str!("../../../../statements/toeslagen.toml"),
        include_str!("../../../../statements/cjib.toml"),
    ];

    /// Every place that something is linked to, wherever it stands.
    fn linked<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
        match value {
            Value::String(text) if text.starts_with('#') => drop(found.insert(text)),
            Value::Array(values) => values.iter().for_each(|value| linked(value, found)),
            Value::Object(entries) => entries
                .iter()
                .filter(|(key, _)| *key != "@id")
                .for_each(|(_, value)| linked(value, found)),
            _ => {}
        }
    }

    #[test]
    fn everything_that_is_linked_to_is_there_once_and_is_published_at_that_place() {
        for file in FILES {
            let register = Register::parse(file).expect("a statement");
            let statement = register.statement();
            let base = "https://post.example.nl/privacy";
            let data = crate::publication::linked(statement, Language::Nl, base);
            let graph = data["@graph"].as_array().expect("a graph");
            let ids: Vec<&str> = graph
                .iter()
                .filter_map(|thing| thing["@id"].as_str())
                .collect();
            let defined: BTreeSet<&str> = ids.iter().copied().collect();
            assert_eq!(ids.len(), defined.len(), "each once");
            let mut wanted = BTreeSet::new();
            linked(&data["@graph"], &mut wanted);
            let missing: Vec<_> = wanted.difference(&defined).collect();
            assert_eq!(missing, Vec::<&&str>::new());
            let page = crate::publication::document(statement, Language::Nl).html();
            for id in defined.iter().filter_map(|id| id.strip_prefix('#')) {
                assert!(page.contains(&format!(" id=\"{id}\"")), "{id}");
            }
        }
    }
}
