//! What may be named: providers, and models of one of them. For people who are still typing.

use super::choice::Ground;

impl Ground<'_> {
    /// Ids of all providers of the table and the configuration, each with its name.
    #[must_use]
    pub fn providers(&self) -> Vec<(String, String)> {
        let known = self.table.iter().map(|known| (known.id.clone(), known.name.clone()));
        let own = self.config.providers.iter();
        let own = own.filter(|(name, _)| self.table.find(name).is_none());
        let own = own.map(|(name, _)| (name.clone(), String::new()));
        own.chain(known).collect()
    }

    /// Ids of the models that are known of a provider, each with its name; of the provider that a run without a name would
    /// take, if none is given. Empty if there is none.
    #[must_use]
    pub fn models(&self, provider: Option<&str>) -> Vec<(String, String)> {
        let Ok(chosen) = self.choose(provider, None) else {
            return Vec::new();
        };
        let known = chosen
            .kind
            .models
            .iter()
            .map(|model| (model.id.clone(), model.name.clone()));
        let mut models: Vec<(String, String)> = known.collect();
        let entry = self.config.providers.get(provider.unwrap_or(&chosen.id));
        let configured = entry.into_iter().flat_map(|entry| entry.models.keys());
        for id in chosen.model.iter().chain(configured) {
            if models.iter().all(|(known, _)| known != id) {
                models.push((id.clone(), String::new()));
            }
        }
        models
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::provider::Table;
    use crate::session::{Config, Environment};

    #[test]
    fn providers_and_models_of_the_configuration_are_offered_beside_those_of_the_table() {
        let text = "[providers.mine]\nbase_url = \"http://127.0.0.1:1/v1\"\nmodel = \"a\"\n\
                    [providers.mine.models.b]\nwire = \"chat\"\n";
        let table = Table::embedded().unwrap();
        let config = Config::parse(text, Path::new("config.toml")).unwrap();
        let environment = Environment::from([("DEEPSEEK_API_KEY".into(), "sk".into())]);
        let ground = Ground {
            table: &table,
            config: &config,
            environment: &environment,
            strangers: &[],
            kept: &[],
        };
        let ids = |named: Vec<(String, String)>| -> Vec<String> { named.into_iter().map(|(id, _)| id).collect() };
        let providers = ids(ground.providers());
        assert_eq!(providers[0], "mine");
        assert!(providers.contains(&"kimi-cn".to_owned()));
        assert_eq!(ids(ground.models(Some("mine"))), ["a", "b"]);
        assert_eq!(ids(ground.models(None)), ids(ground.models(Some("deepseek"))));
        assert_eq!(ground.models(Some("nobody")), []);
    }
}
