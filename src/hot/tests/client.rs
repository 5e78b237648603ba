//! A page that has modules by their texts, and does what it is told.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::model::{Model, short};
use crate::hot::Hello;
use crate::runnable::HotStyle;

#[derive(Clone, Debug, Default)]
pub struct Client {
    page: String,
    entries: Vec<String>,
    modules: BTreeMap<String, String>,
    text: String,
    styles: BTreeMap<String, Value>,
    files: BTreeMap<String, String>,
    /// It was told that it has what there is.
    pub is_ready: bool,
    /// It was told to load anew.
    pub is_old: bool,
}

fn style(style: &HotStyle) -> Value {
    match style {
        HotStyle::Link(name) => json!(name),
        HotStyle::Text(text) => json!({ "text": text }),
        HotStyle::Fault(fault) => {
            json!({ "fault": serde_json::from_str::<Value>(fault).unwrap() })
        }
    }
}

impl Client {
    /// A page as it is when it was loaded.
    pub fn load(model: &Model, page: &str) -> Self {
        let now = model.now();
        let of_page = now.page(page);
        let styles = of_page.styles.iter();
        Self {
            page: page.to_owned(),
            entries: vec![page.to_owned()],
            modules: now.members(page),
            text: of_page.text.to_hex(),
            styles: styles
                .map(|(id, value)| (id.clone(), style(value)))
                .collect(),
            ..Self::default()
        }
    }

    /// It imports an entry later.
    pub fn load_later(&mut self, model: &Model, entry: &str) {
        let members = model.now().members(entry);
        for (id, text) in members {
            // What is there is not taken anew.
            self.modules.entry(id).or_insert(text);
        }
        self.entries.push(entry.to_owned());
    }

    pub fn hello(&self) -> Hello {
        let modules = self.modules.iter();
        let styles = self.styles.iter();
        let links = styles.filter_map(|(id, style)| Some((id.clone(), style.as_str()?.to_owned())));
        Hello {
            page: self.page.clone(),
            entries: self.entries.clone(),
            modules: modules
                .map(|(id, text)| (id.clone(), short(text).to_string()))
                .collect::<HashMap<_, _>>(),
            text: Some(self.text.clone()),
            styles: Some(links.collect()),
            bundles: self.files.clone(),
        }
    }

    pub fn hello_text(&self) -> String {
        let hello = self.hello();
        json!({
            "type": "hello",
            "page": hello.page,
            "entries": hello.entries,
            "modules": hello.modules,
            "text": hello.text,
            "styles": hello.styles,
            "bundles": hello.bundles,
        })
        .to_string()
    }

    pub fn text(&self, id: &str) -> Option<&str> {
        self.modules.get(id).map(String::as_str)
    }

    /// Hears a message.
    pub fn hear(&mut self, text: &str) {
        let told: Value = serde_json::from_str(text).unwrap();
        match told["type"].as_str().unwrap() {
            "ready" => self.is_ready = true,
            "reload" => self.is_old = true,
            "update" => self.update(&told),
            other => panic!("`{other}` is no message"),
        }
    }

    fn update(&mut self, told: &Value) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        for change in told["changes"].as_array().into_iter().flatten() {
            let given = match change.get("fault") {
                Some(fault) => format!("!{}", text(&fault["fault"])),
                None => text(&change["text"]),
            };
            assert_eq!(text(&change["hash"]), short(&given).to_string());
            assert!(!given.is_empty(), "{change}: half of what it will be");
            self.modules.insert(text(&change["id"]), given);
        }
        for id in told["gone"].as_array().into_iter().flatten() {
            let id = text(id);
            assert!(self.modules.remove(&id).is_some(), "{id} was not there");
        }
        for (id, style) in told["styles"].as_object().into_iter().flatten() {
            self.styles.insert(id.clone(), style.clone());
        }
        for (id, name) in told["bundles"].as_object().into_iter().flatten() {
            self.files.insert(id.clone(), text(name));
        }
    }

    /// Whether it has what there is now.
    pub fn is_now(&self, model: &Model) -> bool {
        let now = model.now();
        let there = |id: &&String| now.files.contains_key(*id);
        let entries: Vec<&String> = self.entries.iter().filter(there).collect();
        let mut members = BTreeMap::new();
        for entry in &entries {
            members.extend(now.members(entry));
        }
        let page = now.page(&self.page);
        let styles = page.styles.iter();
        let styles: BTreeMap<String, Value> = styles
            .map(|(id, value)| (id.clone(), style(value)))
            .collect();
        let is_page = !now.files.contains_key(&self.page)
            || page.text.to_hex() == self.text && styles == self.styles;
        let has_fault = members.values().any(|text| text.starts_with('!'));
        let is_whole = entries.len() == self.entries.len() && !has_fault;
        let same = match is_whole {
            true => members == self.modules,
            // What was in an entry that is not there now, or in a module that does not compile, stays.
            false => members
                .iter()
                .all(|(id, text)| self.modules.get(id) == Some(text)),
        };
        is_page && same
    }

    pub fn assert_is_now(&self, model: &Model) {
        assert!(self.is_now(model), "{self:#?}\n{:#?}", model.now());
    }
}
