//! What users of codex-relay and codex-glm-proxy have in their environment: read as those programs read it, so that
//! only the command changes.

use std::str::FromStr;

use crate::cli::environment::Surroundings;
use crate::report::Report;
use crate::session::ModelMap;

use super::options::Options;

/// Where codex-relay sends requests (`CODEX_RELAY_UPSTREAM`, its help of 0.5.8).
const RELAY_ADDRESS: &str = "CODEX_RELAY_UPSTREAM";
const RELAY_KEY: &str = "CODEX_RELAY_API_KEY";
const RELAY_PORT: u16 = 4444;

/// Where codex-glm-proxy sends requests (its README, 2026-06).
const GLM_ADDRESS: &str = "GLM_API_BASE";
const GLM_KEY: &str = "GLM_API_KEY";
const GLM_PORT: u16 = 18765;
/// The plan at codex-glm-proxy's own address.
const GLM_PROVIDER: &str = "zhipu-coding-plan";

/// Keys that speak for a provider where nothing else does: the one at each program's own address.
pub(super) const KEYS: &[(&str, &str)] = &[(GLM_KEY, GLM_PROVIDER), (RELAY_KEY, "openrouter")];

/// Where requests go, as far as crelay's own words leave it open.
#[derive(Debug, Default)]
pub(super) struct Address {
    pub provider: Option<String>,
    pub base_url: Option<String>,
    pub key_env: Option<Vec<String>>,
}

/// Finds the address. What was typed counts more, and so does `CRELAY_PROVIDER`.
pub(super) fn address(options: &Options, surroundings: &Surroundings) -> Address {
    let text = |name| Some(surroundings.variable(name)?.to_string_lossy().into_owned());
    // A key for an address that has no provider.
    let bare_key = || Some(vec![RELAY_KEY.to_owned(), "CRELAY_API_KEY".to_owned()]);
    let typed = Address {
        provider: options.wished.provider.clone(),
        base_url: options.wished.base_url.clone(),
        key_env: None,
    };
    match (&typed.provider, &typed.base_url) {
        (Some(_), _) => return typed,
        (None, Some(_)) => {
            return Address {
                key_env: bare_key(),
                ..typed
            };
        }
        (None, None) if text("CRELAY_PROVIDER").is_some() => return typed,
        (None, None) => {}
    }
    if let Some(address) = text(RELAY_ADDRESS) {
        return Address {
            base_url: Some(address),
            key_env: bare_key(),
            ..typed
        };
    }
    match text(GLM_ADDRESS) {
        Some(address) => Address {
            provider: Some(GLM_PROVIDER.to_owned()),
            base_url: Some(address),
            key_env: Some(vec![GLM_KEY.to_owned()]),
        },
        None => typed,
    }
}

/// Whether it is codex-glm-proxy that is stood in for: the one whose key is used. It answers whatever model is asked
/// for with its own.
pub(super) fn is_glm(key: &str) -> bool {
    key == GLM_KEY
}

/// The port: what was typed, what their variables say, or what clients of theirs were told.
pub(super) fn port(options: &Options, surroundings: &Surroundings, is_glm: bool) -> Result<u16, Report> {
    if let Some(port) = options.port {
        return Ok(port);
    }
    let theirs = read(surroundings, "CODEX_RELAY_PORT", "port")?;
    let other = if is_glm {
        read(surroundings, "PROXY_PORT", "port")?
    } else {
        None
    };
    let usual = if is_glm { GLM_PORT } else { RELAY_PORT };
    Ok(theirs.or(other).unwrap_or(usual))
}

/// The value of `CODEX_RELAY_BIND`.
pub(super) fn bind(surroundings: &Surroundings) -> Result<Option<std::net::IpAddr>, Report> {
    read(surroundings, "CODEX_RELAY_BIND", "IP address")
}

/// What was typed, then what `CODEX_RELAY_MODEL_MAP` says.
pub(super) fn model_map(options: &Options, surroundings: &Surroundings) -> Result<ModelMap, Report> {
    let mut map = ModelMap::default();
    let theirs = read(surroundings, "CODEX_RELAY_MODEL_MAP", "map of models")?;
    for each in options.model_map.iter().cloned().chain(theirs) {
        map.append(each);
    }
    Ok(map)
}

