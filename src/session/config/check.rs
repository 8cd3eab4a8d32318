//! What of a configuration that can be read cannot be meant.

use std::collections::BTreeMap;

use crate::models::is_name;

use super::super::also::AUTO;
use super::super::error::Error;
use super::super::heal::Heal;
use super::super::models::ModelMap;
use super::super::named::Deputies;
use super::{Config, Entry, KeepEnv};

/// Headers that belong to the connection or to crelay.
const RESERVED_HEADERS: [&str; 6] = [
    "connection",
    "content-length",
    "content-type",
    "host",
    "te",
    "transfer-encoding",
];

/// Whether the system could have a variable of this name.
fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

impl Config {
    /// Tells the first fault.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.check_heal(&["heal"], self.heal.as_ref())?;
        self.check_named(&[], &self.model_map, &self.deputies())?;
        self.models_dev()?;
        self.check_lists()?;
        for (name, entry) in &self.providers {
            let entry_path = ["providers", name.as_str()];
            let [providers, name] = entry_path;
            self.check_provider(name, entry)?;
            self.check_headers(name, entry)?;
            self.check_heal(&[providers, name, "heal"], entry.heal.as_ref())?;
            self.check_prices(name, entry)?;
            self.check_aliases(name, &entry.aliases)?;
            self.check_named(&entry_path, &entry.model_map, &entry.deputies())?;
            if entry.key_env.is_some() && entry.key_command.is_some() {
                let fault = "stands beside `key_env`: keep the one that the key comes from";
                return Err(self.fault(&[providers, name, "key_command"], fault));
            }
        }
        Ok(())
    }

    fn check_lists(&self) -> Result<(), Error> {
        if self.fallback.iter().flatten().any(String::is_empty) {
            return Err(self.fault(&["fallback"], "names nobody in one place"));
        }
        match &self.keep_env {
            KeepEnv::These(names) if !names.iter().all(|name| is_variable(name)) => {
                Err(self.fault(&["keep_env"], "is no list of names of variables"))
            }
            _ => Ok(()),
        }
    }

    /// Whether it can be named, and its key be found.
    fn check_provider(&self, name: &str, entry: &Entry) -> Result<(), Error> {
        let path = ["providers", name];
        let fault = match name {
            "" => Some("is no name of a provider"),
            AUTO => Some("is no name of a provider: `auto` means all whose keys are there"),
            _ => None,
        };
        if let Some(fault) = fault {
            return Err(self.fault(&path, fault));
        }
        if entry.key_env.as_ref().is_some_and(|name| !is_variable(name)) {
            return Err(self.fault(&[path[0], name, "key_env"], "is no name of a variable"));
        }
        match &entry.key_command {
            Some(command) if command.trim().is_empty() => {
                Err(self.fault(&[path[0], name, "key_command"], "holds no command"))
            }
            _ => Ok(()),
        }
    }

    fn check_heal(&self, path: &[&str], heal: Option<&Heal>) -> Result<(), Error> {
        let Some((name, hint)) = heal.and_then(Heal::fault) else {
            return Ok(());
        };
        let path = [path, &[name]].concat();
        Err(self.fault(&path, "is no markup that crelay knows").advised(hint))
    }

    fn check_prices(&self, provider: &str, entry: &Entry) -> Result<(), Error> {
        for (name, model) in &entry.models {
            let Some(price) = &model.price else { continue };
            for (key, dollars) in [
                ("input", Some(price.input)),
                ("output", Some(price.output)),
                ("cached", price.cached),
            ] {
                let is_amount = |dollars: f64| dollars.is_finite() && dollars >= 0.0;
                if let Some(dollars) = dollars.filter(|dollars| !is_amount(*dollars)) {
                    let path = ["providers", provider, "models", name, "price", key];
                    let fault = format!("must be a number of dollars, 0 or more, not {dollars}");
                    return Err(self.fault(&path, fault));
                }
            }
        }
        Ok(())
    }

    fn check_aliases(&self, provider: &str, aliases: &BTreeMap<String, String>) -> Result<(), Error> {
        match aliases.iter().find(|(alias, model)| !is_name(alias) || !is_name(model)) {
            Some((alias, _)) => {
                let path = ["providers", provider, "aliases", alias];
                Err(self.fault(&path, "stands for no name of a model"))
            }
            None => Ok(()),
        }
    }

    /// Whether what is named can be the name of a model; `above` are the tables in which it stands.
    fn check_named(&self, above: &[&str], model_map: &ModelMap, deputies: &Deputies) -> Result<(), Error> {
        if let Some((from, fault)) = model_map.fault() {
            return Err(self.fault(&[above, &["model_map", from]].concat(), fault));
        }
        let named = [
            ("small_model", &deputies.small),
            ("review_model", &deputies.review),
            ("subagent_model", &deputies.subagent),
        ];
        let mut wrong = named
            .iter()
            .filter(|(_, named)| named.as_ref().is_some_and(|named| !is_name(named.typed())));
        match wrong.next() {
            Some((key, _)) => Err(self.fault(&[above, &[key]].concat(), "is no name of a model")),
            None => Ok(()),
        }
    }

    fn check_headers(&self, provider: &str, entry: &Entry) -> Result<(), Error> {
        for (name, value) in &entry.headers {
            let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            let is_text = |byte: u8| (b' '..=b'~').contains(&byte);
            let fault = if name.is_empty() || !name.bytes().all(is_token) {
                "is no name of a header"
            } else if RESERVED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
                "is set by crelay itself"
            } else if !value.expose().bytes().all(is_text) {
                "has a value that no header can carry"
            } else {
                continue;
            };
            return Err(self.fault(&["providers", provider, "headers", name], fault));
        }
        Ok(())
    }
}
