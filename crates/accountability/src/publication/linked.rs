//! The same record as linked data: the Data Privacy Vocabulary of the W3C (DPV 2.1) in JSON-LD.

use serde_json::{Value, json};
use statement::{BasisKind, Category, Class, Entry, Mask, Right, RightKind, Statement};

use super::record::subjects_of;
use super::words::Words;

/// The vocabulary's terms with the prefixes they are written with; and what is the statement's own.
fn context(base: &str) -> Value {
    let each = |term: &str| json!({ "@id": term, "@type": "@id" });
    json!({
        "@base": base,
        "dpv": "https://w3id.org/dpv#",
        "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
        "loc": "https://w3id.org/dpv/loc#",
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
        "officer": each("dpv:hasDataProtectionOfficer"),
        "contact": "dpv:hasContact",
        "country": each("dpv:hasCountry"),
        "storage": each("dpv:hasStorageCondition"),
        "measure": each("dpv:hasTechnicalOrganisationalMeasure"),
        "partOf": each("dpv:isOrganisationalUnitOf"),
        "right": each("dpv:hasRight"),
        "context": each("dpv:hasContext"),
    })
}

/// `base` is the address of the published statement: each thing has its place there.
pub(super) fn linked(words: &Words<'_>, base: &str) -> Value {
    let statement = words.statement;
    let header = &statement.header;
    let decided = places("besluit", statement.decisions.iter().map(|one| &one.name));
    let selected = places(
        "profilering",
        statement.profilings.iter().map(|one| &one.name),
    );
    let context_of_all = [decided, selected].concat();
    let mut graph = vec![
        json!({
            "@id": "",
            "@type": "dpv:RecordsOfActivities",
            "title": title(words, &header.title),
            "version": header.version,
            "issued": header.date.to_string(),
            "controller": "#verantwoordelijke-naam",
            "officer": statement.officer.as_ref().map(|_| "#functionaris-naam"),
            "process": places("activiteit", statement.activities.iter().map(|one| &one.name)),
            "measure": places("maatregel", statement.measures.iter().map(|one| &one.name)),
            "processor": places("verwerker", statement.processors.iter().map(|one| &one.name)),
            "right": places("recht", statement.rights.iter().map(|one| &one.name)),
            "context": context_of_all,
        }),
        json!({
            "@id": "#verantwoordelijke-naam",
            "@type": "dpv:DataController",
            "title": title(words, &statement.controller.name),
            "contact": contact(words, &statement.controller.addresses),
            "partOf": whole(words),
        }),
    ];
    if let Some(officer) = &statement.officer {
        graph.push(json!({
            "@id": "#functionaris-naam",
            "@type": "dpv:DataProtectionOfficer",
            "title": title(words, &officer.name),
            "contact": contact(words, &officer.addresses),
        }));
    }
    for one in &statement.rights {
        graph.push(json!({
            "@id": format!("#recht-{}", one.name),
            "@type": right_types(statement, one),
            "title": title(words, words.own(&one.title)),
            "source": words.law_titles(one.source.as_slice()),
        }));
    }
    for one in &statement.decisions {
        graph.push(json!({
            "@id": format!("#besluit-{}", one.name),
            "@type": "dpv:AutomatedDecisionMaking",
            "title": title(words, words.own(&one.title)),
            "basis": format!("#grondslag-{}", one.basis),
            "data": places("gegeven", held(words, one.data)),
            "dataSource": places("bron", &one.sources),
            "source": words.law_titles(one.source.as_slice()),
        }));
    }
    for one in &statement.profilings {
        graph.push(json!({
            "@id": format!("#profilering-{}", one.name),
            "@type": "dpv:Profiling",
            "title": title(words, words.own(&one.title)),
            "purpose": places("doel", [&one.purpose]),
            "data": places("gegeven", held(words, one.data)),
        }));
    }
    for one in &statement.recipients {
        graph.push(json!({
            "@id": format!("#ontvanger-{}", one.name),
            "@type": "dpv:Recipient",
            "title": title(words, words.own(&one.title)),
            "data": places("gegeven", held(words, one.fields)),
            "country": country(one.country.as_deref()),
        }));
    }
    for one in &statement.processors {
        graph.push(json!({
            "@id": format!("#verwerker-{}", one.name),
            "@type": "dpv:DataProcessor",
            "title": title(words, words.own(&one.title)),
            "country": country(one.country.as_deref()),
        }));
    }
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
    for one in &statement.sources {
        add(
            "bron",
            &one.name,
            json!("dpv:DataSource"),
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
            "source": exceptions(words, one),
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

/// The organisation that the controller is a part of: that of the parent's statement, or the one it names itself.
fn whole(words: &Words<'_>) -> Option<Value> {
    let statement = words.statement;
    let parent = statement.parent.as_ref();
    let name = match &statement.controller.part_of {
        Some(whole) => whole,
        None => &parent?.organisation,
    };
    // Its own statement is where more is said of it, where it has one that is a parent of this.
    let statement = parent.filter(|parent| parent.organisation == *name);
    let mut whole = json!({ "@type": "dpv:Organisation", "title": title(words, name) });
    if let Some(parent) = statement {
        whole["@id"] = parent.link.as_str().into();
    }
    Some(whole)
}

/// A right, and which article of the AVG gives it, where the statement says that the AVG does.
fn right_types(statement: &Statement, right: &Right) -> Value {
    let mut laws = statement.legal_sources.iter();
    let law = laws.find(|law| Some(&law.name) == right.source.as_ref());
    let article = match right.kind {
        _ if !law.is_some_and(|law| law.link.contains("/reg/2016/679")) => None,
        RightKind::Know | RightKind::Access => Some("A15"),
        RightKind::Rectify | RightKind::Complete => Some("A16"),
        RightKind::Erase => Some("A17"),
        RightKind::Restrict => Some("A18"),
        RightKind::Portability => Some("A20"),
        RightKind::Object => Some("A21"),
        RightKind::HumanReview => Some("A22"),
        RightKind::WithdrawConsent => Some("A7-3"),
        RightKind::ObjectToDecision
        | RightKind::HearRecording
        | RightKind::CheckChild
        | RightKind::StopChild
        | RightKind::Question => None,
    };
    match article {
        Some(article) => json!(["dpv:DataSubjectRight", format!("eu-gdpr:{article}")]),
        None => json!("dpv:DataSubjectRight"),
    }
}

fn process(words: &Words<'_>, entry: &Entry) -> Value {
    json!({
        "@id": format!("#activiteit-{}", entry.name),
        "@type": "dpv:Process",
        "title": title(words, words.own(&entry.title)),
        "purpose": places("doel", entry.purposes()),
        "basis": format!("#grondslag-{}", entry.basis),
        "data": places("gegeven", held(words, entry.touches())),
        "subject": places("betrokkene", subjects_of(words, entry)),
        "recipient": places("ontvanger", &entry.recipients),
        "dataSource": places("bron", &entry.sources),
        "controller": "#verantwoordelijke-naam",
    })
}

fn held<'s>(words: &Words<'s>, mask: Mask) -> impl Iterator<Item = &'s str> {
    let all = words.statement.categories.iter();
    all.filter(move |one| mask.has(one.id))
        .map(|one| one.name.as_str())
}

/// Where someone can be reached, each way in a line.
fn contact(words: &Words<'_>, names: &[String]) -> Vec<Value> {
    let all = words.statement.addresses.iter();
    all.filter(|address| names.contains(&address.name))
        .map(|address| title(words, &words.address(address)))
        .collect()
}

/// A country as DPV writes it.
fn country(code: Option<&str>) -> Option<String> {
    code.map(|code| format!("loc:{code}"))
}

/// The laws with the exception under which data of this category may be used, wherever the statement names it.
fn exceptions<'s>(words: &Words<'s>, category: &Category) -> Vec<&'s str> {
    let all = words.statement.activities.iter();
    let touching = all.filter(|entry| entry.touches().has(category.id));
    let conditions = touching.flat_map(|entry| &entry.conditions);
    let conditions = conditions.chain(&category.conditions);
    let names: Vec<String> = conditions.map(|one| one.source.clone()).collect();
    words.law_titles(&names)
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
