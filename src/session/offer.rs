//! What may be named: providers, and models of one of them. For people who are still typing.

use super::choice::Ground;

impl Ground<'_> {
    /// Ids of all providers, each with its name: those of the table, and the user's own, which have none.
    pub fn providers(&self) -> impl Iterator<Item = (&str, &str)> {
        let table = self.table.iter().map(|known| (known.id.as_str(), known.name.as_str()));
        let own = self
            .config
            .providers
            .keys()
            .filter(|name| self.table.find(name).is_none());
        table.chain(own.map(|name| (name.as_str(), "")))
    }

    /// Ids of the models that are known of a provider, each with its name; of the provider that a run without a name
    /// would take, if none is given. Empty if there is none.
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
        let providers: Vec<&str> = ground.ids().collect();
        assert_eq!(providers.last(), Some(&"mine"));
        assert!(providers.contains(&"kimi-cn"));
        assert_eq!(ids(ground.models(Some("mine"))), ["a", "b"]);
        assert_eq!(ids(ground.models(None)), ids(ground.models(Some("deepseek"))));
        assert_eq!(ground.models(Some("nobody")), []);
    }
}