fn read<T: FromStr>(surroundings: &Surroundings, name: &str, what: &str) -> Result<Option<T>, Report> {
    let Some(value) = surroundings.variable(name) else {
        return Ok(None);
    };
    let value = value.to_string_lossy();
    let wrong = |_| Report::new(format!("`{name}` holds no {what}: `{value}`"));
    value.trim().parse().map(Some).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use clap::Parser;

    use super::*;
    use crate::cli::options::{Crelay, Verb};
    use crate::keep::Keep;
    use crate::session::Folders;

    fn options(words: &[&str]) -> Options {
        let line = ["crelay", "serve"].iter().chain(words);
        match Crelay::parse_from(line).verb {
            Some(Verb::Serve(options)) => *options,
            other => panic!("{other:?}"),
        }
    }

    fn around(variables: &[(&str, &str)]) -> Surroundings {
        let nowhere = PathBuf::new;
        let folders = Folders {
            config: nowhere(),
            state: nowhere(),
            cache: nowhere(),
            data: nowhere(),
            runtime: nowhere(),
            codex_home: nowhere(),
        };
        Surroundings {
            variables: variables
                .iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            keep: Keep::new(&folders, || {}),
            folders,
            program: None,
            working_folder: nowhere(),
        }
    }

    /// Provider, address and the first variable for its key.
    fn found(words: &[&str], variables: &[(&str, &str)]) -> [Option<String>; 3] {
        let address = address(&options(words), &around(variables));
        let key = address.key_env.and_then(|names| names.first().cloned());
        [address.provider, address.base_url, key]
    }

    fn some<const N: usize>(words: [&str; N]) -> [Option<String>; N] {
        words.map(|word| (!word.is_empty()).then(|| word.to_owned()))
    }

    #[test]
    fn their_variables_count_where_crelays_own_words_leave_it_open() {
        let theirs = [
            ("CODEX_RELAY_UPSTREAM", "https://r.test/v1"),
            ("GLM_API_BASE", "https://g.test/v4"),
        ];
        assert_eq!(found(&[], &theirs), some(["", "https://r.test/v1", RELAY_KEY]));
        assert_eq!(
            found(&[], &theirs[1..]),
            some([GLM_PROVIDER, "https://g.test/v4", GLM_KEY])
        );
        assert_eq!(found(&["-P", "kimi"], &theirs), some(["kimi", "", ""]));
        let typed = ["--upstream", "https://t.test/v1"];
        assert_eq!(found(&typed, &theirs), some(["", "https://t.test/v1", RELAY_KEY]));
        let ours = [theirs[0], ("CRELAY_PROVIDER", "kimi")];
        assert_eq!(found(&[], &ours), some(["", "", ""]));
    }

    #[test]
    fn clients_find_the_port_that_they_were_told() {
        let port = |words: &[&str], variables: &[(&str, &str)], is_glm| {
            super::port(&options(words), &around(variables), is_glm).map_err(|report| report.to_string())
        };
        assert_eq!(port(&[], &[], false), Ok(4444));
        assert_eq!(port(&[], &[], true), Ok(18765));
        let both = [("CODEX_RELAY_PORT", "4446"), ("PROXY_PORT", "8080")];
        assert_eq!(port(&[], &both, false), Ok(4446));
        assert_eq!(port(&["--port", "1"], &both, true), Ok(1));
        assert_eq!(port(&[], &both[1..], true), Ok(8080));
        // Other programs have a `PROXY_PORT`, too.
        assert_eq!(port(&[], &both[1..], false), Ok(4444));
        let error = port(&[], &[("CODEX_RELAY_PORT", "70000")], false).unwrap_err();
        assert_eq!(error, "error: `CODEX_RELAY_PORT` holds no port: `70000`");
    }

    #[test]
    fn what_was_typed_of_a_map_counts_before_the_variable() {
        let variables = around(&[("CODEX_RELAY_MODEL_MAP", "gpt-5:late,gpt-6:six")]);
        let map = model_map(&options(&["--model-map", "gpt-5=early"]), &variables).unwrap();
        assert_eq!(map, "gpt-5=early,gpt-5=late,gpt-6=six".parse().unwrap());
    }
}
