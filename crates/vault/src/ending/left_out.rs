//! What is kept here of categories that the statement does not name: nothing would sweep it, and no copy would hold it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use basics::Fault;
use store::{Query, Sql};

use super::plan::{Column, sql};
use crate::Vault;
use crate::catalogue::Catalogue;
use crate::door::Door;

/// Columns of one table and category.
type Places = BTreeMap<(&'static str, String), Vec<String>>;

impl Vault {
    /// Categories that the statement leaves out though data of them are kept here, each with where. For who publishes a
    /// statement: it reads through whole tables.
    pub async fn left_out(&self) -> Result<Vec<String>, Fault> {
        let (of_people, of_others) = unnamed(&self.door);
        let store = Arc::clone(&self.store);
        let mut found = tokio::task::spawn_blocking(move || {
            let mut found: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
            if of_people.is_empty() {
                return Ok(found);
            }
            let mut search = store.search()?;
            for ((table, category), columns) in of_people {
                let anybody = store::Ended {
                    table,
                    columns: &[],
                    holding: &columns,
                    until: i64::MAX,
                };
                if !search.people_with(&anybody, "", 1)?.is_empty() {
                    found.entry(category).or_default().insert(table);
                }
            }
            Ok::<_, Fault>(found)
        })
        .await
        .map_err(|_| Fault::broken("looking for what a statement leaves out broke off"))??;
        for ((table, category), columns) in of_others {
            let text = any_text(table, &columns);
            if self.look(move |query| has_any(text, query)).await? {
                found.entry(category).or_default().insert(table);
            }
        }
        let said = found.into_iter().map(|(category, tables)| {
            let tables: Vec<&str> = tables.into_iter().collect();
            format!("`{category}` ({})", tables.join(", "))
        });
        Ok(said.collect())
    }
}

/// What holds data of a category that the statement does not name: in tables of people, and in those of others, where a row
/// may have lost its person.
fn unnamed(door: &Door) -> (Places, Places) {
    let (mut of_people, mut of_others) = (Places::new(), Places::new());
    let note = |places: &mut Places, table: &'static str, columns: &[Column]| {
        for column in columns {
            let category = column.category();
            let category =
                category.filter(|name| Catalogue::category_of(&door.register, name).is_none());
            if let Some(category) = category {
                let at = places.entry((table, category.to_owned())).or_default();
                at.push(column.name.clone());
            }
        }
    };
    for rows in &door.plan.of_people {
        note(&mut of_people, rows.name, &rows.columns);
        for hangs in &rows.hanging {
            note(&mut of_people, hangs.name, &hangs.columns);
        }
    }
    for naming in &door.plan.naming {
        note(&mut of_others, naming.name, &naming.columns);
        for hangs in &naming.hanging {
            note(&mut of_others, hangs.name, &hangs.columns);
        }
    }
    (of_people, of_others)
}

fn any_text(table: &str, columns: &[String]) -> &'static Sql {
    let holds: Vec<String> = columns
        .iter()
        .map(|column| format!("{column} IS NOT NULL"))
        .collect();
    sql(format!(
        "SELECT 1 FROM {table} WHERE {} LIMIT 1",
        holds.join(" OR ")
    ))
}

fn has_any(text: &'static Sql, query: &mut dyn Query) -> Result<bool, Fault> {
    let mut is_there = false;
    query.query(text, &[], &mut |_| {
        is_there = true;
        Ok(())
    })?;
    Ok(is_there)
}
